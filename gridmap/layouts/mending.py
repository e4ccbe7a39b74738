"""Mends the cells of one community that are no tiling of it any more: pure geometry, metres.

After a survey changed the border of a community, or cells came from elsewhere, cells may reach beyond it, overlap, or
leave ground to nobody.  What is sound stays as it is.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.coverage import clean_shapes
from gridmap.layouts.editing import (
    LEAST_WIDTH_M,
    SAME_M,
    Change,
    EditError,
    Ground,
    Reason,
    corners_of,
    same_ground,
    touched,
    width_m,
    with_corners,
    wrong_m,
)

NOTED_M2 = 0.01  # less is rounding along an edge
LEAST_M2 = 1.0  # less is left of a cell: it ends
NEW_M2 = 2_000.0  # ground of nobody this large becomes a cell of its own


def mend(ground: Ground) -> Change:
    """Make the cells tile their community again: clipped to it, overlaps to the lowest code, gaps to a neighbour.

    A gap joins the cell with the longest common border; one of 2,000 m² or more becomes a new cell.  Neighbours of
    other communities only gain corners.  Raises EditError where nothing is wrong, and where it does not come out right.
    """
    kept = _apart(_clipped(ground))
    spare = _parts(shapely.difference(ground.community, shapely.union_all(np.array([*kept.values()], dtype=object))))
    cells, made = _joined(kept, spare)
    beside = [corner for shape in ground.others.values() for corner in corners_of([shape])]
    cells = {code: with_corners(shape, beside) for code, shape in cells.items()}
    made = [with_corners(shape, beside) for shape in made]
    _check(ground, [*cells.values(), *made])
    changed = {code: shape for code, shape in cells.items() if not _equal(shape, ground.cells[code])}
    moved = {code: shape for code, shape in changed.items() if not same_ground(shape, _valid(ground.cells[code]))}
    ended = tuple(code for code in ground.cells if code not in cells)
    if not moved and not ended and not made and not changed:
        raise EditError(Reason.SOUND)
    corners = np.array(corners_of([*cells.values(), *made]))
    on_border = shapely.dwithin(shapely.points(corners), ground.community.boundary, 2 * SAME_M)
    shared = [(float(x), float(y)) for x, y in corners[on_border]]
    gained = {code: shape for code, shape in changed.items() if code not in moved}
    return Change(ended, tuple(made), moved, gained | touched(ground, set(ground.cells), shared))


def _clipped(ground: Ground) -> dict[str, Polygon]:
    """The largest part of each cell that is inside the community; cells of which nothing is left are left out."""
    found = {}
    shapely.prepare(ground.community)
    for code in sorted(ground.cells):
        shape = _valid(ground.cells[code])
        if shapely.difference(shape, ground.community).area > max(NOTED_M2, shape.length * 0.00001):
            shape = shapely.intersection(shape, ground.community)
        parts = _parts(shape)
        if parts and parts[0].area >= LEAST_M2:
            found[code] = parts[0]
    return found


def _apart(cells: Mapping[str, Polygon]) -> dict[str, Polygon]:
    """Ground of two cells to the lower code alone."""
    found = dict(cells)
    codes, shapes = list(found), np.array([*found.values()], dtype=object)
    if not codes:
        return {}
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for i, j in sorted((int(i), int(j)) for i, j in zip(one, other, strict=True) if i < j):
        first, second = found.get(codes[i]), found.get(codes[j])
        if first is None or second is None or shapely.intersection(first, second).area <= NOTED_M2:
            continue
        parts = _parts(shapely.difference(second, first))
        if parts and parts[0].area >= LEAST_M2:
            found[codes[j]] = parts[0]
        else:
            del found[codes[j]]
    return found


def _joined(kept: Mapping[str, Polygon], spare: Sequence[Polygon]) -> tuple[dict[str, Polygon], list[Polygon]]:
    """Knit everything, then give each spare part to a cell, or make it one."""
    codes = list(kept)
    knitted = [_parts(shape) for shape in clean_shapes(np.array([*kept.values(), *spare], dtype=object))]
    cells = {code: parts[0] for code, parts in zip(codes, knitted, strict=False) if parts}
    loose = [part for parts in knitted[: len(codes)] for part in parts[1:]]
    loose += [part for parts in knitted[len(codes) :] for part in parts]
    made = [part for part in loose if part.area >= NEW_M2 and width_m(part) >= LEAST_WIDTH_M]
    rest = sorted((part for part in loose if part not in made), key=lambda part: -float(part.area))
    while rest:
        left = []
        for part in rest:
            host = _host(part, cells)
            joined = shapely.coverage_union_all([cells[host], part]) if host else None
            if host and isinstance(joined, Polygon):
                cells[host] = joined
            else:
                left.append(part)
        if len(left) == len(rest):
            raise EditError(Reason.UNMENDABLE)
        rest = left
    return cells, made


def _host(part: Polygon, cells: Mapping[str, Polygon]) -> str | None:
    around = part.buffer(SAME_M)
    borders = {
        code: float(shapely.intersection(around, shape).area) for code, shape in cells.items() if shape.intersects(part)
    }
    return max(borders, key=lambda code: borders[code]) if borders else None


def _check(ground: Ground, cells: Sequence[Polygon]) -> None:
    whole = shapely.union_all(np.array(cells, dtype=object))
    lost = shapely.symmetric_difference(whole, ground.community).area
    if lost > max(NOTED_M2, ground.community.length * 0.00001) or wrong_m(cells) > SAME_M:
        raise EditError(Reason.UNMENDABLE)


def _equal(one: Polygon, other: Polygon) -> bool:
    return bool(shapely.normalize(one).equals_exact(shapely.normalize(other), 0))


def _valid(shape: Polygon) -> BaseGeometry:
    return shape if shape.is_valid else shapely.make_valid(shape)


def _parts(shape: BaseGeometry) -> list[Polygon]:
    flat = [inner for part in shapely.get_parts(shape) for inner in shapely.get_parts(part)]
    return sorted(
        (part for part in flat if isinstance(part, Polygon) and part.area > 0), key=lambda part: -float(part.area)
    )
