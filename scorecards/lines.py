"""The list behind a figure: the same rows that were counted, live or as they were frozen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dispatch.models import Callback, Case, Clock
from people.models import Agency, User
from scorecards.cards import Edition
from scorecards.figures import REPLIED, behind
from scorecards.models import Entry

# clocks of a live edition, entries of a frozen one
Rows = QuerySet[Any, Any]


@dataclass(frozen=True)
class Line:
    """One row of a list: the agency's clock in a case, and the callback where the figure counts those."""

    clock: Clock
    callback: Callback | None
    at: datetime

    @property
    def address(self) -> str:
        """Where the case itself is shown; a room above this floor, so its path is written out."""
        return f"/cases/{self.clock.case.number}/"

    @property
    def verdict(self) -> str:
        """on_time, late, overdue, dropped, or empty: not answered and not yet due; as the counts see it."""
        clock = self.clock
        if clock.verdict:
            return "late" if clock.verdict == Clock.Verdict.OVERDUE else clock.verdict
        if clock.part is not None and clock.part.stage in REPLIED:
            return "on_time" if clock.used_seconds <= clock.limit_seconds else "late"
        return "overdue" if clock.paused_at is None and clock.due_at < self.at else ""


def rows_of(edition: Edition, key: str, agency: Agency | None) -> Rows:
    """The rows that a count counts; the due first come first."""
    if edition.frozen_at is None:
        return behind(key, edition.question, agency.pk if agency else None)
    entries = Entry.objects.of_month(edition.month).in_figure(key).order_by("clock__due_at", "pk")
    return entries if agency is None else entries.filter(scorecard__agency=agency)


def seen_by(rows: Rows, user: User) -> Rows:
    """Those of cases that the user may see: somebody of one district counts all, but opens only their own."""
    seen = Case.objects.visible_to(user)
    return rows.filter(clock__case__in=seen) if rows.model is Entry else rows.filter(case__in=seen)


def lines(rows: Rows, at: datetime) -> list[Line]:
    """Rows of one page with all that a list shows: two statements however many rows."""
    related = ("part__agency", "case__category")
    if rows.model is Entry:
        rows = rows.select_related("callback", *(f"clock__{name}" for name in related))
        return [Line(entry.clock, entry.callback, at) for entry in rows]
    clocks: list[Clock] = list(rows.select_related(*related))
    numbers = [number for clock in clocks if (number := getattr(clock, "callback", None)) is not None]
    callbacks = Callback.objects.in_bulk(numbers) if numbers else {}
    return [Line(clock, callbacks.get(getattr(clock, "callback", 0)), at) for clock in clocks]
