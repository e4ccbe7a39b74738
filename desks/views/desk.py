"""What the desks with a list have in common."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from desks.desklists import Tab, read_desk


def show_desk(request: HttpRequest, title: str, tabs: list[Tab]) -> HttpResponse:
    """The page, or its list alone for htmx; the address holds tab and page."""
    desk = read_desk(tabs, request.GET.get("tab", ""), request.GET.get("page", "1"), timezone.now())
    template = "desks/_desk.html" if getattr(request, "htmx", False) else "desks/desk.html"
    return render(request, template, {"desk": desk, "title": title})
