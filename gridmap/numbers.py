"""Where a house number lies, judged from the known numbers of its street."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from gridmap.gazetteer import Entry

# first guesses of the 90 % radius, metres; to be calibrated against known positions
EXACT_M = 30.0  # the number itself is known
SAME_NUMBER_M = 45.0  # the number is known with another sub-number, or without
PER_NUMBER_M = 6.0  # one number further along the street
FLOOR_M = 35.0  # two neighbours on the same side say no more than this
FURTHEST = 60  # numbers; beyond that a neighbour says only "somewhere on this street"


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

    The number itself, else between the neighbours of the same parity (one side of the street), else the nearest
    known number. Where several entries carry one number the best source counts, at its median point.
    """
    start = bisect_left(doors, number, key=_number)
    same = [door for door in _run(doors, start) if door.number == number]
    if same:
        exact = [door for door in same if (door.sub_number or 0) == (sub_number or 0)]
        if exact:
            return _at("exact", exact, EXACT_M)
        nearest = min(abs((door.sub_number or 0) - (sub_number or 0)) for door in same)
        close = [door for door in same if abs((door.sub_number or 0) - (sub_number or 0)) == nearest]
        return _at("same_number", close, SAME_NUMBER_M)
    below = next((d for d in reversed(doors[:start]) if _side(d) == number % 2), None)
    above = next((d for d in doors[start:] if _side(d) == number % 2), None)
    if below and above and _number(above) - _number(below) <= FURTHEST:
        return _between(below, above, number)
    near = [d for d in (below, above, *doors[max(0, start - 1) : start + 1]) if d]
    # the other side of the street is as far as one number more
    best = min(near, key=lambda d: abs(_number(d) - number) + (_side(d) != number % 2), default=None)
    if best is None or abs(_number(best) - number) > FURTHEST:
        return None
    away = abs(_number(best) - number)
    return _at("next_to", [best], FLOOR_M + PER_NUMBER_M * away)


def _number(door: Entry) -> int:
    return door.number or 0


def _side(door: Entry) -> int:
    return _number(door) % 2


def _run(doors: Sequence[Entry], start: int) -> Sequence[Entry]:
    end = start
    while end < len(doors) and doors[end].number == doors[start].number:
        end += 1
    return doors[start:end]


def _at(code: str, entries: Sequence[Entry], radius: float) -> Estimate:
    rank = min(entry.source_rank for entry in entries)
    best = [entry for entry in entries if entry.source_rank == rank]
    x, y = median(e.x for e in best), median(e.y for e in best)
    spread = max(math.hypot(e.x - x, e.y - y) for e in best)
    return Estimate(code, x, y, max(radius, best[0].accuracy_m) + spread, tuple(best[:3]))


def _between(below: Entry, above: Entry, number: int) -> Estimate:
    share = (number - _number(below)) / (_number(above) - _number(below))
    x, y = below.x + share * (above.x - below.x), below.y + share * (above.y - below.y)
    apart = math.hypot(above.x - below.x, above.y - below.y)
    # least certain in the middle; a stretched pair means a wrong neighbour or a bend
    return Estimate("between", x, y, FLOOR_M + apart * min(share, 1 - share), (below, above))
