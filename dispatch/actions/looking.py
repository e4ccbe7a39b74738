"""Looks beside the main road: a survey before a hard dispatch, a re-check of a suspension, what an inspector mends."""

from django.contrib.gis.geos import Point

from dispatch import timers
from dispatch.actions import once
from dispatch.actions.filing import cancel_tasks, finish_task, open_task
from dispatch.actions.handling import back_to_handling, live_parts
from dispatch.evidence import Photo, attach
from dispatch.lifecycle import Doing, move
from dispatch.models import Case, Clock, FieldTask, Step
from dispatch.profile import profile
from dispatch.transitions import Action, IllegalStep, Need, State
from people.models import User


@once
def order_survey(case: Case, doing: Doing, *, inspector: User | None = None) -> Step:
    """派现场勘查: for a hard case somebody looks first, so that the right unit gets it (P5.9)."""
    step = move(case, Action.ORDER_SURVEY, doing)
    _only_one(case, FieldTask.Kind.SURVEY, Action.ORDER_SURVEY)
    open_task(case, FieldTask.Kind.SURVEY, doing, inspector)
    return step


@once
def order_recheck(case: Case, doing: Doing, *, inspector: User | None = None) -> Step:
    """派挂账复核: somebody looks whether the reason of the suspension is still there (P5.12)."""
    step = move(case, Action.ORDER_RECHECK, doing)
    _only_one(case, FieldTask.Kind.RECHECK, Action.ORDER_RECHECK)
    open_task(case, FieldTask.Kind.RECHECK, doing, inspector)
    return step


def _only_one(case: Case, kind: str, action: Action) -> None:
    """One look of a kind at a time: who wants another one waits for the first."""
    if FieldTask.objects.open().filter(case=case, kind=kind).exists():
        raise IllegalStep(case.flow, action, case.state)


@once
def look(case: Case, doing: Doing, *, task: FieldTask, result: str, photos: list[Photo], point: Point | None) -> Step:
    """The inspector's answer to a survey or a re-check; the note says what was seen."""
    action = Action.SURVEY if task.kind == FieldTask.Kind.SURVEY else Action.RECHECK
    step = move(case, action, doing, given=evidence(doing, photos, point), reason_code=result)
    finish_task(task, result, doing)
    attach(step, case, photos, "surveyed")
    return step


@once
def self_handled(case: Case, doing: Doing, *, task: FieldTask, photos: list[Photo], point: Point | None) -> Step:
    """自处理: sent to verify, the inspector has put it right on the spot; the shift lead audits and closes."""
    changes = {"filed_at": doing.at, "handled_at": doing.at}
    step = move(case, Action.SELF_HANDLED, doing, given=evidence(doing, photos, point), changes=changes)
    finish_task(task, FieldTask.Result.SELF_HANDLED, doing)
    attach(step, case, photos, "after")
    return step


@once
def send_back(case: Case, doing: Doing) -> Step:
    """结案退回: the shift lead does not close; the agencies go on with what is left of their time.

    A case that no agency has (an inspector's own work) goes to dispatch.
    """
    parts = live_parts(case)
    target = State.HANDLING if parts else State.TO_DISPATCH
    step = move(case, Action.SEND_BACK, doing, target=target, changes={"handled_at": None})
    cancel_tasks(case, doing)
    judged = Clock.objects.filter(case=case, part__in=parts, kind=Clock.Kind.HANDLE, stopped_at__isnull=False)
    stood = profile().clocks.pause_while_checking
    for clock in judged.select_related("calendar"):
        # where clocks run on during the check, the time since the reply that did not stand is the agency's after all
        since = doing.at if stood or clock.stopped_at is None else clock.stopped_at
        timers.reopen(clock, since, clock.calendar.as_work_calendar()).save()
    back_to_handling(case, doing)
    return step


def evidence(doing: Doing, photos: list[Photo], point: Point | None) -> set[Need]:
    """What an answer from the street brings along."""
    there = ((Need.PHOTO, photos), (Need.POSITION, point is not None), (Need.REPLY, doing.note.strip()))
    return {need for need, given in there if given}
