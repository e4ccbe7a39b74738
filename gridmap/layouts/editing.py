"""Changes the cells of one community so that they stay one coverage: pure geometry, metres.

Cells are split by a line, merged with neighbours, and their common corners moved.  Whatever happens, the ground of
the community stays the same, neighbours share every corner at 1 mm, and no cell becomes tiny, narrow or ragged;
what would do so is refused with a reason, and nothing is changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from shapely import LineString, MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

LEAST_M2 = 100.0  # no cell is smaller, unless it was before
LEAST_WIDTH_M = 4.0  # twice the area by the outline: narrower is a strip, not a cell
SPIKE_M = 0.5  # parts narrower than twice this are a spike ...
SPIKE_M2 = 5.0  # ... when they are this large
SAME_M = 0.001  # corners this close are one corner; the border of a community is that exact
NEAR_M = 0.3  # a line this close to a corner goes through it
REACH_M = 3.0  # a line that ends this short of the outline is led to it
PIECES = 12  # one line cuts a cell into so many at most
SAME_M2 = 0.0001  # a cell with less changed ground is the same cell


class Reason(StrEnum):
    """Why a change is refused; gridmap/layouts/editwords.py says it in words."""

    SHORT_LINE = "short_line"
    CROSSED_LINE = "crossed_line"
    ENDS_INSIDE = "ends_inside"
    MISSES = "misses"
    TOO_MANY = "too_many"
    TOO_SMALL = "too_small"
    TOO_NARROW = "too_narrow"
    SPIKE = "spike"
    ONE_CELL = "one_cell"
    APART = "apart"
    BORDER = "border"
    NO_CORNER = "no_corner"
    UNMOVED = "unmoved"
    LEAVES = "leaves"
    CROSSES = "crosses"
    SOUND = "sound"
    UNMENDABLE = "unmendable"


class EditError(ValueError):
    """A change that is refused: the reason, and numbers for its sentence."""

    def __init__(self, reason: Reason, **facts: float | str) -> None:
        super().__init__(reason.value, facts)
        self.reason, self.facts = reason, facts


class Ground(NamedTuple):
    """Where a change happens: cells of one community and cells beside it by code, and the community itself."""

    cells: Mapping[str, Polygon]
    others: Mapping[str, Polygon]
    community: BaseGeometry


class Change(NamedTuple):
    """What a change does: cells that end, ground of new cells, cells with other ground, cells with one more corner."""

    ended: tuple[str, ...] = ()
    made: tuple[Polygon, ...] = ()
    moved: Mapping[str, Polygon] = {}
    touched: Mapping[str, Polygon] = {}


class Shift(NamedTuple):
    """A corner, or a point on an edge that becomes one, and where it goes."""

    start: tuple[float, float]
    end: tuple[float, float]


def split(ground: Ground, code: str, line: LineString) -> Change:
    """Cut one cell along a line; ends of the line inside the cell are led to an outline within 3 m.

    A line within 0.3 m of a corner goes through it.  Neighbours get the new corners.  Raises EditError.
    """
    cell = ground.cells[code]
    pieces = _faces(cell, _cutting(cell, line))
    if len(pieces) < 2:
        raise EditError(Reason.MISSES, code=code)
    if len(pieces) > PIECES:
        raise EditError(Reason.TOO_MANY, pieces=len(pieces))
    known = _corner_set([cell])
    on_outline = [
        corner
        for corner in corners_of(pieces)
        if corner not in known and cell.boundary.distance(Point(corner)) < SAME_M
    ]
    made = tuple(sorted(pieces, key=lambda piece: (-round(piece.centroid.y, 3), round(piece.centroid.x, 3))))
    return _checked(ground, Change((code,), made, {}, touched(ground, {code}, on_outline)))


def merge(ground: Ground, codes: Sequence[str]) -> Change:
    """Make one cell of two or more that lie edge to edge.  Raises EditError."""
    chosen = sorted(set(codes))
    if len(chosen) < 2:
        raise EditError(Reason.ONE_CELL)
    joined = _joined([ground.cells[code] for code in chosen])
    if not isinstance(joined, Polygon):
        raise EditError(Reason.APART)
    return _checked(ground, Change(tuple(chosen), (joined,)))


def move(ground: Ground, shifts: Sequence[Shift]) -> Change:
    """Move corners with every cell that shares them; a point on an edge becomes a corner there.

    A corner on the border of the community can only slide along that border, and only where an inner edge ends;
    the border itself stays.  Raises EditError.
    """
    cells = dict(ground.cells)
    on_border: list[tuple[float, float]] = []
    outline = ground.community.boundary
    starts = [_corner_at(cells, shift.start) or _new_corner(cells, shift.start) for shift in shifts]
    fixed = [outline.distance(Point(start)) < 2 * SAME_M for start in starts]
    # the border first: it needs cells that are still whole
    for shift, start, is_fixed in sorted(zip(shifts, starts, fixed, strict=True), key=lambda each: not each[2]):
        if is_fixed:
            on_border.append(_slide(cells, start, shift.end, ground.community))
        else:
            _shift(cells, start, shift.end)
    changed = {code: shape for code, shape in cells.items() if shape is not ground.cells[code]}
    for shape in changed.values():
        if not shape.is_valid:
            raise EditError(Reason.CROSSES)
    moved = {code: shape for code, shape in changed.items() if not same_ground(shape, ground.cells[code])}
    if not moved:
        raise EditError(Reason.UNMOVED)
    gained = {code: shape for code, shape in changed.items() if code not in moved}
    return _checked(ground, Change((), (), moved, gained | touched(ground, set(changed), on_border)))


def same_ground(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two shapes are the same ground, whatever corners they have on their straight edges."""
    return float(shapely.symmetric_difference(one, other).area) < SAME_M2


