"""排班: the week with its gaps, who is on duty now, and extra seats in a surge (P3.3, P3.7, P3.22)."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.rosterforms import DutyForm, SurgeForm, WeekForm
from dispatch.models import Duty, Seat, Surge
from dispatch.profile import profile
from dispatch.rosters import on_duty, turn_now
from dispatch.shifts import Place, Turn, gaps, week_of
from people.access import allow, current_user, roles_of
from people.permissions import may

SEATS = dict(Seat.choices)


@allow(GET="roster.see")
def roster(request: HttpRequest) -> HttpResponse:
    """One week."""
    return _page(request, WeekForm.read(request.GET.get("week", ""), timezone.localdate()))


def _page(request: HttpRequest, day: date, **forms: Any) -> HttpResponse:  # noqa: ANN401 - forms that were refused
    days, at = week_of(day), timezone.now()
    first = {"day": day}
    context = {
        "rows": _rows(days),
        "shifts": profile().roster.starts,
        "on_duty": on_duty(at),
        "turn": turn_now(at),
        "first": days[0],
        "last": days[-1],
        "earlier": days[0] - timedelta(days=7),
        "later": days[0] + timedelta(days=7),
        "surges": Surge.objects.filter(day__in=days).select_related("by"),
        "may_edit": may(roles_of(request), "roster"),
        "duty_form": forms.get("duty_form") or DutyForm(initial=first, auto_id="duty_%s"),
        "surge_form": forms.get("surge_form") or SurgeForm(initial=first, auto_id="surge_%s"),
    }
    return render(request, "desks/roster.html", context, status=422 if forms else 200)


def _rows(days: list[date]) -> list[tuple[date, list[dict[str, Any]]]]:
    """Each day with each shift's people and gaps; two queries a week."""
    rules = profile().roster
    there: dict[Turn, list[Duty]] = defaultdict(list)
    for duty in Duty.objects.filter(day__in=days).select_related("user").order_by("seat", "user__full_name"):
        there[Turn(duty.day, duty.shift)].append(duty)
    extra = {Place(Turn(s.day, s.shift), s.seat): s.extra for s in Surge.objects.filter(day__in=days)}
    taken = [Place(turn, duty.seat) for turn, duties in there.items() for duty in duties]
    missing: dict[Turn, list[str]] = defaultdict(list)
    for gap in gaps(days, rules.starts, rules.seats, taken, extra):
        told = {"seat": SEATS[gap.place.seat], "n": gap.missing}
        missing[gap.place.turn].append(_("缺%(seat)s %(n)s 人") % told)
    return [
        (day, [{"name": n, "duties": there[Turn(day, n)], "gaps": missing[Turn(day, n)]} for n in rules.starts])
        for day in days
    ]


def _back(day: date) -> HttpResponse:
    return redirect(f"{reverse('desks:roster')}?week={day:%Y-%m-%d}")


@allow(POST="roster")
def add_duty(request: HttpRequest) -> HttpResponse:
    """Put somebody on the roster."""
    form = DutyForm(request.POST, auto_id="duty_%s")
    if not form.is_valid():
        return _page(request, form.cleaned_data.get("day") or timezone.localdate(), duty_form=form)
    return _back(form.save().day)


@allow(POST="roster")
def add_surge(request: HttpRequest) -> HttpResponse:
    """Plan extra seats in a shift, or another number of them."""
    form = SurgeForm(request.POST, auto_id="surge_%s")
    if not form.is_valid():
        return _page(request, form.cleaned_data.get("day") or timezone.localdate(), surge_form=form)
    return _back(form.save(current_user(request)).day)


@allow(POST="roster")
def drop_duty(request: HttpRequest) -> HttpResponse:
    """Take somebody off the roster; a day that is over stays as it was."""
    key = request.POST.get("duty", "")
    duty = Duty.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None
    if duty is None:
        messages.error(request, _("这一条排班已不在。"))
        return _back(timezone.localdate())
    if duty.day < timezone.localdate():
        messages.error(request, _("过去的排班不能改。"))
    else:
        duty.delete()
    return _back(duty.day)


@allow(POST="roster")
def copy_week(request: HttpRequest) -> HttpResponse:
    """The week before, once more: who is on the roster already stays."""
    days = week_of(WeekForm.read(request.POST.get("week", ""), timezone.localdate()))
    week = timedelta(days=7)
    old = Duty.objects.filter(day__in=[day - week for day in days], user__is_active=True)
    Duty.objects.bulk_create(
        [Duty(user_id=d.user_id, day=d.day + week, shift=d.shift, seat=d.seat) for d in old], ignore_conflicts=True
    )
    return _back(days[0])
