"""What confirmed positions teach: one point for an address that several people have pointed at, or none.

Pure.  Evidence fades, and evidence that contradicts itself teaches nothing until one side outweighs the other.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

HALF_LIFE_DAYS: Final = 3 * 365.0  # streets are renumbered and shops move
TOGETHER_M: Final = 80.0  # points this close tell the same
SHARE: Final = 0.6  # of all the weight that the strongest spot needs
DEFAULT_STREETS: Final = 5  # a point that stands for so many streets is a default of some system, not a place
WEIGHT: Final = {"inspector": 3.0, "operator": 2.0, "sender": 1.0}  # seen there; put on the map; only stated
LEARNED_RANK: Final = 3  # source ranks of what was learned: told by somebody who looked, or twice …
STATED_RANK: Final = 4  # … or stated once by a sender


@dataclass(frozen=True, slots=True)
class Evidence:
    """One position that somebody gave for an address; metres in the city's SRID."""

    x: float
    y: float
    how: str  # a key of WEIGHT
    at: datetime
    accuracy_m: float = 10.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """What an address has taught: a point with its radius, or a conflict between `apart_m` distant spots."""

    x: float
    y: float
    accuracy_m: float
    rank: int
    told: int
    apart_m: float = 0.0
    conflict: bool = False


def weight(evidence: Evidence, at: datetime) -> float:
    """What a piece of evidence counts for: by who gave it, halved every three years."""
    days = max(0.0, (at - evidence.at).total_seconds() / 86400)
    return WEIGHT[evidence.how] * math.pow(0.5, days / HALF_LIFE_DAYS)


def lesson(told: Sequence[Evidence], at: datetime) -> Lesson | None:
    """Where an address lies after all that was told about it; None without evidence.

    The spot with the most weight within 80 m wins if it has 60 % of it all; else it is a conflict, which nobody
    learns from and somebody should look at.
    """
    if not told:
        return None
    weights = [weight(one, at) for one in told]
    spots = [[i for i, other in enumerate(told) if _apart(one, other) <= TOGETHER_M] for one in told]
    best = max(spots, key=lambda spot: (sum(weights[i] for i in spot), -spot[0]))
    whole = sum(weights[i] for i in best)
    x = sum(told[i].x * weights[i] for i in best) / whole
    y = sum(told[i].y * weights[i] for i in best) / whole
    away = max(math.hypot(one.x - x, one.y - y) for one in told)
    spread = max(math.hypot(told[i].x - x, told[i].y - y) for i in best)
    looked = any(told[i].how != "sender" for i in best)
    return Lesson(
        x=x,
        y=y,
        accuracy_m=max(min(told[i].accuracy_m for i in best), spread),
        rank=LEARNED_RANK if looked or len(best) > 1 else STATED_RANK,
        told=len(best),
        apart_m=away,
        conflict=whole < SHARE * sum(weights),
    )


def defaults(told: Iterable[tuple[Hashable, Evidence]]) -> frozenset[tuple[int, int]]:
    """Points, to the metre, that stand for five streets or more: where a system puts what it could not find."""
    streets: dict[tuple[int, int], set[Hashable]] = defaultdict(set)
    for street, evidence in told:
        streets[spot(evidence)].add(street)
    return frozenset(place for place, names in streets.items() if len(names) >= DEFAULT_STREETS)


def spot(evidence: Evidence) -> tuple[int, int]:
    """A point to the metre."""
    return round(evidence.x), round(evidence.y)


def _apart(one: Evidence, other: Evidence) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)
