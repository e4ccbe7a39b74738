"""Draws the unit cells of every community as one layout."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from gridmap.layouts.generations import RefusedError, put_in_force
from gridmap.loaders.cells import draw_layout, told
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
            metavar="YYYY-MM-DD",
            help="check it and put it in force from this day; without it, it stays a draft",
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        if Layout.objects.filter(name=options["name"]).exists():
            raise CommandError(f"a layout '{options['name']}' is there already: give the new one another --name")
        if not Area.objects.filter(level=Area.Level.COMMUNITY).exists():
            raise CommandError("no communities are loaded: run import_areas first")
        try:
            layout = draw_layout(options["name"], bar)
            self.stdout.write("\n".join(told(layout)))
            if options["active_from"]:
                put_in_force(layout, options["active_from"], None, timezone.now())
                self.stdout.write(f"in force from {layout.active_from}")
        except (RefusedError, ValueError) as error:
            raise CommandError(str(error)) from error
