"""Finds places for texts: some on the command line, or a whole CSV file."""

import csv
import gzip
import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from gridmap.answers import LEVELS, Answer, explain
from gridmap.datums import Datum, from_city
from gridmap.gazetteer import DatabaseGazetteer, MemoryGazetteer
from gridmap.geocode import locate

ADDED: Final = ("lon", "lat", "level", "score", "uncertainty_m", "matched")


@contextmanager
def opened(path: Path, mode: str) -> Iterator[IO[str]]:
    """A text file, gzipped when its name ends in .gz; a byte-order mark is skipped."""
    encoding = "utf-8-sig" if mode == "r" else "utf-8"
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, f"{mode}t", encoding=encoding, newline="") as stream:
            yield cast(IO[str], stream)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{path}: {error}") from error


def fields(answer: Answer) -> dict[str, object]:
    """What is written for one answer: WGS84 degrees to 7 decimals, empty where nothing was found."""
    lon: object = ""
    lat: object = ""
    if answer.x is not None and answer.y is not None:
        x, y = from_city((answer.x, answer.y), Datum.WGS84)[0]
        lon, lat = round(float(x), 7), round(float(y), 7)
    radius = "" if answer.uncertainty_m is None else answer.uncertainty_m
    values = (lon, lat, answer.level.value, answer.score, radius, answer.matched)
    return dict(zip(ADDED, values, strict=True))


class Command(BaseCommand):
    help = "Find the place of each TEXT, or of each row of a CSV file; one row out for each row in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("texts", nargs="*", metavar="TEXT")
        parser.add_argument("--near", help="district, town or community that decides between equal names")
        parser.add_argument("--in", dest="source", type=Path, metavar="F.csv", help="may end in .gz")
        parser.add_argument("--out", dest="target", type=Path, metavar="G.csv", help="may end in .gz")
        parser.add_argument("--address-column", default="address")
        parser.add_argument("--area-column", default="")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        if options["source"]:
            if not options["target"] or options["texts"]:
                raise CommandError("--in needs --out, and no TEXT beside it")
            self._file(options)
        elif options["texts"]:
            gazetteer = DatabaseGazetteer(timezone.localdate())
            for text in options["texts"]:
                self._print(locate(text, gazetteer, near_area=options["near"]), as_json=options["json"])
        else:
            raise CommandError("give a TEXT, or --in F.csv --out G.csv")

    def _print(self, answer: Answer, *, as_json: bool) -> None:
        if as_json:
            found = {"text": answer.text, **fields(answer), "why": explain(answer), "geocoder": answer.geocoder}
            found["alternatives"] = [
                {"matched": c.matched, "level": c.level.value, "score": round(c.score, 3), "why": explain(c)}
                for c in answer.alternatives
            ]
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        found = fields(answer)
        self.stdout.write(f"{answer.text}\n  {LEVELS[answer.level]}  {answer.matched}")
        if answer.found:
            self.stdout.write(f"  {found['lon']}, {found['lat']}  ±{found['uncertainty_m']} m  {found['score']}")
        for line in explain(answer):
            self.stdout.write(f"  · {line}")
        for candidate in answer.alternatives:
            self.stdout.write(f"  ? {LEVELS[candidate.level]}  {candidate.matched}")

    def _file(self, options: dict[str, Any]) -> None:
        levels: Counter[str] = Counter()
        with opened(options["source"], "r") as source:
            rows = csv.DictReader(source)
            columns = list(rows.fieldnames or [])
            address, area = options["address_column"], options["area_column"]
            for column in filter(None, (address, area)):
                if column not in columns:
                    raise CommandError(f"{options['source']}: no column '{column}'; it has {', '.join(columns)}")
            # a column of the file is never overwritten
            added = {name: f"geocoded_{name}" if name in columns else name for name in ADDED}
            gazetteer = MemoryGazetteer.from_database(timezone.localdate())
            with opened(options["target"], "w") as target:
                writer = csv.DictWriter(target, [*columns, *added.values()], extrasaction="ignore")
                writer.writeheader()
                for row in tqdm(rows, unit="rows", disable=None):
                    near = (row.get(area) if area else None) or options["near"]
                    answer = locate(row.get(address) or "", gazetteer, near_area=near)
                    levels[answer.level.value] += 1
                    writer.writerow({**row, **{added[name]: value for name, value in fields(answer).items()}})
        self._summary(levels, as_json=options["json"])

    def _summary(self, levels: Counter[str], *, as_json: bool) -> None:
        rows = levels.total()
        if as_json:
            self.stdout.write(json.dumps({"rows": rows, "levels": dict(levels)}, ensure_ascii=False))
            return
        for level, count in levels.most_common():
            self.stdout.write(f"{level:14} {count:8,} {count / rows:6.1%}")
        self.stdout.write(f"{'rows':14} {rows:8,}")
