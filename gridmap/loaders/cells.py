"""Draws a layout for the loaded communities and stores it as a draft, with a report of what it could not honour."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from shapely import MultiPolygon, Polygon

from gridmap.cells import RULE, Split, describe, draw, in_reading_order, knit_all, merge_small, number, splits
from gridmap.copying import copy_all
from gridmap.cuts import TOLERANCE
from gridmap.loaders.layouts import cell_facts, check, index_of
from gridmap.loaders.obstacles import Obstacles, Thing
from gridmap.loaders.targets import Targets
from gridmap.models import Area, Cell, Layout
from gridmap.shapes import to_shapely

__all__ = ["cell_facts", "check", "draw_layout", "index_of", "told"]

LISTED = 500  # so many split objects are named in the report; all are counted


@dataclass(frozen=True)
class Drawn:
    """One community with its cells in numbering order, and their codes."""

    community: Area
    target_m2: float
    cells: list[Polygon]
    codes: list[str]


def draw_layout(name: str, progress: Callable[[Iterable[Area]], Iterable[Area]] = iter) -> Layout:
    """Draw all communities of the database as one layout, a draft; `generations` puts it in force.

    Targets come from the city's file table [cells], streets, waters and what stays whole from the gazetteer and the
    components. Numbers go on after every number that the community ever had, in any layout or edit.
    Raises ValueError where the drawing is no tiling.
    """
    communities = list(Area.objects.filter(level=Area.Level.COMMUNITY).order_by("code"))
    sizes, obstacles = Targets.loaded(), Obstacles.loaded()
    targets, shapes = [sizes.of(community) for community in communities], []
    for community, target in zip(progress(communities), targets, strict=True):
        ground = cast(MultiPolygon, to_shapely(community.geom))
        shapes.append(draw(ground, target, **obstacles.near(ground)))
    with transaction.atomic():
        used, drawn = _used_codes(), []
        for community, target, knitted in zip(communities, targets, knit_all(shapes), strict=True):
            cells = merge_small(knitted, target)  # a neck under 1 mm at a border leaves a piece
            codes = number(len(cells), community.code, settings.CITY.cell_digits, used[community.code])
            # knitting moves corners by less than 1 mm, which can be a row up or down
            drawn.append(Drawn(community, target, in_reading_order(cells, target), codes))
        layout = Layout.objects.create(name=name, report=_report(drawn, sizes, obstacles))
        rows = (
            (code, layout.pk, one.community.pk, cell, cell.area)
            for one in drawn
            for code, cell in zip(one.codes, one.cells, strict=True)
        )
        copy_all(Cell, ("code", "layout_id", "community_id", "geom", "area_m2"), rows)
    return layout


def told(layout: Layout) -> list[str]:
    """The report of a drawing as lines for a terminal."""
    report = layout.report
    lines = [f"layout {layout.name} ({layout.state}): {report['cells']:,} cells"]
    followed = ", ".join(f"{count:,} {what}" for what, count in report["looked at"].items())
    lines += [f"  looked at: {followed}", f"  built up: {report['built up']}"]
    for line in report["distribution"]:
        lines.append(
            f"  target {line['target_m2']:,.0f} m²: {line['cells']:,} cells, median {line['median_m2']:,.0f},"
            f" from {line['least_m2']:,.0f} to {line['most_m2']:,.0f} m²,"
            f" {line['share_near_target']:.1%} within ±40 %"
        )
    left = report["not honoured"]
    lines.append(f"  outside ±40 %: {left['below']:,} cells below, {left['above']:,} above")
    reasons = ", ".join(f"{count:,} {why}" for why, count in left["split"].items()) or "none"
    lines.append(f"  objects split: {reasons}")
    lines += [
        f"    {one['kind']} {one['name']}: {one['why']}, {', '.join(one['cells'])}" for one in left["objects"][:10]
    ]
    lines += [f"  wider numbers: {one['code']} has {one['cells']:,} cells" for one in left["wider numbers"]]
    return lines


def _used_codes() -> dict[str, list[str]]:
    """Every code that a cell of a community ever had, also one that an edit ended in a draft."""
    used: dict[str, list[str]] = defaultdict(list)
    length = settings.CITY.area_digits["community"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code FROM gridmap_cell UNION"
            " SELECT cell->>'code' FROM gridmap_layoutedit, jsonb_array_elements(before || after) AS cell"
        )
        for (code,) in cursor.fetchall():
            used[code[:length]].append(code)
    return used


def _report(drawn: Sequence[Drawn], sizes: Targets, obstacles: Obstacles) -> dict[str, Any]:
    by_target: dict[float, list[Polygon]] = defaultdict(list)
    for one in drawn:
        by_target[one.target_m2] += one.cells
    built_up = sum(sizes.built_up(one.community) for one in drawn)
    most = 10**settings.CITY.cell_digits - 1
    return {
        "rule": RULE,
        "built up": f"{sizes.rule}: {built_up} of {len(drawn)} communities",
        "looked at": obstacles.counts(),
        "cells": sum(len(one.cells) for one in drawn),
        "distribution": [describe(cells, target) for target, cells in sorted(by_target.items())],
        "not honoured": {
            **_far_from_target(drawn),
            **_split(drawn, [*obstacles.compounds.things, *obstacles.components.things]),
            "wider numbers": [
                {"code": one.community.code, "cells": len(one.cells)} for one in drawn if len(one.cells) > most
            ],
        },
    }


def _far_from_target(drawn: Sequence[Drawn]) -> dict[str, Any]:
    notes = []
    for one in drawn:
        shares = np.array([cell.area for cell in one.cells]) / one.target_m2
        below, above = int((shares < 1 - TOLERANCE).sum()), int((shares > 1 + TOLERANCE).sum())
        if below or above:
            notes.append({"code": one.community.code, "below": below, "above": above})
    return {"below": sum(n["below"] for n in notes), "above": sum(n["above"] for n in notes), "communities": notes}


def _split(drawn: Sequence[Drawn], things: Sequence[Thing]) -> dict[str, Any]:
    cells = [cell for one in drawn for cell in one.cells]
    codes = [code for one in drawn for code in one.codes]
    owners = [one.community.code for one in drawn for _ in one.cells]
    targets = {one.community.code: one.target_m2 for one in drawn}
    found = splits([thing.shape for thing in things], cells, owners, targets)
    named = [_named(things[one.thing], one, codes) for one in found if one.why != "border"]
    return {"split": dict(sorted(Counter(one.why for one in found).items())), "objects": named[:LISTED]}


def _named(thing: Thing, split: Split, codes: Sequence[str]) -> dict[str, Any]:
    return {"kind": thing.kind, "name": thing.name, "why": split.why, "cells": [codes[i] for i in split.cells]}
