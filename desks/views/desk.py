"""What the desks with a list have in common."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from desks.desklists import Tab, read_desk
from dispatch.rosters import on_duty, turn_now


def show_desk(
    request: HttpRequest, title: str, tabs: list[Tab], rules: str = "", page: str = "desks/desk.html"
) -> HttpResponse:
    """The page, or its list alone for htmx; the address holds tab and page. `rules`: the place of its work rules."""
    at = timezone.now()
    desk = read_desk(tabs, request.GET.get("tab", ""), request.GET.get("page", "1"), at)
    template = "desks/_desk.html" if getattr(request, "htmx", False) else page
    duty = {} if template == "desks/_desk.html" else {"on_duty": on_duty(at), "turn": turn_now(at)}
    return render(request, template, {"desk": desk, "title": title, "rules": rules, **duty})
