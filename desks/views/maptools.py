"""What the console's map asks for by itself: layers, inspectors, what lies under a click, coordinates in a datum."""

from typing import Any

from django.contrib.gis.geos import Point
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from desks import history, maplayers
from desks.filters import Filter
from desks.lights import read_lights
from desks.nextcase import next_case
from gridmap.datums import Datum, DatumError, from_wgs84, point_from, to_wgs84
from people.access import allow, current_user


@allow(GET="console")
def layer(request: HttpRequest, layer_name: str) -> JsonResponse:
    """The shapes or points of one layer."""
    if layer_name == "zones":
        rows: list[dict[str, Any]] = maplayers.zones()
    elif layer_name == "served":
        rows = maplayers.served()
    elif layer_name == "campaigns":
        rows = maplayers.campaigns(current_user(request))
    elif layer_name == "inspectors":
        rows = maplayers.inspectors(timezone.now())
    else:
        raise Http404
    return JsonResponse({"rows": rows}, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})


@allow(GET="console")
def under(request: HttpRequest) -> HttpResponse:
    """What lies at a place, to choose its cases; the filter that is on stays as it is otherwise."""
    point = _asked(request)
    if point is None:
        return HttpResponse(_("这里不在本市范围内。"), status=422)
    choice = Filter.read(request.GET)
    found = [
        (place, choice.query(**{"area": "", "within": ""} | place.chooses)) for place in maplayers.places_at(point)
    ]
    return render(request, "desks/_under.html", {"found": found})


@allow(GET="console")
def coordinates(request: HttpRequest, datum: str) -> JsonResponse:
    """A place in a datum, as people read it out: metres to one decimal, degrees to six."""
    if datum not in {*Datum}:
        raise Http404
    try:
        lonlat = (float(request.GET["lon"]), float(request.GET["lat"]))
        ((x, y),) = from_wgs84(to_wgs84(lonlat, Datum.WGS84), datum)
    except (KeyError, ValueError):
        return JsonResponse({"words": "—"})
    places = 1 if datum == Datum.CITY else 6
    return JsonResponse({"words": f"{x:.{places}f}, {y:.{places}f}"})


def _asked(request: HttpRequest) -> Point | None:
    try:
        return point_from(float(request.GET["lon"]), float(request.GET["lat"]), Datum.WGS84)
    except (KeyError, ValueError, DatumError):
        return None


@allow(GET="console")
def following(request: HttpRequest) -> JsonResponse:
    """The next best case for this seat, with its reasons; those that others look at are left out."""
    skip = [number[:30] for number in request.GET.getlist("skip")[:50]]
    found = next_case(current_user(request), read_lights(timezone.now()), skip)
    answer = {"case": found.case.number, "why": " · ".join(found.why)} if found else {"case": ""}
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


@allow(GET="console")
def history_tile(request: HttpRequest, z: int, x: int, y: int) -> JsonResponse:
    """Ended cases of the last year in a tile."""
    tile = history.Tile(z, x, y)
    if not tile.exists():
        raise Http404
    answer = JsonResponse(history.rows(current_user(request), tile), json_dumps_params={"separators": (",", ":")})
    answer.headers["Cache-Control"] = f"private, max-age={history.KEEP_SECONDS}"
    return answer
