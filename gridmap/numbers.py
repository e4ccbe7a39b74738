"""Where a house number lies, judged from the known numbers of its street."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from gridmap.gazetteer import Entry

# 90 % radii in metres, read off where complaints with a surveyed point lay from these estimates
EXACT_M: Final = 55.0  # the number itself is known
LEARNED_M: Final = 140.0  # … but only from a confirmed or derived position, not from a survey or list
SAME_NUMBER_M: Final = 110.0  # the number is known with another sub-number, or without
BETWEEN_M: Final = 32.0  # plus 0.8 of the way to the nearer neighbour
NEXT_M: Final = 65.0  # the nearest number on the same side …
PER_NUMBER_M: Final = 3.5  # … for each number further along
ACROSS_M: Final = 260.0  # the other side of the street: the two sides are not numbered in step
ACROSS_NUMBERS: Final = 20  # so a neighbour on the same side may be so many numbers further to be preferred
FURTHEST: Final = 80  # numbers; beyond that a neighbour says only "somewhere on this street"
# houses stand closer than this for each number; a longer way between two numbers means that one point is wrong
LONGEST_STEP_M: Final = 20.0
SLACK_M: Final = 120.0
STRAY_M: Final = 150.0
USUAL_STEP_M: Final = 6.0
SURVEYED: Final = 2  # source ranks up to this one are lists and surveys


@dataclass(frozen=True, slots=True)
class Estimate:
    """A position on a street with the known numbers that decided it; metres in the city's SRID."""

    code: str  # exact, same_number, between, next_to
    x: float
    y: float
    uncertainty_m: float
    entries: tuple[Entry, ...]


def estimate(doors: Sequence[Entry], number: int, sub_number: int | None) -> Estimate | None:
    """The position of a number among doors of one street, sorted by number; None where nothing is near.

    The number itself, unless it was only learned and contradicts its neighbours; else between the neighbours of
    the same parity (one side of the street); else carried on from the nearest known number. Where several entries
    carry one number the best source counts, at its median point.
    """
    start = bisect_left(doors, number, key=_number)
    end = start
    while end < len(doors) and doors[end].number == number:
        end += 1
    below = _neighbours((doors[i] for i in range(start - 1, -1, -1)), number)
    above = _neighbours((doors[i] for i in range(end, len(doors))), number)
    pair = _pair(below, above)
    between = _between(*pair, number) if pair else None
    if start < end and (same := _same(doors[start:end], sub_number, between)):
        return same
    return between or _next_to(doors, start, end, number, below, above)


def _number(door: Entry) -> int:
    return door.number or 0


def _neighbours(doors: Iterable[Entry], number: int) -> list[Entry]:
    """The next two numbers on the same side, nearest first."""
    found: list[Entry] = []
    last = None
    for door in doors:
        known = door.number or 0
        if abs(known - number) > FURTHEST:
            break
        if known % 2 == number % 2 and known != last:
            found.append(door)
            if len(found) == 2:
                break
            last = known
    return found


def _pair(below: Sequence[Entry], above: Sequence[Entry]) -> tuple[Entry, Entry] | None:
    """The nearest neighbours on both sides that agree; a point far off its street is passed over."""
    for first in below:
        for last in above:
            gap = _number(last) - _number(first)
            if gap <= FURTHEST and _apart(first, last) <= SLACK_M + LONGEST_STEP_M * gap:
                return first, last
    return None


def _apart(one: Entry, other: Entry) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def _same(doors: Sequence[Entry], sub_number: int | None, between: Estimate | None) -> Estimate | None:
    nearest = min(abs((door.sub_number or 0) - (sub_number or 0)) for door in doors)
    close = [door for door in doors if abs((door.sub_number or 0) - (sub_number or 0)) == nearest]
    rank = min(door.source_rank for door in close)
    best = [door for door in close if door.source_rank == rank]
    x, y = median([e.x for e in best]), median([e.y for e in best])
    learned = rank > SURVEYED
    if learned and between and math.hypot(between.x - x, between.y - y) > between.uncertainty_m + STRAY_M:
        return None
    radius = SAME_NUMBER_M if nearest else LEARNED_M if learned else EXACT_M
    spread = max(math.hypot(e.x - x, e.y - y) for e in best)
    code = "same_number" if nearest else "exact"
    return Estimate(code, x, y, max(radius, best[0].accuracy_m) + spread, tuple(best[:3]))


def _between(below: Entry, above: Entry, number: int) -> Estimate:
    share = (number - _number(below)) / (_number(above) - _number(below))
    x, y = below.x + share * (above.x - below.x), below.y + share * (above.y - below.y)
    way = _apart(below, above) * min(share, 1 - share)
    return Estimate("between", x, y, BETWEEN_M + 0.8 * way + 2 * max(0.0, way - 80), (below, above))


def _next_to(
    doors: Sequence[Entry], start: int, end: int, number: int, below: Sequence[Entry], above: Sequence[Entry]
) -> Estimate | None:
    around = [*below[:1], *above[:1], *doors[max(0, start - 1) : start], *doors[end : end + 1]]
    near = [door for door in around if abs(_number(door) - number) <= FURTHEST]
    if not near:
        return None
    best = min(near, key=lambda door: (_away(door, number), door.x, door.y))
    away = abs(_number(best) - number)
    across = _number(best) % 2 != number % 2
    side = below if best in below else above if best in above else ()
    dx, dy = _step(side)
    shift = number - _number(best)
    radius = (ACROSS_M if across else NEXT_M) + PER_NUMBER_M * away
    return Estimate("next_to", best.x + dx * shift, best.y + dy * shift, radius, (best,))


def _away(door: Entry, number: int) -> int:
    return abs(_number(door) - number) + (ACROSS_NUMBERS if _number(door) % 2 != number % 2 else 0)


def _step(side: Sequence[Entry]) -> tuple[float, float]:
    """Metres east and north for each number, where two numbers on this side tell how the street goes on."""
    if len(side) < 2:
        return 0.0, 0.0
    gap = _number(side[0]) - _number(side[1])
    dx, dy = (side[0].x - side[1].x) / gap, (side[0].y - side[1].y) / gap
    step = math.hypot(dx, dy)
    if step > USUAL_STEP_M:
        return 0.0, 0.0
    return dx, dy
