"""入户走访: two due lists, the record of each household, and people in daily attention (P4.11–P4.13, P4.21)."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.householdforms import CareForm, HouseholdForm, VisitForm, WhyForm
from dispatch.actions.households import NoChannelError, record_visit
from dispatch.households import period_end
from dispatch.models import Case, Household, HouseholdCare, HouseholdQuerySet
from dispatch.profile import profile
from people.access import allow, current_user, roles_of
from people.models import Look, User
from people.permissions import may


class Known(NamedTuple):
    """Whose names are masked in words, and whether this reader has just said why they need to see everything."""

    names: list[str]
    shown: bool


PAGE = 50
VISITS = 50
ROOM = "desks:households"
CARE_LIST = "households:care"


@allow(GET="households")
def households(request: HttpRequest) -> HttpResponse:
    """Whose record has to be refreshed, who has to be visited, who is in care, or all that live here."""
    user, today, roles = current_user(request), timezone.localdate(), roles_of(request)
    mine: HouseholdQuerySet = Household.objects.visible_to(user)
    tab, asked = request.GET.get("tab", "visit"), request.GET.get("q", "").strip()[:60]
    rows = {"refresh": mine.due_for_refresh(today), "visit": mine.due_for_visit(today)}.get(tab, mine.living())
    tabs = [
        ("visit", _("待走访"), rows.count() if tab == "visit" else mine.due_for_visit(today).count()),
        ("refresh", _("待更新"), rows.count() if tab == "refresh" else mine.due_for_refresh(today).count()),
        ("all", _("全部住户"), mine.living().count()),
    ]
    if may(roles, "households.care"):
        tabs.append(("care", _("特殊群体"), _cared(user).count()))
        if tab == "care":
            rows = _cared(user)
            Look.objects.create(user=user, subject=CARE_LIST, reason=_("日常关注名单"), looked_at=timezone.now())
    if asked:
        rows = rows.filter(address__icontains=asked)
    rules = profile().households
    context = {
        "page": Paginator(rows.select_related("agency", "community"), PAGE).get_page(request.GET.get("page")),
        "tabs": tabs,
        "tab": tab if tab in {key for key, _name, _count in tabs} else "all",
        "asked": asked,
        "until": period_end(today, rules.refresh if tab == "refresh" else rules.visit),
        "neglected": set(_cared(user).neglected(today).values_list("pk", flat=True)) if tab == "care" else set(),
        "care_days": rules.care_days,
        "may_write": may(roles, "households.write"),
    }
    return render(request, "desks/households.html", context)


def _cared(user: User) -> HouseholdQuerySet:
    """Households in daily attention that this user may know of."""
    known = HouseholdCare.objects.visible_to(user).filter(ended_on=None).values("household")
    found: HouseholdQuerySet = Household.objects.filter(pk__in=known).living().order_by("visited_on", "pk")
    return found


@allow(GET="households.write", POST="households.write")
def new(request: HttpRequest) -> HttpResponse:
    """A household that nobody has written down yet."""
    return _edit(request, Household())


@allow(GET="households.write", POST="households.write")
def edit(request: HttpRequest, household_id: int) -> HttpResponse:
    """Correct the record: this is a look at it, so it is logged."""
    found = _found(request, household_id)
    if request.method == "GET":
        _log(request, found, _("更新住户信息"))
    return _edit(request, found)


def _edit(request: HttpRequest, found: Household) -> HttpResponse:
    form = HouseholdForm(current_user(request), request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        kept = form.save(commit=False)
        kept.refreshed_on = timezone.localdate()
        kept.save()
        messages.success(request, _("已保存。"))
        return redirect("desks:household", household_id=kept.pk)
    context = {"form": form, "household": found, "in_room": ROOM}
    return render(request, "desks/household_edit.html", context, status=422 if form.is_bound else 200)


@allow(GET="households")
def household(request: HttpRequest, household_id: int) -> HttpResponse:
    """One household, masked, with its visits and the form for the next one."""
    return _show(request, _found(request, household_id))


@allow(POST="households")
def look(request: HttpRequest, household_id: int) -> HttpResponse:
    """Name, number and care to somebody who says why; the look is recorded."""
    found, form = _found(request, household_id), WhyForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, why=form)
    _log(request, found, form.cleaned_data["reason"].strip())
    return _show(request, found, shown=True)


@allow(POST="households.visit")
def visit(request: HttpRequest, household_id: int) -> HttpResponse:
    """Record a visit."""
    found, form = _found(request, household_id), VisitForm(request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, form=form)
    user, operation = current_user(request), form.cleaned_data["operation"]
    try:
        made = record_visit(found, form.told(), by=user, at=timezone.now(), operation=operation)
    except NoChannelError:
        form.add_error("need", _("没有启用的入户走访渠道，诉求无法登记；请联系数据管理员。"))
        return _show(request, found, status=422, form=form)
    if made.case is not None:
        messages.success(request, _("已记录走访，并登记诉求 %(number)s。") % {"number": made.case.number})
    else:
        messages.success(request, _("已记录走访。"))
    return redirect("desks:household", household_id=found.pk)


@allow(POST="households.care")
def care(request: HttpRequest, household_id: int) -> HttpResponse:
    """Into daily attention, or out of it; only those who may know of it."""
    found, user, form = _found(request, household_id), current_user(request), CareForm(request.POST)
    if not form.is_valid():
        # what was typed is short, and the page with it would be a look that nobody has given a reason for
        messages.error(request, _("没有记录：请选择群体，关注事项不超过 300 字。"))
        return redirect("desks:household", household_id=found.pk)
    given, today = form.cleaned_data, timezone.localdate()
    mine = HouseholdCare.objects.visible_to(user).filter(household=found, kind=given["kind"], ended_on=None)
    if given["end"]:
        mine.update(ended_on=today)
    elif not mine.update(note=given["note"].strip()):
        HouseholdCare.objects.create(
            household=found, kind=given["kind"], note=given["note"].strip(), since=today, by=user
        )
    _log(request, found, _("更新特殊群体信息"))
    messages.success(request, _("已记录。"))
    return redirect("desks:household", household_id=found.pk)


def _found(request: HttpRequest, pk: int) -> Household:
    rows = Household.objects.visible_to(current_user(request)).select_related("agency", "community")
    found: Household = get_object_or_404(rows, pk=pk)
    return found


def _log(request: HttpRequest, found: Household, reason: str) -> None:
    user, subject = current_user(request), f"household:{found.pk}"
    Look.objects.create(user=user, subject=subject, reason=reason, looked_at=timezone.now())


def _show(
    request: HttpRequest,
    found: Household,
    *,
    shown: bool = False,
    status: int = 200,
    **more: Any,  # noqa: ANN401 - values for the template
) -> HttpResponse:
    user, roles = current_user(request), roles_of(request)
    cares = HouseholdCare.objects.visible_to(user).filter(household=found, ended_on=None)
    may_care = may(roles, "households.care")
    visits = found.visits.select_related("by", "case")[:VISITS]
    seen = Case.objects.visible_to(user).filter(pk__in=[row.case_id for row in visits if row.case_id])
    context = {
        "household": found,
        "shown": shown,
        "file": Known([found.head], shown),
        "cares": cares.select_related("by") if shown and may_care else [],
        "visits": visits,
        "seen": set(seen.values_list("pk", flat=True)),
        "may_write": may(roles, "households.write"),
        "care_form": CareForm(auto_id="care_%s") if shown and may_care else None,
        "form": VisitForm() if may(roles, "households.visit") and found.left_on is None else None,
        "why": WhyForm(),
        "in_room": ROOM,
    }
    return render(request, "desks/household.html", context | more, status=status)
