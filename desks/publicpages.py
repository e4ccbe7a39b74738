"""What every page for residents has in common: no proxy keeps it, and its bar names the rooms that this place has."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dispatch.models import Channel
from dispatch.profile import profile


def website() -> Channel | None:
    """The channel that reports come in by without a login, where this place has one."""
    return Channel.objects.in_use(timezone.localdate()).filter(kind=Channel.Kind.WEBSITE).first()


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200, *, personal: bool = False
) -> HttpResponse:
    """A page for residents; one that is `personal` is for no search engine."""
    rooms = {"website": website(), "public_map": profile().public_map.on}
    response = render(request, template, rooms | context, status=status)
    response["Cache-Control"] = "no-store"
    if personal:
        response["X-Robots-Tag"] = "noindex, nofollow"
    return response
