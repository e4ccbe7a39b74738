"""Cuts a piece of ground into cells of about one size: pure geometry, metres.

A cut is a straight line across; it moves a little to leave objects whole, and where that does not help it goes
around them.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

TOLERANCE = 0.4  # a cell within ±40 % of its target is as good as the ground allows
LONG_CUT = 1.3  # a cut longer than this times the mean width of the piece is worth looking for a better one
SHIFT = 0.2  # a cut may move by this share of its balance to leave an object whole
GRIDS_M = (None, 0.00001, 0.0001)  # exact where that works
LOST_M2 = 0.01
INSIDE_M = 0.05  # what reaches less deep into an object only touches it
Objects = npt.NDArray[np.object_]


def cut(polygon: Polygon, target_m2: float, keep: Objects) -> list[Polygon]:
    """Pieces near the target that tile a polygon; objects of `keep` are not split where that can be avoided."""
    return _cut(polygon, target_m2, _angle(polygon), keep)


def faces(polygon: Polygon, lines: Sequence[BaseGeometry]) -> list[Polygon]:
    """What lines leave of a polygon; a line that ends inside cuts nothing."""
    found: list[Polygon] = []
    for grid_m in GRIDS_M:
        # edges that run almost along each other can cross where neither has a node, and a face is lost: then on a grid
        edges = shapely.union_all([polygon.boundary, *lines], grid_size=grid_m)
        pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
        # faces outside are bays and holes that a line closes
        inside = shapely.covers(polygon, shapely.point_on_surface(pieces))
        found = [piece for piece in pieces[inside] if piece.area > 0]
        if abs(sum(piece.area for piece in found) - polygon.area) <= LOST_M2:
            break
    return found


def clusters(objects: Iterable[BaseGeometry], most_m2: float) -> tuple[list[Polygon], list[Polygon]]:
    """Objects as wholes: those that touch count as one while that is not above `most_m2`; and those above it."""
    flat = [part for shape in objects for part in polygons(shape)]
    if not flat:
        return [], []
    tree = shapely.STRtree(flat)
    whole: list[Polygon] = []
    for group in polygons(shapely.union_all(flat)):
        if group.area <= most_m2:
            whole.append(Polygon(group.exterior))  # a yard belongs to what surrounds it
        else:
            whole += [flat[i] for i in np.sort(tree.query(group, predicate="covers"))]
    return [one for one in whole if one.area <= most_m2], [one for one in whole if one.area > most_m2]


def blocks(polygon: Polygon, lines: Sequence[BaseGeometry], objects: Sequence[Polygon]) -> list[Polygon]:
    """What lines leave of a polygon where an object that a line runs through stays whole, as a block of its own."""
    every = shapely.union_all(lines)
    shapely.prepare(every)
    crossed = [one for one in objects if shapely.intersects(every, shapely.buffer(one, -INSIDE_M))]
    if not crossed:
        return faces(polygon, lines)
    # lines are not cut at outlines: their new ends would miss them by a rounding and leave blocks open
    pieces = faces(polygon, [every, *(one.boundary for one in crossed)])
    tree = shapely.STRtree(crossed)
    whole: dict[int, list[Polygon]] = defaultdict(list)
    rest: list[Polygon] = []
    for piece in pieces:
        found = tree.query(shapely.point_on_surface(piece), predicate="within")
        (whole[int(found.min())] if len(found) else rest).append(piece)
    return rest + [part for i in sorted(whole) for part in polygons(shapely.union_all(whole[i]))]


def polygons(shape: BaseGeometry) -> list[Polygon]:
    """The polygons of a shape, also of a collection; lines and points are left out."""
    flat = [inner for part in shapely.get_parts(shape) for inner in shapely.get_parts(part)]
    return [part for part in flat if isinstance(part, Polygon) and not part.is_empty]


def count_for(area_m2: float, target_m2: float) -> int:
    """How many cells a piece becomes: the nearest number, but two above the tolerance, because halves are within it."""
    wanted = round(area_m2 / target_m2)
    return 2 if wanted < 2 and area_m2 > (1 + TOLERANCE) * target_m2 else wanted


def _cut(polygon: Polygon, target_m2: float, angle: float, keep: Objects) -> list[Polygon]:
    wanted = count_for(polygon.area, target_m2)
    if wanted < 2:
        return [polygon]
    near = keep[shapely.intersects(keep, polygon)] if len(keep) else keep
    pieces = _best(polygon, wanted, target_m2, angle, near)
    if len(pieces) < 2:  # thinner than a vertex distance: cannot be cut
        return [polygon]
    return [small for piece in pieces for small in _cut(piece, target_m2, angle, near)]


def _best(polygon: Polygon, wanted: int, target_m2: float, angle: float, keep: Objects) -> list[Polygon]:
    """The pieces of the best cut for a piece that shall become `wanted` cells.

    Usually across the longer side, between two columns of square cells.  Where that runs far through the piece, as in
    the arm of a hook, or through an object that it cannot go around, the shortest of several cuts in both directions
    that split the fewest objects.
    """
    frame = _Frame.of(polygon, angle)
    columns = max(2, round(frame.length / math.sqrt(target_m2)))
    middle = min(wanted - 1, max(1, round(wanted * (columns // 2) / columns)))
    first = frame.line(middle / wanted, keep)
    long = first.intersection(polygon).length > LONG_CUT * polygon.area / frame.length
    if not long:
        pieces, split = _sides(polygon, first, target_m2, keep)
        if not split and len(pieces) > 1:
            return pieces
    step = max(1, wanted // 16)
    shares = [count / wanted for count in range(max(1, wanted // 4), wanted - wanted // 4 + 1, step) if count < wanted]
    lines = [first, *(turned.line(share, keep) for turned in (frame, frame.turned()) for share in shares)]
    lines.sort(key=lambda line: round(line.intersection(polygon).length, 3))
    best: tuple[int, list[Polygon]] | None = None
    for line in lines:
        pieces, split = _sides(polygon, line, target_m2, keep)
        if len(pieces) > 1 and (best is None or split < best[0]):
            best = split, pieces
        if best is not None and best[0] == 0:
            break
    return best[1] if best else [polygon]


def _sides(polygon: Polygon, line: LineString, target_m2: float, keep: Objects) -> tuple[list[Polygon], int]:
    """The pieces on both sides of a line that goes around objects, and how many objects it had to split."""
    crossed = keep[shapely.crosses(line, shapely.buffer(keep, -INSIDE_M))] if len(keep) else keep
    inside = [part for one in crossed for part in polygons(one.intersection(polygon))]
    inside = [part for part in inside if shapely.buffer(part, -INSIDE_M).crosses(line)]
    if not inside:
        return faces(polygon, [line]), 0
    sides, split = _areas(polygon, line), 0
    rounded: list[tuple[Polygon, int]] = []
    for part in sorted(inside, key=lambda one: -one.area):
        side = _side_for(part, line, sides, target_m2)
        if side is None:
            split += 1
            continue
        there = _areas(part, line)
        sides[side] += there[1 - side]
        sides[1 - side] -= there[1 - side]
        rounded.append((part, side))
    if not rounded:
        return faces(polygon, [line]), split
    return _grouped(polygon, line, rounded), split


def _grouped(polygon: Polygon, line: LineString, rounded: Sequence[tuple[Polygon, int]]) -> list[Polygon]:
    pieces = faces(polygon, [line, *(part.boundary for part, _ in rounded)])
    groups: tuple[list[Polygon], list[Polygon]] = ([], [])
    for piece in pieces:
        at = shapely.point_on_surface(piece)
        of_object = next((side for part, side in rounded if shapely.covers(part, at)), None)
        groups[_side_of(at, line) if of_object is None else of_object].append(piece)
    return [part for group in groups for part in polygons(shapely.union_all(group))]


def _side_for(part: Polygon, line: LineString, sides: Sequence[float], target_m2: float) -> int | None:
    """The side that takes an object whole: the one with more of it, if both sides stay good for whole cells."""
    there = _areas(part, line)
    for side in (0, 1) if there[0] >= there[1] else (1, 0):
        moved = there[1 - side]
        if all(_is_good(area, target_m2) for area in (sides[side] + moved, sides[1 - side] - moved)):
            return side
    return None


def _is_good(area_m2: float, target_m2: float) -> bool:
    wanted = max(1, count_for(area_m2, target_m2))
    return abs(area_m2 / wanted - target_m2) <= TOLERANCE * target_m2


def _areas(shape: Polygon, line: LineString) -> list[float]:
    pieces = faces(shape, [line])
    found = [0.0, 0.0]
    for piece in pieces:
        found[_side_of(shapely.point_on_surface(piece), line)] += piece.area
    return found


def _side_of(point: BaseGeometry, line: LineString) -> int:
    (ax, ay), (bx, by) = line.coords
    x, y = shapely.get_x(point), shapely.get_y(point)
    return int((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0)


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
