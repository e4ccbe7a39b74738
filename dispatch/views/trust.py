"""Whether the log can be trusted, and who has looked at personal data: two pages for those who answer for it."""

from datetime import date, datetime, time, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from dispatch.duties import relaxed
from dispatch.findings import sentence
from dispatch.models import Anonymisation, Case, Report, Seal, Verification
from dispatch.profile import profile
from dispatch.retention import due, ended_before
from gridmap.views.paging import KeyPaginator
from people.access import allow, current_user
from people.looks import Day, Much, unusual
from people.models import Look, User

PAGE = 50
SEALS = 30
SHOWN = 10
WATCHED = timedelta(days=30)


@allow(GET="trust")
def trust(request: HttpRequest) -> HttpResponse:
    """The last verification with its findings, the newest seals, what was anonymised, and who looks much."""
    at = timezone.now()
    check = Verification.objects.filter(number="").exclude(done_at=None).first()
    gone = Anonymisation.objects.aggregate(cases=Sum("cases"), persons=Sum("persons"), photos=Sum("photos"))
    context = {
        "check": check,
        "findings": _told(check, current_user(request)) if check else [],
        "unlisted": check.found - len(check.findings) if check else 0,
        "running": Verification.objects.filter(number="", done_at=None).first(),
        "seals": Seal.objects.all()[:SEALS],
        "gone": gone,
        "last_gone": Anonymisation.objects.first(),
        "due": due(at).count(),
        "before": ended_before(at),
        "years": profile().retention.years,
        "relaxed": relaxed(profile().duties),
        "much": _much(at),
    }
    return render(request, "dispatch/trust.html", context)


def _told(check: Verification, user: User) -> list[tuple[str, str]]:
    """Each finding as a sentence, with the number of its case where that is still there and may be opened."""
    numbers = {str(finding["number"]) for finding in check.findings}
    there = set(Case.objects.visible_to(user).filter(number__in=numbers).values_list("number", flat=True))
    return [(sentence(f), f["number"] if f["number"] in there else "") for f in check.findings]


def _much(at: datetime) -> list[tuple[User, Much]]:
    """Days of the last month on which somebody looked unusually often, the most first."""
    today = timezone.localdate(at)
    rows = Look.objects.filter(looked_at__gte=_midnight(today - WATCHED)).order_by()
    counted = rows.annotate(day=TruncDate("looked_at")).values_list("user", "day").annotate(count=Count("pk"))
    found = unusual(Day(*row) for row in counted)[:SHOWN]
    users = User.objects.in_bulk({much.day.user_id for much in found})
    return [(users[much.day.user_id], much) for much in found]


def _midnight(day: date) -> datetime:
    """When a day of the city begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


@allow(GET="looks")
def looks(request: HttpRequest) -> HttpResponse:
    """Each look at a resident's name and number: who, when, of which case, why; the newest first."""
    day, person = parse_date_or_none(request.GET.get("day", "")), request.GET.get("person", "")
    found = Look.objects.select_related("user").order_by("-looked_at", "-pk")
    if day is not None:
        found = found.filter(looked_at__gte=_midnight(day), looked_at__lt=_midnight(day + timedelta(days=1)))
    if person.isdecimal() and len(person) < 10:
        found = found.filter(user=int(person))
    page = KeyPaginator(found, PAGE).get_page(request.GET.get("page"))
    cases = _cases_of(list(page))
    context = {
        "page": page,
        "rows": [(look, cases.get(look.subject, ""), _subject(look)) for look in page],
        "day": day,
        "person": person,
        "much": _much(timezone.now()),
        "in_room": "dispatch:trust",
        "people": User.objects.filter(looks__isnull=False).distinct().order_by("full_name"),
    }
    return render(request, "dispatch/looks.html", context)


def parse_date_or_none(text: str) -> date | None:
    """A day as a browser sends it; nothing for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


def _subject(look: Look) -> str:
    """What was looked at where it was no report: a household, the list of those in care, a caller, a recording."""
    kind, _colon, key = look.subject.partition(":")
    if kind == "household":
        return _("住户 %(key)s") % {"key": key}
    if kind == "caller":
        return _("来电人 #%(key)s") % {"key": key}
    if kind == "recording":
        return _("录音 #%(key)s") % {"key": key}
    return _("特殊群体名单") if look.subject == "households:care" else look.subject


def _cases_of(found: list[Look]) -> dict[str, str]:
    """The case numbers of the reports that were looked at."""
    keys = [look.subject.removeprefix("report:") for look in found if look.subject.startswith("report:")]
    rows = Report.objects.filter(pk__in=[key for key in keys if key.isdecimal()]).values_list("pk", "case__number")
    return {f"report:{pk}": number or "" for pk, number in rows}
