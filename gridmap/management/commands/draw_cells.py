"""Draws the unit cells of every community as one layout."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from tqdm import tqdm

from gridmap.loaders.cells import draw_layout
from gridmap.models import Area, Layout


def bar(areas: Iterable[Area]) -> Iterable[Area]:
    """The same communities, with a bar on the terminal."""
    shown: Iterable[Area] = tqdm(areas, desc="cells", unit="communities", disable=None)
    return shown


class Command(BaseCommand):
    help = "Draw unit cells for all communities: inside one community, along streets and water, near the target area."

    def add_arguments(self, parser: ArgumentParser) -> None:
        mapping = settings.CITY.mapping.get("cells", {})
        parser.add_argument("--name", default=mapping.get("layout", "1"), help="name of the new layout")
        parser.add_argument(
            "--active-from",
            type=date.fromisoformat,
            default=mapping.get("active_from"),
            metavar="YYYY-MM-DD",
            help="first day on which it counts; without it, and in the city's file, it stays a draft",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        if Layout.objects.filter(name=options["name"]).exists():
            raise CommandError(f"a layout '{options['name']}' is there already: give the new one another --name")
        if not Area.objects.filter(level=Area.Level.COMMUNITY).exists():
            raise CommandError("no communities are loaded: run import_areas first")
        try:
            layout = draw_layout(options["name"], options["active_from"], bar)
        except IntegrityError as error:
            raise CommandError("another layout is active on that day: choose another --active-from") from error
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"layout {layout.name} ({layout.state}): {layout.report['cells']:,} cells")
        for line in layout.report["distribution"]:
            self.stdout.write(
                f"  target {line['target_m2']:,.0f} m²: {line['cells']:,} cells, median {line['median_m2']:,.0f},"
                f" from {line['least_m2']:,.0f} to {line['most_m2']:,.0f} m²,"
                f" {line['share_near_target']:.1%} within ±40 %"
            )
