"""接单, 拒接, 到场: short forms of the phone, each answered with a receipt in JSON."""

from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from dispatch.models import FieldTask
from inspectors import onsite
from inspectors.models import TaskAct
from inspectors.onsitekinds import ACT_FORMS, ACTED
from inspectors.receipts import not_valid, refused, stored
from inspectors.refusals import REFUSED
from people.access import allow, current_user

Kind = TaskAct.Kind


@allow(POST="field")
def act(request: HttpRequest, task_id: int, act_kind: str) -> JsonResponse:
    """One of the three; a task that was refused is nobody's, so an operation that is sent again is known by itself."""
    at, user = timezone.now(), current_user(request)
    if act_kind not in ACT_FORMS:
        raise Http404
    form = ACT_FORMS[act_kind](request.POST)
    operation = form.data.get("operation", "")
    if not (_is_uuid(operation) and TaskAct.objects.filter(operation=operation, inspector=user).exists()):
        get_object_or_404(FieldTask.objects.visible_to(user), pk=task_id)
    if not form.is_valid():
        return not_valid(form)
    try:
        made = onsite.ACTS[Kind(act_kind)](task_id, form.act(at), by=user, at=at)
    except REFUSED as error:
        return refused(error)
    return stored(form, ACTED[made.kind]())


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
