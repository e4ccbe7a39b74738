"""Likely repeats: cases that may be the problem of a new report, ranked, each with its reasons.

The score is likeness.py's. A fixed number of queries, each by an index: what lies near (spatial), what the same caller
has open (phone), and for matters without a place the recent ones of the same class.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.db.models import Q
from rapidfuzz import fuzz

from dispatch.likeness import LIKELY, SHOWN, Pair, Standing, likeness, reasons
from dispatch.models import Case, CaseLink, CaseQuerySet, Report
from dispatch.profile import profile
from dispatch.transitions import ENDED, State
from gridmap.normalise import key

FURTHEST_M: Final = 150.0  # a place that is worse known than that proves nothing
DRAWN_M: Final = 10.0  # two people put their pins for one thing so far apart
SAME_CALL: Final = timedelta(minutes=10)
LOOKED_AT: Final = 40
MATTERS_LOOKED_AT: Final = 100


@dataclass(frozen=True)
class Asked:
    """A report that came in, or one that is being typed: then without `case`, and `phone` of the caller if known."""

    point: Point | None
    text: str
    category_id: int | None = None
    uncertainty_m: float = 0.0
    component_id: int | None = None
    address: str = ""
    phone: str = ""
    case: Case | None = None


@dataclass(frozen=True)
class Repeat:
    """A case that may be the same problem; `score` 0–1; `why` as codes and parameters."""

    case: Case
    score: float
    why: tuple[dict[str, Any], ...]

    @property
    def likely(self) -> bool:
        return self.score >= LIKELY

    @property
    def suspended(self) -> bool:
        return self.case.state == State.SUSPENDED


def asked_of(case: Case) -> Asked:
    """The question that a registered case puts; one query for its first caller's phone."""
    first = case.reports.exclude(person=None).order_by("pk").values_list("person__phone", flat=True).first()
    return Asked(
        point=case.point,
        text=case.text,
        category_id=case.category_id,
        uncertainty_m=case.uncertainty_m or 0.0,
        component_id=case.component_id,
        address=case.address,
        phone=first or "",
        case=case,
    )


def repeats(asked: Asked, at: datetime, *, most: int = 5, among: CaseQuerySet | None = None) -> list[Repeat]:
    """Cases that may be about the same problem, most likely first, `among` the cases that the asker may see.

    Looks within the profile's radius, or within the uncertainty of the place where that is more (at most 150 m), back
    as many days as the profile says; open cases, and suspended ones, however old: a new report reopens their question
    (P5.10). Leaves out what a person has linked or kept apart already.
    """
    rules = profile().repeats
    every = Case.objects.all() if among is None else among
    every = every.filter(~Q(state__in=ENDED) | Q(state=State.CLOSED, closed_at__gte=at - timedelta(days=rules.days)))
    if asked.case is not None:
        every = every.exclude(pk=asked.case.pk).exclude(pk__in=CaseLink.objects.others_of(asked.case))
    mine = _callers_cases(asked)
    found = {case.pk: case for case in _candidates(asked, every, mine, at)}
    here = sum(_apart(asked, case) is not None for case in found.values())
    since = asked.case.received_at if asked.case is not None else at
    likely = [_judge(asked, case, mine, since, here) for case in found.values()]
    return sorted((r for r in likely if r.score >= SHOWN), key=lambda r: (-r.score, r.case.pk))[:most]


def _callers_cases(asked: Asked) -> dict[int, datetime]:
    """Cases in which the same phone has a report, with the time of the last one."""
    if not asked.phone.strip():
        return {}
    rows = Report.objects.filter(person__phone=asked.phone.strip()).exclude(case=None).order_by("-received_at")
    return dict(reversed(rows.values_list("case_id", "received_at")[:LOOKED_AT]))


def _candidates(asked: Asked, every: CaseQuerySet, mine: dict[int, datetime], at: datetime) -> list[Case]:
    found: list[Case] = []
    if asked.point is not None:
        reach = min(max(profile().repeats.near_m, asked.uncertainty_m), FURTHEST_M)
        found += every.near(asked.point, reach).select_related("category")[:LOOKED_AT]
    elif asked.category_id is not None:
        since = at - timedelta(days=profile().repeats.days)
        same = every.filter(category=asked.category_id, received_at__gte=since, point=None)
        found += same.select_related("category").order_by("-received_at")[:MATTERS_LOOKED_AT]
    if mine and asked.point is None:
        found += every.filter(pk__in=mine).select_related("category")[:LOOKED_AT]
    return found


def _apart(asked: Asked, case: Case) -> float | None:
    return asked.point.distance(case.point) if asked.point is not None and case.point is not None else None


def _judge(asked: Asked, case: Case, mine: dict[int, datetime], since: datetime, here: int) -> Repeat:
    pair = _pair(asked, case, mine, since, here)
    return Repeat(case, round(likeness(pair), 3), reasons(pair))


def _pair(asked: Asked, case: Case, mine: dict[int, datetime], since: datetime, here: int) -> Pair:
    """The facts of the pair as likeness.py takes them."""
    same_call = case.pk in mine and abs(since - mine[case.pk]) <= SAME_CALL
    address = key(asked.address)
    return Pair(
        distance_m=_apart(asked, case),
        days=max((since - case.received_at).total_seconds() / 86400, 0.0),
        standing=standing(case, since),
        slack_m=min(max(DRAWN_M, asked.uncertainty_m, case.uncertainty_m or 0.0), FURTHEST_M),
        cases_here=here,
        same_address=bool(address) and any(c.isdigit() for c in address) and address == key(case.address),
        same_call=same_call,
        same_class=_equal(asked.category_id, case.category_id),
        same_component=_equal(asked.component_id, case.component_id),
        same_caller=(case.pk in mine) if asked.phone.strip() else None,
        similarity=similarity(asked.text, case.text),
    )


def _equal(mine: int | None, other: int | None) -> bool | None:
    return None if mine is None or other is None else mine == other


def similarity(text: str, other: str) -> float | None:
    """How alike two texts are, from 0 to 1; None where one of them says next to nothing."""
    one, two = key(text), key(other)
    return None if min(len(one), len(two)) < 4 else float(fuzz.token_set_ratio(one, two)) / 100.0


def standing(case: Case, at: datetime) -> Standing:
    """How a case stands for a report that comes in at an instant."""
    if case.state == State.SUSPENDED:
        return Standing.SUSPENDED
    if case.closed_at is None:
        return Standing.OPEN
    return Standing.CLOSED_TODAY if at - case.closed_at < timedelta(days=1) else Standing.CLOSED
