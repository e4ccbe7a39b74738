"""Draws the unit cells of a community: pure geometry, metres in any metric reference, no database.

Principles of the national standard on unit grids (GB/T 30428.1): inside one community, along streets and
water, objects not split where that can be avoided, about 10,000 m² where built up, no gap, no overlap,
compact, numbered in reading order.  Where there are no streets the cuts are balanced.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.coverage import clean_shapes
from gridmap.cuts import TOLERANCE, Objects, blocks, clusters, cut, polygons

RULE = "streets-and-balanced-cuts-2"  # version of what follows; kept in the report of every layout that it drew
BUILT_UP_M2 = 10_000.0
FAR_TOO_BIG = 2.0  # above this times the target size comes before whole objects
SMALL = 0.5  # below this share of the target a piece joins a neighbour

Community = Polygon | MultiPolygon


def draw(
    community: Community,
    target_m2: float = BUILT_UP_M2,
    *,
    streets: Iterable[BaseGeometry] = (),
    waters: Iterable[BaseGeometry] = (),
    compounds: Iterable[BaseGeometry] = (),
    components: Iterable[BaseGeometry] = (),
) -> list[Polygon]:
    """Cells that tile one community exactly, in numbering order; metres, any metric reference.

    Streets and waters (lines; of polygons the outline) become edges, and so do the walls of compounds larger than
    140 % of the target.  Smaller compounds, buildings and components (polygons) stay whole where edges can move
    aside or go around them with both sides within ±40 %: `splits` tells those that did not.  The same input always
    gives the same cells.  A detached part of the community is cut on its own, so an islet is a small cell.
    Raises ValueError for an empty or invalid community.
    """
    if community.is_empty or not community.is_valid:
        raise ValueError("a community must be a valid polygon with an area")
    if target_m2 <= 0:
        raise ValueError("the target area must be above 0 m²")
    whole, large = clusters([*compounds, *components], (1 + TOLERANCE) * target_m2)
    # a compound of several cells has walls, which are as good as a street
    barriers = [*map(_line, streets), *map(_line, waters), *map(_line, large)]
    keep = np.array(whole, dtype=object)
    cells: list[Polygon] = []
    for part in polygons(community):
        for block in merge_small(_blocks(part, barriers, whole), target_m2):
            cells += _fill(block, target_m2, keep)
    if len(cells) > 1:
        cells = merge_small(knit(cells), target_m2)
    return in_reading_order(cells, target_m2)


class Split(NamedTuple):
    """An object that lies in several cells: its place in the list, why, and the cells' places in theirs."""

    thing: int
    why: str  # "border": only cut by the edge of communities; "large": above 140 % of the target; "in the way"
    cells: tuple[int, ...]


def splits(
    things: Sequence[BaseGeometry], cells: Sequence[Polygon], owners: Sequence[str], targets_m2: Mapping[str, float]
) -> list[Split]:
    """Which objects (polygons) ended up in several cells; `owners` names the community of each cell.

    A part counts above 1 m² and 1 % of the object: less is how exactly both were surveyed.
    """
    if not things or not cells:
        return []
    objects, grounds = np.array(things, dtype=object), np.array(cells, dtype=object)
    thing, cell = shapely.STRtree(grounds).query(objects, predicate="intersects")
    common, whole = shapely.area(shapely.intersection(objects[thing], grounds[cell])), shapely.area(objects)
    inside: dict[int, list[int]] = {}
    for i, j, m2 in zip(thing.tolist(), cell.tolist(), common.tolist(), strict=True):
        if m2 > max(1.0, 0.01 * whole[i]):
            inside.setdefault(i, []).append(j)
    found = []
    for i, hit in sorted(inside.items()):
        communities = [owners[j] for j in hit]
        if len(hit) < 2:
            continue
        large = whole[i] > (1 + TOLERANCE) * max(targets_m2[code] for code in communities)
        why = "border" if len(set(communities)) == len(hit) else "large" if large else "in the way"
        found.append(Split(i, why, tuple(sorted(hit))))
    return found


def draw_all(communities: Sequence[Community], targets_m2: Sequence[float]) -> list[list[Polygon]]:
    """Cells of many neighbouring communities, knitted: they share every vertex across community borders too."""
    drawn = [draw(community, target) for community, target in zip(communities, targets_m2, strict=True)]
    return knit_all(drawn)


def knit_all(drawn: Sequence[Sequence[Polygon]]) -> list[list[Polygon]]:
    """Give neighbouring cells of different communities the same vertices; keeps order and grouping."""
    found = iter(_knitted([cell for cells in drawn for cell in cells]))
    return [[part for _ in cells for part in next(found)] for cells in drawn]


def knit(cells: Sequence[Polygon]) -> list[Polygon]:
    """Insert each cell's corners into its neighbours' edges, so that the coverage is valid; moves less than 1 mm.

    A cell with a neck thinner than that becomes two.  Raises ValueError for cells that were no tiling before.
    """
    return [part for parts in _knitted(cells) for part in parts]


def _knitted(cells: Sequence[Polygon]) -> list[list[Polygon]]:
    parts = [polygons(cell) for cell in clean_shapes(np.array(cells, dtype=object))]
    for before, after in zip(cells, parts, strict=True):
        if abs(before.area - sum(part.area for part in after)) > 1 + before.area * 0.01:
            raise ValueError(f"no tiling near {before.centroid.wkt}: the cells overlap or are too thin")
    return parts


