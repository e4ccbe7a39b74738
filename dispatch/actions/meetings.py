"""疑难会商: the decision of a meeting on a case, and what follows from it (P4.3)."""

from dataclasses import dataclass
from datetime import date

from dispatch.actions import once
from dispatch.lifecycle import Doing, move
from dispatch.models import Case, MeetingItem, MeetingTask, Step
from dispatch.transitions import Action, IllegalStep


@dataclass(frozen=True)
class Duty:
    """Who does what by when."""

    what: str
    who: str
    due_on: date


@once
def decide(case: Case, doing: Doing, *, item: MeetingItem, analysis: str, duty: Duty | None = None) -> Step:
    """会商决定: the note is the decision, once for each case and meeting."""
    if item.case_id != case.pk or item.step_id is not None:
        raise IllegalStep(case.flow, Action.MEET, case.state)
    step = move(case, Action.MEET, doing, facts={"meeting": f"{item.meeting.held_on}"})
    MeetingItem.objects.filter(pk=item.pk).update(step=step, analysis=analysis.strip())
    if duty is not None:
        MeetingTask.objects.create(item=item, what=duty.what.strip(), who=duty.who.strip(), due_on=duty.due_on)
    return step
