"""突发事件: many cases of one storm or burst main, linked to one event with a standard reply and a limit by notice."""

from django.utils import timezone

from dispatch import timers
from dispatch.actions import once
from dispatch.lifecycle import Doing, move
from dispatch.models import Case, Clock, Step, Undertaking
from dispatch.transitions import Action, IllegalStep


@once
def gather(case: Case, doing: Doing, *, event: Undertaking) -> Step:
    """归入突发事件: callers are told the event's reply; clocks that end before the notice's day end then.

    A second time, or an event that has ended, is refused.
    """
    if event.kind != Undertaking.Kind.EVENT or event.ended_on is not None or event.cases.filter(pk=case.pk).exists():
        raise IllegalStep(case.flow, Action.GATHER, case.state)
    facts = {"event": event.pk, "title": event.title, "reply": event.reply}
    if event.limit_at is not None:
        facts["limit"] = timezone.localtime(event.limit_at).isoformat()
    step = move(case, Action.GATHER, doing, facts=facts)
    event.cases.add(case)
    clocks = Clock.objects.running().filter(case=case, kind=Clock.Kind.HANDLE).select_related("calendar")
    for clock in clocks:
        by_notice(clock, event)
        clock.save()
    return step


def by_notice(clock: Clock, event: Undertaking) -> None:
    """Give a running clock the time of the notice, in memory."""
    if event.limit_at is None or clock.due_at >= event.limit_at:
        return
    timers.stretch(clock, event.limit_at, clock.calendar.as_work_calendar())
    clock.why = clock.why | {"notice": event.title, "until": timezone.localtime(event.limit_at).isoformat()}


def noticed(case: Case, clock: Clock) -> None:
    """The same for a clock that starts after the case was gathered; one query."""
    with_limit = Undertaking.objects.events().exclude(limit_at=None)
    for event in with_limit.filter(cases=case).order_by("limit_at"):
        by_notice(clock, event)
