"""Anonymises the personal data of cases that ended longer ago than the profile keeps them."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.retention import anonymise, due, ended_before


class Command(BaseCommand):
    help = (
        "Names, numbers and words of people go from cases that ended before the retention of the profile; the log "
        "stays and still verifies. The worker does it every night."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many cases are due")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        at = timezone.now()
        told = {"cases": due(at).count(), "day": f"{ended_before(at):%Y-%m-%d}"}
        self.stdout.write(_("%(cases)s 件案件在 %(day)s 之前办结，到期匿名。") % told)
        if options["dry_run"]:
            return
        total = 0
        while row := anonymise(at, by=getpass.getuser()):
            total += row.cases
        self.stdout.write(_("已匿名 %(cases)s 件。") % {"cases": total})
