"""What a city may decide about its figures: switches, weights, the smallest sample. Pure.

Defaults have their source beside them; a city changes them in the `[scorecards]` table of its file, and every page,
export and frozen scorecard prints what was in force.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class RulesError(Exception):
    """The city's table names an unknown rule or gives an impossible value; the text says which."""


@dataclass(frozen=True)
class Rules:
    """Switches and constants in force; weights are percent and add up to 100."""

    # 基本满意 counts as satisfied (configured; hotlines do both)
    fair_counts: bool = True
    # suspended parts stay in the denominators (P5.14 counts them, Jinhua subtracts them). Their clock stands still.
    suspended_counts: bool = False
    # void cases count like any other (configured)
    void_counts: bool = False
    # below so many parts due, an agency gets no place in the ranking (configured)
    minimum_sample: int = 5
    # weights of the department score (domain sheet A5: 10, 30, 30, 30)
    weight_volume: int = 10
    weight_closed: int = 30
    weight_on_time: int = 30
    weight_rework: int = 30

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Self:
        """The defaults, changed by a city's table. Raises RulesError for an unknown key or an impossible value."""
        known: dict[str, type] = {field.name: type(field.default) for field in fields(cls)}
        for key, value in table.items():
            if key not in known:
                raise RulesError(f"[scorecards] '{key}' is not a rule; known are {', '.join(sorted(known))}")
            if type(value) is not known[key] or (isinstance(value, int) and value < 0):
                raise RulesError(f"[scorecards] '{key}' must be a {known[key].__name__}, found {value!r}")
        rules = cls(**table)
        total = rules.weight_volume + rules.weight_closed + rules.weight_on_time + rules.weight_rework
        if total != 100:
            raise RulesError(f"[scorecards] the four weights must add up to 100, found {total}")
        return rules

    def as_json(self) -> dict[str, bool | int]:
        return asdict(self)


class Switch(NamedTuple):
    """How a rule is said on pages and papers."""

    key: str
    name: Text
    said: Mapping[bool, Text]
    source: Text


CONFIGURED = _("本市配置")
SWITCHES = (
    Switch(
        "fair_counts",
        _("基本满意"),
        {True: _("计为满意"), False: _("不计为满意")},
        CONFIGURED,
    ),
    Switch(
        "suspended_counts",
        _("挂账案件"),
        {True: _("计入应处置数"), False: _("挂账期间不计入应处置数")},
        _("泰州 2010 年起计入，金华扣减；本市配置"),
    ),
    Switch(
        "void_counts",
        _("作废案件"),
        {True: _("计入各项指标"), False: _("不计入任何指标")},
        CONFIGURED,
    ),
)
