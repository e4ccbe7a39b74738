"""Plans the open clocks of the calendar in force anew, and says which moved."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.models import Calendar
from dispatch.recompute import announce, edit, preview


class Command(BaseCommand):
    help = "Plan open clocks anew after the holidays of a year were announced; stopped clocks never move."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, metavar="N", help="take the announced holidays of this year first")
        parser.add_argument("--dry-run", action="store_true", help="only say which clocks would move")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        at, year = timezone.now(), options["year"]
        try:
            calendar = Calendar.objects.at(at)
        except Calendar.DoesNotExist as error:
            raise CommandError(_("今天没有启用的计时方案。")) from error

        def change(found: Calendar) -> None:
            if year:
                announce(found, year)

        what = _("采用 %(year)s 年节假日安排") % {"year": year} if year else _("重新计算")
        if options["dry_run"]:
            moved = preview(calendar, change)
        else:
            moved = edit(calendar, change, what=what, why="manage.py recompute_clocks", by=None, at=at)
        for m in moved:
            before, after = timezone.localtime(m.before), timezone.localtime(m.after)
            self.stdout.write(f"{m.number} {m.kind} {before:%Y-%m-%d %H:%M} → {after:%Y-%m-%d %H:%M}")
        self.stdout.write(_("变动 %(count)s 个未结计时。") % {"count": len(moved)})
