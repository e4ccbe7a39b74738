"""Draws a layout for the loaded communities, stores it, and reads it back for checks and for matching."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from gridmap.cells import RULE, describe, draw, knit_all, number
from gridmap.copying import copy_all
from gridmap.loaders.layouts import cell_facts, check, index_of
from gridmap.loaders.targets import OTHER_M2, Targets
from gridmap.models import Area, Cell, Component, Layout, Place
from gridmap.shapes import to_shapely

__all__ = ["OTHER_M2", "Obstacles", "cell_facts", "check", "draw_layout", "index_of"]


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
    sizes = Targets.loaded()
    obstacles = Obstacles.loaded()
    targets, drawn = [], []
    for community in progress(communities):
        target, shape = sizes.of(community), to_shapely(community.geom)
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


def _shapes_of(kinds: Sequence[str]) -> list[BaseGeometry]:
    geometries = Place.objects.filter(kind__in=kinds, geom__isnull=False).values_list("geom", flat=True)
    return [to_shapely(geometry) for geometry in geometries if geometry is not None]
