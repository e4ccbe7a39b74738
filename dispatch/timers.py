"""Runs stored clocks: the arithmetic is in clocks.py, the row is complete after every call.

Functions change the row in memory and return it; the caller saves, one by one or in bulk, so both paths share them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from dispatch import clocks
from dispatch.clocks import Unit, WorkCalendar
from dispatch.models import Calendar, Case, Clock, Condition, Part
from dispatch.profile import profile

# however near a deadline from above is: an agency has this long, in counted seconds
LEAST: Final = 60.0


def start(
    *,
    case: Case,
    part: Part | None,
    kind: str,
    amount: int,
    unit: str,
    calendar: Calendar,
    work: WorkCalendar,
    at: datetime,
    condition: Condition | None = None,
    make: Callable[..., Clock] = Clock,
) -> Clock:
    """A clock that runs from `at`, not yet saved; `work` is the calendar's value, read once by the caller.

    `make` makes the row: another one than the model's own where rows are written by COPY.
    """
    unit = reading(unit)
    seconds = clocks.limit_from(at, amount, unit, work)
    since = clocks.begins(at, unit, work)
    due_at = clocks.due_after(since, seconds, unit, work)
    return make(
        case=case,
        part=part,
        kind=kind,
        condition=condition,
        calendar=calendar,
        calendar_version=calendar.version,
        provisional=_guessed(due_at, unit, work),
        limit_amount=amount,
        limit_unit=unit,
        limit_seconds=seconds,
        started_at=at,
        running_since=since,
        due_at=due_at,
        warn_at=clocks.due_after(since, seconds * profile().clocks.warn_share, unit, work),
    )


def reading(unit: str) -> str:
    """How this place reads 工作日: so many hours of work, or from the next working day to close of business."""
    return Unit.OFFICE_DAY if unit == Unit.WORK_DAY and profile().clocks.work_day == "next_day" else unit


def _plan(clock: Clock, work: WorkCalendar) -> None:
    """Due time and warning of a running clock, from what is left of its limit; one that is over keeps its due time."""
    left = clock.limit_seconds - clock.used_seconds
    to_warn = clock.limit_seconds * profile().clocks.warn_share - clock.used_seconds
    if left > 0:
        clock.due_at = clocks.due_after(clock.running_since, left, clock.limit_unit, work)
        clock.provisional = clock.provisional or _guessed(clock.due_at, clock.limit_unit, work)
    clock.warn_at = clocks.due_after(clock.running_since, max(to_warn, 0.0), clock.limit_unit, work)


def _guessed(due_at: datetime, unit: str, work: WorkCalendar) -> bool:
    """Whether holidays that nobody has announced yet decided the due time."""
    day = work.local(due_at)
    first = work.holding(day).provisional_from
    return unit not in clocks.CONTINUOUS and first is not None and day >= first


def used(clock: Clock, at: datetime, work: WorkCalendar) -> float:
    """Counted seconds that the clock has used at an instant."""
    if clock.stopped_at is not None or clock.paused_at is not None:
        return clock.used_seconds
    return clock.used_seconds + clocks.counted(clock.running_since, at, clock.limit_unit, work)


def pause(clock: Clock, at: datetime, work: WorkCalendar) -> Clock:
    """Stop counting for now; a paused clock stays as it is."""
    if clock.paused_at is None:
        clock.used_seconds = used(clock, at, work)
        clock.paused_at = at
    return clock


def resume(clock: Clock, at: datetime, work: WorkCalendar) -> Clock:
    """Count again, with what is left of the limit; a running clock stays as it is."""
    if clock.paused_at is not None:
        clock.paused_at = None
        clock.running_since = max(at, clocks.begins(clock.started_at, clock.limit_unit, work))
        _plan(clock, work)
    return clock


def stop(clock: Clock, at: datetime, work: WorkCalendar) -> Clock:
    """End with a verdict: on time if the counted time is within the limit.

    A clock that was paused when the agency replied is judged by that moment: checking does not count against it.
    """
    pause(clock, at, work)
    clock.stopped_at = at
    within = clock.used_seconds <= clock.limit_seconds
    clock.verdict = Clock.Verdict.ON_TIME if within else Clock.Verdict.OVERDUE
    return clock


def drop(clock: Clock, at: datetime, work: WorkCalendar) -> Clock:
    """End without a verdict: the agency is not judged (returned, void)."""
    pause(clock, at, work)
    clock.stopped_at = at
    clock.verdict = Clock.Verdict.DROPPED
    return clock


def extend(clock: Clock, seconds: float, work: WorkCalendar) -> Clock:
    """Add counted seconds to the limit; a running clock gets its new due time at once."""
    clock.limit_seconds += seconds
    if clock.paused_at is None:
        _plan(clock, work)
    return clock


def carry(clock: Clock, used_seconds: float, work: WorkCalendar) -> Clock:
    """Begin with time that was used before: the same unit gets a returned case again (SCG)."""
    if used_seconds > 0:
        clock.used_seconds = min(used_seconds, clock.limit_seconds)
        _plan(clock, work)
        if clock.used_seconds >= clock.limit_seconds:
            clock.due_at = clock.running_since
    return clock


def cap(clock: Clock, latest: datetime, work: WorkCalendar) -> Clock:
    """End at the latest then: an order from above has a deadline of its own; a limit that ends before stays."""
    if clock.due_at > latest:
        left = clocks.counted(clock.running_since, latest, clock.limit_unit, work)
        clock.limit_seconds = clock.used_seconds + max(left, LEAST)
        _plan(clock, work)
    return clock


def stretch(clock: Clock, until: datetime, work: WorkCalendar) -> Clock:
    """End at the earliest then: a notice gives all cases of an event the same day; a limit that ends later stays."""
    if clock.paused_at is None and clock.due_at < until:
        left = clocks.counted(clock.running_since, until, clock.limit_unit, work)
        clock.limit_seconds = max(clock.limit_seconds, clock.used_seconds + left)
        _plan(clock, work)
    return clock


def fix(clock: Clock, due_at: datetime, work: WorkCalendar) -> Clock:
    """End at an instant that somebody has named, to the second; one in the past has no time left at all."""
    clock.limit_seconds = max(clocks.counted(clock.running_since, due_at, clock.limit_unit, work), 0.0)
    _plan(clock, work)
    clock.due_at = due_at
    return clock


def reopen(clock: Clock, since: datetime, work: WorkCalendar) -> Clock:
    """A clock that was judged counts again with what was left: the case was sent back before it was closed."""
    clock.stopped_at, clock.verdict = None, ""
    return resume(clock, since, work)


def replan(clock: Clock, before: WorkCalendar, work: WorkCalendar, version: int) -> Clock:
    """Due time and warning of an unfinished clock under a changed calendar.

    What was used before the present stretch stays counted as it was; a paused clock has no due time to move. Days
    that are counted as whole ones are as long as they are now.
    """
    was = clocks.begins(clock.started_at, clock.limit_unit, before)
    amount, unit = clock.limit_amount, clock.limit_unit
    clock.limit_seconds += clocks.limit_from(clock.started_at, amount, unit, work)
    clock.limit_seconds -= clocks.limit_from(clock.started_at, amount, unit, before)
    clock.calendar_version = version
    if clock.paused_at is None:
        begins = clocks.begins(clock.started_at, clock.limit_unit, work)
        clock.running_since = begins if clock.running_since == was else max(clock.running_since, begins)
        _plan(clock, work)
        clock.provisional = _guessed(clock.due_at, clock.limit_unit, work)
    return clock


def exempt(clock: Clock, at: datetime) -> Clock:
    """The agency is not blamed for being late; the verdict stays."""
    clock.exempt_at = at
    return clock
