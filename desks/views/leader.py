"""领导首页: where a leader begins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from desks.leaderpage import read_leader
from desks.views.review import bounds_of, month_of
from people.access import allow, current_user, scope_of


@allow(GET="leader")
def leader(request: HttpRequest) -> HttpResponse:
    """What waits for a signature or an answer, how the line stands, where it is hard, how far the review is."""
    user, at = current_user(request), timezone.now()
    month = month_of("")
    context = {
        "page": read_leader(user, at, bounds_of(month)),
        "month": month,
        "agencies": scope_of(user).agencies,
    }
    return render(request, "desks/leader.html", context)
