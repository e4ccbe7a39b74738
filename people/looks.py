"""When somebody looks at more personal data than is usual for them. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from statistics import median
from typing import NamedTuple

LEAST = 10  # fewer looks on one day are never worth a question
TIMES = 3
KNOWN_DAYS = 5  # somebody with fewer days of looking is compared with everybody


class Day(NamedTuple):
    """How often one person looked on one day."""

    user_id: int
    day: date
    looks: int


class Much(NamedTuple):
    """An unusual day, and how many looks a usual one has."""

    day: Day
    usual: float


def unusual(days: Iterable[Day]) -> list[Much]:
    """Days with at least ten looks and more than three times what is usual, the most first.

    Usual is the median of the person's other days: whoever calls residents back all day looks often and rightly. Of
    somebody who has looked on fewer than five other days, it is the median of everybody's days.
    """
    all_days = list(days)
    of_user: dict[int, list[Day]] = defaultdict(list)
    for each in all_days:
        of_user[each.user_id].append(each)
    everybody = median(each.looks for each in all_days) if all_days else 0.0
    found = []
    for each in all_days:
        others = [other.looks for other in of_user[each.user_id] if other.day != each.day]
        usual = float(median(others) if len(others) >= KNOWN_DAYS else everybody)
        if each.looks >= LEAST and each.looks > TIMES * usual:
            found.append(Much(each, usual))
    return sorted(found, key=lambda much: (-much.day.looks, much.day.day, much.day.user_id))
