"""Petitions, and pushes from above: two desks beside the main road."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.besidelists import petition_tabs, push_tabs
from desks.signlists import signing_tabs
from desks.views.desk import show_desk
from desks.whistlelists import whistle_tabs
from people.access import allow, current_user


@allow(GET="petitions")
def petitions(request: HttpRequest) -> HttpResponse:
    """What was asked for and waits for a decision."""
    user = current_user(request)
    tabs = [*petition_tabs(user, timezone.now()), *signing_tabs(user)]
    return show_desk(request, _("申请审批"), tabs)


@allow(GET="signing")
def signing(request: HttpRequest) -> HttpResponse:
    """What waits for a signature of a chain; a place without chains sees its petitions."""
    user = current_user(request)
    return show_desk(request, _("签批"), signing_tabs(user) or petition_tabs(user, timezone.now()))


@allow(GET="pushes")
def pushes(request: HttpRequest) -> HttpResponse:
    """Supervision, leaders' instructions, hard and suspended cases."""
    return show_desk(request, _("督办与疑难"), push_tabs(current_user(request), timezone.now()))


@allow(GET="whistles")
def whistles(request: HttpRequest) -> HttpResponse:
    """吹哨报到: who has to come, what is still being repaired, what is late (P4.7)."""
    return show_desk(request, _("吹哨报到"), whistle_tabs(current_user(request), timezone.now()))
