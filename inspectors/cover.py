"""What is left behind when somebody goes, and where to wait: how soon the next tasks would be reached.

Pure: numpy, no Django. The past says where tasks come from: places with their shares of all. For each place counts who
would be there first; when somebody leaves, those places are reached later, which is a hole. Holes are counted in
minutes of the next tasks, so that they stand beside the minutes of the way in the assignment's match.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outlook:
    """What the choice looks ahead to. The product's own choice, set by the street simulation; no source states them."""

    # minutes within which somebody is to be on the spot, and how many times each later minute counts
    promise: float = 10.0
    late: float = 3.0
    # so many coming tasks a person count: as many are reached before everybody has moved on
    next_tasks: float = 0.5
    # each minute of riding to a better place to wait counts so much
    ride: float = 1.0
    # a ride must gain so many minutes of the next tasks
    gain: float = 6.0


OUTLOOK: Final = Outlook()


def regret(minutes: Floats, outlook: Outlook = OUTLOOK) -> Floats:
    """What minutes until an arrival count, those after the promise more."""
    return np.asarray(minutes + outlook.late * np.maximum(0.0, minutes - outlook.promise), dtype=float)


def without(reach: Floats) -> Floats:
    """For each person (row) and place (column) the soonest of all the others; `reach` are everybody's own minutes."""
    if len(reach) < 2:
        return np.full_like(reach, np.inf)
    two = np.partition(reach, 1, axis=0)[:2]
    first = reach.argmin(axis=0)
    others = np.repeat(two[:1], len(reach), axis=0)
    others[first, np.arange(reach.shape[1])] = two[1]
    return np.asarray(others, dtype=float)


def holes(reach: Floats, after: Floats, shares: Floats, outlook: Outlook = OUTLOOK) -> Floats:
    """Minutes that the next tasks wait longer if a person (column) goes to a job (row); negative where they gain.

    `reach`: minutes from where each person is free, that time included, to each place (people by places);
    `after`: minutes from each job to each place; `shares` of the places add up to 1.
    """
    people = len(reach)
    if people < 2 or not len(after):
        return np.zeros((len(after), people))
    # what is later counts more: the smallest of regrets is the regret of the smallest
    now, then = regret(reach, outlook), regret(after, outlook)
    left = np.minimum(without(now)[None, :, :], then[:, None, :]) @ shares
    return np.asarray((left - now.min(axis=0) @ shares) * outlook.next_tasks * people, dtype=float)


def moves(
    reach: Floats, stands: Floats, ride: Floats, free: NDArray[np.bool_], shares: Floats, outlook: Outlook = OUTLOOK
) -> list[tuple[int, int]]:
    """Who rides where to wait, the best ride first: pairs of person and stand.

    `stands`: minutes from each stand to each place; `ride`: minutes from each person to each stand; only those who are
    `free` ride. A ride is worth it when the next tasks gain more minutes than it takes.
    """
    now, there, left = regret(reach, outlook), regret(stands, outlook), free.copy()
    found: list[tuple[int, int]] = []
    while left.any() and len(now) > 1:
        who = np.flatnonzero(left)
        then = np.minimum(without(now)[who][:, None, :], there[None, :, :]) @ shares
        gained = (now.min(axis=0) @ shares - then) * outlook.next_tasks * len(now) - ride[who] * outlook.ride
        row, stand = np.unravel_index(int(gained.argmax()), gained.shape)
        if gained[row, stand] < outlook.gain:
            break
        person = int(who[row])
        found.append((person, int(stand)))
        now[person], left[person] = there[stand], False
    return found
