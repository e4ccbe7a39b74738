"""The shift lead's desk: what waits for a decision."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.besidelists import lead_beside_tabs
from desks.desklists import lead_tabs
from desks.talklists import talk_tabs
from desks.views.desk import show_desk
from people.access import allow, current_user


@allow(GET="lead")
def lead(request: HttpRequest) -> HttpResponse:
    """To file, to review, to close, without a place, dissatisfied, hard, to look back on; petitions, pushes, talk."""
    user, at = current_user(request), timezone.now()
    tabs = [*lead_tabs(user, at), *lead_beside_tabs(user, at), talk_tabs(user)[0]]
    return show_desk(request, _("值班长"), tabs, rules="lead")
