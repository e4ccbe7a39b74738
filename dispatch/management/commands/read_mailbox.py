"""`manage.py read_mailbox`: read the units' mailbox now, as the worker does every ten minutes."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.mailreading import TROUBLE, NoMailboxError, note_reading, read_mailbox


class Command(BaseCommand):
    help = "Read new messages of the mailbox GRIDMAP_MAILBOX that units answer to."

    def handle(self, *args: object, **options: object) -> None:
        at = timezone.now()
        try:
            count = read_mailbox(at)
        except NoMailboxError as error:
            raise CommandError(
                "GRIDMAP_MAILBOX is not set: write it into .env (imaps://user:password@host/INBOX)"
            ) from error
        except TROUBLE as error:
            raise CommandError(f"the mailbox could not be read: {error}") from error
        note_reading(at, count)
        self.stdout.write(f"{count} new messages")
