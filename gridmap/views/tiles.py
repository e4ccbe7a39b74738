"""Tiles of the map, and what describes them."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response

from gridmap import tiles
from gridmap.models import LayerChange
from people.access import allow

MVT = "application/vnd.mapbox-vector-tile"


@allow(GET="tiles")
def tile(request: HttpRequest, z: int, x: int, y: int, layer: str = "base") -> HttpResponseBase:
    """A vector tile. Asked for with the version in force it is kept for good, without one it is asked for again.

    Whoever has the version in force gets 304 before any tile is made.
    """
    if not tiles.exists(layer, z, x, y):
        raise Http404
    today = timezone.localdate()
    versions = LayerChange.objects.versions(today)
    etag = f'"{tiles.version(layer, versions, z)}"'
    asked = request.GET.get("v", "") == tiles.version(layer, versions)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(tiles.tile(z, x, y, today, layer), content_type=MVT)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable" if asked else "private, no-cache"
    return response


@allow(GET="tiles")
def tilejson(request: HttpRequest, layer: str) -> HttpResponseBase:
    """The description of a set of layers, with an address of its tiles that changes when their data does."""
    if layer not in tiles.SETS:
        raise Http404
    version = tiles.version(layer, LayerChange.objects.versions(timezone.localdate()))
    whole = reverse("gridmap:layer_tile", kwargs={"layer": layer, "z": 0, "x": 0, "y": 0})
    address = request.build_absolute_uri(whole).replace("/0/0/0.mvt", f"/{{z}}/{{x}}/{{y}}.mvt?v={version}")
    response = JsonResponse(tiles.tilejson(layer, address), json_dumps_params={"ensure_ascii": False})
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    return get_conditional_response(request, etag=etag, response=response) or response
