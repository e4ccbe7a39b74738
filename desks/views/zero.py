"""清零: every unit's open orders, to zero (P4.4, P4.19)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from desks.zeroboard import ONCE_DAYS, zero_rows
from people.access import allow, current_user


@allow(GET="zero")
def zero(request: HttpRequest) -> HttpResponse:
    """The board: what is left, the oldest, the overdue, and how much was closed at once lately."""
    now = timezone.now()
    rows = zero_rows(current_user(request), now)
    context = {"rows": rows, "left": sum(row.own for row in rows), "days": ONCE_DAYS.days}
    context["clear"] = sum(1 for row in rows if not row.total)
    return render(request, "desks/zero.html", context)
