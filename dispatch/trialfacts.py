"""Reads what a trial needs of past cases: a fixed number of queries, however many cases there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from dispatch.meant import ANSWERING
from dispatch.models import Case, Clock, Condition, Part
from dispatch.routing import Question
from dispatch.trials import Dispatched, Judged

MONTHS: Final = 12
YEAR: Final = "year"
GIVEN: Final = 10  # columns of a clock that a trial takes as they are


@dataclass(frozen=True)
class Period:
    """Cases received from a day of the city on, before another one; `key` is "2026-10", or "year"."""

    key: str
    first: date
    after: date

    @property
    def received(self) -> Q:
        start, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (self.first, self.after))
        return Q(received_at__gte=start, received_at__lt=end)

    @property
    def last(self) -> date:
        return self.after - timedelta(days=1)


def periods(today: date) -> list[Period]:
    """Last month first, then the eleven before it, then all of them together."""
    found, after = [], today.replace(day=1)
    for _month in range(MONTHS):
        first = (after - timedelta(days=1)).replace(day=1)
        found.append(Period(f"{first:%Y-%m}", first, after))
        after = first
    return [*found, Period(YEAR, after, found[0].after)]


def period_of(key: str, today: date) -> Period:
    """The period of a key; last month for anything else."""
    known = periods(today)
    return next((each for each in known if each.key == key), known[0])


def dispatched(period: Period, day: date) -> Iterator[Dispatched]:
    """Dispatched cases of a period as questions to the rules of a day. Two queries.

    The question is asked as at the dispatch. Classes of an edition that is over by the day cannot be asked.
    """
    found = Case.objects.filter(period.received, dispatched_at__isnull=False)
    leading = Part.objects.filter(leads=True, withdrawn_at=None, case__in=found.values("pk")).order_by()
    leaders = dict(leading.values_list("case", "agency"))
    names = [f"component__{role}_agency{part}" for role in ANSWERING for part in ("", "__valid_from", "__valid_to")]
    columns = found.order_by("received_at", "pk").values(
        "pk", "number", "category", "category__major", "category__dictionary__valid_from", "component", "channel",
        "category__dictionary__valid_to", "community__code", "accused_agency", "request_type", "dispatched_at", *names,
    )  # fmt: skip
    for row in columns:
        fault = "" if row["category"] else "no_class"
        if not fault and not _within(row, "category__dictionary", day):
            fault = "old_class"
        yield Dispatched(row["pk"], row["number"], _question(row, day), leaders.get(row["pk"]), fault)


def _question(row: dict[str, Any], day: date) -> Question:
    """As `placing.question_of`, of a row that was read with all others; who answered is judged on the day."""
    role = next((each for each in ANSWERING if row[f"component__{each}_agency"] is not None), "")
    fault = ""
    if row["component"] is not None:
        within = role and _within(row, f"component__{role}_agency", day)
        fault = "" if within else "owner_ended" if role else "owner_unknown"
    return Question(
        category_id=row["category"],
        major_id=row["category__major"],
        area_code=row["community__code"] or "",
        owner_id=row[f"component__{role}_agency"] if role else None,
        owner_as=role,
        accused_id=row["accused_agency"],
        channel_id=row["channel"],
        request_type=row["request_type"],
        local=row["dispatched_at"].astimezone(settings.CITY.zone),
        owner_fault=fault,
    )


def _within(row: dict[str, Any], name: str, day: date) -> bool:
    first, last = row[f"{name}__valid_from"], row[f"{name}__valid_to"]
    return (first is None or first <= day) and (last is None or day <= last)


def judged(period: Period, condition: Condition | None = None, area_class: str = "") -> Iterator[tuple[Judged, int]]:
    """Handling clocks of a period's cases, each with its calendar; of a condition only those its limit decides.

    One query. A draft for a class of areas is asked only of cases there.
    """
    found = Clock.objects.filter(kind=Clock.Kind.HANDLE, case__in=Case.objects.filter(period.received).values("pk"))
    if condition is not None:
        found = found.filter(condition=condition)
    if area_class:
        found = found.filter(case__community__area_class=area_class)
    rows = found.order_by("started_at", "pk").values_list(
        "case", "case__number", "part__agency", "case__category", "limit_amount", "limit_unit", "limit_seconds",
        "used_seconds", "started_at", "running_since", "paused_at", "stopped_at", "verdict", "why", "calendar",
    )  # fmt: skip
    for row in rows.iterator(chunk_size=5000):
        facts, (paused_at, stopped_at, verdict, why, calendar) = row[:GIVEN], row[GIVEN:]
        fault = _fault(verdict, why, decided=condition is not None, area_class=area_class)
        ended = paused_at or stopped_at or facts[-1]
        yield _judged(facts, ended, verdict == Clock.Verdict.OVERDUE, fault), calendar


def _judged(facts: tuple[Any, ...], *rest: Any) -> Judged:  # noqa: ANN401 - columns
    """The columns in the order of the value."""
    return Judged(*facts, *rest)


def _fault(verdict: str, why: dict[str, Any], *, decided: bool, area_class: str) -> str:
    """Why a clock cannot be judged again, or nothing; `decided`: the draft is the limit of a condition."""
    if not verdict:
        return "running"
    if verdict == Clock.Verdict.DROPPED:
        return "dropped"
    if "upper" in why:
        return "upper"
    code = why.get("code", "")
    if decided and code == "own":
        return "own"
    return "area_limit" if decided and code == "area_class" and not area_class else ""
