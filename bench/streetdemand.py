"""Demand of a day: real complaints of Tainan, or a day of the demo city, once or several times over.

Nothing is read from anywhere but the folder that is given, and nothing of it is kept.
"""

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray
from streetsim import XY, Scene, Task, Ways

Floats = NDArray[np.float64]

# the built-up districts; the others are villages up to fifty kilometres away
DISTRICTS: Final = frozenset(["中西區", "東區", "南區", "北區", "安平區", "安南區", "永康區"])
# where the source put what it could not geocode, whatever the address says
DEFAULT_POINT: Final = (22.9997281, 120.2270277)
# what cannot wait: somebody may come to harm
URGENT: Final = frozenset(
    (
        "犬貓急難救援",
        "道路散落物",
        "路面掏空、塌陷",
        "路樹傾倒",
        "市區道路路面油漬",
        "路面油漬",
        "號誌故障",
        "停電、漏電、電線掉落、孔蓋鬆動",
    )
)
OPENS, CLOSES = 7, 23  # the shift, hours of the day
PAST: Final = timedelta(days=56)  # so much of the past is known when the day begins
STANDS: Final = 150  # places that stand for all of the past's


@dataclass(frozen=True)
class Row:
    """A complaint: when it came in, local time, where in metres, and whether it is urgent."""

    at: datetime
    xy: XY
    urgent: bool

    @property
    def minute(self) -> float:
        """Minutes since the shift opened."""
        return (self.at.hour - OPENS) * 60 + self.at.minute + self.at.second / 60


def tainan(data: Path) -> list[Row]:
    """The complaints of the built-up districts in the hours of the shift, in the order of their times."""
    from pyproj import Transformer

    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:3826", always_xy=True)
    kept = []
    with gzip.open(data / "complaints.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["district"].replace(" ", "") in DISTRICTS and row["lat"] and row["lon"]:
                lat, lon = float(row["lat"]), float(row["lon"])
                at = datetime.fromisoformat(row["created_at"])
                if (lat, lon) != DEFAULT_POINT and OPENS <= at.hour < CLOSES:
                    kept.append((at, lat, lon, row["subcategory"] in URGENT))
    x, y = to_metres.transform([row[2] for row in kept], [row[1] for row in kept])
    rows = [Row(row[0], (float(px), float(py)), row[3]) for row, px, py in zip(kept, x, y, strict=True)]
    return sorted(rows, key=lambda row: (row.at, row.xy))


def demo(a_day: int, day: date, seed: int) -> list[Row]:
    """What the demo city's planner draws for some weeks up to a day, so many a day, in the hours of the shift."""
    from zoneinfo import ZoneInfo

    from fixtures.demo.plan import urgent_story
    from fixtures.demo.town import build
    from fixtures.demo.year import make_plans

    zone = ZoneInfo("Asia/Shanghai")
    days = PAST.days + 42
    since = datetime(day.year, day.month, day.day, tzinfo=zone) - timedelta(days=PAST.days)
    plans = make_plans(build(), since, since + timedelta(days=days), seed, cases=a_day * days)
    rows = [
        Row(plan.at.replace(tzinfo=None), (plan.point.x, plan.point.y), urgent_story(plan.story))
        for plan in plans
        if plan.point is not None and not plan.found and OPENS <= plan.at.hour < CLOSES
    ]
    return sorted(rows, key=lambda row: (row.at, row.xy))


def times_over(rows: Sequence[Row], day: date, times: int, seed: int) -> list[Task]:
    """The tasks of a day, `times` over: its own, and those of the same weekday nearest in date, thinned to that.

    Every one is a real complaint at its true place and time of day; of the last day that is needed, a sample.
    """
    by_day: dict[date, list[Row]] = {}
    for row in rows:
        by_day.setdefault(row.at.date(), []).append(row)
    own = by_day[day]
    others = sorted((abs((other - day).days), other) for other in by_day if other.weekday() == day.weekday())
    found: list[Row] = []
    for _gap, other in others:
        missing = len(own) * times - len(found)
        if missing <= 0:
            break
        more = by_day[other]
        found += more if len(more) <= missing else Random(seed).sample(more, missing)
    if len(found) < len(own) * times:
        raise ValueError(f"there are not enough days like {day} for {times} times its demand")
    found.sort(key=lambda row: (row.minute, row.xy))
    return [Task(number, row.minute, row.xy, row.urgent) for number, row in enumerate(found)]


@dataclass(frozen=True)
class Past:
    """What is known when the day begins: places that stand for the past's, their shares, tasks a day."""

    stands: Floats
    weights: Floats
    a_day: float
    points: Floats


def past(rows: Sequence[Row], day: date, seed: int) -> Past:
    """The weeks before a day."""
    first = day - PAST
    points = np.array([row.xy for row in rows if first <= row.at.date() < day])
    centres, labels = clusters(points, STANDS, seed)
    weights = np.bincount(labels, minlength=len(centres)) / len(labels)
    return Past(centres, weights, len(points) / PAST.days, points)


def clusters(points: Floats, count: int, seed: int) -> tuple[Floats, NDArray[np.intp]]:
    """The middles of so many groups of points, and the group of each point."""
    from sklearn.cluster import KMeans

    found = KMeans(min(count, len(np.unique(points, axis=0))), n_init=1, random_state=seed).fit(points)
    return found.cluster_centers_, found.labels_


def scene(tasks: Sequence[Task], known: Past, ways: Ways, people: int, times: int, seed: int) -> Scene:
    """A shift of so many people; each begins in the middle of an equal part of the past's demand."""
    posts, _labels = clusters(known.points, people, seed)
    rate = known.a_day * times / ((CLOSES - OPENS) * 60)
    starts = [(float(x), float(y)) for x, y in posts]
    return Scene(tasks, starts, ways, known.stands, known.weights, rate)
