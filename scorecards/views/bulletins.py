"""简报: written, printed and published; excellent cases to learn from (P2.6–P2.8)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.models import Case
from dispatch.transitions import State
from people.access import allow, current_user, roles_of
from people.models import User
from people.permissions import may
from scorecards.bulletins import (
    PublishedError,
    draft_of,
    excellent_of,
    figures_of,
    next_numbers,
    overview,
    publish,
    tally_from,
    topics_of,
)
from scorecards.forms import BulletinForm, ExcellentForm
from scorecards.models import Bulletin, ExcellentCase
from scorecards.views.intake import table as table_of

PAGE = 30
ROOM = "scorecards:bulletins"


@allow(GET="bulletins")
def bulletins(request: HttpRequest) -> HttpResponse:
    """Published ones for everybody who may read them; drafts for those who write."""
    writes = may(roles_of(request), "bulletins.write")
    rows = Bulletin.objects.all() if writes else Bulletin.objects.published()
    context = {"page": Paginator(rows, PAGE).get_page(request.GET.get("page")), "writes": writes}
    return render(request, "scorecards/bulletins.html", context | {"excellent": _excellent(request)})


def _excellent(request: HttpRequest) -> list[ExcellentCase]:
    """Those of cases that the reader may see; a page of them."""
    seen = Case.objects.visible_to(current_user(request)).values("pk")
    return list(ExcellentCase.objects.filter(case__in=seen).select_related("case")[:PAGE])


@allow(GET="bulletins.write", POST="bulletins.write")
def write(request: HttpRequest, bulletin_id: int | None = None) -> HttpResponse:
    """A new one, or a draft again."""
    found = get_object_or_404(Bulletin, pk=bulletin_id, published_at=None) if bulletin_id else None
    today = timezone.localdate()
    form = BulletinForm(today, request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("scorecards:bulletin", bulletin_id=_save(form, current_user(request)).pk)
        except IntegrityError:  # somebody else took the number at the same moment
            form.add_error(None, _("期号刚刚被另一期占用，请再保存一次。"))
    context = {"form": form, "bulletin": found, "in_room": ROOM}
    return render(request, "scorecards/bulletin_form.html", context, status=422 if form.is_bound else 200)


@transaction.atomic
def _save(form: BulletinForm, user: User) -> Bulletin:
    made: Bulletin = form.save(commit=False)
    if not form.instance.running:
        made.year = made.last.year
        made.number, made.running = next_numbers(made.year)
        made.made_by, made.made_at = user, timezone.now()
    made.save()
    form.save_m2m()
    return made


@allow(GET="bulletins")
def bulletin(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """One issue, made to be printed; a published one with the figures that it was published with."""
    writes = may(roles_of(request), "bulletins.write")
    found = get_object_or_404(Bulletin.objects.select_related("made_by", "published_by"), pk=bulletin_id)
    if found.published_at is None and not writes:
        raise Http404
    figures = found.figures or figures_of(found.first, found.last)
    sources = tally_from(figures["sources"])
    context: dict[str, Any] = {
        "bulletin": found,
        "overview": overview(figures),
        "sources": table_of(sources),
        "topics": topics_of(figures),
        "cases": excellent_of(found),
        "writes": writes,
        "may_publish": may(roles_of(request), "bulletins.publish"),
        "in_room": ROOM,
    }
    return render(request, "scorecards/bulletin.html", context)


@allow(POST="bulletins.publish")
def publish_bulletin(request: HttpRequest, bulletin_id: int) -> HttpResponse:
    """From now on it stays as it is."""
    found = get_object_or_404(Bulletin, pk=bulletin_id)
    if found.last >= timezone.localdate():
        messages.error(request, _("本期还没有结束，结束后才能发布。"))
        return redirect("scorecards:bulletin", bulletin_id=found.pk)
    try:
        publish(found, by=current_user(request), at=timezone.now())
    except PublishedError:
        messages.error(request, _("这期简报已经发布过，没有改动。"))
    else:
        messages.success(request, _("已发布。"))
    return redirect("scorecards:bulletin", bulletin_id=found.pk)


@allow(GET="bulletins.write", POST="bulletins.write")
def excellent(request: HttpRequest, number: str) -> HttpResponse:
    """Tell a closed case for others to learn from; one telling a case."""
    user = current_user(request)
    cases = Case.objects.visible_to(user).filter(state=State.CLOSED, confidential=False)
    case = get_object_or_404(cases.select_related("category"), number=number)
    told = ExcellentCase.objects.filter(case=case).first()
    form = ExcellentForm(
        request.POST if request.method == "POST" else None,
        instance=told or ExcellentCase(case=case),
        initial=None if told else draft_of(case),
    )
    if request.method == "POST" and form.is_valid():
        form.instance.written_by, form.instance.written_at = user, timezone.now()
        try:
            with transaction.atomic():
                form.save()
        except IntegrityError:  # somebody else has told it meanwhile
            messages.error(request, _("这件案件已经有人写过，没有保存。"))
        else:
            messages.success(request, _("已保存，可在简报中选用。"))
            return redirect("scorecards:bulletins")
    context = {"form": form, "case": case, "in_room": ROOM}
    return render(request, "scorecards/excellent_form.html", context, status=422 if form.is_bound else 200)
