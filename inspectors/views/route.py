"""My tasks in the order of going."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from inspectors.routes import route_of
from people.access import allow, current_user


@allow(GET="field")
def route(request: HttpRequest) -> HttpResponse:
    """The list with times, and the way along the streets."""
    at = timezone.now()
    found = route_of(current_user(request), at)
    drawn = {"line": found.line, "places": found.places}
    return render(request, "inspectors/route.html", {"route": found, "drawn": drawn, "centre": settings.CITY.centre})
