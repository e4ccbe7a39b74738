"""值勤: the inspector's own shift: clocking in and out, breaks, track. The phone sends its forms as operations."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dispatch.models import FieldTask
from dispatch.profile import profile
from inspectors import duty as shifts
from inspectors.models import MessageCopy, Shift
from inspectors.tracks import consent_of
from inspectors.wording import FAR_REASONS
from people.access import allow, current_user


@allow(GET="field")
def duty(request: HttpRequest) -> HttpResponse:
    """Where the own shift stands, and what can be done next."""
    at, user, rules = timezone.now(), current_user(request), profile()
    attendance = shifts.open_attendance(user, at)
    shift = attendance.shift if attendance else shifts.shift_to_begin(user, at)
    rested = shifts.breaks_of(shift) if shift else []
    resting = next((each for each in rested if each.starts_at <= at < each.over_at), None)
    attended = list(shift.attendances.all()) if shift else []
    upcoming = Shift.objects.filter(inspector=user, starts_at__gt=at).order_by("starts_at")
    context = {
        "at": at,
        "shift": shift,
        "attendance": attendance,
        "attended": attended,
        # which forms are to be seen; the phone goes on from here with what waits in its outbox
        "stage": "resting" if resting else "here" if attendance else "left" if attended else "before",
        "rested": rested,
        "resting": resting,
        "rest_left": _minutes(shifts.left_to_rest(rested)),
        "breaks_left": max(rules.on_duty.breaks - len(rested), 0),
        "upcoming": upcoming.exclude(pk=shift.pk if shift else 0).select_related("zone").first(),
        "open_tasks": FieldTask.objects.open().visible_to(user).count(),
        "unread": MessageCopy.objects.visible_to(user).unread().count(),
        "consent": consent_of(user),
        "consented_before": user.track_consents.exists(),
        "rules": rules,
        "reasons": FAR_REASONS[1:],
    }
    return render(request, "inspectors/duty.html", context)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)
