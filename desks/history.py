"""What has happened over the last year, as tiles of the map: counts by cell, and single cases where one looks closely.

Longitude, latitude are WGS84. Counts are read once in ten minutes for all tiles: a million rows are grouped then.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from math import atan, degrees, pi, sinh
from typing import Final

import numpy as np
import numpy.typing as npt
from django.contrib.gis.geos import Polygon
from django.db.models import Count
from django.utils import timezone

from desks.points import View, axis
from desks.points import degrees as lonlat
from dispatch.models import Case
from dispatch.transitions import ENDED
from gridmap.models import Cell
from people.access import scope_of
from people.models import User

DAYS: Final = 365
KEEP_SECONDS: Final = 600
CLOSE: Final = 16  # from this zoom on single cases are drawn
MOST: Final = 1500  # of them in one tile; a row has some 25 bytes
PIXELS: Final = 16  # counts are joined by squares of so many pixels
LEVELS: Final = (6, 20)

Row = list[float]


@dataclass(frozen=True)
class Tile:
    """A web mercator tile."""

    z: int
    x: int
    y: int

    def exists(self) -> bool:
        return LEVELS[0] <= self.z <= LEVELS[1] and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        (west, north), (east, south) = self._corner(self.x, self.y), self._corner(self.x + 1, self.y + 1)
        return (west, south, east, north)

    def _corner(self, x: int, y: int) -> tuple[float, float]:
        n = 2**self.z
        return (x / n * 360 - 180, degrees(atan(sinh(pi * (1 - 2 * y / n)))))


def rows(user: User, tile: Tile) -> dict[str, object]:
    """`kind` "cells": [longitude, latitude, cases] by squares; "cases": [longitude, latitude, 1] each."""
    view = View(tile.box(), tile.z)
    outline = view.outline()
    if outline is None:
        return {"kind": "cells", "rows": []}
    if tile.z >= CLOSE:
        found = _cases(user, outline)
        if found is not None:
            return {"kind": "cases", "rows": found}
    return {"kind": "cells", "rows": _squares(_counts(_areas(user), _now()), tile)}


def _areas(user: User) -> tuple[str, ...]:
    """Prefixes of codes that the user sees; nothing for somebody who sees only single cases."""
    codes = scope_of(user).area_codes
    return ("",) if "" in codes else codes


def _now() -> int:
    """The number of the ten minutes that it is."""
    return int(timezone.now().timestamp() // KEEP_SECONDS)


@lru_cache(maxsize=16)
def _counts(areas: tuple[str, ...], turn: int) -> npt.NDArray[np.float64]:
    """Longitude, latitude and number of ended cases of each cell that has some, shape (n, 3)."""
    since = timezone.now() - timedelta(days=DAYS)
    ended = Case.objects.filter(state__in=ENDED, confidential=False, received_at__gte=since).exclude(cell=None)
    by_code: dict[str, int] = defaultdict(int)
    for code, number in ended.order_by().values_list("cell__code").annotate(n=Count("pk")):
        by_code[code] += number
    # a cell that ended keeps its code where its ground stayed: the newest one of a code
    places = {code: geom.centroid for code, geom in Cell.objects.order_by("layout").values_list("code", "geom")}
    known = [(places[code], number) for code, number in by_code.items() if code in places and _seen(code, areas)]
    if not known:
        return np.empty((0, 3))
    points = lonlat([(point.x, point.y) for point, _number in known])
    return np.column_stack([np.array(points), [number for _point, number in known]])


def _seen(code: str, areas: Iterable[str]) -> bool:
    return any(code.startswith(area) for area in areas)


def _squares(counts: npt.NDArray[np.float64], tile: Tile) -> list[Row]:
    """The counts inside a tile, joined by squares; each square's point is the middle of its cases."""
    west, south, east, north = tile.box()
    lon, lat, number = counts[:, 0], counts[:, 1], counts[:, 2]
    inside = (lon >= west) & (lon < east) & (lat >= south) & (lat < north)
    lon, lat, number = lon[inside], lat[inside], number[inside]
    if not len(lon):
        return []
    side = 256 // PIXELS
    column = ((lon - west) / (east - west) * side).astype(int)
    line = ((lat - south) / (north - south) * side).astype(int)
    square = column * side + line
    total = np.bincount(square, number, side * side)
    full = np.flatnonzero(total)
    x = np.bincount(square, lon * number, side * side)[full] / total[full]
    y = np.bincount(square, lat * number, side * side)[full] / total[full]
    joined = np.column_stack([x.round(5), y.round(5), total[full]])
    found: list[Row] = joined.tolist()
    return found


def _cases(user: User, outline: Polygon) -> list[Row] | None:
    """The ended cases of a close tile; None where there are too many to draw one by one."""
    since = timezone.now() - timedelta(days=DAYS)
    seen = Case.objects.visible_to(user).filter(point__bboverlaps=outline, received_at__gte=since, state__in=ENDED)
    points = list(seen.order_by().values_list(axis("X"), axis("Y"))[: MOST + 1])
    if len(points) > MOST:
        return None
    return [[round(lon, 5), round(lat, 5), 1] for lon, lat in lonlat(points)]
