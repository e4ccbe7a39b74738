"""Taking back what was pressed by mistake: for seconds, by whoever pressed it, where a step has one that undoes it.

The page offers it for UNDO_SECONDS; messages to units wait longer than the press may take on its way. Nothing is
erased: the log has both steps.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from dispatch.actions import once
from dispatch.actions.handling import withdraw_parts
from dispatch.actions.pushes import end_push
from dispatch.lifecycle import Doing, NotAllowedError, StaleStepError, move
from dispatch.models import Case, Step, Supervision
from dispatch.transitions import Action, IllegalStep

UNDO_SECONDS: Final = 10
# what a slow line may add to it
LATEST: Final = timedelta(seconds=UNDO_SECONDS + 10)


@once
def recall(case: Case, doing: Doing) -> Step:
    """撤回派遣: the case waits to be dispatched again, as if it had not been; its clock is not judged."""
    last = case.steps.order_by("-version").first()
    if last is None or last.action != Action.DISPATCH or not in_time(last, doing.at):
        raise IllegalStep(case.flow, Action.RECALL, case.state)
    if doing.by is None or last.actor_id != doing.by.pk:
        raise NotAllowedError("case.dispatch")
    sent = standing(case).exclude(pk=last.pk).order_by("-version").values_list("recorded_at", flat=True).first()
    step = move(case, Action.RECALL, doing, changes={"dispatched_at": sent})
    withdraw_parts(case, doing)
    return step


def standing(case: Case) -> QuerySet[Step]:
    """Dispatches that were not recalled."""
    after = Step.objects.filter(case=OuterRef("case"), version=OuterRef("version") + 1, action=Action.RECALL)
    return case.steps.filter(action=Action.DISPATCH).exclude(Exists(after))


def _end(case: Case, doing: Doing, step: Step) -> Step:
    return end_push(case, doing, push=Supervision.objects.get(step=step))


UNDONE_BY: Final[dict[str, Callable[[Case, Doing, Step], Step]]] = {
    Action.DISPATCH: lambda case, doing, _step: recall(case, doing),
    Action.SUPERVISE: _end,
}


def can_undo(step: Step, at: datetime) -> bool:
    """Whether a step of one's own can still be taken back."""
    return step.action in UNDONE_BY and in_time(step, at)


def in_time(step: Step, at: datetime) -> bool:
    return at - step.recorded_at <= LATEST


def undo(case: Case, doing: Doing, *, step: Step) -> Step:
    """Take back one's own last step. Raises IllegalStep, StaleStepError, NotAllowedError."""
    if doing.by is None or step.actor_id != doing.by.pk:
        raise NotAllowedError(f"case.{step.action}")
    if case.version != step.version:
        raise StaleStepError(case)
    if not can_undo(step, doing.at):
        raise IllegalStep(case.flow, step.action, case.state)
    return UNDONE_BY[step.action](case, doing, step)
