"""Composite scores as data: terms of rates and counts with weights, for agencies and posts. Pure.

Every shipped formula says where it was read; a weight or a band that no source states is marked as configured. A score
has a version like every figure: a changed term is a new version, because published scorecards name it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from scorecards.formulas import JINNIU, PLATFORM, VOLUME_BANDS, Rate, two_places
from scorecards.rules import CONFIGURED, Rules, Text


class Subject(StrEnum):
    """Whom a score compares: only equals, so that each has formulas of its own."""

    AGENCY = "agency"
    INSPECTOR = "inspector"
    OPERATOR = "operator"
    SHIFT_LEAD = "shift_lead"
    DISPATCHER = "dispatcher"


@dataclass(frozen=True)
class Bands:
    """Points out of 100 for how many there are: up to so many → points; beyond the last step → `beyond`."""

    steps: tuple[tuple[int, int], ...]
    beyond: int = 0

    def points(self, number: int) -> int:
        return next((points for most, points in self.steps if number <= most), self.beyond)


@dataclass(frozen=True)
class Term:
    """So many points at most for a rate, for what a rate leaves over (`left`), or for a count by its bands."""

    figure: str
    weight: int
    left: bool = False
    bands: Bands | None = None


class Part(NamedTuple):
    """One term of a computed score: the share of its weight that was reached, None where nothing was counted."""

    term: Term
    share: Fraction | None
    points: Fraction


@dataclass(frozen=True)
class Formula:
    """A composite score: its terms' weights add up to 100.

    `shares_out`: a term without a denominator leaves its weight to the others, as long as these have at least half of
    all; otherwise one such term means that there is no score.
    """

    key: str
    name: Text
    subject: Subject
    terms: tuple[Term, ...]
    source: Text
    version: str = "1"
    shares_out: bool = False

    def __post_init__(self) -> None:
        total = sum(term.weight for term in self.terms)
        if total != 100:
            raise ValueError(f"the weights of {self.key} add up to {total}")

    def parts(self, counts: Mapping[str, int], rates: Mapping[str, Rate]) -> list[Part]:
        """Every term with what it brings, before weights are shared out."""
        found = []
        for term in self.terms:
            share = _share(term, counts, rates)
            found.append(Part(term, share, Fraction(0) if share is None else term.weight * share))
        return found

    def of(self, counts: Mapping[str, int], rates: Mapping[str, Rate]) -> Decimal | None:
        """The score, 0 to 100, to two places, half up once; None where too little was counted."""
        parts = self.parts(counts, rates)
        counted = sum(part.term.weight for part in parts if part.share is not None)
        if counted < (50 if self.shares_out else 100):
            return None
        return two_places(sum((part.points for part in parts), Fraction(0)) * 100 / counted)


def _share(term: Term, counts: Mapping[str, int], rates: Mapping[str, Rate]) -> Fraction | None:
    if term.bands is not None:
        return Fraction(term.bands.points(counts.get(term.figure, 0)), 100)
    share = rates[term.figure].share(counts)
    return share if share is None or not term.left else 1 - share


def department(rules: Rules) -> Formula:
    """The score that ranks agencies, with the weights in force (domain sheet A5: 10, 30, 30, 30)."""
    terms = (
        Term("dispatched", rules.weight_volume, bands=DEPARTMENT_BANDS),
        Term("closed_rate", rules.weight_closed),
        Term("on_time_rate", rules.weight_on_time),
        Term("rework_rate", rules.weight_rework, left=True),
    )
    return Formula("department", _("部门综合得分"), Subject.AGENCY, terms, PLATFORM)


DEPARTMENT_BANDS = Bands(VOLUME_BANDS)
# who takes in more gets more (domain sheet A5)
OPERATOR_BANDS = Bands(((100, 0), (300, 40), (500, 60), (1200, 75), (2000, 90)), beyond=100)
SENT = _("通行平台的岗位评价；数量分档无出处，按受理员的分档配置")

INSPECTOR = Formula(
    "inspector",
    _("监督员得分"),
    Subject.INSPECTOR,
    (
        Term("valid_rate", 40),
        Term("miss_rate", 20, left=True),
        Term("verified_on_time_rate", 20),
        Term("checked_on_time_rate", 20),
    ),
    PLATFORM,
    shares_out=True,
)
OPERATOR = Formula(
    "operator",
    _("受理员得分"),
    Subject.OPERATOR,
    (
        Term("registered", 25, bands=OPERATOR_BANDS),
        Term("verify_sent_on_time_rate", 40),
        Term("answered_on_time_rate", 35),
    ),
    _("通行平台的岗位评价；核查由派遣员派发，“核查按时派发率”改为按时直接答复率"),
    shares_out=True,
)
SHIFT_LEAD = Formula(
    "shift_lead",
    _("值班长得分"),
    Subject.SHIFT_LEAD,
    (Term("filed_on_time_rate", 25), Term("filed_right_rate", 40), Term("closed_in_time_rate", 35)),
    PLATFORM,
    shares_out=True,
)
DISPATCHER = Formula(
    "dispatcher",
    _("派遣员得分"),
    Subject.DISPATCHER,
    (
        Term("sent", 20, bands=OPERATOR_BANDS),
        Term("sent_on_time_rate", 40),
        Term("sent_right_rate", 40),
    ),
    SENT,
    shares_out=True,
)
BY_POST = {formula.subject: formula for formula in (INSPECTOR, OPERATOR, DISPATCHER, SHIFT_LEAD)}

JINNIU_SCORE = Formula(
    "jinniu",
    _("金牛区得分"),
    Subject.AGENCY,
    (
        Term("handled_rate", 30),
        Term("on_time_rate", 20),
        Term("rework_rate", 20, left=True),
        Term("overdue_rate", 20, left=True),
        Term("extension_rate", 10, left=True),
    ),
    JINNIU,
)
THREE_RATES = Formula(
    "three_rates",
    _("三率得分"),
    Subject.AGENCY,
    (Term("contact_rate", 30), Term("solved_rate", 35), Term("satisfied_rate", 35)),
    _("准格尔旗 30／35／35（仅见一处网页）；北京的权重未见出处"),
)
RANKING = Formula(
    "ranking",
    _("办理量、按期与满意"),
    Subject.AGENCY,
    (
        Term("dispatched", 20, bands=OPERATOR_BANDS),
        Term("on_time_rate", 40),
        Term("satisfied_rate", 40),
    ),
    CONFIGURED,
)


def for_agencies(rules: Rules) -> Sequence[Formula]:
    """What agencies can be scored by: the one in force first, the others to be tried beside it."""
    return (department(rules), JINNIU_SCORE, THREE_RATES, RANKING)
