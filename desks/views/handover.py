"""交接班: what stands open now, the note of the outgoing shift, the signature of the incoming one (P3.22)."""

from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from desks.rosterforms import HandoverForm
from dispatch.models import Handover
from dispatch.rosters import KINDS, HandoverError, hand_over, on_duty, open_items, take_over, turn_now
from people.access import allow, current_user

PAGE = 20


@allow(GET="handover", POST="handover")
def handover(request: HttpRequest) -> HttpResponse:
    """The list of what is open, the form to hand it over, and what was handed over before."""
    user, at = current_user(request), timezone.now()
    form = HandoverForm(request.POST if request.method == "POST" else None, initial={"operation": uuid4()})
    if request.method == "POST" and form.is_valid():
        try:
            hand_over(by=user, words=form.cleaned_data["words"], at=at, operation=form.cleaned_data["operation"])
        except HandoverError:
            messages.error(request, _("本地没有设置班次，不能交班。"))
        else:
            messages.success(request, _("已交班，等待接班人签收。"))
        return redirect("desks:handover")
    rows = Handover.objects.visible_to(user).select_related("by", "signed_by")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "turn": turn_now(at),
        "on_duty": on_duty(at),
        "items": _named(open_items(user, at)),
        "page": page,
        "rows": [(row, _named(row.open_items), row.by_id != user.pk) for row in page],
    }
    return render(request, "desks/handover.html", context, status=422 if form.errors else 200)


def _named(found: dict[str, list[str]]) -> list[tuple[str | Promise, list[str]]]:
    return [(title, found.get(kind, [])) for kind, title in KINDS.items()]


@allow(POST="handover")
def sign_handover(request: HttpRequest, handover_id: int) -> HttpResponse:
    """The incoming person has read it."""
    user = current_user(request)
    found = get_object_or_404(Handover.objects.visible_to(user), pk=handover_id)
    try:
        take_over(found, by=user, at=timezone.now())
    except HandoverError:
        messages.error(request, _("这次交班已经签收，或是您自己写的，须由接班人签收。"))
    else:
        messages.success(request, _("已签收接班。"))
    return redirect("desks:handover")
