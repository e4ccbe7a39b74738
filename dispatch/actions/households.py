"""A visit to a household: the record, its two dates, and what was asked for there (P4.11–P4.14)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models.functions import Greatest

from dispatch.intake import Caller, Intake, register
from dispatch.models import Case, Channel, Household, HouseholdVisit
from dispatch.unattended import placed
from people.models import User


@dataclass(frozen=True)
class Told:
    """What a visit brought; `need` becomes a report through the channel of household visits."""

    on: date
    met: bool
    refreshed: bool
    words: str = ""
    need: str = ""


class NoChannelError(Exception):
    """The city has no open channel for household visits, so that a need would be lost: nothing was recorded."""


@transaction.atomic
def record_visit(household: Household, told: Told, *, by: User, at: datetime, operation: UUID) -> HouseholdVisit:
    """Record it once for an operation; an older visit handed in later never sets a date back. Raises NoChannelError."""
    before = HouseholdVisit.objects.filter(operation=operation).first()
    if before is not None:
        return before
    visit = HouseholdVisit.objects.create(
        household=household,
        on=told.on,
        met=told.met,
        refreshed=told.refreshed,
        words=told.words.strip(),
        case=_need(household, told.need.strip(), by, at, operation) if told.need.strip() else None,
        by=by,
        at=at,
        operation=operation,
    )
    dates = {"visited_on": told.met, "refreshed_on": told.refreshed}
    Household.objects.filter(pk=household.pk).update(
        **{name: Greatest(name, told.on) for name, done in dates.items() if done}
    )
    return visit


def _need(household: Household, need: str, by: User, at: datetime, operation: UUID) -> Case:
    channel = Channel.objects.in_use(at.date()).filter(kind=Channel.Kind.SWEEP).first()
    if channel is None:
        raise NoChannelError
    intake = Intake(
        need,
        channel=channel,
        request_type=channel.default_type,
        address=household.address,
        caller=Caller(name=household.head, phone=household.phone),
    )
    return register(placed(intake, at), by=by, at=at, operation=uuid5(operation, "need"), permission="households.visit")
