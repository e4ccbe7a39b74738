"""Tiles of the map, and what describes them."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response

from gridmap import tiles
from gridmap.models import LayerChange
from people.access import allow, public

MVT = "application/vnd.mapbox-vector-tile"


@allow(GET="tiles")
def tile(request: HttpRequest, z: int, x: int, y: int, layer: str = "base") -> HttpResponseBase:
    """A vector tile. Asked for with the version in force it is kept for good, without one it is asked for again.

    Whoever has the version in force gets 304 before any tile is made.
    """
    if layer not in tiles.SETS:
        raise Http404
    return _tile(request, layer, (z, x, y), "private")


@allow(GET="tiles")
def tilejson(request: HttpRequest, layer: str) -> HttpResponseBase:
    """The description of a set of layers, with an address of its tiles that changes when their data does."""
    if layer not in tiles.SETS:
        raise Http404
    whole = reverse("gridmap:layer_tile", kwargs={"layer": layer, "z": 0, "x": 0, "y": 0})
    return _described(request, layer, whole, "private")


@public
def town_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponseBase:
    """A tile for visitors: ground, streets and names."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    return _tile(request, tiles.VISITORS, (z, x, y), "public")


@public
def town_tilejson(request: HttpRequest) -> HttpResponseBase:
    """The description of the visitors' tiles."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    whole = reverse("gridmap:town_tile", kwargs={"z": 0, "x": 0, "y": 0})
    return _described(request, tiles.VISITORS, whole, "public")


def _tile(request: HttpRequest, layer: str, place: tuple[int, int, int], who: str) -> HttpResponseBase:
    if not tiles.exists(*place):
        raise Http404
    today = timezone.localdate()
    versions = LayerChange.objects.versions(today)
    etag = f'"{tiles.version(layer, versions, place[0])}"'
    asked = request.GET.get("v", "") == tiles.version(layer, versions)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(tiles.tile(*place, today, layer), content_type=MVT)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"{who}, max-age=31536000, immutable" if asked else f"{who}, no-cache"
    return response


def _described(request: HttpRequest, layer: str, whole: str, who: str) -> HttpResponseBase:
    """`whole` is the address of the one tile of zoom 0."""
    version = tiles.version(layer, LayerChange.objects.versions(timezone.localdate()))
    address = request.build_absolute_uri(whole).replace("/0/0/0.mvt", f"/{{z}}/{{x}}/{{y}}.mvt?v={version}")
    response = JsonResponse(tiles.tilejson(layer, address), json_dumps_params={"ensure_ascii": False})
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"{who}, no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response
