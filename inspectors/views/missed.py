"""漏报认定: what may have been missed, with what is known about it; the shift lead decides, with a reason."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.models import Case
from inspectors.dutyforms import DecideForm
from inspectors.dutyrefusals import DutyError
from inspectors.missed import decide
from inspectors.models import PossibleMiss
from people.access import allow, current_user, roles_of
from people.permissions import may

PAGE = 30


@allow(GET="misses")
def misses(request: HttpRequest) -> HttpResponse:
    """Those that wait, or those that were decided; all of them show the case, the cell and when it was seen last."""
    return _show(request)


@allow(POST="misses.decide")
def decide_miss(request: HttpRequest, miss_id: int) -> HttpResponse:
    """认定 or not, once."""
    user = current_user(request)
    miss = get_object_or_404(PossibleMiss.objects.visible_to(user), pk=miss_id)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _show(request, bound=(miss.pk, form), status=422)
    given, at = form.cleaned_data, timezone.now()
    confirmed = given["decision"] == "confirm"
    try:
        decide(miss, confirmed=confirmed, reason=given["reason"], by=user, at=at, operation=given["operation"])
    except DutyError as error:
        return _show(request, refused=error.sentence, status=error.status)
    messages.success(request, _("已认定为漏报。") if confirmed else _("已记为不算漏报。"))
    return redirect("inspectors:misses")


def _show(
    request: HttpRequest,
    *,
    bound: tuple[int, DecideForm] | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    user = current_user(request)
    seen = PossibleMiss.objects.visible_to(user)
    tab = request.GET.get("tab", "")
    tab = tab if tab in PossibleMiss.State.values else PossibleMiss.State.OPEN
    rows = seen.filter(state=tab).select_related(
        "case__category", "case__community", "report__channel", "zone", "inspector", "decided_by"
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    known = set(Case.objects.visible_to(user).filter(pk__in=[row.case_id for row in page]).values_list("pk", flat=True))
    context: dict[str, Any] = {
        "tabs": [(state, state.label, seen.filter(state=state).count()) for state in PossibleMiss.State],
        "tab": tab,
        "page": page,
        "rows": [(row, _form(row, bound)) for row in page],
        "known": known,
        "may_decide": may(roles_of(request), "misses.decide") and tab == PossibleMiss.State.OPEN,
        "refused": refused,
    }
    return render(request, "inspectors/misses.html", context, status=status)


def _form(row: PossibleMiss, bound: tuple[int, DecideForm] | None) -> DecideForm:
    if bound is not None and bound[0] == row.pk:
        return bound[1]
    return DecideForm(initial={"operation": uuid4()}, auto_id=f"miss_{row.pk}_%s")
