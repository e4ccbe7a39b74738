"""What every page for residents has in common: no proxy keeps it, and its bar knows whether there is a map."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispatch.profile import profile


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200, *, personal: bool = False
) -> HttpResponse:
    """A page for residents; one that is `personal` is for no search engine."""
    response = render(request, template, {"public_map": profile().public_map.on, **context}, status=status)
    response["Cache-Control"] = "no-store"
    if personal:
        response["X-Robots-Tag"] = "noindex, nofollow"
    return response
