"""One task: what is to be seen, and the answer from the street."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.actions.handling import waiting
from dispatch.componentstate import states_said
from dispatch.models import Attachment, FieldTask, Part, Remark
from dispatch.profile import profile
from dispatch.transitions import Action
from gridmap.datums import lonlat
from gridmap.models import Component
from inspectors.actions import ANSWERS, answer_task
from inspectors.assigning import claim as claim_task
from inspectors.board import waiting_tasks
from inspectors.classes import street_classes, usual_classes
from inspectors.forms import AnswerForm, stored_photos
from inspectors.maplinks import map_links
from inspectors.models import Measure
from inspectors.onsite import Act, accept
from inspectors.phrases import phrases_for
from inspectors.receipts import not_valid, refused, stored
from inspectors.refusals import REFUSED, refusal
from inspectors.wording import FAR_REASONS, REFUSE_REASONS, left_light, left_words, why_words
from people.access import allow, current_user
from people.models import User

# the steps that send somebody to look, with words for them
ORDERS = (Action.ORDER_VERIFY, Action.ACCEPT_REPLY, Action.ORDER_SURVEY, Action.ORDER_RECHECK)


@allow(GET="field", POST="field")
def task(request: HttpRequest, task_id: int) -> HttpResponseBase:
    """The page of a task that the user was given; its answer comes as a form and goes as a receipt in JSON."""
    at, user = timezone.now(), current_user(request)
    own = FieldTask.objects.visible_to(user).select_related("case__category", "case__condition", "case__community")
    found = get_object_or_404(own.select_related("visit", "case__component"), pk=task_id)
    if request.method == "POST":
        return answer(request, found, user, at)
    return render(request, "inspectors/task.html", _page(found, user, at))


def _page(found: FieldTask, user: User, at: datetime) -> dict[str, Any]:
    case, open_ = found.case, found.done_at is None
    reclass = open_ and found.kind == FieldTask.Kind.VERIFY
    photos = list(Attachment.objects.filter(case=case).select_related("evidence"))
    target = lonlat(case.point or found.point)
    return {
        "task": found,
        "case": case,
        "visit": (visit := getattr(found, "visit", None)),
        "measured": visit.measures.all() if visit else [],
        "target": target,
        "maps": map_links(*target, case.address),
        "photos": photos,
        "earlier": [photo for photo in photos if photo.phase != Attachment.Phase.SIGNED],
        "parts": Part.objects.filter(case=case, withdrawn_at=None).exclude(reply="").select_related("agency"),
        "ordered": Remark.objects.filter(step__case=case, step__action__in=ORDERS).order_by("-step__version").first(),
        "checked": _checked(found),
        "answers": ANSWERS[found.kind],
        "component_states": Component.State if case.component else (),
        "said": "、".join(str(state.label) for state in states_said(case.text, case.condition)),
        "far_reasons": FAR_REASONS,
        "why": why_words(found.why),
        "left": left_words(found.due_at, at),
        "light": left_light(found.due_at, at),
        "refuse_reasons": REFUSE_REASONS,
        "measures": Measure.Kind,
        "phrases": phrases_for(user) if open_ else [],
        "classes": street_classes(timezone.localdate(at)) if reclass else [],
        "usual": usual_classes(user, at) if reclass else [],
        "asks_signature": profile().field.signature,
        "operation": uuid4(),
    }


def answer(request: HttpRequest, task: FieldTask, user: User, at: datetime) -> HttpResponseBase:
    """Store the answer: 200 with a receipt naming the operation, or a refusal with a sentence; nothing else counts."""
    form = AnswerForm(request.POST, kind=task.kind, parts=[part.pk for part in _checked(task)])
    if not form.is_valid():
        return not_valid(form)
    try:
        photos = stored_photos(request.FILES.getlist("photos"), at)
        answer_task(task, form.answer(photos, at, task.issued_at), by=user, at=at)
    except REFUSED as error:
        return refused(error, task)
    return stored(form, _("已保存：%(answer)s") % {"answer": FieldTask.Result(form.cleaned_data["result"]).label})


def _checked(task: FieldTask) -> list[Part]:
    """The parts of several agencies that a check is about; empty where there is nothing to choose."""
    parts = waiting(task.case) if task.kind == FieldTask.Kind.CHECK else []
    return parts if len(parts) > 1 else []


@allow(POST="field")
def claim(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take a waiting task of the own zone."""
    at, user = timezone.now(), current_user(request)
    mine = FieldTask.objects.open().visible_to(user).filter(pk=task_id)
    if not mine.exists():
        waiting = get_object_or_404(waiting_tasks(user, at), pk=task_id)
        try:
            claim_task(waiting, by=user, at=at)
            # who takes a task himself goes there
            accept(task_id, Act(uuid4(), at), by=user, at=at)
        except REFUSED as error:
            status, _code, sentence = refusal(error)
            return render(request, "409.html", {"sentence": sentence}, status=status)
    return redirect("inspectors:task", task_id=task_id)
