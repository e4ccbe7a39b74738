"""The wall screen's map, drawn on the server: a quiet ground of the city's own shapes, and squares with open cases.

Not the tiles of the other maps: these are for people with a login, and a screen's address opens nothing but its page.
Squares instead of positions: a wall needs to know where it burns, and nobody there can read somebody's front door.
"""

from datetime import datetime
from math import ceil, sqrt
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.gis.db.models import Extent, GeometryField
from django.contrib.gis.db.models.functions import AsSVG
from django.core.cache import cache
from django.db.models import Count, F, FloatField, Func, Q, Value
from django.db.models.functions import Floor

from dispatch.models import Case
from dispatch.transitions import OPEN
from gridmap.models import Area, Place

WIDE = 2000  # units of the drawing on its longer side
SQUARES = 90  # along that side
ROADS = 300  # the longest ones
SHAPES = 200
NAMES = 40
KEPT_SECONDS = 600
MOST = 1500


class Ground(NamedTuple):
    """Paths of each kind of shape, names with their points, and the frame: left and upper edge, units a metre."""

    width: int
    height: int
    left: float
    upper: float
    scale: float
    layers: list[tuple[str, list[str]]]
    names: list[tuple[str, float, float]]


class Spot(NamedTuple):
    """A square with open cases, by its middle; `today` when one of them came in today."""

    x: int
    y: int
    r: int
    today: bool


def ground() -> Ground | None:
    """The city's shapes, drawn once in ten minutes by each process; None for a city without areas."""
    return cache.get_or_set("wall-ground", _draw, KEPT_SECONDS)


def _draw() -> Ground | None:
    areas = Area.objects.level(Area.Level.COMMUNITY).order_by("code")
    extent = areas.aggregate(box=Extent("geom"))["box"]
    if extent is None:
        return None
    west, south, east, north = extent
    scale = WIDE / max(east - west, north - south, 1.0)
    shape = GeometryField(srid=settings.CITY.srid)
    places = Place.objects.filter(geom__isnull=False).order_by("-length_m", "pk")

    def paths(rows: Any, most: int) -> list[str]:  # noqa: ANN401 - areas or places
        simple = Func(F("geom"), Value(1.5 / scale), function="ST_SimplifyPreserveTopology", output_field=shape)
        metres = (Value(-west), Value(-north), Value(scale), Value(scale))
        drawn = AsSVG(Func(simple, *metres, function="ST_TransScale", output_field=shape), relative=True, precision=0)
        return [path for path in rows.annotate(path=drawn).values_list("path", flat=True)[:most] if path]

    upper = Area.objects.level(Area.Level.SUBDISTRICT).order_by("code")
    layers = [
        ("land", paths(areas, SHAPES)),
        ("green", paths(places.filter(kind=Place.Kind.GREEN), SHAPES)),
        ("water", paths(places.filter(kind=Place.Kind.WATER), SHAPES)),
        ("roads", paths(places.filter(kind=Place.Kind.ROAD), ROADS)),
        ("border", paths(upper, SHAPES)),
    ]
    middle = Func(F("geom"), function="ST_PointOnSurface", output_field=shape)
    east_of, north_of = (Func(middle, function=f"ST_{axis}", output_field=FloatField()) for axis in "XY")
    named = areas.annotate(x=east_of, y=north_of).values_list("name", "x", "y")[:NAMES]
    names = [(name, round((x - west) * scale), round((north - y) * scale)) for name, x, y in named]
    size = (ceil((east - west) * scale), ceil((north - south) * scale))
    return Ground(*size, west, north, scale, layers, names)


def spots(drawn: Ground, start: datetime) -> list[Spot]:
    """Open cases by squares, those that came in since `start` on top; one statement."""
    side = WIDE / SQUARES / drawn.scale
    x, y = (Func(F("point"), function=f"ST_{axis}", output_field=FloatField()) for axis in "XY")
    placed = Case.objects.filter(state__in=OPEN, confidential=False, point__isnull=False).order_by()
    counted = (
        placed.annotate(column=Floor((x - drawn.left) / side), line=Floor((drawn.upper - y) / side))
        .values_list("column", "line")
        .annotate(n=Count("pk"), fresh=Count("pk", filter=Q(received_at__gte=start)))
        .order_by("-n", "column", "line")[:MOST]
    )
    unit = WIDE / SQUARES
    found = [
        Spot(round((column + 0.5) * unit), round((line + 0.5) * unit), round(min(17 + 6 * sqrt(n), 66)), fresh > 0)
        for column, line, n, fresh in counted
    ]
    return sorted(found, key=lambda spot: spot.today)
