"""Loads residents' reports of another system from a folder of files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.loading import load_reports, table
from gridmap.layers import LayerError


class Command(BaseCommand):
    help = "Load reports from DIR through the mapping in the city's file: placed by their words, routed by the rules."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--rejects", type=Path, metavar="DIR", help="where to put the file of rejected rows")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        try:
            result = load_reports(options["folder"], timezone.now(), options["rejects"])
        except (LayerError, KeyError) as error:
            raise CommandError(error.args[0]) from error
        self.stdout.write(table(result))
