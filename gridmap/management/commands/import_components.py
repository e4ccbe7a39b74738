"""Loads components: those of the settings' city from a folder of files, or one file of any format."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from gridmap.components import publish
from gridmap.components.columns import HEADERS
from gridmap.datums import DatumError, parse_datum
from gridmap.imports import strictly
from gridmap.layers import LayerError
from gridmap.loaders.components import guessed, load_components, load_file, read_file
from gridmap.loading import LoadCommand, table


class Command(LoadCommand):
    help = (
        "Load components from DIR through the mapping in the city's file, published at once; or with --file from one"
        " file (.zip of shapefiles, .gpkg, .geojson, .csv, .xlsx) as drafts. Rejected rows go to a file with reasons."
    )
    load = staticmethod(load_components)

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        # the folder is needed only without --file
        for action in parser._actions:
            if action.dest == "folder":
                action.nargs, action.required = "?", False
        one = parser.add_argument_group("one file")
        one.add_argument("--file", type=Path, metavar="FILE")
        one.add_argument("--datum", default="", help="of the file's coordinates: city, wgs84, gcj02, bd09, EPSG:n …")
        one.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="WHAT=COLUMN",
            help=f"where the headers are not the standard's; WHAT is one of {', '.join(HEADERS)}",
        )
        one.add_argument("--source", default="", help="said of all rows without a source of their own")
        one.add_argument("--layer", default="", help="which layer of a file with several")
        one.add_argument("--publish", action="store_true", help="publish at once instead of leaving drafts")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        if options["file"] is None:
            if options["folder"] is None:
                raise CommandError("give a folder, or --file FILE")
            super().handle(*args, **options)
            return
        try:
            self._one(options)
        except (LayerError, DatumError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        except IntegrityError as error:
            raise CommandError(f"two components would have one number of their source: {error}") from error

    def _one(self, options: dict[str, Any]) -> None:
        at, path = timezone.now(), options["file"]
        if not options["datum"]:
            raise CommandError("--datum: say what the file's coordinates are, nothing is assumed")
        stated = dict(_pair(text) for text in options["column"])
        rows = read_file(path, options["layer"])
        reading = guessed(rows, parse_datum(options["datum"]), options["source"], stated)
        with transaction.atomic(), strictly(options["strict"]):
            batch, run = load_file(path, reading, at=at, rejects=options["rejects"], layer=options["layer"])
            self.stdout.write(table([run]))
            for column in batch.report["unused"]:
                self.stdout.write(f"  not used: column {column}")
            if options["publish"]:
                done = publish(batch.components.drafts(), by=None, at=at)
                self.stdout.write(f"{done.new + done.changed:,} published ({done.new:,} new, {done.changed:,} changed)")
            else:
                self.stdout.write(f"drafts: {batch.rows_new:,} new, {batch.rows_changed:,} changed; not yet published")


def _pair(text: str) -> tuple[str, str]:
    what, sign, column = text.partition("=")
    if not sign or what not in HEADERS:
        raise CommandError(f"--column {text}: WHAT=COLUMN, where WHAT is one of {', '.join(HEADERS)}")
    return what, column