def applied(ground: Ground, change: Change, codes: Sequence[str]) -> Ground:
    """The ground after a change whose new cells get these codes."""
    cells = {code: shape for code, shape in ground.cells.items() if code not in change.ended}
    cells |= {code: shape for code, shape in {**change.touched, **change.moved}.items() if code in ground.cells}
    cells |= dict(zip(codes, change.made, strict=True))
    others = {code: change.touched.get(code, shape) for code, shape in ground.others.items()}
    return Ground(cells, others, ground.community)


def _cutting(cell: Polygon, line: LineString) -> LineString:
    points = [point for i, point in enumerate(line.coords) if i == 0 or point != line.coords[i - 1]]
    if len(points) < 2:
        raise EditError(Reason.SHORT_LINE)
    if not LineString(points).is_simple:
        raise EditError(Reason.CROSSED_LINE)
    outline = cell.boundary
    for end, place in ((0, 0), (-1, len(points))):
        point = Point(points[end])
        if not cell.contains(point):
            continue
        if outline.distance(point) > REACH_M:
            raise EditError(Reason.ENDS_INSIDE)
        points.insert(place, shapely.get_coordinates(shapely.shortest_line(point, outline))[1])
    cut: LineString = shapely.snap(LineString(points), MultiPoint(shapely.get_coordinates(cell)), NEAR_M)
    return cut


def _faces(cell: Polygon, line: LineString) -> list[Polygon]:
    edges = shapely.union_all([cell.boundary, line])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    inside = shapely.covers(cell, shapely.point_on_surface(faces))
    return [face for face in faces[inside] if face.area > 0]


def _corner_at(cells: Mapping[str, Polygon], near: tuple[float, float]) -> tuple[float, float] | None:
    """The corner within 5 cm: what a page sends was rounded on the way."""
    corners = np.concatenate([shapely.get_coordinates(shape) for shape in cells.values()])
    far = np.hypot(*(corners - near).T)
    best = int(np.argmin(far))
    return (float(corners[best, 0]), float(corners[best, 1])) if far[best] < 0.05 else None


def _new_corner(cells: dict[str, Polygon], near: tuple[float, float]) -> tuple[float, float]:
    """A corner put into the edges that pass within 5 cm; EditError where there is none."""
    point = Point(near)
    found = [(shape.boundary.distance(point), code) for code, shape in cells.items()]
    distance, code = min(found)
    if distance > 0.05:
        raise EditError(Reason.NO_CORNER)
    x, y = shapely.get_coordinates(shapely.shortest_line(cells[code].boundary, point))[0]
    corner = (float(x), float(y))
    for each, shape in cells.items():
        cells[each] = with_corners(shape, [corner])
    return corner


def _shift(cells: dict[str, Polygon], start: tuple[float, float], end: tuple[float, float]) -> None:
    def moved(coordinates: np.ndarray) -> np.ndarray:
        here = np.hypot(*(coordinates - start).T) < SAME_M
        return np.where(here[:, None], np.array(end), coordinates)

    for code, shape in cells.items():
        if _has_corner(shape, start):
            cells[code] = shapely.transform(shape, moved)


