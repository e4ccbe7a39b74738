"""One task: what is to be seen, and the form of its answer, which the phone sends as an operation."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dispatch.actions.handling import waiting
from dispatch.componentstate import states_said
from dispatch.models import Attachment, FieldTask, Part, Remark
from dispatch.profile import profile
from dispatch.transitions import Action
from gridmap.datums import lonlat
from gridmap.models import Component
from inspectors.actions import ANSWERS
from inspectors.classes import street_classes, usual_classes
from inspectors.maplinks import map_links
from inspectors.models import Measure
from inspectors.phrases import phrases_for
from inspectors.wording import FAR_REASONS, REFUSE_REASONS, left_light, left_words, why_words
from people.access import allow, current_user
from people.models import User

# the steps that send somebody to look, with words for them
ORDERS = (Action.ORDER_VERIFY, Action.ACCEPT_REPLY, Action.ORDER_SURVEY, Action.ORDER_RECHECK)


@allow(GET="field")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """The page of a task that the user was given."""
    at, user = timezone.now(), current_user(request)
    own = FieldTask.objects.visible_to(user).select_related("case__category", "case__condition", "case__community")
    found = get_object_or_404(own.select_related("visit", "case__component"), pk=task_id)
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
    }


def _checked(task: FieldTask) -> list[Part]:
    """The parts of several agencies that a check is about; empty where there is nothing to choose."""
    parts = waiting(task.case) if task.kind == FieldTask.Kind.CHECK else []
    return parts if len(parts) > 1 else []
