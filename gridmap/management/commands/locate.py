"""Says what lies at a coordinate: cell, community, and the nearest address in words."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gridmap.datums import Datum, DatumError, lonlat, point_from
from gridmap.gazetteer import DatabaseGazetteer
from gridmap.models import Area, Cell
from gridmap.reverse import describe


class Command(BaseCommand):
    help = "Say which cell and community a coordinate lies in, and the nearest address in words."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("lon", type=float, help="longitude, or x east")
        parser.add_argument("lat", type=float, help="latitude, or y north")
        parser.add_argument("--datum", default=Datum.WGS84.value, help=f"{', '.join(Datum)} or EPSG:n")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        try:
            point = point_from(options["lon"], options["lat"], options["datum"])
        except DatumError as error:
            raise CommandError(str(error)) from error
        today = timezone.now().astimezone(settings.CITY.zone).date()
        cell = Cell.objects.on(today).covering(point).first()
        areas = {area.level: area.name for area in Area.objects.covering(point)[::-1]}
        lon, lat = lonlat(point)
        found = {
            "lon": lon,
            "lat": lat,
            "x": round(point.x, 3),
            "y": round(point.y, 3),
            "cell": cell.code if cell else None,
            **{level: areas.get(level) for level in Area.Level.values},
            "address": describe(point.x, point.y, DatabaseGazetteer(today)) or None,
        }
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for name, value in found.items():
            self.stdout.write(f"{name:12} {'—' if value is None else value}")
