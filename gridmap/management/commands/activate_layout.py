"""Puts a checked layout in force from a day; the one before ends on the day before."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gridmap.layouts.generations import RefusedError, activate
from gridmap.models import Layout


class Command(BaseCommand):
    help = "Put a checked layout in force from a day, today or later; the layout before ends on the day before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("day", type=date.fromisoformat, metavar="YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        layout = Layout.objects.filter(name=options["name"]).first()
        if layout is None:
            raise CommandError(f"no layout '{options['name']}': draw_cells makes one")
        try:
            activate(layout, options["day"], None, timezone.now())
        except RefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"layout {layout.name} is in force from {layout.active_from}")
