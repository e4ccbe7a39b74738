"""Lets the gazetteer learn from the points that came with reports, and from everything confirmed since."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from dispatch.models import Report
from dispatch.teaching import district_of
from gridmap.confirmed import learn_all, lesson_row
from gridmap.copying import copy_in
from gridmap.models import Area, Confirmation
from gridmap.shapes import to_shapely

COLUMNS = ("key", "address", "area", "point", "accuracy_m", "how", "at", "reference", "revoked_why")
STATED_M = 30.0


class Command(BaseCommand):
    help = (
        "Learn places from confirmed positions. With --history also from the points that reports came with: "
        "each becomes a confirmation by its sender, which can be revoked on the page of learned positions."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--history", action="store_true", help="use the points that reports came with")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        if options["history"]:
            kept = max(copy_in(Confirmation, COLUMNS, _stated()), default=0)
            self.stdout.write(f"{kept:,} points of senders kept as confirmations")
        learned = learn_all(timezone.now())
        self.stdout.write(
            f"{learned.places:,} places learned, {learned.conflicts:,} addresses whose confirmations contradict"
            f" each other, {learned.defaults:,} confirmations on default points left out"
        )


def _stated() -> Iterator[tuple[object, ...]]:
    """Rows of reports with an address and a point of their own that are not confirmations yet."""
    done = set(Confirmation.objects.filter(how=Confirmation.How.SENDER).values_list("reference", flat=True))
    reports = Report.objects.exclude(given_point=None).exclude(address="").order_by("pk")
    rows = reports.values_list("number", "address", "given_point", "received_at", "case__community")
    communities = Area.objects.filter(level=Area.Level.COMMUNITY).select_related("parent__parent__parent").defer("geom")
    districts = {community.pk: district_of(community) for community in communities}
    for number, address, point, at, community in tqdm(
        rows.iterator(chunk_size=5000), total=reports.count(), desc="reports", unit="reports", disable=None
    ):
        area = districts.get(community, "")
        found = None if number in done or point is None else lesson_row(address, area, point)
        if found is not None and point is not None:
            yield found[0], address, area, to_shapely(point), STATED_M, "sender", at, number, ""
