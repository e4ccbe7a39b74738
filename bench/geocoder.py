"""How well and how fast addresses are found: Tainan's residents' complaints against the points that they came with.

Addresses are split into train and test by their text. The gazetteer is stops, compounds and lanes alone ("without"),
or also what `learn_places --history` learns from the training complaints' points ("with"). Rows on the default point
are no truth; of each test address the first row counts, where its point has six decimals at most (the city's own).
The reference is the nearest known number of the same street. The time of an address, among 100,000 places, is
compared with a Django `.get()` by primary key.
"""

import argparse
import csv
import gc
import gzip
import math
import os
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import match
import numpy as np
import numpy.typing as npt
import report

if TYPE_CHECKING:
    from gridmap.answers import Answer
    from gridmap.gazetteer import MemoryGazetteer
    from gridmap.models import Area, Place

COMMAND = "python bench/geocoder.py --data DIR --write"
LISTS = ("garbage_truck_stops.csv.gz", "building_committees.geojson.gz", "narrow_lanes.geojson.gz")
DEFAULT_POINT = (22.99973, 120.22703)
TRAIN = 0.8
SEED = 7
TIMED = 4000
PLACES = 100_000
WITHIN = (50, 100, 300)
Metres = npt.NDArray[np.float64]


class Row(NamedTuple):
    """One complaint: what was said, and where it came from, in metres of the city."""

    address: str
    text: str
    district: str
    at: datetime
    x: float
    y: float
    six: bool  # decimals at most: the city's own point, not a geocoded one


def main() -> int:
    """Parse, measure in a scratch database, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with Tainan's files")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = (report.ROOT / "fixtures" / "cities" / "tainan.toml").read_text(encoding="utf-8")
        scratch = Path(folder) / "tainan.toml"
        scratch.write_text(re.sub(r'^database = "(\w+)"', r'database = "\1_geocoder"', text, flags=re.M), "utf-8")
        # one thread for the small matrices of kriging
        os.environ |= {"GRIDMAP_DB_ROLE": "owner", "OPENBLAS_NUM_THREADS": "1"}
        report.prepare(str(scratch))
        told = match.in_scratch_database(lambda: measured(options.data))
    print(told)
    if options.write:
        report.write("geocoder", "Addresses", COMMAND, told)
    return 0


def measured(data: Path) -> str:
    """Load, split, learn, ask, compare; the lines of the result."""
    from django.utils import timezone

    from gridmap.gazetteer import MemoryGazetteer
    from gridmap.loaders.areas import load_areas
    from gridmap.models import Area

    load_areas(data, timezone.now())
    areas = list(Area.objects.filter(level__in=("district", "community")).select_related("parent"))
    train, test = split(complaints(data))
    listed, taught = lists(data), lessons(train)
    lines = [f"{len(train):,} complaints to learn from, {len(test):,} addresses asked, {len(listed):,} places listed"]
    for name, places in (("without history", listed), ("with history", [*listed, *taught])):
        gazetteer = MemoryGazetteer.load(numbered(places), areas)
        lines += ["", f"{name}: {len(places):,} places", *figures(gazetteer, test)]
    return "\n".join([*lines, "", *speed(numbered([*listed, *taught]), areas, test)])


def complaints(data: Path) -> list[Row]:
    """Every complaint with a point of its own."""
    from gridmap.datums import to_city

    with gzip.open(data / "complaints.csv.gz", "rt", encoding="utf-8-sig", newline="") as opened:
        rows = [r for r in csv.DictReader(opened) if r["lat"] and r["lon"] and not is_default(r)]
    xy = to_city(np.array([(float(r["lon"]), float(r["lat"])) for r in rows]), "wgs84", strict=False)
    return [
        Row(r["address"], r["description"], r["district"], datetime.fromisoformat(r["created_at"]), x, y, is_six(r))
        for r, (x, y) in zip(rows, xy.tolist(), strict=True)
        if math.isfinite(x)
    ]


def is_default(row: dict[str, str]) -> bool:
    """Whether a complaint lies where a system put what it could not find."""
    near = zip((float(row["lat"]), float(row["lon"])), DEFAULT_POINT, strict=True)
    return all(abs(one - other) < 2e-5 for one, other in near)


def is_six(row: dict[str, str]) -> bool:
    """Whether both coordinates have six decimals at most."""
    return all(len(row[name].partition(".")[2]) <= 6 for name in ("lat", "lon"))


def split(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Complaints of the training addresses, and one row of each test address with a point of the city's own."""
    by_address: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_address[row.address].append(row)
    addresses = sorted(by_address)
    random.Random(SEED).shuffle(addresses)
    cut = int(len(addresses) * TRAIN)
    train = [row for address in addresses[:cut] for row in by_address[address]]
    return train, [by_address[address][0] for address in addresses[cut:] if by_address[address][0].six]


