"""Cases as the map draws them: every one while they are few, those in view, or counts by squares.

Coordinates are WGS84 longitude, latitude to six decimals (about 10 cm).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db.models import Avg, Count, F, FloatField, Func
from django.db.models.functions import Floor

from desks.lights import Lights
from dispatch.models import CaseQuerySet, Clock
from gridmap.datums import Datum, DatumError, from_city, to_city
from gridmap.models import Category

MOST = 20_000  # points that a browser is sent at once
SQUARE_PIXELS = 56
METRES_PER_PIXEL = 156_543.03  # on the equator at zoom 0, tiles of 256 pixels
LIGHT_CODES = {"": 0, "green": 1, "yellow": 2, "red": 3}


@dataclass(frozen=True)
class View:
    """What the map shows: west, south, east, north in WGS84 degrees, and the zoom."""

    box: tuple[float, float, float, float]
    zoom: int

    @classmethod
    def read(cls, box: str, zoom: str) -> "View | None":
        """From the URL ("120.1,22.9,120.3,23.1"); None where it is no view."""
        try:
            west, south, east, north = (float(part) for part in box.split(","))
            return cls((west, south, east, north), min(max(int(float(zoom)), 0), 22))
        except ValueError:
            return None

    def outline(self) -> Polygon | None:
        """The box round the view in the city's metres; None where the city's projection does not reach."""
        west, south, east, north = self.box
        corners = [(west, south), (west, north), (east, south), (east, north)]
        try:
            found = to_city(corners, Datum.WGS84)
        except DatumError:
            return None
        (left, low), (right, high) = found.min(axis=0), found.max(axis=0)
        outline = Polygon.from_bbox((float(left), float(low), float(right), float(high)))
        outline.srid = settings.CITY.srid
        return outline

    def square_m(self) -> float:
        """Side of a square of counts, metres."""
        latitude = (self.box[1] + self.box[3]) / 2
        return SQUARE_PIXELS * METRES_PER_PIXEL * max(cos(radians(latitude)), 0.01) / float(2**self.zoom)


@dataclass(frozen=True)
class Place:
    """Something under a click on the map; `chooses` are the fields of the filter that leave its cases."""

    kind: str
    title: str
    chooses: dict[str, str]
    level: str = ""  # of an area


def read_points(cases: CaseQuerySet, lights: Lights, view: View | None) -> dict[str, Any]:
    """The answer to the map: `kind` says whether rows are all cases, those in view ("part"), or squares ("grid")."""
    placed = cases.exclude(point=None).order_by()
    total = placed.count()
    if total <= MOST:
        return {"kind": "all", "total": total, **_rows(placed, lights)}
    outline = view.outline() if view else None
    if view is None or outline is None:
        return {"kind": "grid", "total": total, "rows": []}
    seen = placed.filter(point__bboverlaps=outline)
    if seen.count() <= MOST:
        return {"kind": "part", "total": total, **_rows(seen, lights)}
    return {"kind": "grid", "total": total, "rows": _squares(seen, view.square_m())}


def read_some(cases: CaseQuerySet, lights: Lights, numbers: Sequence[str]) -> dict[str, Any]:
    """The same for some cases by number, those of them that are left: what has changed since the map was read."""
    return _rows(cases.exclude(point=None).order_by().filter(number__in=numbers), lights, few=True)


def axis(name: str) -> Func:
    """X or Y of a case's point in the city's metres: a thousand geometries take longer to make than their query."""
    return Func(F("point"), function=f"ST_{name}", output_field=FloatField())


def _rows(cases: CaseQuerySet, lights: Lights, *, few: bool = False) -> dict[str, Any]:
    """[number, longitude, latitude, state, light, urgent, reports, class] for each; states and classes by index."""
    first: dict[int, tuple[datetime, datetime | None]] = {}
    running = Clock.objects.running().order_by("-due_at")
    if few:  # of all cases it is quicker to read all clocks that run
        running = running.filter(case__in=cases.values("pk"))
    for case, due_at, warn_at in running.values_list("case", "due_at", "warn_at"):
        first[case] = (due_at, warn_at)
    columns = ("pk", "number", "state", "urgent", "report_count", "class_name", "x", "y")
    found = list(cases.annotate(x=axis("X"), y=axis("Y"), class_name=Category.label_column()).values_list(*columns))
    places = degrees([(row[6], row[7]) for row in found])
    states: dict[str, int] = {}
    classes: dict[str, int] = {}
    rows = []
    for (pk, number, state, urgent, reports, name, _x, _y), (lon, lat) in zip(found, places, strict=True):
        light = lights.of(*first[pk]) if pk in first else ""
        kind = classes.setdefault(name or "", len(classes))
        place = states.setdefault(state, len(states))
        rows.append([number, lon, lat, place, LIGHT_CODES[light], int(urgent), reports, kind])
    return {"rows": rows, "states": list(states), "classes": list(classes)}


def _squares(cases: CaseQuerySet, side_m: float) -> list[list[float]]:
    """[longitude, latitude, count] for each square with cases; the point is the middle of its cases."""
    x, y = axis("X"), axis("Y")
    counted = (
        cases.annotate(column=Floor(x / side_m), line=Floor(y / side_m))
        .values("column", "line")
        .annotate(n=Count("pk"), east=Avg(x), north=Avg(y))
        .values_list("n", "east", "north")
    )
    found = list(counted)
    places = degrees([(east, north) for _n, east, north in found])
    return [[lon, lat, n] for (n, _east, _north), (lon, lat) in zip(found, places, strict=True)]


def degrees(metres: Sequence[tuple[float, float]]) -> list[list[float]]:
    """Longitude, latitude of points in the city's metres."""
    if not metres:
        return []
    degrees: list[list[float]] = np.round(from_city(metres, Datum.WGS84), 6).tolist()
    return degrees