def _slide(
    cells: dict[str, Polygon], start: tuple[float, float], end: tuple[float, float], community: BaseGeometry
) -> tuple[float, float]:
    """Let the inner edges that end at a corner of the border end at another place of it; where that is."""
    star = {code: shape for code, shape in cells.items() if _has_corner(shape, start)}
    if not all(shape.is_valid for shape in star.values()):
        raise EditError(Reason.CROSSES)
    inner, outer = _segments(star.values())
    ending = [segment for segment in inner if start in segment]
    border = [
        segment
        for segment in outer
        if community.boundary.distance(LineString(segment).interpolate(0.5, normalized=True)) < 2 * SAME_M
    ]
    if not ending or not border:
        raise EditError(Reason.BORDER)
    line = shapely.multilinestrings([shapely.linestrings(segment) for segment in border])
    goal = _at_corner(border, shapely.get_coordinates(shapely.shortest_line(line, Point(end)))[0])
    nearest = min(border, key=lambda segment: LineString(segment).distance(Point(goal)))
    edges = [segment for segment in outer if segment != nearest or goal in nearest]
    if goal not in nearest:
        edges += [(nearest[0], goal), (goal, nearest[1])]
    edges += [segment for segment in inner if start not in segment]
    edges += [(one if one != start else goal, two if two != start else goal) for one, two in ending]
    faces = shapely.get_parts(shapely.polygonize([LineString(edge) for edge in edges if edge[0] != edge[1]]))
    for code, face in _matched(star, [face for face in faces if isinstance(face, Polygon)]).items():
        cells[code] = face
    return goal


def _at_corner(border: Sequence["Segment"], point: np.ndarray) -> tuple[float, float]:
    """The corner of the border within 0.3 m, or the point."""
    corners = np.array([corner for segment in border for corner in segment])
    far = np.hypot(*(corners - point).T)
    best = int(np.argmin(far))
    x, y = corners[best] if far[best] < NEAR_M else point
    return float(x), float(y)


def _matched(star: Mapping[str, Polygon], faces: Sequence[Polygon]) -> dict[str, Polygon]:
    """Each face to the cell that it covers most of; EditError when edges crossed, so that faces are not one a cell."""
    found: dict[str, Polygon] = {}
    for face in faces:
        if not face.is_valid:
            raise EditError(Reason.CROSSES)
        covered = {code: float(shapely.intersection(shape, face).area) for code, shape in star.items()}
        code = max(covered, key=lambda each: covered[each])
        if code in found:
            raise EditError(Reason.CROSSES)
        found[code] = face
    if len(found) != len(star):
        raise EditError(Reason.CROSSES)
    return found


Segment = tuple[tuple[float, float], tuple[float, float]]


def _segments(shapes: Iterable[Polygon]) -> tuple[list[Segment], list[Segment]]:
    """Edges that two of the shapes share, and edges of one alone; each once."""
    counts: dict[Segment, int] = {}
    for shape in shapes:
        for ring in (shape.exterior, *shape.interiors):
            corners = [(float(x), float(y)) for x, y in ring.coords]
            for one, two in pairwise(corners):
                key = (one, two) if one < two else (two, one)
                counts[key] = counts.get(key, 0) + 1
    return [edge for edge, n in counts.items() if n > 1], [edge for edge, n in counts.items() if n == 1]


# corners of neighbours


def touched(ground: Ground, changed: set[str], corners: Sequence[tuple[float, float]]) -> dict[str, Polygon]:
    """Cells beside the changed ones with the corners that lie on their edges."""
    if not corners:
        return {}
    found = {}
    points = MultiPoint(corners)
    for code, shape in {**ground.cells, **ground.others}.items():
        if code not in changed and shapely.dwithin(shape, points, SAME_M):
            more = with_corners(shape, corners)
            if more is not shape:
                found[code] = more
    return found


def with_corners(shape: Polygon, corners: Sequence[tuple[float, float]]) -> Polygon:
    """The shape with corners put into edges that pass within 1 mm; the same object where none does."""
    rings = [[(float(x), float(y)) for x, y in ring.coords] for ring in (shape.exterior, *shape.interiors)]
    left, low, right, high = shape.buffer(SAME_M).bounds if corners else shape.bounds
    near = [(x, y) for x, y in corners if left <= x <= right and low <= y <= high]
    changed = False
    for corner in near:
        if shape.boundary.distance(Point(corner)) >= SAME_M or any(corner in ring for ring in rings):
            continue
        ring, at = min(
            ((ring, i) for ring in rings for i in range(len(ring) - 1)),
            key=lambda place: LineString(place[0][place[1] : place[1] + 2]).distance(Point(corner)),
        )
        ring.insert(at + 1, corner)
        changed = True
    return Polygon(rings[0], rings[1:]) if changed else shape