def lists(data: Path) -> "list[Place]":
    """Stops, compounds and lanes, as the loader of the city reads them."""
    from django.conf import settings

    from gridmap.layers import points_of, read_rows, shapes_in_city
    from gridmap.placekeys import place_row, settle_roads
    from gridmap.shapes import point_of

    places = []
    for mapping in settings.CITY.mapping["places"]:
        if mapping["file"] not in LISTS:
            continue
        rows = read_rows(data / mapping["file"])
        pointed = points_of(rows, mapping["x"], mapping["y"]) if "x" in mapping else rows
        for row, shape in zip(pointed, shapes_in_city(pointed, mapping["datum"]), strict=True):
            word = {part: row.values.get(mapping.get(part, ""), "") or "" for part in ("name", "address", "area")}
            if shape is None or not word["name"]:
                continue
            places.append(
                place_row(
                    mapping.get("kind"), word["name"], point_of(shape), source=mapping["source"],
                    address=word["address"], area=word["area"], accuracy_m=mapping["accuracy_m"],
                    source_rank=mapping["rank"],
                )
            )  # fmt: skip
    settle_roads(places)
    return places


def lessons(train: Sequence[Row]) -> "list[Place]":
    """What the training complaints teach, by the product's own rules of learning."""
    from django.conf import settings
    from django.contrib.gis.geos import Point

    from gridmap.confirmed import lesson_row
    from gridmap.learning import Evidence, defaults, lesson, spot

    told: dict[str, list[tuple[Row, Evidence]]] = defaultdict(list)
    for row in train:
        found = lesson_row(row.address, row.district, Point(row.x, row.y, srid=settings.CITY.srid))
        if found is not None:
            told[found[0]].append((row, Evidence(row.x, row.y, "sender", row.at, 30.0)))
    nowhere = defaults((key.rsplit("|", 2)[0], evidence) for key, group in told.items() for _, evidence in group)
    last, places = max(row.at for row in train), []
    for group in told.values():
        kept = [(row, evidence) for row, evidence in group if spot(evidence) not in nowhere]
        taught = lesson([evidence for _, evidence in kept], last)
        if taught is None or taught.conflict:
            continue
        row = kept[0][0]
        found = lesson_row(row.address, row.district, Point(taught.x, taught.y, srid=settings.CITY.srid))
        if found is not None:
            found[1].source_rank, found[1].accuracy_m = taught.rank, taught.accuracy_m
            places.append(found[1])
    return places


def numbered(places: "Sequence[Place]") -> "Sequence[Place]":
    """Places with keys of their own, as if they were saved."""
    for key, place in enumerate(places, 1):
        place.pk = key
    return places


def figures(gazetteer: "MemoryGazetteer", test: Sequence[Row]) -> Iterator[str]:
    """Shares within each distance and how the stated radius holds, by address and by text."""
    from gridmap.addresses import parse
    from gridmap.geocode import locate

    reference = [nearest_number(gazetteer, row.address) for row in test]
    yield shares("plain nearest number", errors(reference, test))
    asked: dict[str, Callable[[Row], str]] = {"address": lambda row: row.address, "free text": lambda row: row.text}
    for name, ask in asked.items():
        answers = [locate(ask(row), gazetteer) for row in test]
        away = errors([(a.x, a.y) if a.x is not None and a.y is not None else None for a in answers], test)
        yield shares(name, away)
        if name == "free text":
            with_road = np.array([bool(parse(row.text, gazetteer.known(row.text)).road) for row in test])
            yield shares(f"  that name a road ({with_road.mean():.1%})", away[with_road])
        yield from radii(answers, away)


