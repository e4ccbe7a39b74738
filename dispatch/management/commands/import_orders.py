"""Registers the orders of a file that another system has written."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.models import Channel, OrderRow
from dispatch.orders import taking
from dispatch.orders.reading import Reason
from dispatch.orders.tables import OrdersError, read_table


class Command(BaseCommand):
    help = (
        "Register every row of FILE (CSV, XLSX, JSON) as a live order of a channel; rejects are kept with reasons "
        "and shown on the page of the file. The same file again registers nothing twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--channel", required=True, metavar="KEY", help="key of the channel that the file comes from"
        )
        parser.add_argument("--check", action="store_true", help="only say what would become of the rows")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        path, now = options["file"], timezone.now()
        channel = Channel.objects.in_use(timezone.localdate(now)).filter(key=options["channel"]).first()
        if channel is None:
            raise CommandError(f"no channel '{options['channel']}' is open today")
        try:
            data = path.read_bytes()
            table = read_table(path.name, data)
        except (OSError, OrdersError) as error:
            raise CommandError(f"{path}: {error}") from error
        file = taking.open_file(path.name, data, table, channel=channel, by=None, at=now)
        mapped = ", ".join(f"{name} = {head}" for name, head in file.columns.items())
        self.stdout.write(f"columns: {mapped or 'none recognised'}")
        if not options["check"]:
            taking.take_in(file.pk)
        counts = taking.counts(file)
        self.stdout.write(f"{sum(counts.values())} rows read: " + ", ".join(f"{n} {s}" for s, n in counts.items() if n))
        for row in file.rows.filter(state=OrderRow.State.REJECTED).order_by("number"):
            self.stdout.write(
                f"  row {row.number} {file.columns.get(row.field, row.field)}: {Reason(row.reason).label}"
            )
        if options["check"]:
            taking.give_up(file)
