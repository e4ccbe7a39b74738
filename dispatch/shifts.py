"""Shifts of a day as the profile names them: which one an instant falls in, and where a week has too few people.

Pure. Source: P3.3 (round the clock, three shifts, never empty), P3.7 (surge), P3.22 (rosters, handover).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple


class Turn(NamedTuple):
    """One shift of one day: the day on which it begins, and its name."""

    day: date
    shift: str


class Place(NamedTuple):
    """One kind of seat in a shift."""

    turn: Turn
    seat: str


@dataclass(frozen=True)
class Gap:
    """So many people are missing."""

    place: Place
    missing: int


Starts = Mapping[str, time]  # name of each shift → local start, in the order of the day


def turn_at(local: datetime, starts: Starts) -> Turn | None:
    """The shift that runs at a local time; before the first one of a day, the last one of the day before runs."""
    if not starts:
        return None
    begun = [name for name, start in starts.items() if start <= local.time()]
    if begun:
        return Turn(local.date(), begun[-1])
    return Turn(local.date() - timedelta(days=1), list(starts)[-1])


def week_of(day: date) -> list[date]:
    """Monday to Sunday of the week of a day."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def gaps(
    days: Iterable[date], starts: Starts, seats: Mapping[str, int], taken: Iterable[Place], extra: Mapping[Place, int]
) -> list[Gap]:
    """Where fewer people are on the roster than the seats need, with those that a surge adds."""
    there = Counter(taken)
    found = []
    for day in days:
        for shift in starts:
            for seat, least in seats.items():
                place = Place(Turn(day, shift), seat)
                missing = least + extra.get(place, 0) - there[place]
                if missing > 0:
                    found.append(Gap(place, missing))
    return found
