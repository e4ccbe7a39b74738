"""The page of learned positions: what was confirmed, what it taught, and taking it back."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from gridmap.confirmed import revoke
from gridmap.datums import lonlat
from gridmap.models import Confirmation
from gridmap.views.paging import KeyPaginator
from people.access import allow, current_user

PAGE = 50


@allow(GET="data")
def learned(request: HttpRequest) -> HttpResponse:
    """Confirmed positions, newest first, found by words of the address or the case number."""
    words, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    found = _chosen(Confirmation.objects.select_related("by", "place", "revoked_by").defer("place__geom"), words, state)
    page = KeyPaginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [(said, lonlat(said.point), _away(said)) for said in page]
    context = {"page": page, "rows": rows, "q": words, "state": state, "states": list(_states().items())}
    return render(request, "gridmap/learned.html", context)


def _states() -> dict[str, str]:
    return {
        "taught": _("已形成地名"),
        "untaught": _("未形成地名"),
        "revoked": _("已撤销"),
    }


def _chosen(rows: "QuerySet[Confirmation]", words: str, state: str) -> "QuerySet[Confirmation]":
    if words:
        rows = rows.filter(address__contains=words) | rows.filter(reference=words)
    if state == "revoked":
        return rows.exclude(revoked_at=None)
    if state in ("taught", "untaught"):
        return rows.filter(revoked_at=None, place__isnull=state == "untaught")
    return rows


def _away(said: Confirmation) -> float | None:
    return None if said.place is None else said.point.distance(said.place.point)


@allow(POST="data")
def revoke_learned(request: HttpRequest, confirmation_id: int) -> HttpResponse:
    """Take one confirmation back, with a reason; what it taught is learned anew without it."""
    said = get_object_or_404(Confirmation, pk=confirmation_id)
    why = request.POST.get("why", "").strip()
    if not why:
        messages.error(request, _("请写明撤销的原因。没有作任何改动。"))
    elif said.revoked_at is not None:
        messages.info(request, _("这条确认已经撤销。没有作任何改动。"))
    else:
        revoke(said, by=current_user(request), why=why, at=timezone.now())
        messages.success(request, _("已撤销“%(address)s”的位置确认。") % {"address": said.address})
    return redirect("gridmap:learned")
