"""What can be wrong with a layout of the grid: pure geometry, metres."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.cells import in_reading_order
from gridmap.cuts import TOLERANCE

EDGE_M = 0.001  # gaps narrower than this are found along edges, wider ones by their area
ROUNDING_M = 0.00001  # corners are that exact
NOTED_M2 = 0.01  # smaller overlaps and gaps are rounding along an edge
FAIL, WARN = "fail", "warn"
# kinds that do not keep a layout from being accepted: ground and components are sometimes like that
WARNINGS = frozenset({"area", "order", "component_none", "component_split"})


class CellFact(NamedTuple):
    """A cell as a value."""

    code: str
    community: str
    shape: Polygon


class Item(NamedTuple):
    """A component as a value: code and shape."""

    code: str
    shape: BaseGeometry


class Defect(NamedTuple):
    """One defect: kind, the code of the cell, community or component, the other one where there are two, m², where.

    `severity` is "fail" or "warn"; `where` is the place to look at, in metres of the city's SRID.
    """

    kind: str
    code: str
    other: str = ""
    m2: float = 0.0
    severity: str = FAIL
    where: BaseGeometry | None = None


@dataclass(frozen=True)
class Rules:
    """What the city's file asks of cells: the target of each community (m²), the least digits of running numbers."""

    targets_m2: Mapping[str, float] = field(default_factory=dict)
    digits: int = 1


def defects(
    cells: Sequence[CellFact],
    communities: Mapping[str, BaseGeometry],
    rules: Rules | None = None,
    *,
    earlier: Iterable[Item] = (),
    items: Sequence[Item] = (),
) -> list[Defect]:
    """Every defect of a layout, by severity, kind and code; without failing ones it is a good layout.

    Failing: invalid, code_twice, code_reused (a code of another layout on other ground: `earlier`), prefix (the code
    does not begin with the community's), numbering (the rest is no running number of the city's width), no_community,
    outside, overlap, gap, edges (neighbours do not share every corner, at 1 mm).  Warnings: area (not within ±40 % of
    the target), order (not numbered in reading order; once a community), component_none (`items` in no cell),
    component_split (an area in several cells; a line may cross, a point on an edge is in the lowest code).
    """
    rules = rules or Rules()
    found = _codes(cells, rules.digits, earlier)
    found += [Defect("invalid", cell.code, where=_fault(cell.shape)) for cell in cells if not _sound(cell)]
    sound = sorted((cell for cell in cells if _sound(cell)), key=lambda cell: cell.code)
    if sound:
        overlaps = _overlaps(sound)
        found += _outside(sound, communities) + overlaps
        found += _edges(sound, {code for defect in overlaps for code in (defect.code, defect.other)})
        found += _areas(sound, rules.targets_m2) + _order(sound, rules.targets_m2) + _items(sound, items)
    found += _gaps(sound, communities)
    found = [defect._replace(severity=WARN) if defect.kind in WARNINGS else defect for defect in found]
    return sorted(found, key=lambda defect: (defect.severity, *defect[:4]))


def failing(found: Iterable[Defect]) -> list[Defect]:
    """Those that keep a layout from being accepted."""
    return [defect for defect in found if defect.severity == FAIL]


