"""From the check on site to the resident's last word."""

from django.contrib.gis.geos import Point

from dispatch.actions import once
from dispatch.actions.filing import finish_task
from dispatch.actions.handling import accept_parts, back_to_handling
from dispatch.componentstate import Cause, take_back, write_state
from dispatch.evidence import Photo, attach
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, move
from dispatch.models import Callback, Case, FieldTask, Part, Report, Step
from dispatch.models.contact import Satisfaction
from dispatch.transitions import Action, Need


@once
def check_result(
    case: Case,
    doing: Doing,
    *,
    task: FieldTask,
    passed: bool,
    photos: list[Photo],
    point: Point | None,
    component_state: str = "",
) -> Step:
    """核查: the inspector has seen the result; a failed check is a rework, counted, with a reason.

    `component_state` is what the inspector has seen of the component; the rule stands in componentstate.py.
    """
    given = {need for need, there in ((Need.PHOTO, photos), (Need.POSITION, point is not None)) if there}
    if passed:
        step = move(case, Action.CHECK_PASS, doing, given=given)
        accept_parts(case, doing)
    else:
        changes = {"reworks": case.reworks + 1, "handled_at": None}
        step = move(case, Action.CHECK_FAIL, doing, given=given, changes=changes)
        for part in case.parts.filter(withdrawn_at=None):
            Part.objects.filter(pk=part.pk).update(reworks=part.reworks + 1)
        back_to_handling(case, doing)
    finish_task(task, FieldTask.Result.PASSED if passed else FieldTask.Result.FAILED, doing)
    if component_state:
        write_state(case, component_state, doing, Cause.CHECKED)
    elif passed:
        take_back(case, doing)
    attach(step, case, photos, "checked")
    return step


@once
def close(case: Case, doing: Doing, *, component_state: str = "") -> Step:
    """结案: the shift lead closes the file, and may say what state the component is left in."""
    step = move(case, Action.CLOSE, doing, changes={"closed_at": doing.at})
    write_state(case, component_state, doing, Cause.CLOSED)
    return step


@once
def redo(case: Case, doing: Doing) -> Step:
    """重办: closed, but not done; counted, goes to dispatch again and gets a new clock there."""
    changes = {"redos": case.redos + 1, "closed_at": None, "dispatched_at": None, "handled_at": None}
    step = move(case, Action.REDO, doing, changes=changes)
    case.parts.filter(withdrawn_at=None).update(stage=Part.Stage.WITHDRAWN, withdrawn_at=doing.at)
    return step


@once
def callback(
    case: Case,
    doing: Doing,
    *,
    report: Report,
    reached: bool,
    satisfaction: str = "",
    solved: bool | None = None,
) -> Step:
    """回访: one attempt to call one reporter; the note is the reason, compulsory when dissatisfied (P1.16)."""
    if doing.by is None:
        raise NotAllowedError("case.callback")
    if reached and satisfaction == Satisfaction.DISSATISFIED and not doing.note.strip():
        raise MissingEvidenceError([Need.REASON])
    step = move(case, Action.CALLBACK, doing, facts={"report": report.pk, "reached": reached})
    Callback.objects.create(
        case=case,
        report=report,
        step=step,
        called_at=doing.occurred_at or doing.at,
        staff=doing.by,
        reached=reached,
        satisfaction=satisfaction if reached else "",
        solved=solved if reached else None,
        reason=doing.note.strip(),
    )
    return step
