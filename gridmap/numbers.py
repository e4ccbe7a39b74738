"""Where a house number lies, judged from the known numbers of its street and of the lanes that leave it.

Houses are numbered along a street, each side for itself, and a lane takes the number of the house at its mouth. So a
number is a place on a line, and the position at that place is a random walk that known numbers hold down: ordinary
kriging, which gives a point and its variance at once. Numbers in lanes walk away from the mouth, in about the
direction in which neighbouring lanes of that side go.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from gridmap.gazetteer import Branch, Entry

NINETY: Final = 2.146  # standard deviations of one axis that hold 90 % of a round normal distribution
OWN: Final = 7  # known numbers of the street itself that are looked at …
PARENT: Final = 6  # … of the street that a lane leaves …
BRANCHES: Final = 5  # … and houses in its other lanes
CLOSE: Final = 30  # numbers: with ENOUGH known ones as close as this, nothing else is asked
ENOUGH: Final = 4
DROPS: Final = 3  # known numbers that may contradict the others and be left out
CONTRADICTION: Final = 8.4  # squared standard deviations, both axes
SURVEYED: Final = 2  # source ranks: 1 a survey, 2 an official list, 3 and 4 what was learned
USUAL: Final = 2.0  # known numbers that the usual fit counts for
MISFIT: Final = 9.0  # times the variance at most: numbers thousands apart can contradict each other without end
# how many times the radius of a normal distribution holds 90 %, and the radius (metres) around which that bends
TAILS: Final = {
    "exact": (1.8, 0.0),
    "same_number": (1.8, 0.0),
    "between": (0.93, 48.0),
    "next_to": (1.45, 150.0),
    "beside": (1.6, 0.0),
    "mouth": (1.5, 0.0),
}
BEND: Final = 0.4
LEARNED: Final = 1.2  # the number itself, but only learned
OTHER_DOOR_M: Final = 70.0  # the number with another sub-number, or without
WIDE: Final = frozenset({"poi", "compound", "building"})
Numbers = npt.NDArray[np.float64]
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Scale:
    """How positions vary with numbers; metres, and metres for each number. Fitted on rows left out one by one."""

    place: float = 700.0  # where the street is, before anything is known
    drift: float = 4.7  # the way for each number, in one direction along the street
    walk: float = 17.4  # the way for each square root of a number, in any direction
    side: float = 123.0  # the two sides are not numbered in step
    side_walk: float = 0.9
    opposite: int = 276  # so a number across the street counts as so many numbers further away
    surveyed: float = 18.5  # how exact a known number is: of a survey or list …
    confirmed: float = 19.5  # … confirmed on the spot …
    derived: float = 40.0  # … or derived from an address
    wide: float = 35.0  # … and what is wider than a door: a shop in a market, a school, a compound
    lane: float = 54.0  # a lane's first houses from its mouth
    lane_walk: float = 4.5
    lane_drift: float = 2.2
    lane_side: float = 3.6
    neighbours: float = 83.0  # what neighbouring lanes of one side have in common …
    neighbours_numbers: float = 90.0  # … fading over so many numbers
    depth: float = 19.0  # house numbers after which a lane's direction shows
    blur: float = 0.0  # what the radius has more than the model says …
    times: float = 1.0


STREET: Final = Scale()
# numbers of a village follow the date of building more than the way
VILLAGE: Final = Scale(
    place=470,
    drift=2.5,
    walk=47,
    side=3,
    side_walk=0.5,
    opposite=6,
    surveyed=45,
    confirmed=10,
    derived=2000,
)


@dataclass(frozen=True, slots=True)
class Row:
    """What is known about a street: its doors by number; of a lane also its number on its parent street, the doors
    of that parent, and the doors in all lanes of that parent (of a street: in its own lanes) by lane number."""

    doors: Sequence[Entry]
    lane: int | None = None
    parent: Sequence[Entry] = ()
    branches: Sequence[Branch] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A position on a street with the known numbers that decided it; metres in the city's SRID.

    `code`: exact, same_number (other sub-number), between (two numbers of its side), next_to (the nearest known
    number), beside (a house in a lane nearby), mouth (only the street that the lane leaves is known).
    """

    code: str
    x: float
    y: float
    uncertainty_m: float
    entries: tuple[Entry, ...]


class Spot(NamedTuple):
    """A place on the line: number along the main street, lane and house number in it (0: on the street itself)."""

    along: int
    lane: int
    house: int


class Known(NamedTuple):
    """One known number; several entries with one number count as one, at their median point."""

    spot: Spot
    entry: Entry
    x: float
    y: float
    deviation: float
    told: int = 1  # entries that tell it


