"""Reads a stored layout back: for its check, for its hash, and for matching points in bulk."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.db import connection
from shapely.geometry.base import BaseGeometry

from gridmap.copying import copy_out
from gridmap.datums import Datum, from_city
from gridmap.layouts.defects import CellFact, Defect, Item, Rules, defects
from gridmap.loaders.targets import Targets
from gridmap.matching import CellIndex
from gridmap.models import Area, Layout
from gridmap.shapes import to_shapely


def check(layout: Layout, communities: Collection[str] | None = None) -> list[Defect]:
    """Every defect of a stored layout, or of its cells in the named communities; shapes in the city's metres."""
    areas = Area.objects.filter(level=Area.Level.COMMUNITY).order_by("code")
    if communities is not None:
        areas = areas.filter(code__in=list(communities))
    chosen = list(areas)
    targets = Targets.loaded()
    rules = Rules({area.code: targets.of(area) for area in chosen}, settings.CITY.cell_digits)
    grounds = {area.code: to_shapely(area.geom) for area in chosen}
    facts = cell_facts(layout, communities)
    items = [item for item in _components() if communities is None or _touches(item.shape, grounds.values())]
    return defects(facts, grounds, rules, earlier=_elsewhere(layout), items=items)


def on_earth(found: Sequence[Defect]) -> list[dict[str, Any]]:
    """Defects for JSON: longitude and latitude of a point in each, and its shape as GeoJSON, WGS84 to 7 decimals."""
    shapes = np.array([defect.where for defect in found], dtype=object)
    known = np.flatnonzero(~shapely.is_missing(shapes) & ~shapely.is_empty(shapes))
    lonlat = shapely.transform(shapes[known], lambda xy: np.round(from_city(xy, Datum.WGS84), 7))
    told = [defect._asdict() | {"where": None, "longitude": None, "latitude": None} for defect in found]
    for i, shape, at in zip(known, lonlat, shapely.point_on_surface(lonlat), strict=True):
        told[i] |= {
            "longitude": round(float(shapely.get_x(at)), 7),
            "latitude": round(float(shapely.get_y(at)), 7),
            "where": json.loads(shapely.to_geojson(shape)),
        }
    return told


def cell_facts(layout: Layout, communities: Collection[str] | None = None) -> list[CellFact]:
    """The cells of a layout as values, by code; of the named communities only where some are named."""
    _, facts = _stored(layout)
    return facts if communities is None else [fact for fact in facts if fact.community in communities]


def index_of(layout: Layout) -> tuple[CellIndex, list[int], list[str]]:
    """For matching in bulk: the index, and for its answers the keys of the cells and the codes of their communities."""
    keys, facts = _stored(layout)
    index = CellIndex([fact.code for fact in facts], [fact.shape for fact in facts])
    return index, keys, [fact.community for fact in facts]


def hash_of(layout: Layout) -> str:
    """Fingerprint of codes, communities and shapes of all cells, and of the outlines of all communities."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(coalesce(string_agg(md5(c.code || ' ' || a.code || encode(ST_AsBinary(c.geom), 'hex')), ''"
            " ORDER BY c.code), '')) FROM gridmap_cell c JOIN gridmap_area a ON a.id = c.community_id"
            " WHERE c.layout_id = %s UNION ALL"
            " SELECT md5(coalesce(string_agg(md5(code || encode(ST_AsBinary(geom), 'hex')), '' ORDER BY code), ''))"
            " FROM gridmap_area WHERE level = %s",
            [layout.pk, Area.Level.COMMUNITY],
        )
        return "-".join(part for (part,) in cursor.fetchall())


def _stored(layout: Layout) -> tuple[list[int], list[CellFact]]:
    rows = list(
        copy_out(
            "SELECT c.id, c.code, a.code, encode(ST_AsBinary(c.geom), 'hex') FROM gridmap_cell c"  # noqa: S608 - a number
            f" JOIN gridmap_area a ON a.id = c.community_id WHERE c.layout_id = {int(layout.pk)} ORDER BY c.code"
        )
    )
    shapes = shapely.from_wkb(np.array([row[3] for row in rows], dtype=object))
    keys = [int(row[0] or 0) for row in rows]
    return keys, [CellFact(row[1] or "", row[2] or "", shape) for row, shape in zip(rows, shapes, strict=True)]


def _elsewhere(layout: Layout) -> list[Item]:
    """Cells of other layouts with a code of this one and another shape: most copies are equal to the byte."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.code, ST_AsBinary(o.geom) FROM gridmap_cell c JOIN gridmap_cell o ON o.code = c.code"
            " WHERE c.layout_id = %s AND o.layout_id <> %s AND ST_AsBinary(o.geom) <> ST_AsBinary(c.geom)",
            [layout.pk, layout.pk],
        )
        return [Item(code, shapely.from_wkb(bytes(shape))) for code, shape in cursor.fetchall()]


def _components() -> list[Item]:
    # drafts are not yet of the city, abandoned ones no more
    query = "SELECT code, encode(ST_AsBinary(geom), 'hex') FROM gridmap_component"
    rows = list(copy_out(f"{query} WHERE NOT draft AND state <> 'abandoned' ORDER BY code"))
    shapes = shapely.from_wkb(np.array([row[1] for row in rows], dtype=object))
    return [Item(row[0] or "", shape) for row, shape in zip(rows, shapes, strict=True)]


def _touches(shape: BaseGeometry, grounds: Iterable[BaseGeometry]) -> bool:
    return any(shapely.intersects(ground, shape) for ground in grounds)
