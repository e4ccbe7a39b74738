"""Vector tiles: everything that the city's own data can draw, one statement per tile.

Tiles are Web Mercator (zoom, x, y as everywhere), layers in Mapbox Vector Tile form with 4096 units a side;
the database's metres are turned in SQL. Which layer appears from which zoom is decided here and nowhere else.
A tile is known by the versions of the tables that it shows (`LayerChange`): who has that version needs no new one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.db import connection

from gridmap.datums import Datum, from_city
from gridmap.learning import LEARNED_RANK
from gridmap.models import Area, Place

MAX_ZOOM = 18  # pages enlarge tiles of this zoom beyond it
BUFFER = 64  # units drawn beyond the edge, so that lines join
K = Place.Kind


@dataclass(frozen=True)
class Layer:
    """One layer of a tile: from which zoom, which columns of which rows; `geom` is in the city's SRID.

    `table` is whose changes make it old (the names of `LayerChange`).
    """

    name: str
    from_zoom: int
    columns: str
    source: str
    table: str
    where: str = "true"
    limit: int = 20_000


def _kinds(*kinds: str) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def _shapes(name: str, from_zoom: int, *kinds: str) -> Layer:
    return Layer(name, from_zoom, "name, kind", "gridmap_place", "places", f"kind IN ({_kinds(*kinds)})")


GREEN = _shapes("green", 11, K.GREEN)
WATER = _shapes("water", 9, K.WATER)
COMPOUNDS = _shapes("compounds", 14, K.COMPOUND)
BUILDINGS = _shapes("buildings", 15, K.BUILDING, K.DOORPLATE, K.POI)
CELLS = Layer("cells", 15, "code", "gridmap_cell", "cells", "layout_id = %(layout)s")
ROADS = _shapes("roads", 10, K.ROAD)
LANES = _shapes("lanes", 14, K.LANE)
AREAS = Layer("areas", 6, "name, level", "gridmap_area", "areas", "level = ANY(%(levels)s)")
COMPONENTS = Layer("components", 18, "code, name, state", "gridmap_component", "components", "NOT draft")
# words on the map: areas by a point inside them, places by the point that an address search answers with
AREA_NAMES = Layer(
    "area_names",
    6,
    "name, level",
    "(SELECT name, level, ST_PointOnSurface(geom) AS geom FROM gridmap_area, box"
    " WHERE level = ANY(%(levels)s) AND geom && box.city) AS a",
    "areas",
)


def _names(which: str) -> str:
    """Places with a name, those of the best sources first."""
    rows = f"kind = ANY(%(named)s) AND {which} AND name <> '' AND point && box.city ORDER BY source_rank, id LIMIT 400"
    return f"(SELECT name, kind, point AS geom FROM gridmap_place, box WHERE {rows}) AS p"  # noqa: S608 - constants


PLACE_NAMES = Layer("place_names", 14, "name, kind", _names("true"), "places")
# for visitors: what a town plan in the street shows, and nothing that people have pointed at (gridmap.learning)
PUBLIC_NAMES = Layer(
    "place_names",
    14,
    "name, kind",
    _names(f"kind NOT IN ({_kinds(K.DOORPLATE, K.BUILDING)}) AND source_rank < {LEARNED_RANK}"),
    "places",
)
OUTLINES = Layer("buildings", 15, "kind", "gridmap_place", "places", f"kind IN ({_kinds(K.BUILDING)})")
# what can be asked for: each with its layers, the lowest first
SETS: Final[Mapping[str, tuple[Layer, ...]]] = {
    "base": (
        *(GREEN, WATER, COMPOUNDS, BUILDINGS, CELLS, ROADS, LANES, AREAS, COMPONENTS),
        *(AREA_NAMES, PLACE_NAMES),
    ),
    "areas": (AREAS, AREA_NAMES),
    "cells": (CELLS,),
    "streets": (ROADS, LANES),
    "buildings": (COMPOUNDS, BUILDINGS),
    "water": (GREEN, WATER),
    "places": (PLACE_NAMES,),
    "components": (COMPONENTS,),
}
# what visitors see: ground, streets and names; no component, no cell, no doorplate, and of a building its outline only
VISITORS: Final = "visitors"
_LAYERS: Final[Mapping[str, tuple[Layer, ...]]] = {
    **SETS,
    VISITORS: (
        *(GREEN, WATER, COMPOUNDS, OUTLINES, ROADS, LANES, AREAS),
        *(AREA_NAMES, PUBLIC_NAMES),
    ),
}


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


def version(name: str, versions: Mapping[str, int], zoom: int | None = None) -> str:
    """What a set of layers is known by: changes with the data that it shows (at a zoom), and with this module."""
    shown = [layer for layer in _LAYERS[name] if zoom is None or zoom >= layer.from_zoom]
    tables = sorted({layer.table for layer in shown} | ({"layout"} if CELLS in shown else set()))
    told = f"{_FORM} {settings.CITY.srid} {[(table, versions.get(table, 0)) for table in tables]}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def tilejson(name: str, address: str) -> dict[str, Any]:
    """The description of a set (TileJSON 3.0): `address` has {z}, {x} and {y} in it; bounds are WGS84 degrees."""
    layers = _LAYERS[name]
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": f"{settings.CITY.name_en}: {name}",
        "tiles": [address],
        "minzoom": min(layer.from_zoom for layer in layers),
        "maxzoom": MAX_ZOOM,
        "vector_layers": [
            {
                "id": layer.name,
                "minzoom": layer.from_zoom,
                "maxzoom": MAX_ZOOM,
                "fields": dict.fromkeys(layer.columns.split(", "), "String"),
            }
            for layer in layers
        ],
        "center": [*settings.CITY.centre, settings.CITY.zoom],
    }
    extent = Area.objects.filter(parent=None).aggregate(box=Extent("geom"))["box"]
    if extent is not None:
        west, south, east, north = extent
        corners = from_city([(west, south), (west, north), (east, south), (east, north)], Datum.WGS84)
        found["bounds"] = [round(float(d), 6) for d in (*corners.min(axis=0), *corners.max(axis=0))]
    return found


def tile(zoom: int, x: int, y: int, on: date, name: str = "base") -> bytes:
    """The tile with the cells of the layout in force on a day; empty where the city has nothing."""
    layers = [layer for layer in _LAYERS[name] if zoom >= layer.from_zoom]
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


_FORM: Final = hashlib.sha256(f"{_LAYERS} {_select(AREAS)}".encode()).hexdigest()
