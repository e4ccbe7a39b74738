"""Draws the unit cells of a community: pure geometry, metres in any metric reference, no database.

Principles of the national standard on unit grids (GB/T 30428.1): inside one community, along streets and
water, objects not split where that can be avoided, about 10,000 m² where built up, no gap, no overlap,
compact, numbered in reading order.  Where there are no streets the cuts are balanced.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.coverage import clean_shapes

RULE = "balanced-cuts-1"  # version of what follows; kept in the report of every layout that it drew
BUILT_UP_M2 = 10_000.0
TOLERANCE = 0.4  # a cell within ±40 % of its target is as good as the ground allows
SMALL = 0.5  # below this share of the target a piece joins a neighbour
LONG_CUT = 1.3  # a cut longer than this times the mean width of the piece is worth looking for a better one
SHIFT = 0.2  # a cut may move by this share of its balance to leave an object whole

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

    Streets and waters (lines; of polygons the outline) become edges; compounds and components are not split
    where a cut can move by 20 %.  The same input always gives the same cells.  A detached part of the
    community is cut on its own, so an islet is a small cell.  Raises ValueError for an empty or invalid community.
    """
    if community.is_empty or not community.is_valid:
        raise ValueError("a community must be a valid polygon with an area")
    if target_m2 <= 0:
        raise ValueError("the target area must be above 0 m²")
    barriers = [*map(_line, streets), *map(_line, waters)]
    keep = np.array([*compounds, *components], dtype=object)
    tree = shapely.STRtree(keep) if len(keep) else None
    cells: list[Polygon] = []
    for part in _parts(community):
        blocks = merge_small(_blocks(part, barriers), target_m2)
        for block in blocks:
            whole = keep[np.sort(tree.query(block, predicate="intersects"))] if tree is not None else keep
            cells += merge_small(_cut(block, target_m2, _angle(block), whole), target_m2)
    if len(cells) > 1:
        cells = merge_small(knit(cells), target_m2)
    return in_reading_order(cells, target_m2)


def draw_all(communities: Sequence[Community], targets_m2: Sequence[float]) -> list[list[Polygon]]:
    """Cells of many neighbouring communities, knitted: they share every vertex across community borders too."""
    drawn = [draw(community, target) for community, target in zip(communities, targets_m2, strict=True)]
    return knit_all(drawn)


def knit_all(drawn: Sequence[Sequence[Polygon]]) -> list[list[Polygon]]:
    """Give neighbouring cells of different communities the same vertices; keeps order and grouping."""
    flat = knit([cell for cells in drawn for cell in cells])
    found = iter(flat)
    return [[next(found) for _ in cells] for cells in drawn]


def knit(cells: Sequence[Polygon]) -> list[Polygon]:
    """Insert each cell's corners into its neighbours' edges, so that the coverage is valid; moves less than 1 mm.

    Raises ValueError if a cell falls apart, which means that the cells were no tiling before.
    """
    cleaned = clean_shapes(np.array(cells, dtype=object))
    knitted = [max(_parts(cell), key=_area) if not cell.is_empty else cell for cell in cleaned]
    for before, after, whole in zip(cells, knitted, cleaned, strict=True):
        if after.is_empty or whole.area - after.area > 1 or abs(before.area - after.area) > 1 + before.area * 0.01:
            raise ValueError(f"no tiling near {before.centroid.wkt}: the cells overlap or are too thin")
    return knitted


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


def _blocks(part: Polygon, barriers: Sequence[BaseGeometry]) -> list[Polygon]:
    """What streets and waters leave of a community; a street that ends inside a block does not cut it."""
    inside = [line for line in barriers if line.intersects(part)]
    return _faces(part, inside) if inside else [part]


