"""The shift lead's desk: what waits for a decision."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.desklists import lead_tabs
from desks.views.desk import show_desk
from people.access import allow, current_user


@allow(GET="lead")
def lead(request: HttpRequest) -> HttpResponse:
    """To file, to review, to close, without a place, dissatisfied at the callback, hard, and due for a look back."""
    return show_desk(request, _("值班长"), lead_tabs(current_user(request), timezone.now()), rules="lead")
