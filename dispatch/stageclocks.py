"""The centre's own limits: a clock for each stage that a case enters, stopped when it leaves.

Verifying and checking have their clocks with their field tasks, handling with its parts; what is here are the stages
of the desks (domain sheet A4: accept and dispatch 15 minutes; others configured), signing, the callback, and the
deadline of somebody above, which only the answer to them stops. Imported history has none: nobody could have kept them.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

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


class Turn(NamedTuple):
    """What a change of state does to the clocks of the desks: which one stops, judged or not, and which one starts."""

    stops: Kind | None
    judged: bool
    starts: Kind | None


def turning(before: str, now: str, *, callable_: bool) -> Turn:
    """Pure: from a state ("" for a new case) into another; `callable_`: somebody is to be called back."""
    # a callback that was cut short by a redo is nobody's delay, nor is a stage that somebody ended from elsewhere
    judged = before != State.CLOSED and (now not in ENDED or now == State.CLOSED)
    starts = OF_STATE.get(now) if now != State.CLOSED or callable_ else None
    return Turn(OF_STATE.get(before), judged, starts)


def turn(case: Case, before: str, at: datetime, *, taken_back: bool = False) -> None:
    """A case has come from a state into another: stop the clock of the one, start that of the other.

    `taken_back`: the step that left the state was undone; its clock goes on as if it had never stopped.
    """
    called = case.state == State.CLOSED and Report.objects.filter(case=case).callable().exists()
    todo = turning(before, case.state, callable_=called)
    if todo.stops is not None:
        stop(case, todo.stops, at, judged=todo.judged)
    if todo.starts is not None and not (taken_back and _take_up(case, todo.starts)):
        start(case, todo.starts, at)


def _take_up(case: Case, kind: Kind) -> bool:
    """Let the clock of a stage that stopped last run again; False where there was none (imported history)."""
    stopped = Clock.objects.filter(case=case, kind=kind).exclude(stopped_at=None).select_related("calendar")
    clock = stopped.order_by("-stopped_at", "-pk").first()
    if clock is None or clock.stopped_at is None:
        return False
    timers.reopen(clock, clock.stopped_at, clock.calendar.as_work_calendar()).save()
    return True


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
    new_clock(case, kind, at, calendar, calendar.as_work_calendar(), part).save(force_insert=True)


def start_signing(case: Case, parts: list[Part], at: datetime, calendar: Calendar, work: WorkCalendar) -> None:
    """Each agency of a dispatch has its window to sign."""
    Clock.objects.bulk_create(new_clock(case, Kind.SIGN, at, calendar, work, part) for part in parts)


def new_clock(
    case: Case,
    kind: Kind,
    at: datetime,
    calendar: Calendar,
    work: WorkCalendar,
    part: Part | None,
    make: Callable[..., Clock] = Clock,
) -> Clock:
    """A stage's clock with the limit of the profile, not yet saved; `make` as in timers.start."""
    limit = limit_of(kind)
    how: dict[str, Any] = {"amount": limit.amount, "unit": limit.unit, "calendar": calendar, "work": work}
    return timers.start(case=case, part=part, kind=kind, at=at, make=make, **how)


def start_upper(case: Case, due_at: datetime, at: datetime) -> None:
    """The deadline of an order from above runs from when it came in, round the clock, and nothing pauses it."""
    new_upper(case, due_at, at, Calendar.objects.at(at)).save(force_insert=True)


def new_upper(
    case: Case, due_at: datetime, at: datetime, calendar: Calendar, make: Callable[..., Clock] = Clock
) -> Clock:
    """The clock of a deadline from above, not yet saved."""
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
        make=make,
    )
    return timers.fix(clock, due_at, work)


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
