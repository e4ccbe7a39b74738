"""入户走访 on the phone: who is due in my communities, and the form for a visit (P4.11, P4.12, P4.21).

People in daily attention are not marked here: that is for the unit that looks after them and for leaders (P4.13).
"""

from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from dispatch.households import period_end
from dispatch.models import Household, HouseholdQuerySet
from dispatch.profile import profile
from inspectors.dutyforms import WhyForm
from inspectors.models import Shift
from inspectors.zones import communities_of
from people.access import allow, current_user
from people.models import Look

PAGE = 30
VISITS = 5


@allow(GET="field")
def field_households(request: HttpRequest) -> HttpResponse:
    """Households to visit this half-year, or to refresh this quarter; those of my zone first."""
    user, at = current_user(request), timezone.now()
    today, rules = timezone.localdate(at), profile().households
    tab = "refresh" if request.GET.get("tab") == "refresh" else "visit"
    mine: HouseholdQuerySet = Household.objects.visible_to(user)
    due = {"visit": mine.due_for_visit(today), "refresh": mine.due_for_refresh(today)}
    zones = Shift.objects.planned(at).filter(inspector=user).values("zone")
    near = Case(When(community__in=communities_of(zones), then=Value(0)), default=Value(1))
    rows = due[tab].select_related("community").order_by(near, *due[tab].query.order_by)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "counts": {name: each.count() for name, each in due.items()},
        "tab": tab,
        "until": period_end(today, rules.refresh if tab == "refresh" else rules.visit),
    }
    return render(request, "inspectors/field_households.html", context)


@allow(GET="field", POST="field")
def field_household(request: HttpRequest, household_id: int) -> HttpResponse:
    """One household, masked; a POST with a reason shows name and number once, and is recorded."""
    user, at = current_user(request), timezone.now()
    rows = Household.objects.visible_to(user).living().select_related("community", "agency")
    found = get_object_or_404(rows, pk=household_id)
    form = WhyForm(request.POST or None) if request.method == "POST" else WhyForm()
    shown = form.is_bound and form.is_valid()
    if shown:
        reason = form.cleaned_data["reason"].strip()
        Look.objects.create(user=user, subject=f"household:{found.pk}", reason=reason, looked_at=at)
    context = {
        "household": found,
        "shown": shown,
        "why": form,
        "visits": found.visits.select_related("by")[:VISITS],
        "today": timezone.localdate(at),
    }
    status = 422 if request.method == "POST" and not shown else 200
    return render(request, "inspectors/field_household.html", context, status=status)
