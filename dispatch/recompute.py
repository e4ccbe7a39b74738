"""A calendar is changed: its version rises, open clocks are planned anew, and the change says which moved.

Clocks that have stopped never move: they were judged by the calendar of their day.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from dispatch import calendars, timers
from dispatch.clocks import WorkCalendar
from dispatch.models import Calendar, CalendarEdit, Clock
from people.changes import Said, log, said
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

    @property
    def kind_label(self) -> str:
        return str(Clock.Kind(self.kind).label)


class StaleCalendarError(Exception):
    """Somebody else changed the scheme first; nothing was changed."""


class _Preview(Exception):
    """Takes back what was only tried."""


def edit(
    calendar: Calendar,
    change: Callable[[Calendar], None],
    *,
    what: str,
    why: str,
    by: User | None,
    at: datetime,
    version: int | None = None,
) -> list[Moved]:
    """Change a calendar and plan open clocks anew, in one transaction, with a row that says so.

    A calendar that has no row yet is made. Clocks of the other schemes may run into the changed one, so all move on.
    Raises StaleCalendarError where the scheme is not at the `version` that the author of the change has seen.
    """
    with transaction.atomic():
        before = _said(Calendar.objects.filter(pk=calendar.pk).first())
        changed, moved = _change(calendar, change, version)
        log(by=by, at=at, of=changed, before=before, after=_said(changed) | {"what": what}, reason=why)
        CalendarEdit.objects.create(
            calendar=changed,
            version=changed.version,
            by=by,
            edited_at=at,
            what=what[:200],
            why=why[:200],
            clocks=[[m.number, m.kind, m.before.isoformat(), m.after.isoformat()] for m in moved[:KEPT]],
            moved=len(moved),
        )
    return moved


def _said(calendar: Calendar | None) -> Said:
    """What a scheme says, with its dated exceptions; its number of version is no news."""
    if calendar is None:
        return {}
    days = [f"{row.day} {'+' if row.works else '-'} {row.name}".strip() for row in calendar.days.order_by("day")]
    return {name: value for name, value in said(calendar).items() if name != "version"} | {"days": "\n".join(days)}


def preview(calendar: Calendar, change: Callable[[Calendar], None], *, version: int | None = None) -> list[Moved]:
    """Which open clocks a change would move; nothing is changed. Raises what the change raises."""
    moved: list[Moved] = []
    try:
        with transaction.atomic():
            _changed, moved = _change(calendar, change, version)
            raise _Preview
    except _Preview:
        return moved


def _change(
    calendar: Calendar, change: Callable[[Calendar], None], version: int | None
) -> tuple[Calendar, list[Moved]]:
    """Change one scheme, raise the version of all that are in force, and plan their clocks anew.

    The values are read past the memory of versions: what is only tried must not be remembered.
    """
    schemes = {each.pk: each for each in Calendar.objects.select_for_update().order_by("pk")}
    before = {pk: each.read() for pk, each in schemes.items()}
    changed = schemes.get(calendar.pk, calendar)
    if version is not None and changed.version != version:
        raise StaleCalendarError
    change(changed)
    changed.save()
    Calendar.objects.filter(pk__in=before).update(version=F("version") + 1)
    moved: list[Moved] = []
    for pk, old in before.items():
        scheme = Calendar.objects.get(pk=pk)
        moved += replan(scheme, old, scheme.read())
    changed.refresh_from_db()
    return changed, sorted(moved, key=lambda m: (m.after, m.number))


def tried(calendar: Calendar, change: Callable[[Calendar], None]) -> dict[int, WorkCalendar]:
    """The values that all schemes would have after a change; nothing is changed. Raises what the change raises."""
    found: dict[int, WorkCalendar] = {}
    try:
        with transaction.atomic():
            changed = Calendar.objects.select_for_update().filter(pk=calendar.pk).first() or copy(calendar)
            change(changed)
            changed.save()
            found = {each.pk: each.read() for each in Calendar.objects.all()}
            raise _Preview
    except _Preview:
        return found


def replan(calendar: Calendar, before: WorkCalendar, work: WorkCalendar) -> list[Moved]:
    """Plan every unfinished clock of a calendar anew; those whose due time moved."""
    moved: list[Moved] = []
    batch: list[Clock] = []
    rows = Clock.objects.unfinished().filter(calendar=calendar).select_related("case").order_by("due_at", "pk")
    for clock in rows.iterator(chunk_size=CHUNK):
        due_at = clock.due_at
        timers.replan(clock, before, work, calendar.version)
        if clock.due_at != due_at:
            moved.append(Moved(clock.case.number, clock.kind, due_at, clock.due_at))
        batch.append(clock)
        if len(batch) == CHUNK:
            _save(batch)
    _save(batch)
    return moved


def _save(batch: list[Clock]) -> None:
    Clock.objects.bulk_update(
        batch, ["due_at", "warn_at", "running_since", "limit_seconds", "provisional", "calendar_version"]
    )
    batch.clear()


def announce(calendar: Calendar, year: int, days: Sequence[calendars.Special] | None = None) -> None:
    """The holidays of a year are known: its guessed days go, the announced ones come; a day set by hand stays.

    `days` is the announcement; without it that of the package counts, and what nobody knows stays a guess. The year
    after is guessed, so that clocks which reach it say so.
    """
    calendar.days.filter(day__year=year, provisional=True).delete()
    calendars.seed(calendar, range(year, year + 1), days)
    if days is not None or year <= calendars.ANNOUNCED_TO:
        calendars.seed(calendar, range(year + 1, year + 2))
