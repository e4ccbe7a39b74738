"""网上诉求: a citizen or an enterprise writes without a login; urgent help is asked for with its reason (P3.9)."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.progressfile import find_report
from desks.proposals import spots_of
from desks.publicforms import PublicForm
from desks.publicpages import show, website
from dispatch.evidence import attach
from dispatch.intake import candidates_of, register
from dispatch.models import Case, Channel
from dispatch.profile import profile
from dispatch.profilewords import told_of
from dispatch.unattended import placed
from gridmap.gazetteer import DatabaseGazetteer
from gridmap.geocode import locate
from people.access import public
from people.knocks import Door, address_of, knock

SEARCHES: Final = Door("places", 40, timedelta(minutes=10))
LONGEST_SEARCH = 100
FORM = "desks/ask_online.html"


@public
def ask_online(request: HttpRequest) -> HttpResponse:
    """The form of this place's website channel; 404 where it has none."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    channel = website()
    if channel is None:
        raise Http404
    if request.method != "POST":
        return show(request, FORM, {"form": PublicForm()})
    form = PublicForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, FORM, {"form": form}, 422)
    return _receipt(request, _register(form, channel))


@public
def sent(request: HttpRequest, key: str) -> HttpResponse:
    """What was told after sending, under an address of its own: number, link to the progress, what happens next."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    report = find_report(key)
    if report is None or report.case is None:
        raise Http404
    return _receipt(request, report.case, report.query_key)


@public
def public_places(request: HttpRequest) -> HttpResponse:
    """Where words may mean, for the pin of the form: JSON with WGS84; counted by the visitor's address."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    now = timezone.now()
    if not knock([(SEARCHES, address_of(request))], now):
        return JsonResponse({"trouble": _("查找得太频繁，请稍后再试，或直接在地图上点出位置。")}, status=429)
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = candidates_of(locate(words, DatabaseGazetteer(timezone.localdate(now)))) if words else []
    places = [
        {
            "name": spot.candidate.matched,
            "area": spot.candidate.area,
            "level": spot.level,
            "lon": round(spot.lon, 6),
            "lat": round(spot.lat, 6),
            "uncertaintyM": round(max(1.0, spot.candidate.uncertainty_m)),
        }
        for spot in spots_of(found)
    ]
    response = JsonResponse({"places": places}, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


@transaction.atomic
def _register(form: PublicForm, channel: Channel) -> Case:
    """The report with its photos; the same press twice makes one."""
    at = timezone.now()
    case = register(placed(form.intake(channel), at), by=None, at=at, operation=form.cleaned_data["operation"])
    first = case.steps.order_by("version")[0]
    if not case.attachments.exists():
        attach(first, case, form.cleaned_data["photos"], "reported")
    return case


def _receipt(request: HttpRequest, case: Case, key: str = "") -> HttpResponse:
    report = case.reports.select_related("person").order_by("pk").first()
    if key:
        report = case.reports.select_related("person").get(query_key=key)
    if report is None:
        raise Http404
    context = {
        "report": report,
        "urgent": case.urgent,
        "link": request.build_absolute_uri(reverse("desks:progress", args=[report.query_key])),
        "accept": told_of("accept", profile().clocks.stages.accept),
        "reachable": bool(report.person and report.person.phone and not report.anonymous),
    }
    return show(request, "desks/sent.html", context, personal=True)
