"""Where a road is that is meant as a whole, with all its sections.

Pure.
"""

import math
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Final, NamedTuple

from gridmap.entries import Entry

WHOLE_LANE_M: Final = 450.0  # a lane or road that is listed with one point and no number
WHOLE_ROAD_M: Final = 2000.0
BESIDE_LINE_M: Final = 60.0  # what happens on a road is told from beside its middle line …
ALONG: Final = 0.45  # … nine times in ten within this share of its length from its middle
_SECTION: Final = re.compile(r"\d{1,2}段$")


class Whole(NamedTuple):
    """A road as one place: the entry whose point stands for it, on its line, and the 90 % radius around it."""

    entry: Entry
    radius_m: float
    sections: int


def without_section(road: str) -> str:
    """The road without its section: 永大路2段 → 永大路."""
    return _SECTION.sub("", road)


def wholes(entries: Iterable[Entry]) -> list[Whole]:
    """Each road among these entries once: the sections of one road in one area are one road.

    The radius comes from the length of the line, and is a guess where a road is listed as a point. Roads of one name
    without sections stay apart: they are different roads. A lane that is called like a road is a piece of it.
    """
    listed = list(entries)
    roads = {entry.road_key for entry in listed if entry.kind == "road"}
    groups: dict[Hashable, list[Entry]] = defaultdict(list)
    for i, entry in enumerate(listed):
        if entry.kind == "lane" and entry.road_key in roads:
            continue
        base = without_section(entry.road_key)
        groups[i if base == entry.road_key else (entry.kind, entry.area_key, base)].append(entry)
    return [_whole(list(dict.fromkeys(group))) for group in groups.values()]


def reach_m(entry: Entry) -> float:
    """The 90 % radius around the middle of one road or lane."""
    if entry.length_m:
        return max(BESIDE_LINE_M + ALONG * entry.length_m, entry.accuracy_m if entry.accuracy_m < 100 else 0.0)
    return max(WHOLE_LANE_M if entry.kind == "lane" else WHOLE_ROAD_M, entry.accuracy_m)


def holding_m(entry: Entry, doors: Sequence[Entry]) -> float:
    """How far from a road's point nine in ten of its known doors lie: a list may hold a piece of the road only."""
    away = sorted(math.hypot(door.x - entry.x, door.y - entry.y) for door in doors)
    return away[int(len(away) * 0.9)] if away else 0.0


def _whole(group: Sequence[Entry]) -> Whole:
    weights = [entry.length_m or 1.0 for entry in group]
    x = sum(e.x * w for e, w in zip(group, weights, strict=True)) / sum(weights)
    y = sum(e.y * w for e, w in zip(group, weights, strict=True)) / sum(weights)
    middle = min(group, key=lambda e: (math.hypot(e.x - x, e.y - y), e.x, e.y))
    away = [math.hypot(e.x - middle.x, e.y - middle.y) + reach_m(e) for e in group]
    return Whole(middle, max(away), len({entry.road_key for entry in group}))
