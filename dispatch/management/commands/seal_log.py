"""Seals the heads of all logs into the day's file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.sealfiles import BadSealError
from dispatch.sealing import folder, seal


class Command(BaseCommand):
    help = (
        "Write the digests of all cases that changed since the last seal into a file of the day, outside the database "
        "(GRIDMAP_SEAL_DIR). The worker does it every night; again on the same day it changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        try:
            done = seal(timezone.now())
        except BadSealError as error:
            raise CommandError(
                _("封存文件 %(file)s 无法读取，未作新的封存。请先运行 manage.py verify_log。") % {"file": error}
            ) from error
        told = {"path": folder() / done.file, "heads": done.heads, "cases": done.cases, "steps": done.steps}
        self.stdout.write(_("%(path)s：封存 %(heads)s 件，全部案件 %(cases)s 件、记录 %(steps)s 条。") % told)
        self.stdout.write(f"sha256 {done.sha256}")
