"""From the check on site to the resident's last word."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db.models import OuterRef, Q, Subquery

from dispatch import stageclocks
from dispatch.actions import once
from dispatch.actions.filing import finish_task
from dispatch.actions.handling import accept_parts, back_to_handling
from dispatch.attempts import Judged, judge
from dispatch.componentstate import Cause, take_back, write_state
from dispatch.evidence import Photo, attach
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, check, move
from dispatch.models import Callback, Case, Clock, FieldTask, FollowUp, Part, Report, ReportQuerySet, Step
from dispatch.models.contact import Satisfaction
from dispatch.papers import require_papers
from dispatch.profile import profile
from dispatch.transitions import Action, IllegalStep, Need, State


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
    """结案: the shift lead closes the file, and may say how the component is left; the callers are to be called."""
    check(case, Action.CLOSE, doing)
    require_papers(case, Action.CLOSE)
    step = move(case, Action.CLOSE, doing, changes={"closed_at": doing.at})
    write_state(case, component_state, doing, Cause.CLOSED)
    Report.objects.filter(case=case).wait_for_callback(doing.at)
    return step


@once
def redo(case: Case, doing: Doing) -> Step:
    """重办: closed, but not done; counted, goes to dispatch again and gets a new clock there."""
    step = reopen(case, doing)
    settle(case, step, FollowUp.Choice.REDO, doing)
    return step


def reopen(
    case: Case,
    doing: Doing,
    *,
    reason_code: str = "",
    facts: dict[str, Any] | None = None,
    changes: dict[str, Any] | None = None,
) -> Step:
    """The step 重办 itself, with what else belongs to it; nobody is called until the case is closed again."""
    # what is said from now on has its own years
    back = {"closed_at": None, "dispatched_at": None, "handled_at": None, "anonymised_at": None}
    values = {"redos": case.redos + 1, **back, **(changes or {})}
    step = move(case, Action.REDO, doing, changes=values, facts=facts, reason_code=reason_code)
    case.parts.filter(withdrawn_at=None).update(stage=Part.Stage.WITHDRAWN, withdrawn_at=doing.at)
    Report.objects.filter(case=case).stop_waiting()
    return step


def settle(case: Case, step: Step, choice: str, doing: Doing) -> None:
    """Somebody has chosen what follows from the answers that nobody had decided on, or only put on the list 疑难."""
    last = FollowUp.objects.filter(callback=OuterRef("pk")).order_by("-decided_at", "-pk").values("choice")[:1]
    open_ones = Callback.objects.filter(case=case).annotate(last=Subquery(last))
    said = list(open_ones.filter(Q(undecided=True) | Q(last=FollowUp.Choice.DISCUSS)))
    if doing.by is not None:
        by, at = doing.by, doing.at
        FollowUp.objects.bulk_create(
            FollowUp(callback=callback, step=step, choice=choice, decided_by=by, decided_at=at) for callback in said
        )
    Callback.objects.filter(case=case).undecided().update(undecided=False)


@dataclass(frozen=True)
class Said:
    """What a caller answered; `advised` is another channel that they were told of, with words in the note."""

    satisfaction: str
    solved: bool
    advised: str = ""

    @property
    def unhappy(self) -> bool:
        return self.satisfaction == Satisfaction.DISSATISFIED or not self.solved


@once
def callback(
    case: Case,
    doing: Doing,
    *,
    report: Report,
    reached: bool,
    satisfaction: str = "",
    solved: bool | None = None,
    method: str = Callback.Method.PHONE,
    advised: str = "",
) -> Step:
    """回访: one attempt to call one reporter, or what they answered.

    The note is the reason, compulsory when dissatisfied or unsolved (P1.16). Enough attempts in vain, judged by
    dispatch/attempts.py, end the waiting as an answer does.
    """
    if doing.by is None:
        raise NotAllowedError("case.callback")
    said = Said(satisfaction, bool(solved), advised) if reached else None
    return _called(case, doing, report, method, said)


def _called(case: Case, doing: Doing, report: Report, method: str, said: Said | None) -> Step:
    if said is not None and said.unhappy and not doing.note.strip():
        raise MissingEvidenceError([Need.REASON])
    facts = {"report": report.pk, "reached": said is not None, "method": method}
    step = move(case, Action.CALLBACK, doing, facts=facts)
    called_at = doing.occurred_at or doing.at
    values: dict[str, Any] = {"concludes": True}
    if said is None:
        judged = _judge(case, report, called_at)
        values = {"counts": judged.counts, "concludes": judged.concludes}
    else:
        values |= {"satisfaction": said.satisfaction, "solved": said.solved, "advised": said.advised}
        values |= {"undecided": said.unhappy and case.state == State.CLOSED}
    Callback.objects.create(
        case=case,
        report=report,
        step=step,
        method=method,
        called_at=called_at,
        staff=doing.by,
        reached=said is not None,
        reason=doing.note.strip(),
        **values,
    )
    if values["concludes"]:
        _of_this_caller(case, report).stop_waiting()
        if not Report.objects.filter(case=case, callback_since__isnull=False).exists():
            stageclocks.stop(case, Clock.Kind.CALL_BACK, doing.at)
    return step


def _judge(case: Case, report: Report, called_at: datetime) -> Judged:
    """What an attempt in vain is worth since the case is in its state."""
    tried = Callback.objects.filter(report=report, reached=False, called_at__gte=case.state_since)
    earlier = list(tried.values_list("called_at", flat=True))
    return judge(earlier, called_at, profile().callbacks.rule(settings.CITY.zone))


def _of_this_caller(case: Case, report: Report) -> ReportQuerySet:
    """The reports of the case by the same number: somebody who called three times is called back once."""
    same = Q(pk=report.pk)
    if report.person is not None and report.person.phone:
        same |= Q(person__phone=report.person.phone)
    return Report.objects.filter(same, case=case)


@once
def answer_on_web(case: Case, doing: Doing, *, report: Report, satisfaction: str, solved: bool) -> Step:
    """网上评价: the resident's own word on the progress page, once after each closing; counts as a callback.

    Raises IllegalStep where the case is not closed or this report has been answered since.
    """
    since = Callback.objects.filter(report=report, reached=True, called_at__gte=case.state_since)
    if case.state != State.CLOSED or since.exists():
        raise IllegalStep(case.flow, Action.CALLBACK, case.state)
    return _called(case, doing, report, Callback.Method.WEB, Said(satisfaction, solved))
