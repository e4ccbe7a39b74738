"""Vector tiles of the base map: everything that the city's own data can draw, one statement per tile.

Tiles are Web Mercator (zoom, x, y as everywhere), layers in Mapbox Vector Tile form with 4096 units a side;
the database's metres are turned in SQL. Which layer appears from which zoom is decided here and nowhere else.
"""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection

from gridmap.models import Area, Place

MAX_ZOOM = 18  # pages enlarge tiles of this zoom beyond it
BUFFER = 64  # units drawn beyond the edge, so that lines join
K = Place.Kind


@dataclass(frozen=True)
class Layer:
    """One layer of a tile: from which zoom, which columns of which rows; `geom` is in the city's SRID."""

    name: str
    from_zoom: int
    columns: str
    source: str
    where: str = "true"
    limit: int = 20_000


def _kinds(*kinds: str) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def _shapes(name: str, from_zoom: int, *kinds: str) -> Layer:
    return Layer(name, from_zoom, "name, kind", "gridmap_place", f"kind IN ({_kinds(*kinds)})")


LAYERS = (
    _shapes("green", 11, K.GREEN),
    _shapes("water", 9, K.WATER),
    _shapes("compounds", 14, K.COMPOUND),
    _shapes("buildings", 15, K.BUILDING, K.DOORPLATE, K.POI),
    Layer("cells", 15, "code", "gridmap_cell", "layout_id = %(layout)s"),
    _shapes("roads", 10, K.ROAD),
    _shapes("lanes", 14, K.LANE),
    Layer("areas", 6, "name, level", "gridmap_area", "level = ANY(%(levels)s)"),
    Layer("components", 18, "name, state", "gridmap_component"),
)
# words on the map: areas by a point inside them, places by the point that an address search answers with
AREA_NAMES = Layer(
    "area_names",
    6,
    "name, level",
    "(SELECT name, level, ST_PointOnSurface(geom) AS geom FROM gridmap_area, box"
    " WHERE level = ANY(%(levels)s) AND geom && box.city) AS a",
)
PLACE_NAMES = Layer(
    "place_names",
    14,
    "name, kind",
    "(SELECT name, kind, point AS geom FROM gridmap_place, box"
    " WHERE kind = ANY(%(named)s) AND point && box.city ORDER BY source_rank, id LIMIT 400) AS p",
)


def levels_at(zoom: int) -> list[str]:
    """Levels of areas whose borders and names are drawn at a zoom."""
    level = Area.Level
    if zoom < 10:
        return [level.CITY, level.DISTRICT]
    if zoom < 13:
        return [level.DISTRICT, level.SUBDISTRICT]
    return [level.DISTRICT, level.SUBDISTRICT, level.COMMUNITY]


def named_at(zoom: int) -> list[str]:
    """Kinds of places whose names are drawn at a zoom; doorplates last."""
    kinds: list[str] = [K.DISTRICT, K.WATER, K.GREEN]
    if zoom >= 15:
        kinds += [K.COMPOUND]
    if zoom >= 16:
        kinds += [K.POI]
    if zoom >= 18:
        kinds += [K.BUILDING, K.DOORPLATE]
    return kinds


def exists(zoom: int, x: int, y: int) -> bool:
    """Whether there can be such a tile."""
    return 0 <= zoom <= MAX_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom


def tile(zoom: int, x: int, y: int, on: date) -> bytes:
    """The tile with the cells of the layout in force on a day; empty where the city has nothing."""
    layers = [layer for layer in (*LAYERS, AREA_NAMES, PLACE_NAMES) if zoom >= layer.from_zoom]
    if not layers:
        return b""
    parts = " || ".join(f"coalesce(({_select(layer)}), '')" for layer in layers)
    sql = f"""
        WITH web AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS exact,
                            ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {BUFFER / 4096}) AS wide),
             -- a straight edge of the tile bends in the city's metres: cut it into short pieces before turning it
             box AS (SELECT exact,
                            ST_Transform(ST_Segmentize(wide, (ST_XMax(wide) - ST_XMin(wide)) / 8), %(srid)s) AS city
                     FROM web),
             layout AS (SELECT id FROM gridmap_layout WHERE state IN ('active', 'retired') AND active_from <= %(on)s
                        AND (active_to IS NULL OR active_to >= %(on)s) LIMIT 1)
        SELECT {parts}
    """  # noqa: S608 - every part is a constant of this module
    values = {
        "z": zoom,
        "x": x,
        "y": y,
        "on": on,
        "srid": settings.CITY.srid,
        "levels": levels_at(zoom),
        "named": named_at(zoom),
        # half a unit of the 512 pixels that a tile is drawn with, in metres on the equator: always enough detail
        "detail": 40_075_016.7 / 2**zoom / 1024,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return bytes(cursor.fetchone()[0])


def _select(layer: Layer) -> str:
    where = layer.where.replace("%(layout)s", "(SELECT id FROM layout)")
    return f"""
        SELECT ST_AsMVT(t, '{layer.name}', 4096, 'geom') FROM (
            SELECT {layer.columns}, ST_AsMVTGeom(ST_Transform(ST_Simplify(geom, %(detail)s, true), 3857),
                                                 box.exact, 4096, {BUFFER}, true) AS geom
            FROM {layer.source}, box WHERE geom && box.city AND {where} LIMIT {layer.limit}
        ) AS t WHERE t.geom IS NOT NULL"""  # noqa: S608 - every part is a constant of this module
