"""What can be wrong with a layout of the grid: pure geometry, metres."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

EDGE_M = 0.001  # gaps narrower than this are found along edges, wider ones by their area
ROUNDING_M = 0.00001  # corners are that exact
NOTED_M2 = 0.01  # smaller overlaps and gaps are rounding along an edge


class CellFact(NamedTuple):
    """A cell as a value."""

    code: str
    community: str
    shape: Polygon


class Defect(NamedTuple):
    """One defect: kind, the cell's or community's code, the other cell where there are two, square metres."""

    kind: str
    code: str
    other: str = ""
    m2: float = 0.0


def defects(
    cells: Sequence[CellFact], communities: Mapping[str, BaseGeometry], used_codes: Collection[str] = ()
) -> list[Defect]:
    """Every defect of a layout, by kind and code; an empty list is a good layout.

    Kinds: invalid, code_twice, code_reused (a code of an earlier layout), prefix (the code does not begin with the
    community's), no_community, outside, overlap, gap, edges (neighbours do not share every corner, at 1 mm).
    """
    found = [Defect("invalid", cell.code) for cell in cells if not cell.shape.is_valid or cell.shape.is_empty]
    counts, used = Counter(cell.code for cell in cells), set(used_codes)
    found += [Defect("code_twice", code) for code, count in counts.items() if count > 1]
    found += [Defect("code_reused", code) for code in counts if code in used]
    found += [Defect("prefix", cell.code, cell.community) for cell in cells if not cell.code.startswith(cell.community)]
    sound = [cell for cell in cells if cell.shape.is_valid and not cell.shape.is_empty]
    found += _outside(sound, communities) + _gaps(sound, communities)
    overlaps = _overlaps(sound)
    found += overlaps
    if len(sound) == len(cells) and not overlaps:
        found += _edges(sound)
    return sorted(found)


def _outside(cells: Sequence[CellFact], communities: Mapping[str, BaseGeometry]) -> list[Defect]:
    found = []
    for cell in cells:
        community = communities.get(cell.community)
        if community is None:
            found.append(Defect("no_community", cell.code, cell.community))
            continue
        beyond = float(shapely.difference(cell.shape, community).area)
        if beyond > _rounding(cell.shape):
            found.append(Defect("outside", cell.code, cell.community, round(beyond, 3)))
    return found


def _gaps(cells: Sequence[CellFact], communities: Mapping[str, BaseGeometry]) -> list[Defect]:
    inside: dict[str, list[Polygon]] = defaultdict(list)
    for cell in cells:
        inside[cell.community].append(cell.shape)
    found = []
    for code, community in communities.items():
        left = shapely.difference(community, shapely.union_all(inside[code])) if code in inside else community
        if left.area > _rounding(community):
            found.append(Defect("gap", code, m2=round(float(left.area), 3)))
    return found


def _overlaps(cells: Sequence[CellFact]) -> list[Defect]:
    shapes = np.array([cell.shape for cell in cells], dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    # most neighbours only touch; that is cheaper to know than their common area
    deep = ~shapely.touches(shapes[one], shapes[other])
    one, other = one[deep], other[deep]
    areas = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    return [
        Defect("overlap", cells[i].code, cells[j].code, round(float(m2), 3))
        for i, j, m2 in zip(one, other, areas, strict=True)
        if m2 > NOTED_M2
    ]


def _edges(cells: Sequence[CellFact]) -> list[Defect]:
    shapes = np.array([cell.shape for cell in cells], dtype=object)
    wrong = shapely.coverage_invalid_edges(shapes, gap_width=EDGE_M)
    return [Defect("edges", cell.code) for cell, edge in zip(cells, wrong, strict=True) if not shapely.is_empty(edge)]


def _rounding(shape: BaseGeometry) -> float:
    return max(NOTED_M2, float(shape.length) * ROUNDING_M)
