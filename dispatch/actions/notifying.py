"""紧急电话通知: the agency of an urgent case is called, and has to be on the spot within its time (P3.5, P3.20)."""

from dataclasses import dataclass

from dispatch import stageclocks
from dispatch.actions import once
from dispatch.lifecycle import Doing, MissingEvidenceError, move
from dispatch.models import Case, Clock, Notice, Part, Step
from dispatch.transitions import Action, IllegalStep, Need


@dataclass(frozen=True)
class Phoned:
    """Whom the call was for, at which number, how it ended, and who answered."""

    whom: str
    number: str
    outcome: str
    answered_by: str = ""


@once
def telephone(case: Case, doing: Doing, *, part: Part, call: Phoned) -> Step:
    """电话通知部门, urgent cases only; from the first answered call on the agency's arrival clock runs.

    It runs from when the call was answered (`occurred_at`), once for each part: calling again gives no more time.
    """
    if not case.urgent or part.case_id != case.pk or part.stage != Part.Stage.HANDLING:
        raise IllegalStep(case.flow, Action.TELEPHONE, case.state)
    answered = call.outcome == Notice.Outcome.ANSWERED
    if not call.whom.strip() or not call.number.strip() or (answered and not call.answered_by.strip()):
        raise MissingEvidenceError([Need.CONTACT])
    step = move(case, Action.TELEPHONE, doing, part=part, facts={"outcome": str(call.outcome)})
    called_at = doing.occurred_at or doing.at
    Notice.objects.create(
        part=part,
        step=step,
        called_at=called_at,
        whom=call.whom.strip(),
        number=call.number.strip(),
        outcome=call.outcome,
        answered_by=call.answered_by.strip() if answered else "",
    )
    if answered and not part.clocks.filter(kind=Clock.Kind.ARRIVE).exists():
        stageclocks.start(case, Clock.Kind.ARRIVE, called_at, part)
    return step


@once
def arrive(case: Case, doing: Doing, *, part: Part) -> Step:
    """到达现场: the agency is on the spot, at `occurred_at`; later than due is overdue."""
    if not awaited(part):
        raise IllegalStep(case.flow, Action.ARRIVE, case.state)
    step = move(case, Action.ARRIVE, doing, part=part)
    stageclocks.stop(case, Clock.Kind.ARRIVE, doing.occurred_at or doing.at, parts=[part])
    return step


def awaited(part: Part) -> bool:
    """Whether the agency's arrival is waited for."""
    return part.clocks.filter(kind=Clock.Kind.ARRIVE, stopped_at=None).exists()
