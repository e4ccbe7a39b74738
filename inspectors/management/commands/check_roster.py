"""Says when nobody answers for a cell in the coming days, and who is booked twice."""

import sys
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from inspectors.rosters import check, zone_names
from people.models import User

LISTED = 20


def told(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


class Command(BaseCommand):
    help = "Check who answers for each cell at any time; exit code 1 when there are holes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=14, help="how many days from now")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        if options["days"] < 1:
            raise CommandError("--days must be at least 1")
        at = timezone.now()
        end = at + timedelta(days=options["days"])
        found, names = check(at, end), zone_names()
        for hole in found.holes:
            zones = "、".join(names[pk] for pk in hole.zone)  # type: ignore[attr-defined]
            self.stdout.write(f"hole: {zones}, {told(hole.starts_at)} to {told(hole.ends_at)}")
        if found.orphans:
            more = "" if len(found.orphans) <= LISTED else f" and {len(found.orphans) - LISTED} more"
            self.stdout.write(f"no zone answers for {', '.join(found.orphans[:LISTED])}{more}")
        people = User.objects.in_bulk([one.inspector for one in found.doubles])
        for one in found.doubles:
            both = "、".join(names[pk] for pk in one.zones)  # type: ignore[index]
            span = f"{told(one.starts_at)} to {told(one.ends_at)}"
            self.stdout.write(f"double: {people[one.inspector]} in {both}, {span}")
        self.stdout.write(
            f"{told(at)} to {told(end)}: {len(found.holes)} holes, {len(found.orphans)} cells without a zone, "
            f"{len(found.doubles)} double bookings"
        )
        if not found.whole:
            sys.exit(1)
