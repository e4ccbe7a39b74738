"""Makes a track of positions: what is useless goes, the rest becomes pieces with as few corners as say the same.

Pure. Coordinates are metres of the city's reference system, times are seconds.
"""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

# A worse fix says nothing about which side of a block somebody walked on. The product's own choice.
WORST_M = 60.0
# Longer without a position: between the two nobody knows the way, so no line is drawn.
GAP_S = 300.0
# Faster than a car in a city: the fix has jumped.
FASTEST_M_S = 40.0


class Spot(NamedTuple):
    """A position of a track: metres, metres, 68 % radius in metres, seconds."""

    x: float
    y: float
    accuracy_m: float
    second: float


def pieces(spots: Sequence[Spot], *, every_s: float, tolerance_m: float) -> list[list[Spot]]:
    """Pieces of a track in order of time, each with at least two corners.

    At most one position each `every_s` seconds, none worse than WORST_M, none that has jumped; a new piece begins
    after a gap; a corner stays where leaving it out would move the line by more than `tolerance_m` (Douglas and
    Peucker 1973). A position alone is a piece from itself to itself: somebody stood there.
    """
    found: list[list[Spot]] = []
    for spot in sorted(spots, key=lambda each: each.second):
        if spot.accuracy_m > WORST_M:
            continue
        before = found[-1][-1] if found else None
        if before is None or spot.second - before.second > GAP_S:
            found.append([spot])
        elif spot.second - before.second >= every_s and _metres(before, spot) <= FASTEST_M_S * (
            spot.second - before.second
        ):
            found[-1].append(spot)
    return [simplified(piece, tolerance_m) if len(piece) > 1 else piece * 2 for piece in found]


def simplified(piece: Sequence[Spot], tolerance_m: float) -> list[Spot]:
    """The corners that have to stay, the first and the last among them."""
    xy = np.array([(spot.x, spot.y) for spot in piece])
    keep, todo = {0, len(piece) - 1}, [(0, len(piece) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        away = _off_line(xy[first + 1 : last], xy[first], xy[last])
        worst = int(np.argmax(away))
        if away[worst] > tolerance_m:
            middle = first + 1 + worst
            keep.add(middle)
            todo += [(first, middle), (middle, last)]
    return [piece[index] for index in sorted(keep)]


def _off_line(
    points: npt.NDArray[np.float64], start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Metres of each point from the straight piece between two others."""
    along = end - start
    length = float(along @ along)
    share = np.clip((points - start) @ along / length, 0.0, 1.0) if length > 0 else np.zeros(len(points))
    away: npt.NDArray[np.float64] = np.hypot(*(points - (start + share[:, None] * along)).T)
    return away


def _metres(a: Spot, b: Spot) -> float:
    return float(np.hypot(a.x - b.x, a.y - b.y))


def length_m(piece: Sequence[Spot]) -> float:
    """Metres along a piece."""
    return sum(_metres(a, b) for a, b in itertools.pairwise(piece))
