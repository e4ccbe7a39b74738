"""Calendars: which days and hours are worked, and what a change moves; and the limits in force."""

import calendar as months
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.calendarforms import YEARS, ChangeForm, DayForm, HoursForm, SchemeForm, WithdrawForm, YearForm
from dispatch.clocks import CalendarEmpty, Unit, WorkCalendar
from dispatch.models import Calendar, CalendarDay, Case, Condition
from dispatch.models.report import RequestType
from dispatch.profile import Clocks, profile
from dispatch.recompute import Moved, StaleCalendarError, edit, preview
from dispatch.timers import reading
from dispatch.views.calendartrial import period_choices, tried_on_cases
from people.access import allow, current_user, roles_of
from people.permissions import may

PAGE = 60
MOVED = 50  # rows of a preview; all are counted
FORMS: dict[str, type[ChangeForm]] = {form.do: form for form in (DayForm, YearForm, HoursForm, WithdrawForm)}


MARKS = {
    "holiday": gettext_lazy("节假日"),
    "worked": gettext_lazy("调休上班"),
    "half": gettext_lazy("半天"),
}


@dataclass(frozen=True)
class Day:
    """One day of the year grid; `mark` is holiday, worked, half, rest or empty; `outside` the scheme's validity."""

    date: date
    mark: str
    name: str
    provisional: bool
    outside: bool

    @property
    def words(self) -> str:
        """What colour alone would say of a day that differs from its weekday."""
        guess = _("暂定") if self.provisional else ""
        return " ".join(filter(None, [str(MARKS.get(self.mark, "")), self.name, guess]))


@dataclass(frozen=True)
class Asked:
    """A change that waits for its confirmation: in words, and the open clocks that it would move."""

    form: ChangeForm
    moved: list[Moved]
    seen: frozenset[str]  # numbers of cases that the author may open

    @property
    def shown(self) -> list[Moved]:
        return self.moved[:MOVED]

    @property
    def rest(self) -> int:
        return len(self.moved) - len(self.shown)


@allow(GET="limits")
def calendars(request: HttpRequest) -> HttpResponse:
    """All schemes with their validity; the one in force is marked."""
    today = timezone.localdate()
    context = {
        "calendars": Calendar.objects.order_by("-active", "-valid_from"),
        "now": Calendar.objects.on(today).first(),
        "today": today,
        "may_edit": may(roles_of(request), "calendar"),
        "tab": "calendars",
    }
    return render(request, "dispatch/calendars.html", context)


@allow(GET="limits", POST="calendar")
def calendar(request: HttpRequest, calendar_id: int) -> HttpResponse:
    """A year of one scheme; a change is shown with the open clocks that it moves before it is saved."""
    found = get_object_or_404(Calendar, pk=calendar_id)
    if request.method != "POST":
        return _calendar_page(request, found)
    kind = FORMS.get(request.POST.get("do", ""))
    if kind is None:
        return HttpResponseBadRequest()
    return _take(request, kind(request.POST, calendar=found), partial(_calendar_page, request, found))


@allow(GET="calendar", POST="calendar")
def new_calendar(request: HttpRequest) -> HttpResponse:
    """A new scheme from a day on, beginning with the hours of the one that is in force."""
    now = Calendar.objects.on(timezone.localdate()).first() or Calendar()
    found = Calendar(periods=now.periods, workdays=now.workdays)
    if request.method != "POST":
        return _new_page(request, SchemeForm(calendar=found))
    form = SchemeForm(request.POST, calendar=found)
    return _take(request, form, partial(_new_page, request))


def _take(request: HttpRequest, form: ChangeForm, show: Callable[..., HttpResponse]) -> HttpResponse:
    """Refuse, preview or make a change; one that was seen at an older version is refused with 409."""
    if not form.is_valid():
        return show(form, status=422)
    try:
        if "confirm" not in request.POST:
            found = preview(form.calendar, form.change(), version=form.cleaned_data["version"])
            cases = Case.objects.visible_to(current_user(request)).filter(number__in=[m.number for m in found[:MOVED]])
            asked = Asked(form, found, frozenset(cases.values_list("number", flat=True)))
            return show(form, asked=asked, tried=tried_on_cases(request, form) if "trial" in request.POST else None)
        moved = edit(
            form.calendar,
            form.change(),
            what=form.what(),
            why=form.cleaned_data["why"],
            by=current_user(request),
            at=timezone.now(),
            version=form.cleaned_data["version"],
        )
    except StaleCalendarError:
        return show(_again(request, form), status=409)
    except CalendarEmpty:
        form.add_error(None, _("这样改后没有足够的工作时间，未结的计时无法到期。"))
        return show(form, status=422)
    messages.success(request, _("已保存，%(count)s 个未结计时随之变动。") % {"count": len(moved)})
    query = f"?year={form.shown_year}" if form.shown_year else ""
    # a browser would keep the #change of the form
    return redirect(reverse("dispatch:calendar", args=[form.calendar.pk]) + query + "#top")


def _again(request: HttpRequest, form: ChangeForm) -> ChangeForm:
    """What was typed, upon the scheme as somebody else has just left it."""
    form.calendar.refresh_from_db()
    typed = request.POST.copy()
    typed["version"] = str(form.calendar.version)
    again = type(form)(typed, calendar=form.calendar)
    again.add_error(None, _("方案刚被别人修改过，这次没有保存；请看过现在的内容再改。"))
    return again