def _faces(polygon: Polygon, lines: Sequence[BaseGeometry]) -> list[Polygon]:
    edges = shapely.union_all([polygon.boundary, *lines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    # faces outside are bays and holes that a line closes
    inside = shapely.covers(polygon, shapely.point_on_surface(faces))
    return [face for face in faces[inside] if face.area > 0]


def _cut(polygon: Polygon, target_m2: float, angle: float, keep: np.ndarray) -> list[Polygon]:
    wanted = round(polygon.area / target_m2)
    if wanted < 2:
        return [polygon]
    pieces = _faces(polygon, [_best_line(polygon, wanted, target_m2, angle, keep)])
    if len(pieces) < 2:  # thinner than a vertex distance: cannot be cut
        return [polygon]
    return [small for piece in pieces for small in _cut(piece, target_m2, angle, keep)]


def _best_line(polygon: Polygon, wanted: int, target_m2: float, angle: float, keep: np.ndarray) -> LineString:
    """The straight cut for a piece that shall become `wanted` cells.

    Usually across the longer side, between two columns of square cells.  Where that runs far through the
    piece, as in the arm of a hook, the shortest of several cuts in both directions.
    """
    frame = _Frame.of(polygon, angle)
    columns = max(2, round(frame.length / math.sqrt(target_m2)))
    middle = min(wanted - 1, max(1, round(wanted * (columns // 2) / columns)))
    line = frame.line(middle / wanted, keep)
    if line.intersection(polygon).length <= LONG_CUT * polygon.area / frame.length:
        return line
    step = max(1, wanted // 16)
    shares = [count / wanted for count in range(max(1, wanted // 4), wanted - wanted // 4 + 1, step) if count < wanted]
    lines = [line, *(turned.line(share, keep) for turned in (frame, frame.turned()) for share in shares)]
    return min(lines, key=lambda cut: round(cut.intersection(polygon).length, 3))


@dataclass(frozen=True)
class _Frame:
    """A piece seen along one direction: unit vectors, and an origin inside it that keeps sums exact."""

    polygon: Polygon
    origin: np.ndarray
    along: np.ndarray
    across: np.ndarray
    length: float

    @classmethod
    def of(cls, polygon: Polygon, angle: float) -> "_Frame":
        """Along the longer side, of the direction and the one square to it."""
        along = np.array([math.cos(angle), math.sin(angle)])
        across = np.array([-along[1], along[0]])
        origin = np.array(polygon.centroid.coords[0])
        corners = shapely.get_coordinates(polygon) - origin
        length, width = float(np.ptp(corners @ along)), float(np.ptp(corners @ across))
        frame = cls(polygon, origin, along, across, length)
        return frame if length >= width * (1 - 1e-9) else replace(frame, along=across, across=-along, length=width)

    def turned(self) -> "_Frame":
        corners = shapely.get_coordinates(self.polygon) - self.origin
        width = float(np.ptp(corners @ self.across))
        return replace(self, along=self.across, across=-self.along, length=width)

    def line(self, share: float, keep: np.ndarray) -> LineString:
        """The straight line across that leaves `share` of the area on its first side, objects left whole."""
        at = _offset(self.polygon, self.origin, self.along, self.across, share)
        if len(keep):
            near = keep[shapely.intersects(keep, self.polygon)]
            at = _beside(near, self.origin, self.along, at, SHIFT * self.length * min(share, 1 - share))
        corners = shapely.get_coordinates(self.polygon) - self.origin
        reach = float(np.abs(corners).max()) * 2 + 1
        ends = [self.origin + self.along * at + self.across * side for side in (-reach, reach)]
        return LineString(ends)


def _offset(polygon: Polygon, origin: np.ndarray, along: np.ndarray, across: np.ndarray, share: float) -> float:
    """Distance along the axis where the area before it is `share`, to 0.1 %: halving on Green's sum."""
    rings = [polygon.exterior, *polygon.interiors]
    coordinates = [shapely.get_coordinates(shapely.normalize(Polygon(ring)).exterior) - origin for ring in rings]
    signs = [1.0, *[-1.0] * (len(rings) - 1)]
    u1 = np.concatenate([c[:-1] @ along for c in coordinates])
    u2 = np.concatenate([c[1:] @ along for c in coordinates])
    v1 = np.concatenate([c[:-1] @ across for c in coordinates])
    v2 = np.concatenate([c[1:] @ across for c in coordinates])
    sign = np.concatenate([np.full(len(c) - 1, s) for c, s in zip(coordinates, signs, strict=True)])
    run = u2 - u1
    slope = np.divide(v2 - v1, run, out=np.zeros_like(run), where=run != 0)

    def left(at: float) -> float:
        a, b = np.minimum(u1, at), np.minimum(u2, at)
        return abs(float(np.sum(sign * (b - a) * (v1 + slope * ((a + b) / 2 - u1)))))

    low, high, whole = float(u1.min()), float(u1.max()), polygon.area
    for _ in range(40):
        at = (low + high) / 2
        area = left(at)
        if abs(area - share * whole) < 0.001 * whole * min(share, 1 - share):
            break
        low, high = (at, high) if area < share * whole else (low, at)
    return at


def _beside(keep: np.ndarray, origin: np.ndarray, along: np.ndarray, at: float, reach: float) -> float:
    """The offset nearest to `at`, at most `reach` away, that crosses the fewest objects along the axis."""
    spans = []
    for shape in keep:
        seen = (shapely.get_coordinates(shape) - origin) @ along
        spans.append((float(seen.min()), float(seen.max())))
    ends = [end + step for low, high in spans for end, step in ((low, -0.5), (high, 0.5))]
    options = [at, *(end for end in ends if abs(end - at) <= reach)]

    def crossed(offset: float) -> int:
        return sum(low <= offset <= high for low, high in spans)

    return min(options, key=lambda offset: (crossed(offset), abs(offset - at), offset))


def _angle(polygon: Polygon) -> float:
    """Direction of the long side of the smallest rectangle around it, radians in [0, π)."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(polygon))
    if len(corners) < 4:
        return 0.0
    sides = corners[1:3] - corners[0:2]
    dx, dy = max(sides.tolist(), key=lambda side: round(math.hypot(*side), 6))
    return math.atan2(dy, dx) % math.pi


def _line(shape: BaseGeometry) -> BaseGeometry:
    return shape.boundary if isinstance(shape, Polygon | MultiPolygon) else shape


def _parts(shape: BaseGeometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]


def _area(shape: BaseGeometry | None) -> float:
    return 0.0 if shape is None else float(shape.area)
