"""Compares a file with what the database holds, to find out whether its coordinates are in the stated datum."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.datumcheck import MOST, by_district, by_loaded_points, by_shape, by_twin
from gridmap.datums import Coordinates, disagreement_m
from gridmap.imports import Run
from gridmap.layers import Row, Rows
from gridmap.models import Area, Component, Place
from gridmap.normalise import key
from gridmap.shapes import to_shapely

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
WRONG_M = 1.0  # a file whose own reference is further off than this from the stated one contradicts it


def compare_reference(run: Run, rows: Sequence[Row], datum: str) -> None:
    """Warn where a map file itself names another projection than the city's mapping does."""
    crs = rows.crs if isinstance(rows, Rows) else ""
    shapes = [
        row.shape for row in rows[:: max(1, len(rows) // 200)] if row.shape is not None and not row.shape.is_empty
    ]
    if not crs or not shapes:
        return
    apart = disagreement_m(shapely.get_coordinates(shapes), crs, datum)
    if apart is not None and apart > WRONG_M:
        named = crs if len(crs) < 40 else crs.split('"')[1]
        run.report["reference"] = {"file": named, "stated": datum}
        run.suspect(f"the file says of itself that it is in {named}, the mapping states {datum}")


def compare_areas(run: Run, level: str, found: Sequence[tuple[str, str, BaseGeometry]], datum: str) -> None:
    """Areas (code, name, shape in the file's numbers) with those of the level loaded before, and with loaded places."""
    known = list(Area.objects.level(level))
    by_code = {code: shape for code, _, shape in found}
    if any(area.code in by_code for area in known):
        run.compared(by_shape(by_code, {area.code: to_shapely(area.geom) for area in known}, datum))
    else:
        names = _once((key(name), shape) for _, name, shape in found)
        run.compared(by_shape(names, _once((key(area.name), to_shapely(area.geom)) for area in known), datum))
    names = _once((key(name), shape) for _, name, shape in found)
    run.compared(by_loaded_points(names, _places_of(names), datum))


def compare_places(run: Run, places: Sequence[tuple[BaseGeometry, Place]], datum: str) -> None:
    """Places (shape in the file's numbers, row to be) with the areas that they state, and with others of their name."""
    stated = [(shape, place.area_key) for shape, place in places if place.area_key]
    polygons = _polygons({area for _, area in stated})
    run.compared(by_district([_middle(s) for s, _ in stated], [area for _, area in stated], polygons, datum))
    mine = _once(
        ((place.keys[0], place.area_key), shape)
        for shape, place in places
        if place.keys and place.kind != Place.Kind.DOORPLATE
    )
    others = Place.objects.exclude(source=places[0][1].source if places else "").exclude(keys=[])
    twins = _once(
        ((keys[0], area), (point.x, point.y))
        for keys, area, point in others.exclude(kind=Place.Kind.DOORPLATE).values_list("keys", "area_key", "point")
    )
    both = [name for name in mine if name in twins]
    run.compared(by_twin([_middle(mine[name]) for name in both], [twins[name] for name in both], datum))


def compare_components(run: Run, components: Sequence[tuple[BaseGeometry, str]], datum: str, digits: int = 6) -> None:
    """Components (shape in the file's numbers, code) with the district that the code names, and with themselves.

    `digits` is how many digits of a code are the district's.
    """
    given = [(shape, code) for shape, code in components if code]
    districts = Area.objects.filter(code__in={code[:digits] for _, code in given})
    polygons = {area.code: _prepared(to_shapely(area.geom)) for area in districts}
    run.compared(by_district([_middle(s) for s, _ in given], [code[:digits] for _, code in given], polygons, datum))
    mine = _once((code, shape) for shape, code in given)
    known = Component.objects.published().filter(code__in=list(mine)[: MOST * 2]).values_list("code", "geom")
    twins = {code: shapely.get_coordinates(_middle(to_shapely(geom)))[0] for code, geom in known}
    both = [code for code in mine if code in twins]
    run.compared(by_twin([_middle(mine[code]) for code in both], [tuple(twins[code]) for code in both], datum))


def _polygons(names: set[str]) -> dict[str, BaseGeometry]:
    """Loaded areas by the key of their name, those of these names that no other area has."""
    keyed = [(area.pk, key(area.name)) for area in Area.objects.only("pk", "name")]
    counts = Counter(name for _, name in keyed)
    wanted = {pk: name for pk, name in keyed if name in names and counts[name] == 1}
    found = Area.objects.filter(pk__in=wanted)
    return {wanted[area.pk]: _prepared(to_shapely(area.geom)) for area in found}


def _places_of(names: Mapping[str, object]) -> dict[str, Coordinates]:
    """Points of loaded places by the area that they state."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    rows = Place.objects.filter(area_key__in=list(names)).order_by("pk").values_list("area_key", "point")
    for area, point in rows:
        found[area].append((point.x, point.y))
    return {area: np.array(points) for area, points in found.items()}


def _middle(shape: BaseGeometry) -> BaseGeometry:
    """One corner of a shape near its middle: a point inside would need a valid shape in metres."""
    corners = shapely.get_coordinates(shape)
    return shapely.Point(corners[len(corners) // 2])


def _prepared(shape: BaseGeometry) -> BaseGeometry:
    shapely.prepare(shape)
    return shape


def _once(pairs: Iterable[tuple[K, V]]) -> dict[K, V]:
    """A mapping of what occurs once only: equal names of different things prove nothing."""
    counts: Counter[K] = Counter()
    found: dict[K, V] = {}
    for name, value in pairs:
        counts[name] += 1
        found[name] = value
    return {name: value for name, value in found.items() if counts[name] == 1 and name}
