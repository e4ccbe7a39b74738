"""Tiles of the base map."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response

from gridmap import tiles
from people.access import allow


@allow(GET="tiles")
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponseBase:
    """A vector tile; kept by the browser for ten minutes, then asked for again by its digest."""
    if not tiles.exists(z, x, y):
        raise Http404
    content = tiles.tile(z, x, y, timezone.localdate())
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response = HttpResponse(content, content_type="application/vnd.mapbox-vector-tile")
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=600"
    return get_conditional_response(request, etag=etag, response=response) or response
