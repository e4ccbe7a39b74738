"""Reads the units' mailbox over IMAP; a message is kept once, however often it is read."""

import io
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from imaplib import IMAP4
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from imap_tools import AND, MailBox, MailBoxUnencrypted, MailMessage
from imap_tools.errors import ImapToolsError

from dispatch.evidence import BadPhotoError, store
from dispatch.mailbox import number_in, own_words, words_of_html
from dispatch.models import Case, Evidence, InboundMail, MailboxRead, Part
from dispatch.orders.cleaning import storable
from people.models import Agency

DAYS = 14  # how far back a reading looks: a mailbox that could not be read for a week loses nothing
MOST_PHOTOS = 6
SECONDS = 30
TROUBLE = (OSError, IMAP4.error, ImapToolsError)
logger = logging.getLogger(__name__)


class NoMailboxError(Exception):
    """GRIDMAP_MAILBOX is not set: this city has no mailbox."""


def read_due() -> str:
    """The worker's task: read where there is a mailbox, and keep what went wrong for the page."""
    if not settings.MAILBOX:
        return "no mailbox"
    at = timezone.now()
    try:
        count, error = read_mailbox(at), ""
    except TROUBLE as trouble:
        count, error = 0, f"{type(trouble).__name__}: {trouble}"[:300]
        logger.warning("the mailbox could not be read: %s", error)
    note_reading(at, count, error)
    return error or f"{count} new"


def note_reading(at: datetime, count: int, error: str = "") -> None:
    """The day's line: the last reading, and all that came."""
    row, _created = MailboxRead.objects.get_or_create(day=timezone.localdate(at), defaults={"read_at": at})
    done = {"error": error} if error else {"error": "", "read_at": at, "messages": row.messages + count}
    MailboxRead.objects.filter(pk=row.pk).update(**done)


def read_mailbox(at: datetime) -> int:
    """Keep the messages of the last days that are new; returns how many. Raises NoMailboxError and one of TROUBLE."""
    if not settings.MAILBOX:
        raise NoMailboxError
    address = urlsplit(settings.MAILBOX)
    box_of = MailBox if address.scheme == "imaps" else MailBoxUnencrypted
    port = address.port or (993 if address.scheme == "imaps" else 143)
    folder = address.path.strip("/") or "INBOX"
    box = box_of(address.hostname or "", port=port, timeout=SECONDS)
    since = AND(date_gte=(at - timedelta(days=DAYS)).date())
    with box.login(unquote(address.username or ""), unquote(address.password or ""), folder) as opened:
        # flags of the mailbox stay as they are: people read it too
        return sum(keep(message, at) for message in opened.fetch(since, mark_seen=False, bulk=50))


def keep(message: MailMessage, at: datetime) -> bool:
    """Keep one message; False where it is known. Nothing of it is followed by itself: somebody reads it first."""
    key = _key(message)
    if InboundMail.objects.filter(message_id=key).exists():
        return False
    words = own_words(storable(message.text or words_of_html(message.html or "")))
    case = Case.objects.filter(number=number_in(message.subject, words)).first()
    with transaction.atomic():
        row, created = InboundMail.objects.get_or_create(
            message_id=key,
            defaults={
                "sender": storable(message.from_)[:200],
                "subject": storable(message.subject)[:300],
                "text": words,
                "received_at": _when(message, at),
                "fetched_at": at,
                "case": case,
                "part": _part(case, message.from_) if case else None,
            },
        )
        if created:
            row.photos.set(_photos(message, at))
    return created


def _key(message: MailMessage) -> str:
    """The message's own id; of one without, sender, time and subject."""
    headers: Any = message.headers  # a mapping that the library does not type
    said: str = next(iter(headers.get("message-id") or ()), "")
    return storable(said.strip() or f"{message.from_} {message.date_str} {message.subject}")[:300]


def _when(message: MailMessage, at: datetime) -> datetime:
    """When it was sent, by its own word; never later than now."""
    sent = message.date if message.date.tzinfo else message.date.replace(tzinfo=UTC)
    return min(sent, at) if sent.year > 1990 else at


def _part(case: Case, sender: str) -> Part | None:
    """The live part whose unit has this mailbox."""
    units = Agency.objects.filter(mailbox__iexact=sender).exclude(mailbox="")
    return case.parts.filter(withdrawn_at=None, agency__in=units).first()


def _photos(message: MailMessage, at: datetime) -> Iterable[Evidence]:
    """Pictures that came with it, encoded again like any other photo; what is no picture is left in the mailbox."""
    found: list[Evidence] = []
    for attachment in message.attachments[: 3 * MOST_PHOTOS]:
        if not attachment.content_type.startswith("image/") or len(found) == MOST_PHOTOS:
            continue
        try:
            found.append(store(io.BytesIO(attachment.payload), at=at))
        except BadPhotoError:
            continue
    return found
