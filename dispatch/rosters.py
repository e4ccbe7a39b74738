"""Who is on duty, and the handover from one shift to the next (P3.3, P3.22)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dispatch.models import Callback, Case, Clock, Duty, Handover, Report
from dispatch.profile import profile
from dispatch.shifts import Turn, turn_at
from people.models import User

LISTED = 30
KINDS: Final[dict[str, str | Promise]] = {
    "urgent": _("在办紧急案件"),
    "overdue": _("已超期案件"),
    "callbacks": _("待回访"),
    "promised": _("约定再次回访"),
}


class HandoverError(Exception):
    """The handover was signed before, or its own writer wants to sign it."""


def turn_now(at: datetime) -> Turn | None:
    """The shift that runs at an instant in this place."""
    return turn_at(at.astimezone(settings.CITY.zone), profile().roster.starts)


def on_duty(at: datetime) -> list[Duty]:
    """The people of the shift that runs now; one query."""
    turn = turn_now(at)
    if turn is None:
        return []
    return list(Duty.objects.filter(day=turn.day, shift=turn.shift).select_related("user").order_by("seat", "user"))


def open_items(user: User, at: datetime) -> dict[str, list[str]]:
    """What stands open at an instant, as case numbers by kind, the oldest first and no more than can be read."""
    seen = Case.objects.visible_to(user)
    waiting = Report.objects.awaiting_callback()
    tried = Exists(Callback.objects.filter(report=OuterRef("pk"), called_at__gte=OuterRef("callback_since")))
    late = Clock.objects.overdue(at).values("case")
    found = {
        "urgent": seen.open().filter(urgent=True),
        "overdue": seen.open().filter(pk__in=late),
        "callbacks": seen.filter(pk__in=waiting.exclude(tried).values("case")),
        "promised": seen.filter(pk__in=waiting.filter(tried).values("case")),
    }
    return {
        kind: list(cases.order_by("received_at", "pk").values_list("number", flat=True)[:LISTED])
        for kind, cases in found.items()
    }


@transaction.atomic
def hand_over(*, by: User, words: str, at: datetime, operation: UUID) -> Handover:
    """The outgoing person writes what is open; the same operation writes it once."""
    known = Handover.objects.filter(operation=operation).first()
    if known is not None:
        return known
    turn = turn_now(at)
    if turn is None:
        raise HandoverError
    return Handover.objects.create(
        day=turn.day,
        shift=turn.shift,
        by=by,
        written_at=at,
        words=words.strip(),
        open_items=open_items(by, at),
        operation=operation,
    )


def take_over(handover: Handover, *, by: User, at: datetime) -> None:
    """The incoming person signs, once; nobody signs what they wrote themselves."""
    if handover.by_id == by.pk:
        raise HandoverError
    if not Handover.objects.unsigned().filter(pk=handover.pk).update(signed_by=by, signed_at=at):
        raise HandoverError
