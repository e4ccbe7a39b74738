"""Whether the log can be trusted, and who has looked at personal data: two pages for those who answer for it."""

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date

from dispatch.duties import relaxed
from dispatch.findings import sentence
from dispatch.models import Anonymisation, Report, Seal, Verification
from dispatch.profile import profile
from dispatch.retention import due, ended_before
from people.access import allow
from people.models import Look, User

PAGE = 50
SEALS = 30
MUCH = 30  # looks of one person on one day that are worth a question
WATCHED = timedelta(days=30)


@allow(GET="trust")
def trust(request: HttpRequest) -> HttpResponse:
    """The last verification with its findings, the newest seals, what was anonymised, and who looks much."""
    at = timezone.now()
    check = Verification.objects.filter(number="").exclude(done_at=None).first()
    gone = Anonymisation.objects.aggregate(cases=Sum("cases"), persons=Sum("persons"), photos=Sum("photos"))
    context = {
        "check": check,
        "findings": [sentence(finding) for finding in check.findings] if check else [],
        "running": Verification.objects.filter(number="", done_at=None).first(),
        "seals": Seal.objects.all()[:SEALS],
        "gone": gone,
        "last_gone": Anonymisation.objects.first(),
        "due": due(at).count(),
        "before": ended_before(at),
        "years": profile().retention.years,
        "relaxed": relaxed(profile().duties),
        "much": _much(at.date() - WATCHED),
    }
    return render(request, "dispatch/trust.html", context)


def _much(since: date) -> list[Any]:
    """People with many looks on one day, the most first."""
    rows = Look.objects.filter(looked_at__date__gte=since).values("user__full_name", "looked_at__date")
    found = rows.annotate(count=Count("pk")).filter(count__gte=MUCH).order_by("-count", "looked_at__date")
    return list(found[:10])


@allow(GET="looks")
def looks(request: HttpRequest) -> HttpResponse:
    """Each look at a resident's name and number: who, when, of which case, why; the newest first."""
    day, person = parse_date_or_none(request.GET.get("day", "")), request.GET.get("person", "")
    found = Look.objects.select_related("user")
    if day is not None:
        found = found.filter(looked_at__date=day)
    if person.isdecimal():
        found = found.filter(user=int(person))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    cases = _cases_of(list(page))
    context = {
        "page": page,
        "rows": [(look, cases.get(look.subject, "")) for look in page],
        "day": day,
        "person": person,
        "people": User.objects.filter(looks__isnull=False).distinct().order_by("full_name"),
    }
    return render(request, "dispatch/looks.html", context)


def parse_date_or_none(text: str) -> date | None:
    """A day as a browser sends it; nothing for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _cases_of(found: list[Look]) -> dict[str, str]:
    """The case numbers of the reports that were looked at."""
    keys = [look.subject.removeprefix("report:") for look in found if look.subject.startswith("report:")]
    rows = Report.objects.filter(pk__in=[key for key in keys if key.isdecimal()]).values_list("pk", "case__number")
    return {f"report:{pk}": number or "" for pk, number in rows}
