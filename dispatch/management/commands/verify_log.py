"""Verifies the log of one case or of all; exit code 0: nothing found, 1: findings, 2: it could not be done."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch import verifying
from dispatch.findings import sentence
from dispatch.models import Verification


class Command(BaseCommand):
    help = (
        "Check every log against its chain of digests and against the seal files. Findings are sentences, one a line; "
        "the exit code is 1 where there are any. The result is shown on the page /trust/."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--case", default="", metavar="N", help="only the case of this number")
        parser.add_argument("--json", action="store_true", help="the result as JSON instead of sentences")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        number = options["case"].strip()
        if number and not verifying.known(number):
            raise CommandError(_("没有编号为 %(number)s 的案件。") % {"number": number}, returncode=2)
        check = verifying.begin(timezone.now(), number)
        verifying.run(check)
        if options["json"]:
            self.stdout.write(json.dumps(_facts(check), ensure_ascii=False, indent=1))
        else:
            self._tell(check)
        if check.found:
            raise CommandError(_("核验发现 %(count)s 处问题。") % {"count": check.found}, returncode=1)

    def _tell(self, check: Verification) -> None:
        for finding in check.findings:
            self.stdout.write(sentence(finding))
        if check.found > len(check.findings):
            self.stdout.write(_("……另有 %(count)s 处未列出。") % {"count": check.found - len(check.findings)})
        told = {"cases": check.cases, "steps": check.steps, "seals": check.seals, "heads": check.heads}
        self.stdout.write(
            _("核验案件 %(cases)s 件、记录 %(steps)s 条、封存文件 %(seals)s 个、封存摘要 %(heads)s 个。") % told
        )
        if not check.seals and not check.number:
            self.stdout.write(_("还没有封存文件：只能核验记录自身的链，查不出整条重写。"))


def _facts(check: Verification) -> dict[str, Any]:
    return {
        "cases": check.cases,
        "steps": check.steps,
        "seals": check.seals,
        "heads": check.heads,
        "found": check.found,
        "findings": [{**finding, "sentence": sentence(finding)} for finding in check.findings],
    }
