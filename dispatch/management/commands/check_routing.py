"""Proves that the routing rules answer every question once."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from dispatch.rulebook import check_on
from dispatch.rulewords import Words, as_json, lines


class Command(BaseCommand):
    help = (
        "Check the routing rules of a day: holes, broken rules, overlaps, rules that never answer; 1 on the first two."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, metavar="DAY", help="the rules of this day, not today's")
        parser.add_argument("--json", action="store_true", help="the result for a machine")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        report, words = check_on(options["on"] or timezone.localdate()), Words.read()
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report, words), ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(lines(report, words)))
        if report.failed:
            raise SystemExit(1)