def in_reading_order(cells: Sequence[Polygon], target_m2: float) -> list[Polygon]:
    """From west to east, row by row from north to south; a row is as high as a square of the target area."""
    if not cells:
        return []
    top, height = max(cell.bounds[3] for cell in cells), math.sqrt(target_m2)

    def place(cell: Polygon) -> tuple[int, float, float]:
        centre = cell.centroid
        return int((top - centre.y) / height), centre.x, -centre.y

    return sorted(cells, key=place)


def number(count: int, community_code: str, digits: int, taken: Collection[str] = ()) -> list[str]:
    """Codes of `count` cells: the community's code and a running number that was never used before.

    The number has `digits` digits; where a community needs more (over 999 with three), all numbers of this
    drawing become wider, so that the order of the codes as text stays the order of the cells.
    """
    prefix = len(community_code)
    used = [int(code[prefix:]) for code in taken if code.startswith(community_code) and code[prefix:].isdigit()]
    first = max(used, default=0) + 1
    width = max(digits, len(str(first + count - 1)))
    return [f"{community_code}{running:0{width}d}" for running in range(first, first + count)]


def describe(cells: Sequence[Polygon], target_m2: float) -> dict[str, float]:
    """Distribution of areas: count, least, quartiles, most (m²) and the share within ±40 % of the target."""
    areas = shapely.area(np.array(cells, dtype=object))
    if not len(areas):
        return {"cells": 0}
    low, quarter, middle, three, high = (float(x) for x in np.percentile(areas, [0, 25, 50, 75, 100]).round(1))
    near = np.abs(areas - target_m2) <= TOLERANCE * target_m2
    return {
        "cells": len(areas),
        "target_m2": target_m2,
        "least_m2": low,
        "quarter_m2": quarter,
        "median_m2": middle,
        "three_quarters_m2": three,
        "most_m2": high,
        "share_near_target": round(float(near.mean()), 4),
    }


def merge_small(pieces: Sequence[Polygon], target_m2: float) -> list[Polygon]:
    """Join pieces below half the target to the neighbour with the longest border that does not become too big."""
    shapes: list[Polygon | None] = list(pieces)
    tree = shapely.STRtree(np.array(pieces, dtype=object))
    near = {i: set(map(int, tree.query(piece, predicate="intersects"))) - {i} for i, piece in enumerate(pieces)}
    waiting = {i for i, piece in enumerate(pieces) if piece.area < SMALL * target_m2}
    while waiting:
        i = min(waiting, key=lambda j: (_area(shapes[j]), j))
        waiting.discard(i)
        small = shapes[i]
        if small is None:
            continue
        best = _host(small, [(j, shapes[j]) for j in sorted(near[i])], target_m2)
        if best is None:
            continue
        j, joined = best
        shapes[i], shapes[j] = None, joined
        near[j] = (near[j] | near[i]) - {i, j}
        for k in near[i] - {j}:
            near[k] = (near[k] - {i}) | {j}
        if joined.area >= SMALL * target_m2:
            waiting.discard(j)
        else:
            waiting.add(j)
    return [shape for shape in shapes if shape is not None]


def _host(small: Polygon, neighbours: list[tuple[int, Polygon | None]], target_m2: float) -> tuple[int, Polygon] | None:
    found: list[tuple[bool, float, int, Polygon]] = []
    for j, neighbour in neighbours:
        if neighbour is None:
            continue
        border = shapely.length(shapely.intersection(small, neighbour))
        joined = shapely.union(small, neighbour)
        if border > 0 and isinstance(joined, Polygon):
            too_big = joined.area > (1 + TOLERANCE) * target_m2
            if too_big and small.area > SMALL / 2 * target_m2:
                continue  # rather a small cell than one far too big
            found.append((too_big, -border / math.sqrt(joined.area), j, joined))
    if not found:
        return None
    _, _, j, joined = min(found, key=lambda option: option[:3])
    return j, joined


def _fill(block: Polygon, target_m2: float, keep: Objects) -> list[Polygon]:
    """Cells of a block; what joining small pieces made too big is cut again, at last through objects too."""
    pieces = [block]
    for objects, most in ((keep, 1 + TOLERANCE), (keep, 1 + TOLERANCE), (keep[:0], FAR_TOO_BIG)):
        if all(piece.area <= most * target_m2 for piece in pieces):
            break
        cells = [small for piece in pieces for small in cut(piece, target_m2, objects)]
        pieces = merge_small(cells, target_m2)
    return pieces


def _blocks(part: Polygon, barriers: Sequence[BaseGeometry], whole: Sequence[Polygon]) -> list[Polygon]:
    """What streets and waters leave of a community; a street that ends inside a block does not cut it."""
    inside = [line for line in barriers if line.intersects(part)]
    return blocks(part, inside, whole) if inside else [part]


def _line(shape: BaseGeometry) -> BaseGeometry:
    return shape.boundary if isinstance(shape, Polygon | MultiPolygon) else shape


def _area(shape: Polygon | None) -> float:
    return float(shape.area) if shape is not None else 0.0
