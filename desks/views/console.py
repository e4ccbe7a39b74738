"""The map console: list and map side by side under one filter; the URL holds the filter and the chosen case."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from desks.changes import known_now, read_changes
from desks.counts import count_quick
from desks.filters import LIGHTS, SORTS, Filter, each_once
from desks.lights import read_lights
from desks.listing import read_page
from desks.points import View, read_points
from dispatch.models import Case
from dispatch.transitions import OPEN, State
from gridmap.models import Area, Category
from people.access import allow, current_user
from people.models import Agency

MOST_AREAS = 200  # longer lists are no help in a menu


@allow(GET="console")
def console(request: HttpRequest) -> HttpResponse:
    """The whole page with the first rows; the map asks for its points itself."""
    choice, chosen = Filter.read(request.GET), request.GET.get("case", "")[:30]
    known = known_now()  # before the rows: what comes between is told twice, never lost
    context = {**_rows(request, choice), **_menus(), "chosen": chosen, "known": known}
    return render(request, "desks/console.html", context)


@allow(GET="console")
def rows(request: HttpRequest) -> HttpResponse:
    """A page of rows; the first one brings the numbers of the quick filters along."""
    choice, after = Filter.read(request.GET), request.GET.get("after", "")
    context = _rows(request, choice, after)
    return render(request, "desks/_rows.html" if after else "desks/_list.html", {**context, "fresh": True})


@allow(GET="console")
def points(request: HttpRequest) -> JsonResponse:
    """The same cases for the map."""
    lights = read_lights(timezone.now())
    seen = each_once(Case.objects.visible_to(current_user(request)))
    cases = Filter.read(request.GET).apply(seen, lights)
    view = View.read(request.GET.get("box", ""), request.GET.get("zoom", ""))
    answer = read_points(cases, lights, view)
    answer["states"] = [str(State(state).label) for state in answer.get("states", [])]
    return JsonResponse(answer, json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})


@allow(GET="live")
def changes(request: HttpRequest) -> JsonResponse:
    """What happened after a cursor: for pages whose stream does not come through."""
    events, cursor = read_changes(current_user(request), request.GET.get("after", ""))
    return JsonResponse({"events": events, "cursor": cursor})


def _rows(request: HttpRequest, choice: Filter, after: str = "") -> dict[str, Any]:
    lights = read_lights(timezone.now())
    seen = each_once(Case.objects.visible_to(current_user(request)))
    page = read_page(choice.apply(seen, lights), choice, lights, after)
    quick = [] if after else count_quick(seen, lights, choice)
    return {"filter": choice, "page": page, "quick": quick, "query": choice.query()}


def _menus() -> dict[str, Any]:
    level = Area.Level
    areas = list(Area.objects.exclude(level=level.CITY).order_by("code").values_list("code", "name", "level"))
    if len(areas) > MOST_AREAS:
        areas = [area for area in areas if area[2] != level.COMMUNITY]
    return {
        "areas": areas,
        "stages": [(state.value, state.label) for state in State if state in OPEN],
        "lights": LIGHTS.items(),
        "sorts": SORTS.items(),
        "categories": Category.objects.on(timezone.localdate()).filter(major=None).prefetch_related("minors"),
        "agencies": Agency.objects.active(timezone.localdate()).values_list("pk", "name"),
    }
