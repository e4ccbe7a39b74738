"""Another limit of a condition: tried on past cases, then put in force by whoever may."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions.limiting import NewLimit, StaleLimitError, limit_now, set_limit
from dispatch.clocks import Unit, WorkCalendar
from dispatch.models import Calendar, Condition
from dispatch.timers import reading
from dispatch.trialfacts import Period, judged, period_of, periods
from dispatch.trials import Limit, LimitTrial, rejudge
from dispatch.trialwords import limit_shown, period_words
from gridmap.models import Area
from people.access import allow, current_user, roles_of
from people.permissions import may

# how 工作日 is read is the profile's choice, not that of one limit
UNITS = [(unit.value, unit.label) for unit in Unit if unit != Unit.OFFICE_DAY]


class LimitForm(forms.Form):
    """A limit to try, or to put in force; the reason is asked only then. `known` is the limit that the author saw."""

    limit_amount = forms.IntegerField(label=gettext_lazy("时限"), min_value=1, max_value=999)
    limit_unit = forms.ChoiceField(label=gettext_lazy("单位"), choices=UNITS)
    area_class = forms.ChoiceField(label=gettext_lazy("适用区域"), required=False)
    period = forms.ChoiceField(label=gettext_lazy("用哪些案件试"))
    reason = forms.CharField(label=gettext_lazy("理由"), max_length=200, required=False)
    known = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        self.fields["reason"].needed = True  # type: ignore[attr-defined]  # for putting it in force
        kinds = Area.objects.exclude(area_class="").order_by("area_class").values_list("area_class", flat=True)
        named = [(each, _("%(area_class)s 类区域") % {"area_class": each}) for each in kinds.distinct()]
        self.fields["area_class"].choices = [("", _("全部（另有规定的区域除外）")), *named]  # type: ignore[attr-defined]
        shown = [(each.key, period_words(each)) for each in periods(timezone.localdate())]
        self.fields["period"].choices = shown  # type: ignore[attr-defined]

    def new_limit(self, condition: Condition) -> NewLimit:
        given = self.cleaned_data
        return NewLimit(condition, given["area_class"], Limit(given["limit_amount"], given["limit_unit"]))


def _stamp(limit: Limit | None) -> str:
    return f"{limit.amount} {limit.unit}" if limit else "-"


@allow(GET="limits", POST="calendar")
def change_limit(request: HttpRequest, condition_id: int) -> HttpResponse:
    """GET tries a limit and changes nothing; POST puts it in force for cases that are dispatched from now on."""
    rows = Condition.objects.select_related("category__dictionary").prefetch_related("area_limits")
    condition = get_object_or_404(rows, pk=condition_id)
    if request.method == "POST":
        return _put(request, condition)
    asked = "limit_amount" in request.GET
    first = {"limit_amount": condition.limit_amount, "limit_unit": condition.limit_unit}
    form = LimitForm(request.GET if asked else None, initial=first)
    if not asked or not form.is_valid():
        return _page(request, condition, form, status=422 if asked else 200)
    new, period = form.new_limit(condition), period_of(form.cleaned_data["period"], timezone.localdate())
    now = limit_now(condition, new.area_class)
    trial = _tried(new, period)
    work = Calendar.objects.at(timezone.now()).as_work_calendar()
    shown = limit_shown(trial, period, current_user(request), work.day_seconds)
    more: dict[str, Any] = {
        "shown": shown,
        "known": _stamp(now),
        "same": now == new.limit,
        "new_text": _told(new.limit),
    }
    return _page(request, condition, form, **more)


def _tried(new: NewLimit, period: Period) -> LimitTrial:
    """The trial of a limit on a period's cases: the calendar of each clock is the one it had."""
    works: dict[int, WorkCalendar] = {each.pk: each.as_work_calendar() for each in Calendar.objects.all()}
    rows = list(judged(period, new.condition, new.area_class))
    held = {id(clock): works[calendar] for clock, calendar in rows}
    limit = Limit(new.limit.amount, reading(new.limit.unit))
    return rejudge((clock for clock, _calendar in rows), limit, lambda clock: (held[id(clock)], held[id(clock)]))


def _put(request: HttpRequest, condition: Condition) -> HttpResponse:
    form = LimitForm(request.POST)
    if form.is_valid() and not form.cleaned_data["reason"].strip():
        form.add_error("reason", _("请写明理由。"))
    if not form.is_valid():
        return _page(request, condition, form, status=422, putting=True)
    new = form.new_limit(condition)
    known = limit_now(condition, new.area_class)
    if form.cleaned_data["known"] != _stamp(known):
        return _stale(request, condition, form)
    try:
        set_limit(
            new, known=known, by=current_user(request), at=timezone.now(), reason=form.cleaned_data["reason"].strip()
        )
    except StaleLimitError:
        return _stale(request, condition, form)
    messages.success(request, _("新时限 %(limit)s 已启用，今后派遣的案件按此计时。") % {"limit": _told(new.limit)})
    return redirect(reverse("dispatch:change_limit", args=[condition.pk]))


def _stale(request: HttpRequest, condition: Condition, form: LimitForm) -> HttpResponse:
    form.add_error(None, _("时限刚被别人改过，这次没有保存；请看过现在的内容再试算。"))
    return _page(request, condition, form, status=409)


def _told(limit: Limit) -> str:
    return Unit(limit.unit).told(limit.amount)


def _page(
    request: HttpRequest,
    condition: Condition,
    form: LimitForm,
    *,
    status: int = 200,
    **more: Any,  # noqa: ANN401 - what only one of the pages shows
) -> HttpResponse:
    context = {
        "condition": condition,
        "form": form,
        "may_edit": may(roles_of(request), "calendar"),
        "tab": "limits",
        "in_room": "dispatch:calendars",
        **more,
    }
    return render(request, "dispatch/limit_change.html", context, status=status)
