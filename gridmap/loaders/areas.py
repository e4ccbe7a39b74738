"""Loads the tree of areas: the lowest level is fitted together, the levels above are the sums of their parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import shapely
from django.conf import settings
from django.contrib.gis.geos import MultiPolygon as DjangoMultiPolygon
from django.db import transaction
from django.db.models import Q
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from gridmap.coverage import GAP_M, Cleaned, NoGroundError, clean, joined
from gridmap.imports import Run, as_of, need, running
from gridmap.layers import Row, find, read_rows, shapes_in_city
from gridmap.loaders.comparing import compare_areas, compare_reference
from gridmap.models import Area
from gridmap.shapes import to_django

LEVELS = [Area.Level.CITY, Area.Level.DISTRICT, Area.Level.SUBDISTRICT, Area.Level.COMMUNITY]


@dataclass
class Found:
    """An area of a file that was accepted."""

    code: str
    name: str
    row: Row
    shape: BaseGeometry


def load_areas(folder: Path, at: datetime, rejects: Path | None = None) -> list[Run]:
    """Load all levels of the city's file table [areas]; areas already there get the new name and shape.

    Files are read from `folder`. Raises LayerError for an unreadable file, KeyError for an incomplete mapping.
    """
    mapping = need(settings.CITY.mapping, "areas", "areas")
    runs: list[Run] = []
    with transaction.atomic():
        levels = sorted(need(mapping, "levels", "areas"), key=lambda level: -LEVELS.index(level["level"]))
        below: dict[str, MultiPolygon] = {}
        for level in levels:
            path = find(folder, need(level, "file", "areas.levels"))
            source = path.name
            with running(f"areas:{level['level']}", source, mapping["datum"], at, rejects) as run:
                rows = read_rows(path, level.get("layer", ""), level.get("encoding", ""))
                run.report |= as_of(level) or as_of(mapping)
                below = _load_level(run, rows, level, mapping, below)
                runs.append(run)
        city = mapping.get("city")
        if city:
            _store([(city["code"], city["name"], joined(list(below.values())))], Area.Level.CITY)
        link_parents()
        for run in runs:
            note_orphans(run, mapping)
        mark_built_up(mapping.get("built_up", ()))
    return runs


def link_parents() -> None:
    """Point each area at the longest code of another area that its own code starts with."""
    areas = list(Area.objects.defer("geom").order_by("code"))
    known = {area.code: area for area in areas}
    for area in areas:
        starts = (area.code[:length] for length in range(len(area.code) - 1, 0, -1))
        area.parent = next((known[start] for start in starts if start in known), None)
    Area.objects.bulk_update(areas, ["parent"])


def note_orphans(run: Run, mapping: Mapping[str, Any]) -> None:
    """Warn of areas below the highest level that no other area's code begins: they hang in no tree."""
    level = run.layer.removeprefix("areas:")
    highest = min((entry["level"] for entry in mapping["levels"]), key=LEVELS.index)
    if level == highest and "city" not in mapping:
        return
    codes = list(Area.objects.filter(level=level, parent=None).order_by("code").values_list("code", flat=True))
    if codes:
        run.warn(f"{len(codes)} areas have no area above them by their code: {', '.join(codes[:5])}")


def mark_built_up(names: Sequence[str]) -> None:
    """Areas with these names and everything inside them are built up, the others open land; no names: all built up."""
    if not names:
        return
    inside = Q()
    for code in Area.objects.filter(name__in=names).values_list("code", flat=True):
        inside |= Q(code__startswith=code)
    Area.objects.update(built_up=False)
    Area.objects.filter(inside).update(built_up=True)


def _load_level(
    run: Run, rows: list[Row], level: Mapping[str, Any], mapping: Mapping[str, Any], below: Mapping[str, MultiPolygon]
) -> dict[str, MultiPolygon]:
    run.read = len(rows)
    found = _accepted(run, rows, level, mapping["datum"], mapping.get("city", {}).get("code", ""))
    compare_reference(run, rows, mapping["datum"])
    stated = [(area.code, area.name, area.row.shape) for area in found if area.row.shape is not None]
    compare_areas(run, level["level"], stated, mapping["datum"])
    if below:
        shapes = _sums(run, found, below)
    else:
        cleaned = _cleaned(run, found, float(mapping.get("gap_m", GAP_M)))
        shapes = cleaned.shapes
        for code, what, m2 in cleaned.changes:
            run.change(code, "geometry", f"{what}: {m2} m²")
        run.report["changed_m2"] = round(sum(change.m2 for change in cleaned.changes), 2)
    _store([(area.code, area.name, shapes[area.code]) for area in found if area.code in shapes], level["level"])
    run.kept = len(shapes)
    return shapes


def _cleaned(run: Run, found: Sequence[Found], gap_m: float) -> Cleaned:
    """The level as one coverage; an area of which nothing is left is rejected, and the others are fitted again."""
    left = {area.code: area for area in found}
    while True:
        try:
            return clean({code: area.shape for code, area in left.items()}, gap_m)
        except NoGroundError as error:
            run.reject(left.pop(error.code).row, "geometry", error.why)


def _accepted(run: Run, rows: Sequence[Row], level: Mapping[str, Any], datum: str, city: str) -> list[Found]:
    digits = settings.CITY.area_digits[level["level"]]
    found: dict[str, Found] = {}
    for row, shape in zip(rows, shapes_in_city(rows, datum), strict=True):
        code, name = row.values.get(level["code"], "").strip(), row.values.get(level["name"], "").strip()
        if len(code) != digits or not code.isdigit():
            run.reject(row, level["code"], f"the code of a {level['level']} has {digits} digits")
        elif not code.startswith(city):
            run.reject(row, level["code"], f"the code does not begin with the city's {city}")
        elif code in found:
            run.reject(row, level["code"], "the code was there before")
        elif not name:
            run.reject(row, level["name"], "no name")
        elif shape is None or shapely.get_dimensions(shape) != 2:
            run.reject(row, "geometry", f"no area, or outside of what {datum} can mean here")
        else:
            found[code] = Found(code, name, row, shape)
    return list(found.values())


def _sums(run: Run, found: Sequence[Found], below: Mapping[str, MultiPolygon]) -> dict[str, MultiPolygon]:
    """Shapes of parents as the sum of what is inside by code, so that every level has the same edges."""
    shapes = {}
    for area in found:
        children = [shape for code, shape in below.items() if code.startswith(area.code)]
        if not children:
            run.reject(area.row, "code", "no area of the level below has a code that begins with this one")
            continue
        shapes[area.code] = joined(children)
        differs = shapely.area(shapely.symmetric_difference(shapely.make_valid(area.shape), shapes[area.code]))
        if differs >= 1:
            run.change(
                area.code, "geometry", f"replaced by the sum of its {len(children)} parts: {differs:.1f} m² differ"
            )
    return shapes


def _store(areas: Sequence[tuple[str, str, MultiPolygon]], level: str) -> None:
    Area.objects.bulk_create(
        [
            Area(
                code=code,
                name=name,
                level=level,
                geom=cast(DjangoMultiPolygon, to_django(shape)),
            )
            for code, name, shape in areas
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "level", "geom"],
    )
