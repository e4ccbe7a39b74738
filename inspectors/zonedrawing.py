"""Duty zones out of unit cells: each in one piece, as much work in each as in any other, and compact.

Pure: numpy, shapely and scipy, no Django. The work of a zone, in minutes a day, is the looking (cases a day × minutes
of a visit) and the riding between them: n places in A m² are joined by a tour of about 0.7124 · √(n · A) metres
(Beardwood, Halton and Hammersley 1959), times the detour of the streets, over the speed. Zones grow from centres, the
one with the least work takes the next cell; then cells at borders change sides while that makes things better and
leaves no zone in two pieces. The same seed draws the same zones.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import pi, sqrt
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from scipy.optimize import linear_sum_assignment
from shapely.geometry.base import BaseGeometry

from inspectors.assignment import WEIGHTS
from inspectors.travel import DETOUR, RIDING_M_A_MINUTE

Floats = NDArray[np.float64]
TOUR: Final = 0.7124
# cells with less border in common than this meet only in a corner
BORDER_M: Final = 1.0
STARTS: Final = 8  # sets of centres that are tried
PASSES: Final = 30  # of changing sides at the borders
# what an uneven share of work weighs against the square of the distance from the middle, both as shares of the mean
EVEN: Final = 8.0
# and each pair of neighbouring cells that a border parts, as a share of the mean number of cells of a zone
CUT: Final = 0.6


class DrawError(Exception):
    """Zones cannot be drawn of these cells; the text says why."""


@dataclass(frozen=True)
class Pace:
    """Minutes of a visit, detour of the streets and metres a minute."""

    visit: float = WEIGHTS.visit
    detour: float = DETOUR
    speed: float = RIDING_M_A_MINUTE

    def work(self, cases: float, area_m2: float) -> float:
        """Minutes of a day for so many cases a day in so much ground; with less than one it is crossed once."""
        return cases * self.visit + TOUR * sqrt(max(cases, 1.0) * area_m2) * self.detour / self.speed


@dataclass(frozen=True)
class Cells:
    """Unit cells in the order of their codes: shapes in metres, cases a day, and who lies beside whom."""

    codes: tuple[str, ...]
    shapes: NDArray[np.object_]
    cases: Floats
    beside: tuple[frozenset[int], ...]
    bridged: int  # pieces of ground that touch no other one and are joined to the nearest

    @classmethod
    def of(cls, shapes: dict[str, BaseGeometry], cases: dict[str, float]) -> "Cells":
        """Cells by code; one that no case is known of has none."""
        codes = tuple(sorted(shapes))
        ground = np.array([shapes[code] for code in codes], dtype=object)
        beside = _borders(ground)
        bridged = _bridge(ground, beside)
        known = np.array([cases.get(code, 0.0) for code in codes], dtype=float)
        return cls(codes, ground, known, tuple(frozenset(each) for each in beside), bridged)


@dataclass(frozen=True)
class Zone:
    """One drawn zone: its cells, cases a day, m², minutes of work a day, and compactness 4π·area ÷ perimeter²."""

    codes: tuple[str, ...]
    cases: float
    area_m2: float
    work: float
    compactness: float
    in_one_piece: bool


def draw(cells: Cells, zones: int, *, seed: int = 1, pace: Pace | None = None) -> list[Zone]:
    """So many zones, the most westerly first; raises DrawError where there are fewer cells than zones."""
    pace = pace or Pace()
    if not 1 <= zones <= len(cells.codes):
        raise DrawError(f"{zones} zones cannot be drawn of {len(cells.codes)} cells")
    best, least = None, np.inf
    for start in range(STARTS):
        drawing = _Drawing(cells, pace, _centres(cells, zones, seed + start))
        drawing.grow()
        drawing.improve()
        if (score := drawing.score()) < least - 1e-9:
            best, least = drawing.zone.copy(), score
    if best is None:
        raise DrawError("the cells have no ground")
    found = [_told(cells, np.flatnonzero(best == z), pace) for z in range(zones)]
    first = {code: float(x) for code, x in zip(cells.codes, shapely.get_x(shapely.centroid(cells.shapes)), strict=True)}
    return sorted(found, key=lambda zone: (round(np.mean([first[c] for c in zone.codes]), 3), zone.codes))


class _Drawing:
    """One try: which zone each cell is in, and the sums that say how good it is."""

    def __init__(self, cells: Cells, pace: Pace, centres: Floats) -> None:
        self.cells, self.pace, self.centres = cells, pace, centres
        self.middles = shapely.get_coordinates(shapely.centroid(cells.shapes))
        self.areas = shapely.area(cells.shapes)
        self.zone = np.full(len(cells.codes), -1)
        self.cases, self.ground = np.zeros(len(centres)), np.zeros(len(centres))
        # squares of distances count as shares of a zone's own size
        self.unit = float(self.areas.sum()) / len(centres)
        self.size = len(cells.codes) / len(centres)

    def grow(self) -> None:
        """The zone with the least work takes the nearest free cell at its border, until all are taken."""
        edges: list[list[tuple[float, int]]] = [[] for _ in self.centres]
        for z in range(len(self.centres)):
            free = np.flatnonzero(self.zone < 0)
            self._take(int(free[np.argmin(self._far(free, z))]), z, edges)
        active = {z for z in range(len(self.centres)) if edges[z]}
        while active:
            z = min(active, key=lambda one: (self._work(one), one))
            cell = self._next(edges[z])
            if cell is None:
                active.discard(z)
                continue
            self._take(cell, z, edges)

    def _next(self, edge: list[tuple[float, int]]) -> int | None:
        while edge:
            _far, cell = heappop(edge)
            if self.zone[cell] < 0:
                return cell
        return None

    def _take(self, cell: int, z: int, edges: list[list[tuple[float, int]]]) -> None:
        self._move(cell, z)
        for other in sorted(self.cells.beside[cell]):
            if self.zone[other] < 0:
                heappush(edges[z], (float(self._far(np.array([other]), z)[0]), other))

    def improve(self) -> None:
        """Cells at a border change sides while the sum gets better and the zone that gives stays in one piece."""
        for _ in range(PASSES):
            self._recentre()
            border = [
                i for i in range(len(self.zone)) if any(self.zone[j] != self.zone[i] for j in self.cells.beside[i])
            ]
            changed = sum(self._change(cell) for cell in border)
            if not changed:
                return

    def _change(self, cell: int) -> bool:
        here = int(self.zone[cell])
        others = sorted({int(self.zone[j]) for j in self.cells.beside[cell]} - {here})
        gains = {there: self._gain(cell, here, there) for there in others}
        there = min(gains, key=lambda z: (gains[z], z)) if gains else here
        if not gains or gains[there] >= -1e-9 or not self._whole_without(cell, here):
            return False
        self._move(cell, there)
        return True

    def _gain(self, cell: int, here: int, there: int) -> float:
        """What the sum changes by when a cell goes over; less is better."""
        mean = self._mean()
        cases, area = float(self.cells.cases[cell]), float(self.areas[cell])

        def uneven(z: int, sign: int) -> float:
            return (self.pace.work(self.cases[z] + sign * cases, self.ground[z] + sign * area) / mean - 1) ** 2

        even = uneven(here, -1) + uneven(there, 1) - uneven(here, 0) - uneven(there, 0)
        one = np.array([cell])
        far = float((self._far(one, there) ** 2 - self._far(one, here) ** 2)[0]) / self.unit
        cut = CUT * (self._cut(cell, there) - self._cut(cell, here)) / self.size
        return EVEN * even + far * area / self.unit + cut

    def _cut(self, cell: int, z: int) -> int:
        """Neighbours of a cell that would be in another zone, were it in this one."""
        return sum(self.zone[j] != z for j in self.cells.beside[cell])

    def _whole_without(self, cell: int, z: int) -> bool:
        """Whether the rest of a zone hangs together; an empty rest does not."""
        rest = {j for j in self.cells.beside[cell] if self.zone[j] == z}
        if not rest:
            return False
        seen, todo = {cell}, [min(rest)]
        wanted = set(rest)
        while todo and wanted:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            wanted.discard(at)
            todo += [j for j in self.cells.beside[at] if self.zone[j] == z and j not in seen]
        return not wanted

    def _move(self, cell: int, z: int) -> None:
        before = int(self.zone[cell])
        if before >= 0:
            self.cases[before] -= self.cells.cases[cell]
            self.ground[before] -= self.areas[cell]
        self.zone[cell] = z
        self.cases[z] += self.cells.cases[cell]
        self.ground[z] += self.areas[cell]

    def _recentre(self) -> None:
        for z in range(len(self.centres)):
            own = self.zone == z
            self.centres[z] = np.average(self.middles[own], axis=0, weights=self.areas[own])

    def _far(self, cells: NDArray[np.intp], z: int) -> Floats:
        return np.asarray(np.hypot(*(self.middles[cells] - self.centres[z]).T), dtype=float)

    def _work(self, z: int) -> float:
        return self.pace.work(float(self.cases[z]), float(self.ground[z]))

    def _mean(self) -> float:
        return float(np.mean([self._work(z) for z in range(len(self.centres))]))

    def score(self) -> float:
        """The sum that a better drawing has less of."""
        works = np.array([self._work(z) for z in range(len(self.centres))])
        far = sum(float(self._far(np.array([i]), int(z))[0] ** 2) * self.areas[i] for i, z in enumerate(self.zone))
        cut = sum(self._cut(i, int(z)) for i, z in enumerate(self.zone)) / 2
        return float(EVEN * ((works / works.mean() - 1) ** 2).sum() + far / self.unit**2 + CUT * cut / self.size)


def _centres(cells: Cells, zones: int, seed: int) -> Floats:
    """Centres where the work is: k-means of the cells, each as often as its share of the work."""
    middles = shapely.get_coordinates(shapely.centroid(cells.shapes))
    areas = shapely.area(cells.shapes)
    share = cells.cases / max(cells.cases.sum(), 1e-9) + areas / areas.sum()
    times = np.maximum(1, np.round(share / share.mean() * 3)).astype(int)
    random = np.random.default_rng(seed)
    found, _label = kmeans2(np.repeat(middles, times, axis=0), zones, minit="++", seed=random, missing="warn")
    return np.asarray(found, dtype=float)


def _borders(shapes: NDArray[np.object_]) -> list[set[int]]:
    """Which cells have a piece of border in common."""
    beside: list[set[int]] = [set() for _ in shapes]
    one, other = shapely.STRtree(shapes).query(shapes, "dwithin", 0.05)
    pairs = one < other
    one, other = one[pairs], other[pairs]
    common = shapely.length(shapely.intersection(shapely.buffer(shapes[one], 0.1), shapely.boundary(shapes[other])))
    for i, j in zip(one[common >= BORDER_M], other[common >= BORDER_M], strict=True):
        beside[i].add(int(j))
        beside[j].add(int(i))
    return beside


def _bridge(shapes: NDArray[np.object_], beside: list[set[int]]) -> int:
    """Join pieces of ground that touch no other one to the nearest cell elsewhere; how many."""
    bridged = 0
    while len(pieces := _pieces(beside)) > 1:
        small = min(pieces, key=lambda piece: (len(piece), min(piece)))
        rest = np.array(sorted(set(range(len(shapes))) - small))
        own = sorted(small)
        near = shapely.STRtree(shapes[rest]).query_nearest(shapes[own], return_distance=True, all_matches=False)
        (mine, theirs), far = near
        k = int(np.argmin(far))
        i, j = own[int(mine[k])], int(rest[theirs[k]])
        beside[i].add(j)
        beside[j].add(i)
        bridged += 1
    return bridged


def _pieces(beside: Sequence[set[int] | frozenset[int]], among: set[int] | None = None) -> list[set[int]]:
    """The parts that hang together."""
    left = set(range(len(beside))) if among is None else set(among)
    found = []
    while left:
        piece, todo = set(), [min(left)]
        while todo:
            at = todo.pop()
            if at in left:
                left.discard(at)
                piece.add(at)
                todo += [j for j in beside[at] if j in left]
        found.append(piece)
    return found


def _told(cells: Cells, own: NDArray[np.intp], pace: Pace) -> Zone:
    shape = shapely.union_all(cells.shapes[own], grid_size=0.01)
    area, cases = float(shapely.area(cells.shapes[own]).sum()), float(cells.cases[own].sum())
    return Zone(
        codes=tuple(cells.codes[i] for i in own),
        cases=cases,
        area_m2=area,
        work=pace.work(cases, area),
        compactness=float(4 * pi * shape.area / max(shape.length, 1e-9) ** 2),
        in_one_piece=len(_pieces(cells.beside, {int(i) for i in own})) == 1,
    )


def kept_names(drawn: Sequence[Zone], before: dict[str, str]) -> list[str | None]:
    """For each drawn zone the name of the present one with the most cells in common; `before` code → name."""
    names = sorted(set(before.values()))
    if not names:
        return [None] * len(drawn)
    common: dict[tuple[int, str], int] = defaultdict(int)
    for i, zone in enumerate(drawn):
        for code in zone.codes:
            if code in before:
                common[i, before[code]] += 1
    table = np.array([[-common[i, name] for name in names] for i in range(len(drawn))])
    found: list[str | None] = [None] * len(drawn)
    for i, k in zip(*linear_sum_assignment(table), strict=True):
        found[i] = names[k]
    return found