def _new_page(
    request: HttpRequest,
    form: ChangeForm | None = None,
    *,
    status: int = 200,
    asked: Asked | None = None,
    tried: dict[str, Any] | None = None,
) -> HttpResponse:
    shown = {"form": form, "asked": asked, "tab": "calendars", "periods": period_choices(form), **(tried or {})}
    return render(request, "dispatch/calendar_new.html", shown, status=status)


def _calendar_page(
    request: HttpRequest,
    found: Calendar,
    bound: ChangeForm | None = None,
    *,
    status: int = 200,
    asked: Asked | None = None,
    tried: dict[str, Any] | None = None,
) -> HttpResponse:
    year = _year(request, bound)
    kinds = [kind for kind in FORMS.values() if _offered(kind, found) or (bound and bound.do == kind.do)]
    forms = [bound if bound and bound.do == kind.do else kind(calendar=found) for kind in kinds]
    shown = {
        "calendar": found,
        "year": year,
        "months": [(date(year, month, 1), _weeks(found, year, month)) for month in range(1, 13)],
        "weekdays": _("一 二 三 四 五 六 日").split(),
        "guessed": found.days.filter(day__year=year, provisional=True).exists(),
        "forms": forms,
        "opened": bound.do if bound else "",
        "asked": asked,
        "may_edit": may(roles_of(request), "calendar"),
        "edits": found.edits.select_related("by")[:20],
        "tab": "calendars",
        "periods": period_choices(bound),
        **(tried or {}),
    }
    return render(request, "dispatch/calendar.html", shown, status=status)


def _offered(kind: type[ChangeForm], found: Calendar) -> bool:
    """Only a scheme that has not begun can be taken back."""
    return found.active and (kind is not WithdrawForm or found.valid_from > timezone.localdate())


def _year(request: HttpRequest, bound: ChangeForm | None) -> int:
    if bound is not None and bound.is_valid() and bound.shown_year:
        return bound.shown_year
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdecimal() and YEARS[0] <= int(asked) <= YEARS[1] else timezone.localdate().year


def _weeks(found: Calendar, year: int, month: int) -> list[list[Day | None]]:
    work, special = found.as_work_calendar(), {day.day: day for day in _days(found, year)}
    return [
        [_day(found, each, work, special) if each.month == month else None for each in week]
        for week in months.Calendar().monthdatescalendar(year, month)
    ]


def _days(found: Calendar, year: int) -> list[CalendarDay]:
    kept: dict[int, list[CalendarDay]] = found.__dict__.setdefault("_year", {})
    if year not in kept:
        kept[year] = list(found.days.filter(day__year=year))
    return kept[year]


def _day(found: Calendar, each: date, work: WorkCalendar, special: dict[date, CalendarDay]) -> Day:
    row, outside = special.get(each), not found.holds_on(each)
    if row is None:
        return Day(each, "" if work.works(each) else "rest", "", provisional=False, outside=outside)
    mark = "holiday" if not row.works else "half" if row.periods else "worked"
    return Day(each, mark, row.name, row.provisional, outside)


@allow(GET="limits")
def limits(request: HttpRequest) -> HttpResponse:
    """Every limit in force and where it comes from: by condition, by request type, by stage."""
    words = request.GET.get("q", "").strip()[:40]
    rows = Condition.objects.select_related("category__major", "category__dictionary").prefetch_related("area_limits")
    rows = rows.order_by("category__kind", "category__code", "number")
    if words:
        rows = rows.filter(Q(text__icontains=words) | Q(category__name__icontains=words) | Q(category__code=words))
    place = profile()
    types = [(RequestType(key).label, rule) for key, rule in place.types.items()]
    stages = [(str(label), _told(getattr(place.clocks.stages, name))) for name, label in STAGES.items()]
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "q": words,
        "types": [
            (label, _told(rule.urgent) if rule.urgent else "—", _told(rule.simple), _told(rule.complex))
            for label, rule in types
        ],
        "stages": stages,
        "rules": _rules(place.clocks),
        "place": place,
        "tab": "limits",
        "in_room": "dispatch:calendars",
    }
    return render(request, "dispatch/limits.html", context)


def _rules(clocks: Clocks) -> list[tuple[str, str]]:
    """How time is counted here, in words."""
    again = {"resume": _("接着计"), "restart": _("重新计")}
    return [
        (
            _("工作日的算法"),
            _("次日起算，到末日下班为止") if clocks.work_day == "next_day" else _("按工作时数折算"),
        ),
        (_("核查期间"), _("暂停计时") if clocks.pause_while_checking else _("继续计时")),
        (_("退单后派原单位"), again[clocks.same_unit]),
        (_("退单后派其他单位"), again[clocks.other_unit]),
        (_("预警"), _("用去 %(share)s%% 时") % {"share": round(clocks.warn_share * 100)}),
        (_("上级交办"), _("处置早于上级时限 %(limit)s") % {"limit": _told(clocks.before_upper)}),
        (_("超期自动督办"), _("是") if clocks.supervise_overdue else _("否")),
    ]


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
    "arrive": gettext_lazy("到场（紧急）"),
}


def _told(limit: Any) -> str:  # noqa: ANN401 - a Limit of the profile
    return Unit(reading(limit.unit)).told(limit.amount)
