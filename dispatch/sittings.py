"""坐席状态: an operator is ready, in a call, in wrap-up or away; one state at a time, each with its time."""

from datetime import datetime

from django.db import IntegrityError, transaction

from dispatch.models import Sitting
from people.models import User


def sitting_of(user: User) -> Sitting | None:
    """What an operator is doing; None for somebody who has not sat down yet."""
    return Sitting.objects.now().filter(user=user).first()


def enter(user: User, state: str, at: datetime) -> Sitting:
    """Go into a state; the same one again changes nothing. Two pages at once make one row: the first one wins."""
    try:
        with transaction.atomic():
            now = Sitting.objects.now().select_for_update().filter(user=user).first()
            if now is not None and now.state == state:
                return now
            if now is not None:
                Sitting.objects.filter(pk=now.pk).update(until=max(at, now.since))
            return Sitting.objects.create(user=user, state=state, since=max(at, now.since) if now else at)
    except IntegrityError:
        found = sitting_of(user)
        if found is None:
            raise
        return found


def hung_up(user: User, at: datetime) -> datetime | None:
    """A call has been registered: its operator wraps up from now on, or does already; since when, None if not at all.

    Who does not use the states (ready all day, or none) is left alone.
    """
    now = sitting_of(user)
    if now is None or now.state not in (Sitting.State.CALL, Sitting.State.WRAP_UP):
        return None
    return enter(user, Sitting.State.WRAP_UP, at).since


def not_reached(user: User, at: datetime) -> None:
    """Nobody answered a call back: its operator is ready again."""
    now = sitting_of(user)
    if now is not None and now.state == Sitting.State.CALL:
        enter(user, Sitting.State.READY, at)
