"""专项跟踪: key issues with their monthly notice, measures that outlive a case, campaigns (P3.14, P3.17, P4.15)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.undertakingforms import CaseForm, EndForm, EntryForm, UndertakingForm, UnitForm
from desks.undertakinglists import read_notice, read_rows, unit_rows, units_with_sums
from desks.views.review import month_of
from dispatch.models import Case, Undertaking, UndertakingEntry, UndertakingQuerySet, UndertakingUnit
from dispatch.models.case import SEES_ALL
from people.access import allow, current_user, of_agencies, roles_of, scope_of
from people.models import User
from people.permissions import may

PAGE = 30
SHOWN = 100
ROOM = "desks:undertakings"


@allow(GET="undertakings")
def undertakings(request: HttpRequest) -> HttpResponse:
    """Open ones of a kind, or those that ended, with progress bars."""
    user, today = current_user(request), timezone.localdate()
    seen: UndertakingQuerySet = Undertaking.objects.visible_to(user)
    tab = request.GET.get("tab", Undertaking.Kind.ISSUE)
    numbers = dict(seen.open().order_by().values_list("kind").annotate(Count("pk", distinct=True)))
    kinds = [(kind, kind.label, numbers.get(kind, 0)) for kind in Undertaking.Kind]
    chosen = seen.exclude(ended_on=None) if tab == "ended" else seen.open().filter(kind=tab)
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": [*kinds, ("ended", _("已结束"), seen.exclude(ended_on=None).count())],
        "tab": tab,
        "page": page,
        "rows": read_rows(page.object_list),  # type: ignore[arg-type]  # a slice of the query set
        "today": today,
        "may_write": may(roles_of(request), "undertakings.write"),
    }
    return render(request, "desks/undertakings.html", context)


@allow(GET="undertakings.write", POST="undertakings.write")
def new(request: HttpRequest) -> HttpResponse:
    """Begin one; from a case page the case comes with it."""
    user = current_user(request)
    number = request.GET.get("case", "")[:30]
    case = Case.objects.visible_to(user).filter(number=number).first() if number else None
    first = {"begins_on": timezone.localdate(), "operation": uuid4()}
    first |= {"kind": Undertaking.Kind.MEASURE} if case else {}
    form = UndertakingForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        return redirect("desks:undertaking", undertaking_id=_begin(form, user, case).pk)
    if before := form.made_before():
        return redirect("desks:undertaking", undertaking_id=before.pk)
    context = {"form": form, "case": case, "in_room": ROOM}
    return render(request, "desks/undertaking_new.html", context, status=422 if form.is_bound else 200)


@transaction.atomic
def _begin(form: UndertakingForm, user: User, case: Case | None) -> Undertaking:
    made: Undertaking = form.save(commit=False)
    made.made_by, made.made_at = user, timezone.now()
    made.save()
    UndertakingUnit.objects.create(
        undertaking=made, agency=form.cleaned_data["agency"], target=form.cleaned_data["target"]
    )
    if case is not None:
        made.cases.add(case)
    return made


@allow(GET="undertakings")
def undertaking(request: HttpRequest, undertaking_id: int) -> HttpResponse:
    """Its units, its cases, what was reported, and the forms that the user may fill in."""
    return _show(request, _found(request, undertaking_id))


@allow(POST="undertakings.report")
def add(request: HttpRequest, undertaking_id: int, what: str) -> HttpResponse:
    """Report progress; add a unit or a case; end it."""
    found, user = _found(request, undertaking_id), current_user(request)
    form = _forms(found, user, request.POST).get(what)
    if form is None:
        raise Http404 if what not in FORMS else PermissionDenied
    if found.ended_on is not None:
        messages.error(request, _("已经结束，没有记录。"))
        return redirect("desks:undertaking", undertaking_id=found.pk)
    if not form.is_valid():
        if isinstance(form, EntryForm) and form.made_before():
            return redirect("desks:undertaking", undertaking_id=found.pk)
        return _show(request, found, bound=(what, form), status=422)
    _keep(found, form, user)
    messages.success(request, _("已记录。"))
    return redirect("desks:undertaking", undertaking_id=found.pk)


def _keep(found: Undertaking, form: Any, user: User) -> None:  # noqa: ANN401 - one of four forms
    given = form.cleaned_data
    if isinstance(form, EntryForm):
        form.instance.by, form.instance.at = user, timezone.now()
        form.save()
    elif isinstance(form, UnitForm):
        form.save()
    elif isinstance(form, CaseForm):
        found.cases.add(given["number"])
    else:
        ended = max(timezone.localdate(), found.begins_on)
        Undertaking.objects.open().filter(pk=found.pk).update(ended_on=ended, outcome=given["outcome"].strip())


@allow(GET="undertakings")
def notice(request: HttpRequest) -> HttpResponse:
    """重点问题月度通报 (P3.14, P3.25): made to be printed."""
    month = month_of(request.GET.get("month", ""))
    following = (month + timedelta(days=32)).replace(day=1)
    seen = Undertaking.objects.visible_to(current_user(request))
    context = {
        "month": month,
        "earlier": (month - timedelta(days=1)).replace(day=1),
        "later": following,
        "told": read_notice(seen, month, following - timedelta(days=1)),
        "in_room": ROOM,
    }
    return render(request, "desks/undertakings_notice.html", context)


FORMS = ("entry", "unit", "case", "end")


def _found(request: HttpRequest, pk: int) -> Undertaking:
    rows = Undertaking.objects.visible_to(current_user(request)).select_related("made_by")
    found: Undertaking = get_object_or_404(rows.prefetch_related(units_with_sums(), "units__agency"), pk=pk)
    return found


def _forms(found: Undertaking, user: User, data: Any = None) -> dict[str, forms.BaseForm]:  # noqa: ANN401 - a QueryDict
    """The forms that this user may fill in, by the last word of their address."""
    scope = scope_of(user)
    units = found.units.select_related("agency")
    mine = units if scope.roles & SEES_ALL else units.filter(of_agencies(scope))
    entry = EntryForm(mine, found, data, auto_id="entry_%s")
    if not may(scope.roles, "undertakings.write"):
        return {"entry": entry}
    return {
        "entry": entry,
        "unit": UnitForm(found, data, auto_id="unit_%s"),
        "case": CaseForm(user, data, auto_id="case_%s"),
        "end": EndForm(data, auto_id="end_%s"),
    }


def _show(
    request: HttpRequest, found: Undertaking, *, bound: tuple[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    user = current_user(request)
    entries = UndertakingEntry.objects.filter(unit__undertaking=found).select_related("unit__agency", "by")
    given = _forms(found, user) if found.ended_on is None else {}
    seen = Case.objects.visible_to(user).filter(undertakings=found)
    units = unit_rows(found)
    context: dict[str, Any] = {
        "undertaking": found,
        "units": units,
        "done": sum(row.done for row in units),
        "target": sum(row.target for row in units),
        "entries": entries[:SHOWN],
        "cases": seen.select_related("category").order_by("received_at"),
        "forms": given | (dict([bound]) if bound else {}),
        "today": timezone.localdate(),
        "in_room": ROOM,
    }
    return render(request, "desks/undertaking.html", context, status=status)
