"""督办 and 批示: somebody above pushes, the unit reports back, the one who pushed ends it."""

from datetime import datetime

from dispatch.actions import once
from dispatch.lifecycle import Doing, NotAllowedError, move
from dispatch.models import Case, Part, Step, Supervision
from dispatch.transitions import Action, IllegalStep, Need
from people.access import scope_of
from people.permissions import Role

AUTOMATIC = frozenset({Supervision.Kind.OVERDUE, Supervision.Kind.REWORK, Supervision.Kind.ARRIVAL})


@once
def supervise(
    case: Case,
    doing: Doing,
    *,
    kind: str,
    part: Part | None = None,
    due_at: datetime | None = None,
    reason_code: str = "",
) -> Step:
    """督办: the note is the opinion; an automatic one has a coded reason instead and is there once for each part."""
    given = {Need.REASON} if kind in AUTOMATIC else set()
    step = move(case, Action.SUPERVISE, doing, part=part, given=given, facts={"push": kind}, reason_code=reason_code)
    Supervision.objects.create(
        case=case, part=part, kind=kind, step=step, by=doing.by, opened_at=doing.at, due_at=due_at
    )
    return step


@once
def instruct(case: Case, doing: Doing, *, part: Part | None = None, due_at: datetime) -> Step:
    """批示: a leader's words on one case, to be reported back by a date."""
    step = move(case, Action.INSTRUCT, doing, part=part, facts={"push": Supervision.Kind.INSTRUCTION})
    Supervision.objects.create(
        case=case,
        part=part,
        kind=Supervision.Kind.INSTRUCTION,
        step=step,
        by=doing.by,
        opened_at=doing.at,
        due_at=due_at,
    )
    return step


@once
def report_back(case: Case, doing: Doing, *, push: Supervision) -> Step:
    """督办回复: the note is what is reported; an agency answers for its own part, the centre for the whole case."""
    if push.case_id != case.pk or push.ended_at is not None:
        raise IllegalStep(case.flow, Action.REPORT_BACK, case.state)
    if doing.by is None or not may_answer(push, doing):
        raise NotAllowedError("case.report_back")
    given = {Need.REPLY} if doing.note.strip() else set()
    step = move(case, Action.REPORT_BACK, doing, part=push.part, given=given, facts={"push": push.kind})
    Supervision.objects.filter(pk=push.pk).update(answered_at=doing.at, answer_step=step)
    return step


def may_answer(push: Supervision, doing: Doing) -> bool:
    """The agency of the part that is pushed (or one above it); somebody of the centre always."""
    if doing.by is None:
        return False
    scope = scope_of(doing.by)
    if scope.roles & {Role.DISPATCHER, Role.SHIFT_LEAD}:
        return True
    part = push.part
    if part is None:
        return Case.objects.visible_to(doing.by).filter(pk=push.case_id).exists()
    codes = {part.agency.code, *part.agency.path.split("/")}
    return any(agency.code in codes for agency in scope.agencies)


@once
def end_push(case: Case, doing: Doing, *, push: Supervision) -> Step:
    """督办销号: the one who pushed has what was asked for; an instruction only once it has been answered."""
    unanswered = push.kind == Supervision.Kind.INSTRUCTION and push.answered_at is None
    if push.case_id != case.pk or push.ended_at is not None or unanswered:
        raise IllegalStep(case.flow, Action.END_PUSH, case.state)
    step = move(case, Action.END_PUSH, doing, part=push.part, facts={"push": push.kind})
    Supervision.objects.filter(pk=push.pk).update(ended_at=doing.at)
    return step
