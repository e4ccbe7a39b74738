"""Calendars: which days and hours are worked, and what a change moves; and the limits in force."""

import calendar as months
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.clocks import Unit, WorkCalendar
from dispatch.models import Calendar, CalendarDay, Condition
from dispatch.models.report import RequestType
from dispatch.profile import profile
from dispatch.recompute import announce, edit, preview
from dispatch.timers import reading
from people.access import allow, current_user, roles_of
from people.permissions import may

PAGE = 60
WHOLE, FIRST_HALF, SECOND_HALF, OFF, USUAL = "whole", "first", "second", "off", "usual"
HOURS = [
    (OFF, gettext_lazy("不上班（节假日）")),
    (WHOLE, gettext_lazy("上班（调休）")),
    (FIRST_HALF, gettext_lazy("只上第一个时段")),
    (SECOND_HALF, gettext_lazy("只上最后一个时段")),
    (USUAL, gettext_lazy("恢复平常")),
]


class DayForm(forms.Form):
    """One day that differs from its weekday, with the reason of the change."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    hours = forms.ChoiceField(label=gettext_lazy("这一天"), choices=HOURS)
    name = forms.CharField(label=gettext_lazy("名称"), max_length=40, required=False)
    why = forms.CharField(label=gettext_lazy("理由"), max_length=200)

    def change(self) -> Callable[[Calendar], None]:
        """What saving does to a calendar."""
        given = self.cleaned_data

        def apply(found: Calendar) -> None:
            found.days.filter(day=given["day"]).delete()
            if given["hours"] == USUAL:
                return
            half = {FIRST_HALF: found.periods[:1], SECOND_HALF: found.periods[-1:]}.get(given["hours"], [])
            CalendarDay.objects.create(
                calendar=found, day=given["day"], works=given["hours"] != OFF, periods=half, name=given["name"]
            )

        return apply

    def what(self) -> str:
        """The change in words, as the record keeps it."""
        hours = dict(HOURS)[self.cleaned_data["hours"]]
        return " ".join(filter(None, [f"{self.cleaned_data['day']}", str(hours), self.cleaned_data["name"]]))


@dataclass(frozen=True)
class Day:
    """One day of the year grid; `mark` is holiday, worked, half, rest or empty."""

    date: date
    mark: str
    name: str
    provisional: bool


@allow(GET="limits")
def calendars(request: HttpRequest) -> HttpResponse:
    """All schemes with their validity; the one in force is marked."""
    today = timezone.localdate()
    context = {"calendars": Calendar.objects.order_by("-active", "-valid_from"), "today": today, "tab": "calendars"}
    return render(request, "dispatch/calendars.html", context | {"now": Calendar.objects.on(today).first()})


@allow(GET="limits", POST="calendar")
def calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """A year of one scheme; a change is shown with the open clocks that it moves before it is saved."""
    found = get_object_or_404(Calendar, pk=calendar_id)
    form = DayForm(request.POST) if request.method == "POST" else DayForm(initial={"hours": OFF})
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        if not form.is_valid():
            status = 422
        elif "confirm" in request.POST:
            moved = edit(
                found, form.change(), what=form.what(), why=form.cleaned_data["why"],
                by=current_user(request), at=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("已保存，%(count)s 个未结计时随之变动。") % {"count": len(moved)})
            return redirect(f"{request.path}?year={form.cleaned_data['day'].year}")
        else:
            moved = preview(found, form.change())
            context = {"moved": moved[:50], "count": len(moved), "asked": form.what()}
    return _calendar_page(request, found, form, status, context)


@allow(POST="calendar")
def take_year(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """Take the announced holidays of a year; what was guessed of it goes."""
    found = get_object_or_404(Calendar, pk=calendar_id)
    text = request.POST.get("year", "")
    if not text.isdecimal() or not 2004 <= int(text) <= 2100:
        messages.error(request, _("请填写 2004 至 2100 之间的年份。"))
        return redirect("dispatch:calendar", calendar_id=calendar_id)
    year = int(text)
    what = _("采用 %(year)s 年节假日安排") % {"year": year}
    moved = edit(found, lambda c: announce(c, year), what=what, why="", by=current_user(request), at=timezone.now())
    messages.success(request, _("已保存，%(count)s 个未结计时随之变动。") % {"count": len(moved)})
    return redirect(f"{reverse('dispatch:calendar', args=[calendar_id])}?year={year}")


def _calendar_page(
    request: HttpRequest, found: Calendar, form: DayForm, status: int, context: dict[str, Any]
) -> HttpResponse:
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and 2000 <= int(asked) <= 2100 else timezone.localdate().year
    if form.is_bound and form.is_valid():
        year = form.cleaned_data["day"].year
    shown = {
        "calendar": found,
        "year": year,
        "months": [(month, _weeks(found, year, month)) for month in range(1, 13)],
        "guessed": found.days.filter(day__year=year, provisional=True).exists(),
        "form": form,
        "may_edit": may(roles_of(request), "calendar"),
        "edits": found.edits.select_related("by")[:20],
        "tab": "calendars",
        **context,
    }
    return render(request, "dispatch/calendar.html", shown, status=status)


def _weeks(found: Calendar, year: int, month: int) -> list[list[Day | None]]:
    work, special = found.as_work_calendar(), {day.day: day for day in _days(found, year)}
    return [
        [_day(each, work, special) if each.month == month else None for each in week]
        for week in months.Calendar().monthdatescalendar(year, month)
    ]


def _days(found: Calendar, year: int) -> list[CalendarDay]:
    kept: dict[int, list[CalendarDay]] = found.__dict__.setdefault("_year", {})
    if year not in kept:
        kept[year] = list(found.days.filter(day__year=year))
    return kept[year]


def _day(each: date, work: WorkCalendar, special: dict[date, CalendarDay]) -> Day:
    row = special.get(each)
    if row is None:
        return Day(each, "" if work.works(each) else "rest", "", provisional=False)
    mark = "holiday" if not row.works else "half" if row.periods else "worked"
    return Day(each, mark, row.name, row.provisional)


@allow(GET="limits")
def limits(request: HttpRequest) -> HttpResponse:
    """Every limit in force and where it comes from: by condition, by request type, by stage."""
    words = request.GET.get("q", "").strip()[:40]
    rows = Condition.objects.select_related("category__major").prefetch_related("area_limits")
    rows = rows.order_by("category__kind", "category__code", "number")
    if words:
        rows = rows.filter(Q(text__icontains=words) | Q(category__name__icontains=words) | Q(category__code=words))
    place = profile()
    types = [(RequestType(key).label, rule) for key, rule in place.types.items()]
    stages = [(str(label), _told(getattr(place.clocks.stages, name))) for name, label in STAGES.items()]
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "q": words,
        "types": [(label, _told(rule.simple), _told(rule.complex)) for label, rule in types],
        "stages": stages,
        "place": place,
        "tab": "limits",
    }
    return render(request, "dispatch/limits.html", context)


STAGES = {
    "accept": gettext_lazy("受理"),
    "verify": gettext_lazy("核实"),
    "verify_urgent": gettext_lazy("核实（紧急）"),
    "file": gettext_lazy("立案审核"),
    "dispatch": gettext_lazy("派遣"),
    "sign": gettext_lazy("签收"),
    "return_by": gettext_lazy("退单期限"),
    "screen": gettext_lazy("反馈审核"),
    "check": gettext_lazy("核查"),
    "check_urgent": gettext_lazy("核查（紧急）"),
    "close": gettext_lazy("结案"),
    "call_back": gettext_lazy("回访"),
}


def _told(limit: Any) -> str:  # noqa: ANN401 - a Limit of the profile
    return f"{limit.amount} {Unit(reading(limit.unit)).label}"
