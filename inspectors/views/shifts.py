"""监督员排班: who answers for which zone on a day, the holes of the coming days, and substitutes."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from inspectors.models import DutyZone, Shift
from inspectors.rosterchecks import Double, Hole
from inspectors.rosters import TakeoverError, check, take_over, zone_names
from inspectors.shiftforms import DayForm, TakeoverForm
from people.access import allow, current_user, roles_of
from people.models import User
from people.permissions import may

LOOK_AHEAD: Final = timedelta(days=14)
LISTED: Final = 12


@allow(GET="roster.see")
def shifts(request: HttpRequest) -> HttpResponse:
    """One day, zone by zone."""
    at = timezone.now()
    form = DayForm(request.GET)
    day = (form.cleaned_data["day"] if form.is_valid() else None) or timezone.localdate(at)
    found = check(at, at + LOOK_AHEAD)
    names = zone_names()
    page = {
        "day": day,
        "earlier": day - timedelta(days=1),
        "later": day + timedelta(days=1),
        "zones": _zones(day, at),
        "holes": [_hole(hole, names) for hole in found.holes[:LISTED]],
        "more_holes": max(len(found.holes) - LISTED, 0),
        "orphans": found.orphans[:LISTED],
        "orphan_count": len(found.orphans),
        "doubles": _doubles(found.doubles[:LISTED], names),
        "ahead": LOOK_AHEAD.days,
        "may_edit": may(roles_of(request), "roster"),
        "at": at,
    }
    return render(request, "inspectors/shifts.html", page)


def _zones(day: date, at: datetime) -> list[dict[str, Any]]:
    """Each zone with the shifts of a day, in two queries."""
    start = datetime.combine(day, time(), settings.CITY.zone)
    rows = Shift.objects.filter(starts_at__lt=start + timedelta(days=1), ends_at__gt=start)
    by_zone: dict[int, list[dict[str, Any]]] = {pk: [] for pk in DutyZone.objects.values_list("pk", flat=True)}
    for shift in rows.select_related("inspector", "zone").prefetch_related("takeovers__before").order_by("starts_at"):
        takeover = shift.takeovers.all()[0] if shift.takeovers.all() else None
        running = shift.starts_at <= at < shift.ends_at
        by_zone[shift.zone_id].append(
            {
                "shift": shift,
                "takeover": takeover,
                "running": running,
                "over": shift.ends_at <= at,
                "earlier": shift.starts_at < start,
            }
        )
    names = zone_names()
    return [{"name": names[pk], "shifts": by_zone[pk]} for pk in sorted(by_zone, key=lambda pk: names[pk])]


def _hole(hole: Hole, names: dict[int, str]) -> dict[str, Any]:
    zones: Any = hole.zone
    return {"zone": "、".join(names[pk] for pk in zones), "starts_at": hole.starts_at, "ends_at": hole.ends_at}


def _doubles(doubles: list[Double], names: dict[int, str]) -> list[dict[str, Any]]:
    people = User.objects.in_bulk([one.inspector for one in doubles])
    found: list[dict[str, Any]] = []
    for one in doubles:
        who: Any = one.inspector
        zones: Any = one.zones
        both = "、".join(names[pk] for pk in zones)
        found.append({"who": people[who], "zones": both, "starts_at": one.starts_at, "ends_at": one.ends_at})
    return found


@allow(GET="roster", POST="roster")
def takeover(request: HttpRequest, shift_id: int) -> HttpResponse:
    """A substitute for a shift; what was typed stays when it is refused."""
    at = timezone.now()
    shift = get_object_or_404(Shift.objects.select_related("inspector", "zone"), pk=shift_id)
    first = {"from_at": timezone.localtime(max(at, shift.starts_at)), "operation": uuid4(), "had": shift.inspector_id}
    form = TakeoverForm(request.POST or None, initial=first, shift=shift, at=at, label_suffix="")
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        shift.inspector_id = given["had"]
        try:
            done = take_over(
                shift,
                given["substitute"],
                from_at=given["from_at"],
                reason=given["reason"],
                by=current_user(request),
                at=at,
                operation=given["operation"],
            )
        except TakeoverError as error:
            form.add_error(None, str(error))
        else:
            from_at = timezone.localtime(done.from_at)
            messages.success(
                request,
                _("%(who)s从 %(time)s 起顶班。") % {"who": done.substitute, "time": f"{from_at:%m-%d %H:%M}"},
            )
            return redirect(f"{reverse('inspectors:shifts')}?day={from_at:%Y-%m-%d}")
    page = {"shift": shift, "form": form, "over": shift.ends_at <= at}
    return render(request, "inspectors/takeover.html", page, status=422 if form.errors else 200)
