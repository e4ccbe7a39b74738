"""Writes the published components to a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gridmap.components.export import FORMATS, suffix, write
from gridmap.datums import DatumError
from gridmap.models import Component

ENDINGS = {suffix(kind): kind for kind in FORMATS}


class Command(BaseCommand):
    help = (
        "Write components to FILE: .zip (shapefiles), .gpkg, .geojson, .csv or .xlsx; import_components reads it back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--datum", default="", help="of the coordinates: city (default), wgs84, gcj02, EPSG:n …")
        parser.add_argument("--drafts", action="store_true", help="the drafts instead of the published ones")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        path: Path = options["file"]
        kind = ENDINGS.get(path.suffix.lower())
        if kind is None:
            raise CommandError(f"{path.name}: the name must end in one of {', '.join(ENDINGS)}")
        rows = Component.objects.drafts() if options["drafts"] else Component.objects.published()
        try:
            count = write(path, rows, kind, options["datum"], on=timezone.localdate())
        except (DatumError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count:,} components in {path}")
