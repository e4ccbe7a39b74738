"""The map console: list and map side by side under one filter; the URL holds the filter and the chosen case."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from desks.changes import known_now, read_changes
from desks.counts import Counted, count_quick
from desks.filters import AGAIN, LIGHTS, SORTS, Filter, each_once
from desks.lights import read_lights
from desks.listing import read_page
from desks.points import View, read_points, read_some
from desks.shapes import Shape
from desks.views.bulk import bulk_choices
from desks.views.savedfilters import kept_for
from dispatch.fleeting import tell
from dispatch.models import Case, Channel
from dispatch.models.report import RequestType
from dispatch.transitions import OPEN, State
from gridmap.models import Area, Category
from people.access import allow, current_user
from people.models import Agency, RoleGrant, User
from people.permissions import Role

MOST_AREAS = 200  # longer lists are no help in a menu
MOST_CHANGED = 200  # cases asked for by number


@allow(GET="console")
def console(request: HttpRequest) -> HttpResponse:
    """The whole page with the first rows; the map asks for its points itself."""
    choice, chosen = Filter.read(request.GET), request.GET.get("case", "")[:30]
    known = known_now()  # before the rows: what comes between is told twice, never lost
    saved = kept_for(current_user(request))
    context = {
        **_rows(request, choice),
        **_menus(),
        "quick": _quick(request, choice),
        "chosen": chosen,
        "known": known,
        "saved": saved,
    }
    context["bulk"] = bulk_choices(request)
    return render(request, "desks/console.html", context)


@allow(GET="console")
def rows(request: HttpRequest) -> HttpResponse:
    """A page of rows."""
    choice, after = Filter.read(request.GET), request.GET.get("after", "")
    context = _rows(request, choice, after)
    return render(request, "desks/_rows.html" if after else "desks/_list.html", context)


@allow(GET="console")
def counts(request: HttpRequest) -> HttpResponse:
    """The quick filters with their numbers."""
    return render(request, "desks/_quick.html", {"quick": _quick(request, Filter.read(request.GET))})


def _quick(request: HttpRequest, choice: Filter) -> list[Counted]:
    return count_quick(each_once(Case.objects.visible_to(current_user(request))), read_lights(timezone.now()), choice)


@allow(GET="console")
def points(request: HttpRequest) -> JsonResponse:
    """The same cases for the map; with `only`, those of some numbers that still belong there."""
    lights = read_lights(timezone.now())
    seen = each_once(Case.objects.visible_to(current_user(request)))
    cases = Filter.read(request.GET).apply(seen, lights)
    some = request.GET.getlist("only")[:MOST_CHANGED]
    if some:
        answer = read_some(cases, lights, some)
    else:
        answer = read_points(cases, lights, View.read(request.GET.get("box", ""), request.GET.get("zoom", "")))
    answer["states"] = [str(State(state).label) for state in answer.get("states", [])]
    return JsonResponse(answer, json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})


@allow(GET="live")
def changes(request: HttpRequest) -> JsonResponse:
    """What happened after a cursor: for pages whose stream does not come through."""
    events, cursor = read_changes(current_user(request), request.GET.get("after", ""))
    return JsonResponse({"events": events, "cursor": cursor})


@allow(POST="console")
def here(request: HttpRequest) -> HttpResponse:
    """The page tells which case its user looks at now, or none; the others at the console see it."""
    user, number = current_user(request), request.POST.get("case", "")[:30]
    if number and not Case.objects.visible_to(user).filter(number=number).exists():
        raise Http404
    tell("here", {"user": user.pk, "name": str(user), "case": number})
    return HttpResponse(status=204)


def _rows(request: HttpRequest, choice: Filter, after: str = "") -> dict[str, Any]:
    lights = read_lights(timezone.now())
    seen = each_once(Case.objects.visible_to(current_user(request)))
    page = read_page(choice.apply(seen, lights), choice, lights, after)
    shape = Shape.read(choice.within)
    within = shape.title() if shape else ""
    without = choice.query(within="") if shape else ""
    return {
        "filter": choice,
        "page": page,
        "query": choice.query(),
        "within": within,
        "without_shape": without,
    }


def _menus() -> dict[str, Any]:
    level, today = Area.Level, timezone.localdate()
    posted = RoleGrant.objects.active(today).filter(role=Role.INSPECTOR)
    inspectors = User.objects.filter(pk__in=posted.values("user"), is_active=True).order_by("full_name", "username")
    areas = list(Area.objects.exclude(level=level.CITY).order_by("code").values_list("code", "name", "level"))
    if len(areas) > MOST_AREAS:
        areas = [area for area in areas if area[2] != level.COMMUNITY]
    return {
        "areas": areas,
        "stages": [(state.value, state.label) for state in State if state in OPEN],
        "lights": LIGHTS.items(),
        "sorts": SORTS.items(),
        "categories": Category.objects.on(today).filter(major=None).prefetch_related("minors"),
        "agencies": Agency.objects.active(today).values_list("pk", "name"),
        "channels": Channel.objects.in_use(today).values_list("pk", "name"),
        "kinds": RequestType.choices,
        "inspectors": [(user.pk, str(user)) for user in inspectors],
        "again": AGAIN,
    }
