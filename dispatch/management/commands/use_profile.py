"""Puts a profile in force."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.inforce import choose, names
from dispatch.profile import ProfileError


class Command(BaseCommand):
    help = "Put a profile of fixtures/profiles in force; every process takes it up within a few seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help=f"one of {', '.join(names())}")
        parser.add_argument("--reason", required=True, help="why; stands in the history of /profiles/")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        try:
            choose(options["name"], by=None, at=timezone.now(), reason=options["reason"])
        except (ProfileError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("方案“%(name)s”已启用。") % {"name": options["name"]})
