"""Draws a layout for the loaded communities, stores it, and reads it back for checks and for matching."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import numpy as np
import shapely
from django.conf import settings
from django.db import transaction
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from gridmap.cells import BUILT_UP_M2, RULE, describe, draw, knit_all, number
from gridmap.copying import copy_all, copy_out
from gridmap.layouts import CellFact, Defect, defects
from gridmap.matching import CellIndex
from gridmap.models import Area, Cell, Component, Layout, Place
from gridmap.shapes import to_shapely

OTHER_M2 = 250_000.0  # farmland, hills and water, where the city's file says nothing else


@dataclass(frozen=True)
class Obstacles:
    """What cells follow (streets, waters) and what they leave whole (compounds, components), city-wide."""

    streets: list[BaseGeometry]
    waters: list[BaseGeometry]
    compounds: list[BaseGeometry]
    components: list[BaseGeometry]

    @classmethod
    def loaded(cls) -> "Obstacles":
        """From the gazetteer and the components of the database."""
        kinds = Place.Kind
        return cls(
            _shapes_of([kinds.ROAD, kinds.LANE]),
            _shapes_of([kinds.WATER]),
            _shapes_of([kinds.COMPOUND, kinds.BUILDING]),
            [
                to_shapely(geom)
                for geom in Component.objects.values_list("geom", flat=True)
                if geom.geom_type == "Polygon"
            ],
        )

    def near(self, shape: BaseGeometry) -> dict[str, list[BaseGeometry]]:
        """Those that touch a community."""
        lists = {"streets": self.streets, "waters": self.waters}
        lists |= {"compounds": self.compounds, "components": self.components}
        return {name: [one for one in found if one.intersects(shape)] for name, found in lists.items()}


def draw_layout(
    name: str, active_from: date | None, progress: Callable[[Iterable[Area]], Iterable[Area]] = iter
) -> Layout:
    """Draw all communities of the database as one layout: a draft, or active from a day.

    Targets come from the city's file table [cells]. Numbers go on after every number that the community ever had.
    Raises ValueError where the drawing is no tiling, IntegrityError for a second active layout on a day.
    """
    communities = list(Area.objects.filter(level=Area.Level.COMMUNITY).order_by("code"))
    names = dict(Area.objects.values_list("code", "name"))
    obstacles = Obstacles.loaded()
    targets, drawn = [], []
    for community in progress(communities):
        target, shape = target_of(community, names), to_shapely(community.geom)
        targets.append(target)
        drawn.append(draw(cast(MultiPolygon, shape), target, **obstacles.near(shape)))
    drawn = knit_all(drawn)
    digits = settings.CITY.cell_digits
    with transaction.atomic():
        layout = Layout.objects.create(
            name=name,
            state=Layout.State.ACTIVE if active_from else Layout.State.DRAFT,
            active_from=active_from,
            report=_report(communities, targets, drawn),
        )
        used: dict[str, list[str]] = defaultdict(list)
        length = settings.CITY.area_digits["community"]
        for code in Cell.objects.values_list("code", flat=True):
            used[code[:length]].append(code)
        rows = []
        for community, cells in zip(communities, drawn, strict=True):
            codes = number(len(cells), community.code, digits, used[community.code])
            rows += [(code, layout.pk, community.pk, cell, cell.area) for code, cell in zip(codes, cells, strict=True)]
        copy_all(Cell, ("code", "layout_id", "community_id", "geom", "area_m2"), rows)
    return layout


def target_of(community: Area, names: Mapping[str, str]) -> float:
    """Square metres a cell should have: of the first table [[cells.areas]] that names the area or one above it."""
    mapping: dict[str, Any] = settings.CITY.mapping.get("cells", {})
    above = {name for code, name in names.items() if community.code.startswith(code)}
    for entry in mapping.get("areas", ()):
        if above & set(entry["names"]):
            return float(entry["target_m2"])
    built_up = float(mapping.get("built_up_m2", BUILT_UP_M2))
    return built_up if community.built_up else float(mapping.get("other_m2", OTHER_M2))


def _report(communities: Sequence[Area], targets: Sequence[float], drawn: Sequence[Sequence[Any]]) -> dict[str, Any]:
    by_target: dict[float, list[Any]] = {}
    notes = []
    most = 10**settings.CITY.cell_digits - 1
    for community, target, cells in zip(communities, targets, drawn, strict=True):
        by_target.setdefault(target, []).extend(cells)
        if len(cells) > most:
            notes.append({"code": community.code, "what": f"{len(cells)} cells: running numbers have more digits"})
        small = sum(1 for cell in cells if cell.area < target / 2)
        large = sum(1 for cell in cells if cell.area > target * 1.4)
        if small or large:
            notes.append(
                {"code": community.code, "what": f"{small} cells below 50 %, {large} above 140 % of the target"}
            )
    return {
        "rule": RULE,
        "cells": sum(map(len, drawn)),
        "distribution": [describe(cells, target) for target, cells in sorted(by_target.items())],
        "not honoured": notes,
    }


def check(layout: Layout) -> list[Defect]:
    """Every defect of a stored layout."""
    communities = {area.code: to_shapely(area.geom) for area in Area.objects.filter(level=Area.Level.COMMUNITY)}
    used = Cell.objects.exclude(layout=layout).values_list("code", flat=True)
    return defects(cell_facts(layout), communities, list(used))


def cell_facts(layout: Layout) -> list[CellFact]:
    """The cells of a layout as values, by code."""
    _, facts = _stored(layout)
    return facts


def index_of(layout: Layout) -> tuple[CellIndex, list[int], list[str]]:
    """For matching in bulk: the index, and for its answers the keys of the cells and the codes of their communities."""
    keys, facts = _stored(layout)
    index = CellIndex([fact.code for fact in facts], [fact.shape for fact in facts])
    return index, keys, [fact.community for fact in facts]


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


def _shapes_of(kinds: Sequence[str]) -> list[BaseGeometry]:
    geometries = Place.objects.filter(kind__in=kinds, geom__isnull=False).values_list("geom", flat=True)
    return [to_shapely(geometry) for geometry in geometries if geometry is not None]
