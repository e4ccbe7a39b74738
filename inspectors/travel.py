"""How far it is along the streets: a graph of the city's street axes, and metres from n places to m others.

Pure: numpy, shapely and scipy, no Django. Coordinates and distances are metres of the city's reference. Both ends are
brought to the nearest street by a straight line. Streets are taken as open in both directions, and where two axes
cross one can turn: inspectors go on foot or by electric bicycle. A place further than `SNAP_M` from any street, or
on a piece of street that leads nowhere near, is reached by the straight line times the detour factor.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from shapely import LineString
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

# an electric bicycle in a town, and somebody on foot
RIDING_M_A_MINUTE: Final = 250.0
WALKING_M_A_MINUTE: Final = 75.0
# how much longer streets are than the straight line where a city has no streets to measure it on; demo city: 1.26
DETOUR: Final = 1.3
# a place further than this from every street is not on the network
SNAP_M: Final = 400.0
# ends of axes that were drawn so near each other are one junction
JOINT_M: Final = 1.0
# pairs, and their distances, from which the detour factor is measured
SAMPLE: Final = 400
SAMPLE_M: Final = (300.0, 3000.0)


class Ways(Protocol):
    """What the assignment asks of a city, with or without streets."""

    @property
    def detour(self) -> float:
        """Metres on the way for each metre of straight line."""

    def metres(self, origins: Floats, targets: Floats) -> Floats:
        """A matrix of metres, origins by targets; both are arrays of x and y."""

    def path(self, points: Floats) -> Floats:
        """The line through these points in this order, as x and y."""


def straight(origins: Floats, targets: Floats) -> Floats:
    """Metres in a straight line, origins by targets."""
    gap = np.reshape(origins, (-1, 1, 2)) - np.reshape(targets, (1, -1, 2))
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]), dtype=float)


@dataclass(frozen=True)
class Straight:
    """A city whose streets are not known: the straight line times a factor."""

    detour: float = DETOUR

    def metres(self, origins: Floats, targets: Floats) -> Floats:
        return straight(origins, targets) * self.detour

    def path(self, points: Floats) -> Floats:
        return np.asarray(points, dtype=float)


@dataclass(frozen=True)
class Snapped:
    """Places on the network: the piece of street, metres along it from its first end, and metres away from it."""

    piece: NDArray[np.intp]
    along: Floats
    away: Floats


@dataclass(frozen=True)
class Streets:
    """The network: pieces of street between junctions, and the junctions' graph in metres."""

    pieces: NDArray[np.object_]
    ends: NDArray[np.intp]  # the two junctions of each piece
    lengths: Floats
    graph: csr_matrix
    tree: shapely.STRtree = field(repr=False)

    @classmethod
    def of(cls, lines: Iterable[BaseGeometry]) -> "Streets | None":
        """The network of these axes, cut where they cross; None where there is none."""
        known = [line for line in lines if line is not None and not line.is_empty]
        if not known:
            return None
        cut = shapely.get_parts(shapely.union_all(np.array(known, dtype=object), grid_size=JOINT_M / 10))
        cut = cut[shapely.get_type_id(cut) == 1]
        if not len(cut):
            return None
        lengths = shapely.length(cut)
        first, last = shapely.get_point(cut, 0), shapely.get_point(cut, -1)
        ends, count = _junctions(np.concatenate([shapely.get_coordinates(first), shapely.get_coordinates(last)]))
        pairs = ends.reshape(2, -1).T
        return cls(cut, pairs, lengths, _graph(pairs, lengths, count), shapely.STRtree(cut))

    @cached_property
    def detour(self) -> float:
        """The median of way ÷ straight line between junctions 300 to 3,000 m apart, the same ones each time."""
        junctions = self._places()
        joined = connected_components(self.graph, directed=False)[1]
        largest = np.flatnonzero(joined == np.bincount(joined).argmax())
        random = np.random.default_rng(8)
        starts = random.choice(largest, size=min(20, len(largest)), replace=False)
        ways = dijkstra(self.graph, directed=False, indices=starts)[:, largest]
        lines = straight(junctions[starts], junctions[largest])
        usable = (lines >= SAMPLE_M[0]) & (lines <= SAMPLE_M[1]) & np.isfinite(ways)
        ratios = ways[usable] / lines[usable]
        if len(ratios) < SAMPLE // 20:
            return DETOUR
        return float(np.median(random.choice(ratios, size=min(SAMPLE, len(ratios)), replace=False)))

    def metres(self, origins: Floats, targets: Floats) -> Floats:
        """Shortest ways, each from door to door; never shorter than the straight line."""
        starts, goals = np.reshape(origins, (-1, 2)), np.reshape(targets, (-1, 2))
        if not len(starts) or not len(goals):
            return np.zeros((len(starts), len(goals)))
        if len(starts) > len(goals):  # the graph has no directions: search from the fewer ends
            return self.metres(goals, starts).T
        one, other = self.snap(starts), self.snap(goals)
        way = self._between(one, other) + one.away[:, None] + other.away[None, :]
        lines = straight(starts, goals)
        off = (one.away > SNAP_M)[:, None] | (other.away > SNAP_M)[None, :] | ~np.isfinite(way)
        # two doors of one yard: nobody walks out to the street and back
        yard = lines < one.away[:, None] + other.away[None, :]
        way = np.where(off, np.inf, np.where(yard, np.minimum(way, lines * self.detour), way))
        return np.maximum(np.where(np.isfinite(way), way, lines * self.detour), lines)

    def snap(self, points: Floats) -> Snapped:
        """The nearest piece of street of each place."""
        places = shapely.points(np.reshape(points, (-1, 2)))
        piece = np.atleast_1d(self.tree.nearest(places))
        along = shapely.line_locate_point(self.pieces[piece], places)
        return Snapped(piece, along, shapely.distance(self.pieces[piece], places))

    def path(self, points: Floats) -> Floats:
        """The way through these places in this order, along the streets where there is one."""
        goals = np.reshape(points, (-1, 2))
        if len(goals) < 2:
            return goals
        at = self.snap(goals)
        legs = [self._leg(goals, at, i) for i in range(len(goals) - 1)]
        return np.concatenate([goals[:1], *legs])

    def _places(self) -> Floats:
        """x and y of every junction."""
        found = np.zeros((self.graph.shape[0], 2))
        for side, index in ((0, 0), (1, -1)):
            found[self.ends[:, side]] = shapely.get_coordinates(shapely.get_point(self.pieces, index))
        return found

    def _offsets(self, at: Snapped) -> Floats:
        """Metres from each snapped place to the two junctions of its piece."""
        return np.stack([at.along, self.lengths[at.piece] - at.along], axis=1)

    def _between(self, one: Snapped, other: Snapped) -> Floats:
        """Metres from street to street; infinite where no street leads."""
        sources, where = np.unique(self.ends[one.piece], return_inverse=True)
        ways = np.atleast_2d(dijkstra(self.graph, directed=False, indices=sources))
        from_, to = self._offsets(one), self._offsets(other)
        where, goals = where.reshape(-1, 2), self.ends[other.piece]
        best = np.full((len(one.piece), len(other.piece)), np.inf)
        for a in (0, 1):
            for b in (0, 1):
                way = ways[where[:, a]][:, goals[:, b]] + from_[:, a, None] + to[None, :, b]
                best = np.minimum(best, way)
        same = one.piece[:, None] == other.piece[None, :]
        return np.where(same, np.minimum(best, np.abs(one.along[:, None] - other.along[None, :])), best)

    def _leg(self, goals: Floats, at: Snapped, i: int) -> Floats:
        """The line from one place to the next one, without its first point."""
        p, q = int(at.piece[i]), int(at.piece[i + 1])
        if max(at.away[i], at.away[i + 1]) > SNAP_M:
            return goals[i + 1 : i + 2]
        if p == q:
            return np.concatenate([_part(self.pieces[p], at.along[i], at.along[i + 1]), goals[i + 1 : i + 2]])
        ways, before = dijkstra(self.graph, directed=False, indices=self.ends[p], return_predecessors=True)
        away = (at.along[i], self.lengths[p] - at.along[i])
        rest = (at.along[i + 1], self.lengths[q] - at.along[i + 1])
        cost = {(a, b): ways[a, self.ends[q, b]] + away[a] + rest[b] for a in (0, 1) for b in (0, 1)}
        a, b = min(cost, key=lambda key: float(cost[key]))
        if not np.isfinite(cost[a, b]):
            return goals[i + 1 : i + 2]
        out = _part(self.pieces[p], at.along[i], 0.0 if a == 0 else self.lengths[p])
        into = _part(self.pieces[q], 0.0 if b == 0 else self.lengths[q], at.along[i + 1])
        middle = self._walk(before[a], int(self.ends[p, a]), int(self.ends[q, b]))
        return np.concatenate([out, *middle, into, goals[i + 1 : i + 2]])

    def _walk(self, before: NDArray[np.int32], start: int, goal: int) -> list[Floats]:
        """The pieces from junction to junction, in the order of the walk."""
        steps: list[Floats] = []
        while goal != start:
            came = int(before[goal])
            piece = self._shortest[min(came, goal), max(came, goal)]
            line = shapely.get_coordinates(self.pieces[piece])
            steps.append(line if self.ends[piece, 0] == came else line[::-1])
            goal = came
        return steps[::-1]

    @cached_property
    def _shortest(self) -> dict[tuple[int, int], int]:
        """The shortest piece between two junctions."""
        found: dict[tuple[int, int], int] = {}
        for piece in np.argsort(-self.lengths):
            low, high = sorted(int(end) for end in self.ends[piece])
            found[low, high] = int(piece)
        return found


