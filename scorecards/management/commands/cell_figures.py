"""The figures of a month by unit cell, of the cells of the day or of any layout."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gridmap.models import Layout
from scorecards.cards import rules_of_city
from scorecards.cellfigures import by_cell
from scorecards.figures import Question
from scorecards.periods import Month

SHOWN = ("dispatched", "due", "handled", "on_time", "overdue", "closed")


class Command(BaseCommand):
    help = "Figures of a month by unit cell: of the cells that cases keep, or of a layout, old or new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--layout", metavar="NAME", help="count in the cells of this layout instead")
        parser.add_argument("--json", action="store_true", help="one JSON object with every count of every cell")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        layout = None
        if options["layout"]:
            layout = Layout.objects.filter(name=options["layout"]).first()
            if layout is None:
                raise CommandError(f"no layout '{options['layout']}'")
        try:
            month = Month.parse(options["month"])
        except ValueError as error:
            raise CommandError(f"{options['month']} is no month: write YYYY-MM") from error
        found = by_cell(Question(month, timezone.now(), rules_of_city()), layout)
        if options["json"]:
            told = {"month": str(month), "layout": layout.name if layout else None, "cells": found}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        self.stdout.write(f"{'cell':20} " + " ".join(f"{key:>10}" for key in SHOWN))
        for code, counts in found.items():
            self.stdout.write(f"{code or 'outside':20} " + " ".join(f"{counts[key]:10,}" for key in SHOWN))
