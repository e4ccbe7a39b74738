"""Checks a layout: every defect, as text or JSON."""

import json
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gridmap.loaders.cells import check
from gridmap.models import Layout


class Command(BaseCommand):
    help = (
        "Check a layout: validity, inside the parent, overlaps, gaps, shared edges, codes. Fails if there are defects."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="name of the layout; without it the newest")
        parser.add_argument("--json", action="store_true", help="one JSON object with every defect")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        layouts = Layout.objects.order_by("-pk")
        layout = layouts.filter(name=options["name"]).first() if options["name"] else layouts.first()
        if layout is None:
            raise CommandError(f"no layout {options['name'] or ''}: draw_cells makes one")
        found = check(layout)
        counts = dict(Counter(defect.kind for defect in found))
        if options["json"]:
            report = {"layout": layout.name, "counts": counts, "defects": [defect._asdict() for defect in found]}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            for defect in found:
                self.stdout.write(f"{defect.kind} {defect.code} {defect.other} {defect.m2} m²")
        if found:
            words = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
            raise CommandError(f"layout {layout.name}: {words}")
        if not options["json"]:
            self.stdout.write(f"layout {layout.name}: no defect")