def estimate(row: Row, number: int, sub_number: int | None, scale: Scale = STREET) -> Estimate | None:
    """The position of a house number on a street or in a lane; None where nothing of it is known.

    A known number that contradicts the others is passed over, also if it is the wanted one, unless it was surveyed.
    """
    known = _known(row, number, scale)
    if not known:
        return None
    spot = Spot(number, 0, 0) if row.lane is None else Spot(row.lane, row.lane, number)
    kept, weights, x, y, deviation = _solve(known, spot, scale)
    code, entries = _because(kept, weights, spot, sub_number)
    if code == "exact" and entries[0].source_rank <= SURVEYED:
        x, y = next((k.x, k.y) for k in kept if k.entry is entries[0])  # surveyed: its own point, not a weighed one
    return Estimate(code, x, y, scale.blur + _radius(code, deviation, entries) * scale.times, entries)


def _radius(code: str, deviation: float, entries: Sequence[Entry]) -> float:
    """The 90 % radius: what kriging says, bent to what rows left out showed, where sure answers were surer and
    unsure ones less sure than a normal distribution has them."""
    times, pivot = TAILS[code]
    radius = NINETY * deviation * times
    if pivot:
        radius *= (radius / pivot) ** BEND
    if code == "exact" and entries[0].source_rank > SURVEYED:
        radius *= LEARNED
    return radius + OTHER_DOOR_M if code == "same_number" else radius


def _known(row: Row, number: int, scale: Scale) -> list[Known]:
    lane = row.lane or 0
    found = [
        _together(Spot(lane, lane, group[0].number or 0) if lane else Spot(group[0].number or 0, 0, 0), group, scale)
        for group in _around(row.doors, number, OWN, scale.opposite)
    ]
    spots = [k.spot.house if lane else k.spot.along for k in found]
    if sum(abs(s - number) <= CLOSE and (lane > 0 or (s - number) % 2 == 0) for s in spots) >= ENOUGH:
        return found
    along = lane or number
    if lane:
        doors = _around(row.parent, along, PARENT, scale.opposite)
        found += [_together(Spot(group[0].number or 0, 0, 0), group, scale) for group in doors]
    return found + [
        _together(Spot(branch.lane, branch.lane, branch.entry.number or 0), [branch.entry], scale)
        for branch in _beside(row.branches, along, lane, scale.opposite)
    ]


def _beside(branches: Sequence[Branch], along: int, own: int, opposite: int) -> list[Branch]:
    start = bisect_left(branches, along, key=_lane)
    end = bisect_left(branches, along + 1, start, key=_lane) if own else start
    near = [*branches[max(0, start - 4 * BRANCHES) : start], *branches[end : end + 4 * BRANCHES]]
    return _nearest(near, _lane, along, BRANCHES, opposite)


def _together(spot: Spot, entries: Sequence[Entry], scale: Scale) -> Known:
    if len(entries) == 1:
        entry = entries[0]
        return Known(spot, entry, entry.x, entry.y, _deviation(entry, 0.0, scale))
    rank = min(entry.source_rank for entry in entries)
    best = [entry for entry in entries if entry.source_rank == rank]
    x, y = median([e.x for e in best]), median([e.y for e in best])
    spread = median([math.hypot(e.x - x, e.y - y) for e in best])
    return Known(spot, best[0], x, y, _deviation(best[0], spread, scale), len(best))


def _deviation(entry: Entry, spread: float, scale: Scale) -> float:
    own = (scale.surveyed, scale.confirmed, scale.derived)[max(2, min(4, entry.source_rank)) - 2]
    if entry.kind in WIDE:
        own = max(own, scale.wide)
    return math.hypot(own, spread, max(0.0, entry.accuracy_m - 30) / NINETY)


def _around(doors: Sequence[Entry], number: int, count: int, opposite: int) -> list[list[Entry]]:
    """The known numbers nearest to one, each with all its entries; the other side counts as further away."""
    start = bisect_left(doors, number, key=_number)
    groups = [*_groups(doors, range(start, len(doors)), 2 * count)]
    groups += _groups(doors, range(start - 1, -1, -1), 2 * count)
    return _nearest(groups, lambda group: _number(group[0]), number, count, opposite)


def _groups(doors: Sequence[Entry], way: range, count: int) -> Iterator[list[Entry]]:
    for found, (_, group) in enumerate(groupby((doors[i] for i in way), key=lambda e: (e.number, e.sub_number))):
        if found == count:
            return
        yield list(group)