def nearest_number(gazetteer: "MemoryGazetteer", text: str) -> tuple[float, float] | None:
    """The reference: the known number of the same street, in the stated district, that is nearest as a number."""
    from gridmap.addresses import parse

    address = parse(text, gazetteer.known(text))
    by_area = gazetteer.streets([address.street]).get(address.street, {})
    doors = by_area.get(address.district) or [door for doors in by_area.values() for door in doors]
    if address.number is None or not doors:
        return None
    number = address.number
    best = min(doors, key=lambda door: abs((door.number or 0) - number))
    return best.x, best.y


def errors(found: Sequence[tuple[float, float] | None], test: Sequence[Row]) -> Metres:
    """Metres from the truth; infinite where nothing was found."""
    return np.array(
        [math.inf if xy is None else math.dist(xy, (row.x, row.y)) for xy, row in zip(found, test, strict=True)]
    )


def shares(name: str, away: Metres) -> str:
    """One line: of all rows, how many lie within each distance."""
    parts = " ".join(f"{(away <= metres).mean():8.1%}" for metres in WITHIN)
    return f"{name:34} {parts}   within {' / '.join(map(str, WITHIN))} m of {len(away):,}"


def radii(answers: "Sequence[Answer]", away: Metres) -> Iterator[str]:
    """How often the stated radius holds the truth, overall and by level, with medians of radius and error."""
    stated = np.array([answer.uncertainty_m or 0.0 for answer in answers])
    levels = np.array([str(answer.level) for answer in answers])
    yield radius("  stated radius holds", stated, away)
    for level in dict.fromkeys(levels.tolist()):
        rows = levels == level
        if level != "none":
            yield radius(f"    {level}", stated[rows], away[rows])


def radius(name: str, stated: Metres, away: Metres) -> str:
    """One line about stated radii."""
    median = f"median stated {np.median(stated):6,.0f} m, median error {np.median(away):6,.0f} m"
    return f"{name:34} {(away <= stated).mean():8.1%} of {len(away):5,}   {median}"


def speed(places: "Sequence[Place]", areas: "Sequence[Area]", test: Sequence[Row]) -> Iterator[str]:
    """Seconds of an address among 100,000 places, against a `.get()` by primary key in the same run."""
    from gridmap.gazetteer import MemoryGazetteer
    from gridmap.geocode import locate
    from gridmap.models import Place

    many = list(places)
    while len(many) < PLACES:
        many += many[: PLACES - len(many)]
    gazetteer = MemoryGazetteer.load(many, areas)
    for place in places:
        place.pk = None
    keys = [place.pk for place in Place.objects.bulk_create(places, batch_size=2000)]
    random.Random(SEED).shuffle(keys)
    gc.freeze()  # the gazetteer stays: the collector need not walk through it again and again
    times: dict[str, list[float]] = {"address": [], ".get()": []}
    for turn in range(3):
        started = time.perf_counter()
        for row in test[:TIMED]:
            locate(row.address, gazetteer)
        times["address"].append((time.perf_counter() - started) / len(test[:TIMED]))
        started = time.perf_counter()
        for key in keys[turn * TIMED : (turn + 1) * TIMED]:
            Place.objects.get(pk=key)
        times[".get()"].append((time.perf_counter() - started) / TIMED)
    best: dict[str, Any] = {name: min(rounds) for name, rounds in times.items()}
    yield f"{'one address, 100,000 places':34} {best['address'] * 1e6:8,.0f} µs, one core"
    yield f"{'one Place.objects.get(pk=…)':34} {best['.get()'] * 1e6:8,.0f} µs"
    yield f"{'ratio':34} {best['address'] / best['.get()']:8.2f}"


if __name__ == "__main__":
    sys.exit(main())
