"""Runs stored clocks: the arithmetic is in clocks.py, the row is complete after every call.

Functions change the row in memory and return it; the caller saves, one by one or in bulk, so both paths share them.
"""

from datetime import datetime

from dispatch import clocks
from dispatch.clocks import WorkCalendar
from dispatch.models import Calendar, Case, Clock, Condition, Part


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
) -> Clock:
    """A clock that runs from `at`, not yet saved; `work` is the calendar's value, read once by the caller."""
    seconds = clocks.limit_seconds(amount, unit, work)
    due_at = clocks.due_after(at, seconds, unit, work)
    return Clock(
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
        running_since=at,
        due_at=due_at,
    )


def _guessed(due_at: datetime, unit: str, work: WorkCalendar) -> bool:
    """Whether holidays that nobody has announced yet decided the due time."""
    if unit in clocks.CONTINUOUS or work.provisional_from is None:
        return False
    return due_at.astimezone(work.zone).date() >= work.provisional_from


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
        clock.running_since = at
        left = clock.limit_seconds - clock.used_seconds
        if left > 0:
            clock.due_at = clocks.due_after(at, left, clock.limit_unit, work)
            clock.provisional = clock.provisional or _guessed(clock.due_at, clock.limit_unit, work)
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
        left = max(clock.limit_seconds - clock.used_seconds, 0.0)
        clock.due_at = clocks.due_after(clock.running_since, left, clock.limit_unit, work)
        clock.provisional = clock.provisional or _guessed(clock.due_at, clock.limit_unit, work)
    return clock


def exempt(clock: Clock, at: datetime) -> Clock:
    """The agency is not blamed for being late; the verdict stays."""
    clock.exempt_at = at
    return clock
