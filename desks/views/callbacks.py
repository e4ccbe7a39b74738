"""The queue of callbacks."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from desks.desklists import callback_tabs
from desks.views.desk import show_desk
from people.access import allow, current_user


@allow(GET="callbacks")
def callbacks(request: HttpRequest) -> HttpResponse:
    """Closed cases whose reporter wants to be called and has not been reached."""
    return show_desk(request, _("回访"), callback_tabs(current_user(request)))
