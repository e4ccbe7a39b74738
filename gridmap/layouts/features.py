"""What the layout map reads and sends: cells as GeoJSON in WGS84, and changes that somebody asked for."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import shapely
from django.conf import settings
from django.contrib.gis.geos import Polygon
from django.db.models import Q
from django.utils.translation import gettext as _
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from gridmap.datums import Datum, DatumError, from_city, to_city
from gridmap.layouts.checklog import geojson
from gridmap.layouts.editing import Shift
from gridmap.models import Area, CellQuerySet, Layout
from gridmap.shapes import to_shapely

LIMIT = 2_000  # so many cells are drawn and edited well in a browser
DECIMALS = 9  # 0.1 mm: corners that are one here are one there
CORNERS = 200  # of a line or a move in one request


class AskedError(ValueError):
    """A request that cannot be understood; the text is for the page."""


class Asked(NamedTuple):
    """A change of cells as a page asks for it, already in the city's metres."""

    operation: str
    version: int
    why: str
    codes: list[str]
    line: list[tuple[float, float]]
    shifts: list[Shift]
    community: str

    def as_line(self) -> LineString:
        """The drawn line; AskedError for fewer than two points."""
        if len(self.line) < 2:
            raise AskedError(_("请先画出分割线。"))
        return LineString(self.line)


def asked(body: bytes) -> Asked:
    """Read {"operation", "version", "why", "codes", "datum", "line": [[x, y]…], "moves": [[[x, y], [x, y]]…],
    "community"}.

    Coordinates are in the datum that the request names. Raises AskedError.
    """
    try:
        said = json.loads(body)
        datum, line, moves = str(said["datum"]), said.get("line") or [], said.get("moves") or []
        if len(line) > CORNERS or len(moves) > CORNERS:
            raise AskedError(_("一次最多画%(count)d个点。") % {"count": CORNERS})
        ends = _metres([point for move in moves for point in move], datum)
        return Asked(
            operation=str(said["operation"]),
            version=int(said["version"]),
            why=str(said.get("why", ""))[:200],
            codes=[str(code) for code in said.get("codes", [])][:LIMIT],
            line=_metres(line, datum),
            shifts=[Shift(*pair) for pair in zip(ends[::2], ends[1::2], strict=True)],
            community=str(said.get("community", "")),
        )
    except AskedError:
        raise
    except DatumError as error:
        raise AskedError(_("坐标不在城市范围内。")) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise AskedError(_("请求不完整，请刷新页面后再试。")) from error


def _metres(points: list[Any], datum: str) -> list[tuple[float, float]]:
    if not points:
        return []
    return [(float(x), float(y)) for x, y in to_city(np.array(points, dtype=np.float64), datum)]


def cells_of(layout: Layout, community: Area | None, box: str) -> tuple[CellQuerySet, BaseGeometry | None]:
    """Cells that a map shows: of a community with those beside it, of a box "west,south,east,north" in WGS84, or both.

    With the outline of the community. Raises AskedError where neither is given, and for a box that is none.
    """
    cells: CellQuerySet = layout.cells.all()
    if community is None or box:
        cells = cells.filter(geom__intersects=_frame(box))
    if community is None:
        return cells, None
    beside = Q(geom__dwithin=(community.geom, 1.0))
    return cells.filter(Q(community=community) | beside), to_shapely(community.geom)


def _frame(box: str) -> Polygon:
    try:
        west, south, east, north = (float(part) for part in box.split(","))
        corners = [(west, south), (east, south), (east, north), (west, north)]
        ring = [(float(x), float(y)) for x, y in to_city(corners, Datum.WGS84)]
    except (ValueError, TypeError) as error:
        raise AskedError(_("没有这样的地图范围。")) from error
    return Polygon([*ring, ring[0]], srid=settings.CITY.srid)


def collection(cells: CellQuerySet, outline: BaseGeometry | None) -> dict[str, Any]:
    """The cells as GeoJSON, at most LIMIT; `total` says how many there are. With the outline of their community."""
    total = cells.count()
    chosen = list(cells.select_related("community").defer("community__geom").order_by("code")[:LIMIT])
    shapes = [to_shapely(cell.geom) for cell in chosen]
    facts = [
        {"code": cell.code, "community": cell.community.code, "area_m2": round(cell.area_m2, 1)} for cell in chosen
    ]
    return {
        "type": "FeatureCollection",
        "features": features(shapes, facts),
        "total": total,
        "limit": LIMIT,
        "outline": geojson(outline, DECIMALS) if outline is not None else None,
    }


def rows_collection(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a log entry as GeoJSON features."""
    kept = list(rows)
    shapes = [shapely.from_wkb(row["wkb"]) for row in kept]
    facts = [{"code": row["code"], "community": row["community"], "area_m2": round(row["area_m2"], 1)} for row in kept]
    return features(shapes, facts)


def features(shapes: list[BaseGeometry], facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """GeoJSON features of shapes in the city's metres, in WGS84 to a tenth of a millimetre; `at` is for the label."""
    if not shapes:
        return []
    turned = shapely.transform(np.array(shapes, dtype=object), lambda xy: from_city(xy, Datum.WGS84).round(DECIMALS))
    labels = shapely.get_coordinates(shapely.point_on_surface(turned)).tolist()
    return [
        {"type": "Feature", "geometry": json.loads(shape), "properties": fact | {"at": at}}
        for shape, fact, at in zip(shapely.to_geojson(turned), facts, labels, strict=True)
    ]
