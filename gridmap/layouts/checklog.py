"""Keeps what a check of a layout found, with places that a map can show."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.datums import Datum, from_city
from gridmap.layouts.defects import Defect, failing
from gridmap.models import Layout, LayoutCheck
from people.models import User

# what is wrong with a whole cell is shown at a point in it: its outline is on the map already
WHOLE_CELL = frozenset({"area", "order", "prefix", "numbering", "code_twice", "code_reused", "no_community"})
MANY_CORNERS = 400
COARSE_M = 1.0


def keep_check(layout: Layout, found: Sequence[Defect], by: User | None, at: datetime) -> LayoutCheck:
    """Store the defects of the version that `layout` holds in memory; failing ones first, 5,000 at most on the map."""
    kept = sorted(found, key=lambda defect: (defect.severity, *defect[:4]))[: LayoutCheck.KEPT]
    return LayoutCheck.objects.create(
        layout=layout,
        version=layout.version,
        by=by,
        at=at,
        counts=dict(sorted(Counter(defect.kind for defect in found).items())),
        failing=len(failing(found)),
        defects=[defect._asdict() | {"where": _where(defect)} for defect in kept],
    )


def _where(defect: Defect) -> dict[str, Any] | None:
    shape = defect.where
    if shape is None or shape.is_empty:
        return None
    if defect.kind in WHOLE_CELL:
        shape = shapely.point_on_surface(shape)
    elif shapely.get_num_coordinates(shape) > MANY_CORNERS:
        shape = shapely.simplify(shape, COARSE_M)
    return geojson(shape, 7)


def geojson(shape: BaseGeometry, decimals: int) -> dict[str, Any]:
    """A shape in the city's metres as a GeoJSON geometry in WGS84."""
    turned = shapely.transform(shape, lambda xy: from_city(xy, Datum.WGS84).round(decimals))
    found: dict[str, Any] = json.loads(shapely.to_geojson(turned))
    return found
