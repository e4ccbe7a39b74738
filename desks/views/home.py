"""Where somebody lands after logging in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from people.access import allow, roles_of
from people.permissions import rooms_for


@allow(GET="home")
def home(request: HttpRequest) -> HttpResponse:
    """To the first room that the user's roles may open."""
    for room in rooms_for(roles_of(request)):
        try:
            return redirect(reverse(room.url))
        except NoReverseMatch:
            continue
    return render(request, "desks/home.html")