def _has_corner(shape: Polygon, corner: tuple[float, float]) -> bool:
    return bool((np.hypot(*(shapely.get_coordinates(shape) - corner).T) < SAME_M).any())


def corners_of(shapes: Iterable[Polygon]) -> list[tuple[float, float]]:
    """Every corner once."""
    return sorted(_corner_set(shapes))


def _corner_set(shapes: Iterable[Polygon]) -> set[tuple[float, float]]:
    return {(float(x), float(y)) for shape in shapes for x, y in shapely.get_coordinates(shape)}


# what every change must leave


def _checked(ground: Ground, change: Change) -> Change:
    before = [ground.cells[code] for code in (*change.ended, *change.moved)]
    after = [*change.made, *change.moved.values()]
    _check_sizes([*change.made], before, [(ground.cells[code], shape) for code, shape in change.moved.items()])
    was, now = sum(shape.area for shape in before), sum(shape.area for shape in after)
    length = sum(shape.length for shape in before)
    if abs(was - now) > max(0.01, length * 0.00001) or not _same(before, after):
        raise EditError(Reason.LEAVES)
    here = {**ground.cells, **ground.others}
    involved = {*change.ended, *change.moved, *change.touched}
    near = shapely.union_all(np.array([shape.envelope for shape in before], dtype=object)).envelope.buffer(1)
    beside = {code: shape for code, shape in here.items() if code in involved or shape.intersects(near)}
    kept = {code: shape for code, shape in beside.items() if code not in change.ended}
    later = [*{**kept, **change.touched, **change.moved}.values(), *change.made]
    if wrong_m(later) > wrong_m(list(beside.values())) + SAME_M:
        raise EditError(Reason.CROSSES)
    return change


def _check_sizes(made: Sequence[Polygon], before: Sequence[Polygon], moved: Sequence[tuple[Polygon, Polygon]]) -> None:
    largest = max((shape.area for shape in before), default=0.0)
    for was, now in [*((None, piece) for piece in made), *moved]:
        if not now.is_valid or now.is_empty:
            raise EditError(Reason.CROSSES)
        # what came small from the survey may stay so: it does not shrink
        if now.area < LEAST_M2 and (was or len(made) != 1) and (was is None or now.area < was.area - SAME_M2):
            raise EditError(Reason.TOO_SMALL, m2=round(now.area, 1), least=LEAST_M2, of=round(largest, 1))
        width = width_m(now)
        if width < LEAST_WIDTH_M and not _was_narrow(width, was, before if len(made) == 1 else ()):
            raise EditError(Reason.TOO_NARROW, width=round(width, 1), least=LEAST_WIDTH_M)
    after = [*made, *(now for _, now in moved)]
    if sum(map(_spikes_m2, after)) > sum(map(_spikes_m2, before)) + 1:
        raise EditError(Reason.SPIKE)


def _was_narrow(width: float, was: Polygon | None, before: Sequence[Polygon]) -> bool:
    olds = [was] if was is not None else list(before)
    return any(width_m(old) <= width + SAME_M for old in olds)


def width_m(shape: Polygon) -> float:
    """Mean width: of a long strip how wide it is, of a square half a side."""
    return float(2 * shape.area / shape.length)


def _spikes_m2(shape: Polygon) -> float:
    opened = shape.buffer(-SPIKE_M).buffer(SPIKE_M * 1.01)
    return sum(float(part.area) for part in shapely.get_parts(shape.difference(opened)) if part.area > SPIKE_M2)


def _same(before: Sequence[Polygon], after: Sequence[Polygon]) -> bool:
    one, other = (shapely.union_all(np.array(shapes, dtype=object)) for shapes in (before, after))
    return float(shapely.symmetric_difference(one, other).area) <= max(0.01, float(one.length) * 0.00001)


def _joined(shapes: Sequence[Polygon]) -> BaseGeometry:
    """The sum of cells; of sound neighbours with exactly the corners that they had."""
    array = np.array(shapes, dtype=object)
    return shapely.coverage_union_all(array) if shapely.coverage_is_valid(array) else shapely.union_all(array)


def wrong_m(shapes: Sequence[Polygon]) -> float:
    """Metres of edges that are not shared as they should be, at 1 mm."""
    wrong = shapely.coverage_invalid_edges(np.array(shapes, dtype=object), gap_width=SAME_M)
    return float(shapely.length(wrong).sum())