def _nearest(
    things: Iterable[Thing], number_of: Callable[[Thing], int], number: int, count: int, opposite: int
) -> list[Thing]:
    def away(thing: Thing) -> int:
        gap = abs(number_of(thing) - number)
        return gap + (opposite if gap % 2 else 0)

    return sorted(things, key=away)[:count]


def _number(door: Entry) -> int:
    return door.number or 0


def _lane(branch: Branch) -> int:
    return branch.lane


def _solve(known: Sequence[Known], spot: Spot, scale: Scale) -> tuple[list[Known], Numbers, float, float, float]:
    """Kriging: the known numbers that agree, their weights, the point, and its deviation along one axis."""
    centre = np.array((median([k.x for k in known]), median([k.y for k in known])))
    xy = np.array([(k.x, k.y) for k in known]) - centre
    spread = _covariance([*(k.spot for k in known), spot], scale)
    noise = np.array([k.deviation**2 for k in known])
    own, wanted, before = spread[:-1, :-1] + np.diag(noise), spread[:-1, -1], float(spread[-1, -1])
    trust = np.array([_trust(k) for k in known])
    keep = np.arange(len(known))
    for turn in range(DROPS + 1):
        inverse = np.linalg.inv(own[keep[:, None], keep])
        pull = inverse @ xy[keep]
        # how far each one is from where the others see it, in its own deviations; 2 is what chance makes
        strange = (pull**2).sum(axis=1) / np.maximum(inverse.diagonal(), 1e-9)
        worst = int(np.argmax(strange / trust[keep]))
        if turn == DROPS or len(keep) < 4 or strange[worst] < CONTRADICTION * trust[keep[worst]]:
            break
        keep = np.delete(keep, worst)
    weights = inverse @ wanted[keep]
    x, y = (centre + wanted[keep] @ pull).tolist()
    variance = min(max(before - float(wanted[keep] @ weights), 1.0), before)
    # a street whose numbers fit better or worse than usual is that much more or less sure
    variance *= min(MISFIT, (USUAL + float(strange.sum()) / 2) / (USUAL + len(keep)))
    return [known[i] for i in keep.tolist()], weights, x, y, math.sqrt(variance)


def _trust(known: Known) -> float:
    """A survey is never passed over, what several entries tell not easily."""
    return math.inf if known.entry.source_rank < SURVEYED else float(known.told)


def _covariance(spots: Sequence[Spot], s: Scale) -> Numbers:
    """How much the positions at these spots have in common, square metres, each against each."""
    along, lane, house = np.array(spots, dtype=np.float64).T
    t = along - along[-1]
    away = np.abs(t[:, None] - t)
    across = (away % 2) == 1
    both: Numbers = s.place**2 + s.drift**2 * np.outer(t, t) - s.walk**2 * away / 2
    both -= np.where(across, s.side**2 + s.side_walk**2 * np.minimum(away, 60) / 2, 0)
    if lane.any():
        inside = (lane[:, None] > 0) & (lane > 0)
        deeper = np.abs(house[:, None] - house)
        same = s.lane**2 + 60 * s.lane_drift**2 * np.minimum(house[:, None], house)
        same -= s.lane_walk**2 * deeper / 2 + s.lane_side**2 * (deeper % 2)
        shown = np.minimum(1.0, (house + 5) / s.depth)
        alike = s.neighbours**2 * np.exp(-away / s.neighbours_numbers) * np.outer(shown, shown) * ~across
        both += np.where(inside, np.where(lane[:, None] == lane, same, alike), 0)
    return both


def _because(
    kept: Sequence[Known], weights: Numbers, spot: Spot, sub_number: int | None
) -> tuple[str, tuple[Entry, ...]]:
    own = [(k, float(w)) for k, w in zip(kept, weights, strict=True) if k.spot.lane == spot.lane]
    wanted = spot.house if spot.lane else spot.along
    there = [k for k, _ in own if _number(k.entry) == wanted]
    if there:
        exact = [k for k in there if (k.entry.sub_number or 0) == (sub_number or 0)]
        return ("exact", (exact[0].entry,)) if exact else ("same_number", (there[0].entry,))
    side = sorted((_number(k.entry), k.entry) for k, _ in own if (_number(k.entry) - wanted) % 2 == 0)
    below = [entry for number, entry in side if number < wanted]
    above = [entry for number, entry in side if number > wanted]
    if below and above:
        return "between", (below[-1], above[0])
    if own:
        return "next_to", (max(own, key=lambda found: found[1])[0].entry,)
    inside = [(k, float(w)) for k, w in zip(kept, weights, strict=True) if k.spot.lane]
    if inside and not spot.lane:
        return "beside", (max(inside, key=lambda found: found[1])[0].entry,)
    return "mouth", ()
