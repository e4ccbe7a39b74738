"""The centre's own limits: a clock for each stage that a case enters, stopped when it leaves.

Verifying and checking have their clocks with their field tasks, handling with its parts; what is here are the stages
of the desks (domain sheet A4: accept and dispatch 15 minutes; others configured), signing, the callback, and the
deadline of somebody above, which only the answer to them stops. Imported history has none: nobody could have kept them.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from dispatch import clocks, timers
from dispatch.clocks import Unit, WorkCalendar
from dispatch.models import Calendar, Case, Clock, Part, Report
from dispatch.models.clock import ClockQuerySet
from dispatch.profile import profile
from dispatch.profilebase import Limit
from dispatch.transitions import ENDED, State

Kind = Clock.Kind
OF_STATE: Final[Mapping[str, Kind]] = {
    State.RECEIVED: Kind.ACCEPT,
    State.TO_FILE: Kind.FILE,
    State.TO_REVIEW: Kind.FILE,
    State.TO_DISPATCH: Kind.DISPATCH,
    State.REPLY_REVIEW: Kind.SCREEN,
    State.TO_CLOSE: Kind.CLOSE,
    State.CLOSED: Kind.CALL_BACK,
}


def limit_of(kind: str) -> Limit:
    """The profile's limit of a stage."""
    found: Limit = getattr(profile().clocks.stages, kind)
    return found


def turn(case: Case, before: str, at: datetime) -> None:
    """A case has come from a state into another: stop the clock of the one, start that of the other."""
    if before in OF_STATE:
        # a callback that was cut short by a redo is nobody's delay, nor is a stage that somebody ended from elsewhere
        judged = before != State.CLOSED and (case.state not in ENDED or case.state == State.CLOSED)
        stop(case, OF_STATE[State(before)], at, judged=judged)
    if case.state == State.CLOSED and not Report.objects.filter(case=case).callable().exists():
        return
    if case.state in OF_STATE:
        start(case, OF_STATE[State(case.state)], at)


def answer_upper(case: Case, due_at: datetime, at: datetime) -> None:
    """An order from above has its answer; no end of a case stands for it."""
    for clock in _waiting_above(case).filter(due_at=due_at).select_related("calendar")[:1]:
        timers.stop(clock, max(at, clock.started_at), clock.calendar.as_work_calendar()).save()


def hand_over(old: Case, new: Case, due: Collection[datetime] | None = None) -> None:
    """Orders from above follow their reports into another case: all of them, or those with these deadlines."""
    upper = _waiting_above(old)
    if due is not None:
        upper = upper.filter(due_at__in=due)
    upper.update(case=new)


def _waiting_above(case: Case) -> ClockQuerySet:
    return Clock.objects.unfinished().filter(case=case, kind=Kind.UPPER)


def start(case: Case, kind: Kind, at: datetime, part: Part | None = None) -> None:
    """Begin a stage's clock with the limit of the profile."""
    calendar = Calendar.objects.at(at)
    _new(case, kind, at, calendar, calendar.as_work_calendar(), part).save(force_insert=True)


def start_signing(case: Case, parts: list[Part], at: datetime, calendar: Calendar, work: WorkCalendar) -> None:
    """Each agency of a dispatch has its window to sign."""
    Clock.objects.bulk_create(_new(case, Kind.SIGN, at, calendar, work, part) for part in parts)


def _new(case: Case, kind: Kind, at: datetime, calendar: Calendar, work: WorkCalendar, part: Part | None) -> Clock:
    limit = limit_of(kind)
    return timers.start(
        case=case, part=part, kind=kind, amount=limit.amount, unit=limit.unit, calendar=calendar, work=work, at=at
    )


def start_upper(case: Case, due_at: datetime, at: datetime) -> None:
    """The deadline of an order from above runs from when it came in, round the clock, and nothing pauses it."""
    calendar = Calendar.objects.at(at)
    work = calendar.as_work_calendar()
    minutes = max(int((due_at - at) / timedelta(minutes=1)), 1)
    clock = timers.start(
        case=case,
        part=None,
        kind=Kind.UPPER,
        amount=minutes,
        unit=Unit.MINUTE,
        calendar=calendar,
        work=work,
        at=at,
    )
    timers.fix(clock, due_at, work).save(force_insert=True)


def stop(case: Case, kind: str, at: datetime, *, judged: bool = True, parts: list[Part] | None = None) -> None:
    """End the clocks of a kind, with a verdict or without."""
    found = Clock.objects.unfinished().filter(case=case, kind=kind).select_related("calendar")
    if parts is not None:
        found = found.filter(part__in=parts)
    for clock in found:
        end = timers.stop if judged else timers.drop
        end(clock, max(at, clock.started_at), clock.calendar.as_work_calendar()).save()


def upper_due(case: Case, at: datetime) -> datetime | None:
    """The nearest deadline from above that waits for its answer and can still be kept."""
    upper = _waiting_above(case).filter(due_at__gt=at).order_by("due_at")
    return upper.values_list("due_at", flat=True).first()


def latest_for(upper: datetime, work: WorkCalendar) -> datetime:
    """Until when the agency has to be done so that a deadline from above can be kept: some time before it."""
    before = profile().clocks.before_upper
    seconds = clocks.limit_seconds(before.amount, before.unit, work)
    return clocks.before(upper, seconds, before.unit, work)
