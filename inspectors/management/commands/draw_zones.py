"""Draws duty zones from the cells in force, balanced by past cases and the way between them."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inspectors.zonedrawing import DrawError
from inspectors.zonesinforce import balance, drawn, ground_before, names_for, put_in_force
from people.models import User


class Command(BaseCommand):
    help = "Draw duty zones of cells, in one piece, evenly loaded and compact; shows them, with --apply uses them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--zones", type=int, required=True, help="how many zones")
        parser.add_argument("--days", type=int, default=365, help="so many days of past cases are the load")
        parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same zones")
        parser.add_argument("--apply", action="store_true", help="put them in force; needs --reason")
        parser.add_argument("--reason", default="", help="why, for the record")
        parser.add_argument("--by", default="", metavar="USER", help="who decided, for the record")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        at, reason = timezone.now(), options["reason"].strip()
        if options["apply"] and not reason:
            raise CommandError("say why with --reason: it is kept with the drawing")
        if options["days"] < 1:
            raise CommandError("--days must be at least 1")
        by = User.objects.filter(username=options["by"]).first() if options["by"] else None
        if options["by"] and by is None:
            raise CommandError(f"there is no user '{options['by']}'")
        try:
            zones = drawn(at, options["zones"], days=options["days"], seed=options["seed"])
        except DrawError as error:
            raise CommandError(f"{error}: load cells first, or ask for fewer zones") from error
        names = names_for(zones, ground_before(at))
        for name, zone in zip(names, zones, strict=True):
            told = f"{len(zone.codes)} cells, {zone.area_m2 / 1e6:.2f} km², {zone.cases:.2f} cases a day"
            self.stdout.write(f"{name}: {told}, {zone.work:.0f} min a day, compactness {zone.compactness:.2f}")
        said = balance(zones)
        self.stdout.write(
            f"work: heaviest {said['work_most']:.0%} and lightest {said['work_least']:.0%} of the mean; "
            f"compactness {said['compactness_mean']:.2f}, least {said['compactness_least']:.2f}; "
            f"{said['in_pieces']} not in one piece"
        )
        if options["apply"]:
            put_in_force(zones, names, reason=reason, seed=options["seed"], at=at, by=by)
            self.stdout.write("in force; the ground of before is kept with the drawing")
        else:
            self.stdout.write("nothing was changed: use --apply --reason … to put them in force")
