"""The console's list: one page of cases at a time, by keyset, with what each row shows."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Prefetch, Q
from django.utils.dateparse import parse_datetime

from desks.filters import Filter
from desks.lights import Lights
from dispatch.models import Case, CaseQuerySet, Clock, Part

PAGE = 50
FAR = "9999-12-31T00:00:00+00:00"  # where cases without a running clock stand in the order by due time


@dataclass(frozen=True)
class Row:
    """A case as the list shows it."""

    case: Case
    light: str
    left: str  # what is left of the limit that ends first, in words; empty where none runs
    agency: str


@dataclass(frozen=True)
class Page:
    """Rows and where the next page begins; `after` is empty on the last one."""

    rows: list[Row]
    after: str


def read_page(cases: CaseQuerySet, choice: Filter, lights: Lights, after: str = "") -> Page:
    """The page after a cursor: three queries however many rows."""
    ordered = _by_due(cases, after) if choice.sort == "due" else _by_time(cases, after)
    found = list(
        ordered.select_related("category", "community", "channel", "proposed_agency").prefetch_related(
            Prefetch("clocks", Clock.objects.running().order_by("due_at"), to_attr="running_clocks"),
            Prefetch(
                "parts",
                Part.objects.filter(withdrawn_at=None).select_related("agency").order_by("-leads"),
                to_attr="live_parts",
            ),
        )[: PAGE + 1]
    )
    more, found = len(found) > PAGE, found[:PAGE]
    return Page([_row(case, lights) for case in found], _cursor(found[-1], choice) if more else "")


def _row(case: Case, lights: Lights) -> Row:
    clocks: list[Clock] = case.running_clocks  # type: ignore[attr-defined]
    parts: list[Part] = case.live_parts  # type: ignore[attr-defined]
    agency = parts[0].agency if parts else case.proposed_agency
    name = (agency.short_name or agency.name) if agency else ""
    if not clocks:
        return Row(case, "", "", name)
    first = clocks[0]
    light = lights.of(first.due_at, first.warn_at)
    return Row(case, light, lights.words(first.due_at, first.limit_unit), name)


def _cursor(case: Case, choice: Filter) -> str:
    clocks: list[Clock] = case.running_clocks  # type: ignore[attr-defined]
    if choice.sort != "due":
        return f"{case.received_at.isoformat()}~{case.pk}"
    return f"{clocks[0].due_at.isoformat() if clocks else FAR}~{case.pk}"


def _read_cursor(after: str) -> tuple[datetime, int] | None:
    moment, _sep, number = after.partition("~")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    return (at, int(number)) if at is not None and number.isdecimal() and at.tzinfo else None


def _by_time(cases: CaseQuerySet, after: str) -> CaseQuerySet:
    cursor = _read_cursor(after)
    if cursor:
        at, number = cursor
        # the first half alone lets the index on received_at begin at the right place
        cases = cases.filter(received_at__lte=at).filter(Q(received_at__lt=at) | Q(pk__lt=number))
    return cases.order_by("-received_at", "-pk")


def _by_due(cases: CaseQuerySet, after: str) -> CaseQuerySet:
    cursor = _read_cursor(after)
    cases = cases.with_due()
    if cursor:
        at, number = cursor
        if after.startswith(FAR):
            cases = cases.filter(due_at=None, pk__gt=number)  # type: ignore[misc]  # annotated by with_due
        else:
            cases = cases.filter(Q(due_at=None) | Q(due_at__gt=at) | Q(due_at=at, pk__gt=number))
    return cases.order_by(F("due_at").asc(nulls_last=True), "pk")
