"""The kinds of operations that the street knows; each is one line at the end."""

from datetime import datetime
from functools import partial
from typing import Any

from django.forms import Form
from django.http import QueryDict
from django.utils.translation import gettext as _

from dispatch.actions import aftercare
from dispatch.actions.handling import waiting
from dispatch.lifecycle import Doing
from dispatch.models import Case, FieldTask, LookBack, Step
from dispatch.transitions import State
from inspectors import actions, assigning, campaigns, dutykinds, onsite
from inspectors.board import waiting_tasks
from inspectors.dutyrefusals import DutyError
from inspectors.forms import AnswerForm, FindingForm, RevisitForm
from inspectors.models import TaskAct
from inspectors.onsitekinds import ACT_FORMS, ACTED
from inspectors.operations import Answer, Kind, Refusal, Sent, register


def same_spot_words(there: Case) -> str:
    """An open case of this class lies at the very spot: the inspector says whether it is the same one."""
    return _("%(metres)s 米外已有同类案件 %(number)s（%(state)s）。") % {
        "metres": round(getattr(there, "distance_m", 0.0)),
        "number": there.number,
        "state": there.get_state_display(),
    }


class BareForm(Form):
    """Of an operation that says everything by its kind and what it is about."""

    def __init__(self, data: QueryDict, sent: Sent) -> None:
        super().__init__(data)


def task_of(sent: Sent) -> FieldTask:
    """The task that an operation is about, if it was given to this person; 404 with a sentence otherwise."""
    own = FieldTask.objects.visible_to(sent.by).select_related("case")
    task = own.filter(pk=int(sent.about)).first() if sent.about.isdecimal() else None
    if task is None:
        raise Refusal(404, "gone", _("这项任务已不在您名下，没有保存。可以先导出，再与值班长联系。"))
    return task


def standing(sent: Sent) -> Answer:
    """Both versions for a 409: the one that the person saw, and how the task's case is now."""
    task = task_of(sent)
    result = task.get_result_display() if task.done_at else ""
    return _versions(task.case_id, sent, open_=task.done_at is None, result=result)


def _versions(case_id: int, sent: Sent, *, open_: bool, result: str = "") -> Answer:
    """How a case is now, with the steps since the version that the person saw; `open_`: it can still be sent."""
    case = Case.objects.select_related("category").get(pk=case_id)
    since = Step.objects.filter(case=case, version__gt=sent.version or 0).order_by("version")
    now = {
        "number": case.number,
        "state": case.get_state_display(),
        "category": case.category.label if case.category else "",
        "address": case.address,
        "urgent": case.urgent,
        "result": result,
    }
    steps = [{"what": step.get_action_display(), "at": _told(step.recorded_at)} for step in since]
    return {"version": case.version, "yours": sent.version, "open": open_, "now": now, "since": steps}


def _told(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def answer_form(data: QueryDict, sent: Sent) -> AnswerForm:
    """The form of the task's kind, with the parts that a check is about."""
    task = task_of(sent)
    parts = waiting(task.case) if task.kind == FieldTask.Kind.CHECK else []
    return AnswerForm(data, kind=task.kind, parts=[part.pk for part in parts])


def answer(form: Any, sent: Sent) -> str:  # noqa: ANN401 - the kind's own form
    """The answer to a task."""
    task = task_of(sent)
    said = form.answer(sent.photos, sent.at, task.issued_at)
    actions.answer_task(task, said, by=sent.by, at=sent.at)
    return _("已保存：%(answer)s") % {"answer": FieldTask.Result(said.result).label}


def found(form: Any, sent: Sent) -> str:  # noqa: ANN401 - the kind's own form
    """A finding; where an open case of its class lies at the very spot, the person has to say what it is first."""
    finding = form.finding(sent.photos, sent.at)
    try:
        same = actions.belongs_to(finding, form.cleaned_data["spot"])
    except actions.SpotError as error:
        raise Refusal(409, "spot", same_spot_words(error.there), spot=error.there.number) from error
    if same is not None:
        case = actions.add_to(same, finding, by=sent.by, at=sent.at)
        told = _("已补充到案件 %(number)s。")
    else:
        case = actions.found(finding, by=sent.by, at=sent.at)
        told = _("已上报，案件编号 %(number)s，等待立案。")
    campaigns.of_finding(form.cleaned_data["survey"], case, finding, by=sent.by, at=sent.at)
    return told % {"number": case.number}


def claim(form: Form, sent: Sent) -> str:
    """Take a waiting task of the own zone; one that is the person's already is taken."""
    key = int(sent.about) if sent.about.isdecimal() else 0
    if not FieldTask.objects.open().visible_to(sent.by).filter(pk=key).exists():
        task = waiting_tasks(sent.by, sent.at).filter(pk=key).first()
        if task is None:
            raise assigning.TakenError
        assigning.claim(task, by=sent.by, at=sent.at)
    return _("已领取，任务在“我的任务”里。")


def looked_at(sent: Sent) -> Case:
    """The case of a look back, if the person was sent there once; 404 with a sentence otherwise."""
    case = Case.objects.visible_to(sent.by).filter(number=sent.about, point__isnull=False).first()
    if case is None:
        raise Refusal(404, "gone", _("这件案件不在您名下，没有保存。可以先导出，再与值班长联系。"))
    return case


def look_back(form: Any, sent: Sent) -> str:  # noqa: ANN401 - the kind's own form
    """回头看: how the place of a closed case looks now."""
    case, given = looked_at(sent), form.cleaned_data
    fix = form.fix(sent.at, case.state_since)
    doing = Doing(sent.by, sent.at, given["version"], given["operation"], given["note"], occurred_at=fix.taken_at)
    photos = actions.taken(sent.photos, fix)
    aftercare.look_back(case, doing, method=LookBack.Method.VISIT, rating=given["rating"], photos=photos)
    return _("已记录回头看。")


def look_back_standing(sent: Sent) -> Answer:
    """Both versions, as for a task; a case that is not closed any more is not looked back at."""
    case = looked_at(sent)
    return _versions(case.pk, sent, open_=case.state == State.CLOSED)


def on_site(kind: TaskAct.Kind, form: Any, sent: Sent) -> str:  # noqa: ANN401 - the kind's own form
    """Accept, refuse or arrive; a task that was refused is nobody's, so an operation that is sent again is known."""
    task_id = int(sent.about) if sent.about.isdecimal() else 0
    made = onsite.ACTS[kind](task_id, form.act(sent.at), by=sent.by, at=sent.at)
    return ACTED[made.kind]()


def of_shift(kind: dutykinds.Kind, form: Form, sent: Sent) -> str:
    """One of the operations of a shift."""
    try:
        return kind.act(form, sent.by, sent.at)
    except DutyError as error:
        raise Refusal(error.status, error.code, error.sentence) from error


def register_kinds() -> None:
    """Called once, when the application is ready."""
    register("answer", Kind(answer_form, answer, standing=standing))
    register("found", Kind(lambda data, sent: FindingForm(data, at=sent.at), found, "case.report_found"))
    register("claim", Kind(BareForm, claim, page="inspectors:task", opens_about=True))
    register("look_back", Kind(partial(_plain, RevisitForm), look_back, "case.look_back", standing=look_back_standing))
    for act, form in ACT_FORMS.items():
        register(act, Kind(partial(_plain, form), partial(on_site, TaskAct.Kind(act))))
    for name, kind in dutykinds.KINDS.items():
        register(name, Kind(partial(_plain, kind.form), partial(of_shift, kind), page=kind.page))


def _plain(form: type[Form], data: QueryDict, _sent: Sent) -> Form:
    return form(data)