def same_ground(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two shapes differ by no more than rounding along their edges: a corner more on an edge is the same."""
    return float(shapely.symmetric_difference(one, other).area) <= _rounding(one)


def _codes(cells: Sequence[CellFact], digits: int, earlier: Iterable[Item]) -> list[Defect]:
    counts = Counter(cell.code for cell in cells)
    found = []
    for cell in cells:
        where = cell.shape
        if not cell.code.startswith(cell.community):
            found.append(Defect("prefix", cell.code, cell.community, where=where))
        elif not _is_number(cell.code.removeprefix(cell.community), digits):
            found.append(Defect("numbering", cell.code, cell.community, where=where))
        if counts.pop(cell.code, 1) > 1:
            found.append(Defect("code_twice", cell.code, where=where))
    now = {cell.code: cell.shape for cell in cells}
    other_ground = {item.code for item in earlier if item.code in now and not same_ground(now[item.code], item.shape)}
    return found + [Defect("code_reused", code, where=now[code]) for code in sorted(other_ground)]


def _is_number(text: str, digits: int) -> bool:
    return re.fullmatch(r"[0-9]+", text) is not None and len(text) >= digits and int(text) > 0


def _sound(cell: CellFact) -> bool:
    return bool(cell.shape.is_valid) and not cell.shape.is_empty


def _fault(shape: BaseGeometry) -> BaseGeometry | None:
    at = re.search(r"\[(\S+) (\S+)\]", str(shapely.is_valid_reason(shape)))
    if at is None:
        return None if shape.is_empty else shape
    return Point(float(at[1]), float(at[2]))


def _outside(cells: Sequence[CellFact], communities: Mapping[str, BaseGeometry]) -> list[Defect]:
    found = [
        Defect("no_community", cell.code, cell.community, where=cell.shape)
        for cell in cells
        if cell.community not in communities
    ]
    inside: dict[str, list[CellFact]] = defaultdict(list)
    for cell in cells:
        inside[cell.community].append(cell)
    for code in communities.keys() & inside.keys():
        community = communities[code]
        shapely.prepare(community)
        shapes = _array(cell.shape for cell in inside[code])
        for i in np.flatnonzero(~shapely.covers(community, shapes)):
            cell, beyond = inside[code][i], shapely.difference(shapes[i], community)
            if beyond.area > _rounding(cell.shape):
                found.append(Defect("outside", cell.code, code, round(float(beyond.area), 3), where=beyond))
    return found


def _gaps(cells: Sequence[CellFact], communities: Mapping[str, BaseGeometry]) -> list[Defect]:
    inside: dict[str, list[Polygon]] = defaultdict(list)
    for cell in cells:
        inside[cell.community].append(cell.shape)
    found = []
    for code, community in communities.items():
        left = shapely.difference(community, shapely.union_all(inside[code])) if code in inside else community
        if left.area > _rounding(community):
            holes = [hole for hole in shapely.get_parts(left) if hole.area > NOTED_M2] or [left]
            found += [Defect("gap", code, m2=round(float(hole.area), 3), where=hole) for hole in holes]
    return found


def _overlaps(cells: Sequence[CellFact]) -> list[Defect]:
    shapes = _array(cell.shape for cell in cells)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    # most neighbours only touch; that is cheaper to know than their common area
    deep = ~shapely.touches(shapes[one], shapes[other])
    one, other = one[deep], other[deep]
    common = shapely.intersection(shapes[one], shapes[other])
    return [
        Defect("overlap", cells[i].code, cells[j].code, round(float(both.area), 3), where=_area_of(both))
        for i, j, both in zip(one, other, common, strict=True)
        if both.area > NOTED_M2
    ]


def _edges(cells: Sequence[CellFact], known: Collection[str]) -> list[Defect]:
    wrong = shapely.coverage_invalid_edges(_array(cell.shape for cell in cells), gap_width=EDGE_M)
    return [
        Defect("edges", cell.code, where=edge)
        for cell, edge in zip(cells, wrong, strict=True)
        if not shapely.is_empty(edge) and cell.code not in known
    ]


def _areas(cells: Sequence[CellFact], targets_m2: Mapping[str, float]) -> list[Defect]:
    found = []
    for cell in cells:
        target, area = targets_m2.get(cell.community), float(cell.shape.area)
        if target and abs(area - target) > TOLERANCE * target:
            found.append(Defect("area", cell.code, cell.community, round(area, 1), where=cell.shape))
    return found


def _order(cells: Sequence[CellFact], targets_m2: Mapping[str, float]) -> list[Defect]:
    inside: dict[str, list[CellFact]] = defaultdict(list)
    for cell in cells:
        if cell.community in targets_m2 and _is_number(cell.code.removeprefix(cell.community), 1):
            inside[cell.community].append(cell)
    found = []
    for code, group in inside.items():
        by_number = sorted(group, key=lambda cell: (int(cell.code.removeprefix(cell.community)), cell.code))
        wanted = in_reading_order([cell.shape for cell in by_number], targets_m2[code])
        late = next((c for c, shape in zip(by_number, wanted, strict=True) if c.shape is not shape), None)
        if late is not None:
            found.append(Defect("order", late.code, code, where=late.shape))
    return found


def _items(cells: Sequence[CellFact], items: Sequence[Item]) -> list[Defect]:
    if not items:
        return []
    shapes, things = _array(cell.shape for cell in cells), _array(item.shape for item in items)
    thing, cell = shapely.STRtree(shapes).query(things, predicate="intersects")
    counts = np.bincount(thing, minlength=len(items))
    found = [
        Defect("component_none", items[i].code, where=items[i].shape) for i in np.flatnonzero(counts == 0).tolist()
    ]
    # only what covers ground can be split: a line may run through cells, a point on an edge has the lowest code
    flat = (counts[thing] > 1) & (shapely.get_dimensions(things[thing]) == 2)
    thing, cell = thing[flat], cell[flat]
    common = shapely.area(shapely.intersection(things[thing], shapes[cell]))
    for i in np.unique(thing).tolist():
        parts = sorted(common[thing == i], reverse=True)
        if parts[1] > NOTED_M2:
            codes = " ".join(cells[j].code for j in cell[(thing == i) & (common > NOTED_M2)].tolist())
            m2 = round(float(parts[1]), 3)
            found.append(Defect("component_split", items[i].code, codes, m2, where=items[i].shape))
    return found


def _array(shapes: Iterable[BaseGeometry]) -> npt.NDArray[np.object_]:
    return np.array(list(shapes), dtype=object)


def _area_of(shape: BaseGeometry) -> BaseGeometry:
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _rounding(shape: BaseGeometry) -> float:
    return max(NOTED_M2, float(shape.length) * ROUNDING_M)
