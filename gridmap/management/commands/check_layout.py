"""Checks a layout: every defect with its place, as text or JSON; a draft without failing ones can be accepted."""

import json
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from gridmap.layouts.checklog import keep_check
from gridmap.layouts.defects import Defect, failing
from gridmap.layouts.generations import RefusedError, check_in
from gridmap.loaders.layouts import check, on_earth
from gridmap.models import Layout

TYPE = "%(kind)s %(code)s %(other)s %(m2)s m² at %(longitude)s, %(latitude)s"


class Command(BaseCommand):
    help = (
        "Check a layout: validity, inside the parent, overlaps, gaps, shared edges, codes; sizes, order and components"
        " as warnings. Fails if there are defects that are more than warnings."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="name of the layout; without it the newest")
        parser.add_argument("--json", action="store_true", help="one JSON object with every defect, in WGS84")
        parser.add_argument("--warnings", action="store_true", help="list every warning too, not only their number")
        parser.add_argument("--accept", action="store_true", help="a draft without failing defects becomes checked")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        layouts = Layout.objects.order_by("-pk")
        layout = layouts.filter(name=options["name"]).first() if options["name"] else layouts.first()
        if layout is None:
            raise CommandError(f"no layout {options['name'] or ''}: draw_cells makes one")
        try:
            found = self._found(layout, accept=options["accept"])
        except RefusedError as error:
            found = error.found
            if not found:
                raise CommandError(str(error)) from error
        self._tell(layout, found, json_wanted=options["json"], all_wanted=options["warnings"])
        bad = failing(found)
        if bad:
            counts = Counter(defect.kind for defect in bad)
            words = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
            raise CommandError(f"layout {layout.name}: {words}")

    def _found(self, layout: Layout, *, accept: bool) -> list[Defect]:
        at = timezone.now()
        if accept:
            return check_in(layout, None, at)
        found = check(layout)
        keep_check(layout, found, None, at)  # for the page
        return found

    def _tell(self, layout: Layout, found: list[Defect], *, json_wanted: bool, all_wanted: bool) -> None:
        bad = failing(found)
        counts = dict(sorted(Counter(defect.kind for defect in found).items()))
        if json_wanted:
            report = {
                "layout": layout.name,
                "state": layout.state,
                "counts": counts,
                "failing": len(bad),
                "warnings": len(found) - len(bad),
                "defects": on_earth(found),
            }
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for defect in on_earth(found if all_wanted else bad):
            self.stdout.write(TYPE % defect)
        warned = Counter(defect.kind for defect in found[len(bad) :])
        for kind, count in sorted(warned.items()):
            self.stdout.write(f"warning: {count:,} {kind}")
        if not bad:
            self.stdout.write(f"layout {layout.name} ({layout.state}): no defect")
