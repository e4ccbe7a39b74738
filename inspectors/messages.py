"""现场通知: what the centre tells inspectors on duty, and who has read it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch.models import Event
from inspectors.dutyrefusals import DutyError
from inspectors.models import DutyZone, Message, MessageCopy, Shift
from people.models import User


@transaction.atomic
def send(
    text: str,
    *,
    by: User,
    at: datetime,
    operation: UUID,
    inspector: User | None = None,
    zone: DutyZone | None = None,
    urgent: bool = False,
) -> Message:
    """Send to one inspector, on duty or not; to those on duty in a zone; or, with neither, to all on duty.

    The same operation is sent once. A message that reaches nobody is kept with no copies: its page says so.
    """
    to = Message.To.ONE if inspector else Message.To.ZONE if zone else Message.To.ALL
    facts = {"to": to, "zone": zone, "text": text.strip(), "urgent": urgent, "sent_by": by, "sent_at": at}
    message, made = Message.objects.get_or_create(operation=operation, defaults=facts)
    if not made:
        return message
    on_duty = Shift.objects.planned(at) if to == Message.To.ALL else Shift.objects.planned(at).filter(zone=zone)
    # by the plan: who is on a break reads it when the break is over
    readers = {inspector.pk} if inspector else set(on_duty.values_list("inspector", flat=True))
    MessageCopy.objects.bulk_create(MessageCopy(message=message, inspector_id=pk) for pk in sorted(readers))
    Event.objects.create(kind="message.sent", payload={"message": message.pk}, created_at=at)
    return message


@transaction.atomic
def read(message_id: int, *, by: User, at: datetime, operation: UUID) -> MessageCopy:
    """Confirm that a message was read; the first time counts. Raises DutyError for one that is not the reader's."""
    mine = MessageCopy.objects.visible_to(by).filter(message=message_id)
    mine.unread().update(read_at=at, operation=operation)
    copy = mine.select_related("message").first()
    if copy is None:
        raise DutyError("gone")
    return copy
