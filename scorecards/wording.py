"""How a figure explains itself on pages and papers."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from scorecards.cards import Edition
from scorecards.formulas import COUNT, RATE, VOLUME_BANDS, versions
from scorecards.rules import Rules, Text


class Definition(NamedTuple):
    """A formula in words: name, what decides the month, what counts, where it was read, version."""

    key: str
    name: Text
    when: Text
    meaning: Text
    source: Text
    version: str
    rate: bool


def definitions(keys: Iterable[str], edition: Edition | None) -> list[Definition]:
    """The formulas of these figures, with the versions of an edition (today's without one)."""
    in_force = versions() if edition is None else edition.versions
    return [_definition(key, in_force.get(key, "")) for key in keys]


def _definition(key: str, version: str) -> Definition:
    if key in COUNT:
        count = COUNT[key]
        return Definition(key, count.name, count.base.label, count.meaning, count.source, version, rate=False)
    rate = RATE[key]
    numerator, denominator = COUNT[rate.numerator], COUNT[rate.denominator]
    meaning = _("%(numerator)s ÷ %(denominator)s") % {"numerator": numerator.name, "denominator": denominator.name}
    return Definition(key, rate.name, denominator.base.label, meaning, rate.source, version, rate=True)


def score_words(rules: Rules) -> str:
    """The composite score in one sentence, with the weights in force."""
    return _(
        "派遣数分 × %(volume)s%% + 结案率 × %(closed)s%% + 按期处置率 × %(on_time)s%% + （1 − 返工率）× %(rework)s%%"
    ) % {
        "volume": rules.weight_volume,
        "closed": rules.weight_closed,
        "on_time": rules.weight_on_time,
        "rework": rules.weight_rework,
    }


def bands_words() -> str:
    """The points for the number of dispatched parts."""
    bands = "，".join(f"≤{most} → {points}" for most, points in VOLUME_BANDS)
    return _("派遣数分：%(bands)s，更多为 0") % {"bands": bands}
