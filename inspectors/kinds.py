"""The kinds of operations that the street knows; each is one line at the end."""

from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import QueryDict
from django.utils.translation import gettext as _

from dispatch.actions.handling import waiting
from dispatch.lifecycle import done_before
from dispatch.models import Case, FieldTask, Step
from inspectors import actions, assigning
from inspectors.board import waiting_tasks
from inspectors.forms import AnswerForm, FindingForm
from inspectors.operations import Answer, Kind, Refusal, Sent, register
from inspectors.receipts import same_spot_words


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
    """Both versions for a 409: the one that the person saw, and how the case is now with the steps in between."""
    task = task_of(sent)
    case = Case.objects.select_related("category").get(pk=task.case_id)
    since = Step.objects.filter(case=case, version__gt=sent.version or 0).order_by("version")
    now = {
        "number": case.number,
        "state": case.get_state_display(),
        "category": case.category.name if case.category else "",
        "address": case.address,
        "urgent": case.urgent,
        "result": task.get_result_display() if task.done_at else "",
    }
    steps = [{"what": step.get_action_display(), "at": _told(step.recorded_at)} for step in since]
    return {
        "version": case.version,
        "yours": sent.version,
        "open": task.done_at is None,
        "now": now,
        "since": steps,
    }


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
    before, said = done_before(finding.operation), form.cleaned_data["spot"]
    there = before.case if before is not None else actions.at_the_spot(finding)
    if before is None and there is not None and said not in ("alone", there.number) and not finding.mended:
        raise Refusal(409, "spot", same_spot_words(there), spot=there.number)
    if there is not None and said == there.number:
        kept = actions.add_to(there, finding, by=sent.by, at=sent.at)
        return _("已补充到案件 %(number)s。") % {"number": kept.number}
    case = actions.found(finding, by=sent.by, at=sent.at)
    return _("已上报，案件编号 %(number)s，等待立案。") % {"number": case.number}


def claim(form: Form, sent: Sent) -> str:
    """Take a waiting task of the own zone; one that is the person's already is taken."""
    key = int(sent.about) if sent.about.isdecimal() else 0
    if not FieldTask.objects.open().visible_to(sent.by).filter(pk=key).exists():
        task = waiting_tasks(sent.by, sent.at).filter(pk=key).first()
        if task is None:
            raise assigning.TakenError
        assigning.claim(task, by=sent.by, at=sent.at)
    return _("已领取，任务在“我的任务”里。")


def register_kinds() -> None:
    """Called once, when the application is ready."""
    register("answer", Kind(answer_form, answer, standing=standing))
    register("found", Kind(lambda data, sent: FindingForm(data, at=sent.at), found, "case.report_found"))
    register("claim", Kind(BareForm, claim))
