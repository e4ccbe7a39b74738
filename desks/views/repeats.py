"""Points of repeated complaints."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from desks.repeatpoints import THRESHOLDS, read_points
from people.access import allow, current_user

DAYS = (30, 90)


@allow(GET="repeats")
def repeats(request: HttpRequest) -> HttpResponse:
    """Cells with many reports of one class; days back and the least number stand in the address."""
    days = next((n for n in DAYS if request.GET.get("days") == str(n)), DAYS[0])
    least = next((n for n in THRESHOLDS if request.GET.get("least") == str(n)), THRESHOLDS[0])
    found = read_points(current_user(request), timezone.now(), days=days, least=least)
    context = {"rows": found, "days": days, "least": least, "every_days": DAYS, "thresholds": THRESHOLDS}
    return render(request, "desks/repeats.html", context)
