"""One million random points to the cells of a city, from a table to a table, against shapely alone.

Makes a scratch database, loads the city's areas, draws its cells, and fills a table with random points. Then, in turn:
the product (cells and points by COPY out, CellIndex, COPY in) and the reference (the same COPY out, shapely's STRtree
with a predicate, the same COPY in). Both must give the same rows. The ratio of the best times is the result; the
database is dropped again.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import intake
import numpy as np
import numpy.typing as npt
import report
import shapely

if TYPE_CHECKING:
    from gridmap.models import Layout

COMMAND = "python bench/match.py --data DIR --write"
ROUNDS = 3
MARGIN_M = 500.0  # some points are outside the city
Keys = npt.NDArray[np.int64]


def main() -> int:
    """Parse, prepare a scratch city, measure, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with the city's files")
    parser.add_argument("--city", default="tainan", help="a name in fixtures/cities")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = (report.ROOT / "fixtures" / "cities" / f"{options.city}.toml").read_text(encoding="utf-8")
        scratch = Path(folder) / f"{options.city}.toml"
        renamed = re.sub(r'^database = "(\w+)"', r'database = "\1_match"', text, flags=re.M)
        scratch.write_text(renamed, encoding="utf-8")
        os.environ["GRIDMAP_DB_ROLE"] = "owner"
        report.prepare(str(scratch))
        told = in_scratch_database(lambda: measured(options.data, options.points))
    print(told)
    if options.write:
        report.write("match", "Points to cells", COMMAND, told, "one process, database on the same machine")
    return 0


def in_scratch_database(do: Callable[[], str]) -> str:
    """Make the database, migrate it, do something, and drop it also when that failed."""
    from django.core.management import call_command
    from django.db import connection

    name = intake.database()
    intake.server(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE gridmap_template')
    try:
        call_command("migrate", verbosity=0)
        return do()
    finally:
        connection.close()
        intake.server(f'DROP DATABASE "{name}"')


def measured(data: Path, count: int) -> str:
    """Load areas, draw, fill the table of points, time both ways in turn; the lines of the result."""
    from django.db import connection
    from django.utils import timezone

    from gridmap.loaders.areas import load_areas
    from gridmap.loaders.cells import draw_layout

    load_areas(data, timezone.now())
    layout = draw_layout("bench")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM"
            " (SELECT ST_Extent(geom) AS e FROM gridmap_cell) AS whole"
        )
        west, south, east, north = cursor.fetchone()
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute("CREATE TABLE bench_point (id bigint, x double precision, y double precision)")
        cursor.execute(
            "INSERT INTO bench_point SELECT i, %s + random() * %s, %s + random() * %s FROM generate_series(1, %s) AS i",
            [west - MARGIN_M, east - west + 2 * MARGIN_M, south - MARGIN_M, north - south + 2 * MARGIN_M, count],
        )
        cursor.execute("CREATE TABLE bench_found (point bigint, cell bigint)")
    ways = {"CellIndex": lambda: product(layout), "shapely alone": reference}
    times: dict[str, list[dict[str, float]]] = {name: [] for name in ways}
    answers: dict[str, Any] = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(way())
            answers[name] = taken()
    if answers["CellIndex"] != answers["shapely alone"]:
        raise SystemExit("the two ways do not give the same rows")
    return told(times, count, layout.report["cells"], answers["CellIndex"][0])


def told(times: dict[str, list[dict[str, float]]], points: int, cells: int, inside: int) -> str:
    """The lines of the result: of the best round of each way, and their ratio."""
    lines = [f"{'points':34} {points:12,}", f"{'cells':34} {cells:12,}", f"{'points in a cell':34} {inside:12,}"]
    best = {name: min(rounds, key=lambda one: sum(one.values())) for name, rounds in times.items()}
    for name, phases in best.items():
        lines.append(f"{f'{name}, seconds':34} {sum(phases.values()):12.2f}")
        lines += [f"{f'  {phase}':34} {took:12.2f}" for phase, took in phases.items()]
    whole = {name: sum(phases.values()) for name, phases in best.items()}
    lines.append(f"{'ratio':34} {whole['CellIndex'] / whole['shapely alone']:12.2f}")
    return "\n".join([*lines, f"{'memory at most, MB':34} {report.peak_mb():12,.0f}"])


def product(layout: "Layout") -> dict[str, float]:
    """As the product does it; seconds of each phase."""
    from gridmap.loaders.layouts import index_of
    from gridmap.matching import OUTSIDE

    clock = Clock()
    index, keys, _ = index_of(layout)
    clock.note("cells out, index")
    ids, xy = points_out()
    clock.note("points out")
    found = index.match(xy)
    clock.note("match")
    hit = np.flatnonzero(found != OUTSIDE)
    written(ids[hit], np.array(keys, dtype=np.int64)[found[hit]])
    clock.note("result in")
    return clock.phases


def reference() -> dict[str, float]:
    """The plain way: an STRtree of the cells in order of their codes, asked with a predicate; the first cell counts."""
    from django.db import connection

    clock = Clock()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ST_AsBinary(geom) FROM gridmap_cell ORDER BY code")
        rows = cursor.fetchall()
    tree = shapely.STRtree(shapely.from_wkb([bytes(row[1]) for row in rows]))
    clock.note("cells out, index")
    ids, xy = points_out()
    clock.note("points out")
    point, cell = tree.query(shapely.points(xy), predicate="intersects")
    order = np.lexsort((cell, point))
    hit, first = np.unique(point[order], return_index=True)
    clock.note("match")
    keys = np.array([row[0] for row in rows], dtype=np.int64)
    written(ids[hit], keys[cell[order][first]])
    clock.note("result in")
    return clock.phases


class Clock:
    """Seconds between notes."""

    def __init__(self) -> None:
        self.phases: dict[str, float] = {}
        self._last = time.perf_counter()

    def note(self, phase: str) -> None:
        now = time.perf_counter()
        self.phases[phase], self._last = now - self._last, now


def points_out() -> tuple[Keys, npt.NDArray[np.float64]]:
    from gridmap.columns import numbers_out

    found = numbers_out("SELECT id, x, y FROM bench_point", {"id": int, "x": float, "y": float})
    return found["id"].astype(np.int64), np.column_stack((found["x"], found["y"]))


def written(points: Keys, cells: Keys) -> None:
    from django.db import connection

    from gridmap.columns import numbers_in

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_found")
    numbers_in("bench_found", ["point", "cell"], [points, cells])


def taken() -> tuple[int, str]:
    """How many rows the result has, and a fingerprint of all of them."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(hashtextextended(point || ' ' || cell, 0)), 0)::text FROM bench_found"
        )
        count, mark = cursor.fetchone()
    return count, mark


if __name__ == "__main__":
    sys.exit(main())
