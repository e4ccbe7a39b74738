"""我的月度: an inspector's own figures of a month, nobody else's."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date

from dispatch.models import Step
from inspectors.campaigns import FOUND
from inspectors.models import PatrolDay, PossibleMiss, Visit
from people.access import allow, current_user
from people.models import User

# 监督员十分钟到场 (P5.4)
QUICKLY = timedelta(minutes=10)


@allow(GET="field")
def month(request: HttpRequest) -> HttpResponse:
    """One month of the city's calendar; another one by ?month=2026-11."""
    today = timezone.localdate()
    first = parse_date(f"{request.GET.get('month', '')[:7]}-01") or today.replace(day=1)
    first = min(first, today.replace(day=1))
    following = (first + timedelta(days=32)).replace(day=1)
    context = {
        "first": first,
        "earlier": (first - timedelta(days=1)).replace(day=1),
        "later": following if following <= today else None,
        "figures": figures(current_user(request), first, following),
    }
    return render(request, "inspectors/month.html", context)


def figures(user: User, first: date, following: date) -> dict[str, Any]:
    """Figures from the first day up to the one before `following`; a share of nothing is None. Four queries."""
    start, end = (datetime(day.year, day.month, day.day, tzinfo=settings.CITY.zone) for day in (first, following))
    visits = Visit.objects.filter(inspector=user, arrived_at__gte=start, arrived_at__lt=end)
    taken = ExpressionWrapper(F("arrived_at") - F("task__issued_at"), output_field=DurationField())
    done = visits.annotate(taken=taken).aggregate(
        tasks=Count("pk"),
        on_time=Count("pk", filter=Q(task__done_at__lte=F("task__due_at"))),
        quickly=Count("pk", filter=Q(taken__lte=QUICKLY)),
    )
    tasks = done["tasks"]
    found = Step.objects.filter(actor=user, action__in=FOUND, occurred_at__gte=start, occurred_at__lt=end)
    misses = PossibleMiss.objects.confirmed().reported_between(start, end).filter(inspector=user)
    return done | {
        "on_time_share": 100 * done["on_time"] / tasks if tasks else None,
        "quickly_share": 100 * done["quickly"] / tasks if tasks else None,
        "findings": found.values("case").distinct().count(),
        "kilometres": PatrolDay.metres_between(user, first, following - timedelta(days=1)) / 1000,
        "misses": misses.count(),
    }