def _junctions(ends: Floats) -> tuple[NDArray[np.intp], int]:
    """The number of each end's junction, and how many there are; ends nearer than `JOINT_M` are one."""
    distinct, which = np.unique(np.round(ends, 3), axis=0, return_inverse=True)
    places = np.asarray(shapely.points(distinct))
    near = shapely.STRtree(places).query(places, "dwithin", JOINT_M)
    joined = coo_matrix((np.ones(near.shape[1]), (near[0], near[1])), shape=(len(distinct),) * 2)
    count, labels = connected_components(joined, directed=False)
    return labels[which.reshape(-1)].astype(np.intp), int(count)


def _graph(pairs: NDArray[np.intp], lengths: Floats, count: int) -> csr_matrix:
    """The lengths between junctions; of two streets between the same ones the shorter."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    order = np.lexsort((lengths, high, low))
    low, high, metres = low[order], high[order], lengths[order]
    first = np.ones(len(low), dtype=bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    first &= low != high
    return csr_matrix((np.maximum(metres[first], 1e-3), (low[first], high[first])), shape=(count, count))


def _part(line: LineString, start: float, end: float) -> Floats:
    """The line between two distances along it, in the direction of the walk."""
    low, high = sorted((start, end))
    inner = shapely.get_coordinates(line)
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(inner, axis=0).T))])
    kept = inner[(at > low) & (at < high)]
    ends = shapely.get_coordinates(shapely.line_interpolate_point(line, [low, high]))
    found = np.concatenate([ends[:1], kept, ends[1:]])
    return found if start <= end else found[::-1]
