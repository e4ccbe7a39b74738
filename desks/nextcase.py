"""Which case to take up next: what waits for this person's seat, urgent first, then what ends first."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F
from django.utils.translation import gettext as _

from desks.lights import Lights
from dispatch.models import Case
from dispatch.transitions import State
from people.access import scope_of
from people.models import User
from people.permissions import Role

# the states in which a case waits for a seat at the console
WAITS_FOR: dict[Role, tuple[State, ...]] = {
    Role.OPERATOR: (State.RECEIVED,),
    Role.SHIFT_LEAD: (State.TO_FILE, State.TO_REVIEW, State.TO_CLOSE),
    Role.DISPATCHER: (State.TO_DISPATCH, State.REPLY_REVIEW),
}


@dataclass(frozen=True)
class Next:
    """A case and why it comes first."""

    case: Case
    why: list[str]


def next_case(user: User, lights: Lights, skip: Collection[str] = ()) -> Next | None:
    """The first of those that wait, without some; None where nothing does, or the seat has no queue."""
    roles = scope_of(user).roles
    states = [state for role, its in WAITS_FOR.items() if role in roles for state in its]
    waiting = Case.objects.visible_to(user).open().filter(state__in=states).exclude(number__in=skip).with_due()
    case = waiting.order_by("-urgent", F("due_at").asc(nulls_last=True), "received_at", "pk").first()
    return Next(case, _why(case, lights)) if case else None


def _why(case: Case, lights: Lights) -> list[str]:
    found = [_("紧急")] if case.urgent else []
    clock = case.clocks.running().order_by("due_at").first()
    if clock is not None:
        found.append(lights.words(clock.due_at, clock.limit_unit))
    found.append(case.get_state_display())
    return found
