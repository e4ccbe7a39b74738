"""An agency's inbox."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from desks.besidelists import asked_tab
from desks.desklists import agency_tabs
from desks.views.desk import show_desk
from people.access import allow, current_user, scope_of


@allow(GET="agency")
def agency(request: HttpRequest) -> HttpResponse:
    """Only the agency's own cases, by due time; what was handed on, what the centre wrote, what was asked for."""
    user = current_user(request)
    names = "、".join(found.name for found in scope_of(user).agencies)
    tabs = [*agency_tabs(user), asked_tab(user)]
    return show_desk(request, names or _("部门收件"), tabs, rules="agency", page="desks/agency.html")
