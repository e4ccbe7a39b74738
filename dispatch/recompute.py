"""A calendar is changed: its version rises, open clocks are planned anew, and the change says which moved.

Clocks that have stopped never move: they were judged by the calendar of their day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dispatch import calendars, timers
from dispatch.models import Calendar, CalendarEdit, Clock
from people.models import User

KEPT = 200  # moved clocks that an edit names; all are counted
CHUNK = 1000


@dataclass(frozen=True)
class Moved:
    """An open clock whose due time is another one now."""

    number: str
    kind: str
    before: datetime
    after: datetime


class _Preview(Exception):
    """Takes back what was only tried."""


def edit(
    calendar: Calendar, change: Callable[[Calendar], None], *, what: str, why: str, by: User | None, at: datetime
) -> list[Moved]:
    """Change a calendar and plan its open clocks anew, in one transaction, with a row that says so."""
    with transaction.atomic():
        locked = Calendar.objects.select_for_update().get(pk=calendar.pk)
        change(locked)
        locked.version += 1
        locked.save()
        moved = replan(locked)
        CalendarEdit.objects.create(
            calendar=locked,
            version=locked.version,
            by=by,
            edited_at=at,
            what=what[:200],
            why=why[:200],
            clocks=[[m.number, m.kind, m.before.isoformat(), m.after.isoformat()] for m in moved[:KEPT]],
            moved=len(moved),
        )
    return moved


def preview(calendar: Calendar, change: Callable[[Calendar], None]) -> list[Moved]:
    """Which open clocks a change would move; nothing is changed."""
    moved: list[Moved] = []
    try:
        with transaction.atomic():
            locked = Calendar.objects.get(pk=calendar.pk)
            change(locked)
            # a version that never comes to be: what is read under it is not remembered for the real one
            locked.version = -1
            locked.save()
            moved = replan(locked, remember=False)
            raise _Preview
    except _Preview:
        return moved


def replan(calendar: Calendar, *, remember: bool = True) -> list[Moved]:
    """Plan every unfinished clock of a calendar anew; those that moved, the earliest due first."""
    work = calendar.as_work_calendar() if remember else calendar.read()
    moved: list[Moved] = []
    batch: list[Clock] = []
    rows = Clock.objects.unfinished().filter(calendar=calendar).select_related("case").order_by("due_at", "pk")
    for clock in rows.iterator(chunk_size=CHUNK):
        before = clock.due_at
        timers.replan(clock, work, calendar.version)
        if clock.due_at != before:
            moved.append(Moved(clock.case.number, clock.kind, before, clock.due_at))
        batch.append(clock)
        if len(batch) == CHUNK:
            _save(batch)
    _save(batch)
    return moved


def _save(batch: list[Clock]) -> None:
    Clock.objects.bulk_update(batch, ["due_at", "warn_at", "running_since", "provisional", "calendar_version"])
    batch.clear()


def announce(calendar: Calendar, year: int) -> None:
    """The holidays of a year are known: its guessed days go, the announced ones come; a day set by hand stays."""
    calendar.days.filter(day__year=year, provisional=True).delete()
    calendars.seed(calendar, range(year, year + 1))
