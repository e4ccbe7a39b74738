"""The queue of callbacks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.callbackdesk import callback_tabs, read_callbacks
from dispatch.models import Call
from people.access import allow, current_user


@allow(GET="callbacks")
def callbacks(request: HttpRequest) -> HttpResponse:
    """Callers of closed cases: to be called, called in vain, unreachable, dissatisfied, called."""
    now = timezone.now()
    tabs = callback_tabs(current_user(request), now)
    desk = read_callbacks(tabs, request.GET.get("tab", ""), request.GET.get("page", "1"), now)
    template = "desks/_callbacks.html" if getattr(request, "htmx", False) else "desks/callbacks.html"
    context = {"desk": desk, "title": _("回访"), "rules": "callbacks"}
    if template == "desks/callbacks.html":  # beside the list: those who never got through
        context["calls_waiting"] = Call.objects.to_return().count()
    return render(request, template, context)
