"""分办 and 部门沟通: what an agency does with its part inside its own house, and what it says to the centre."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from dispatch.actions.handling import live_parts, own_of, own_part
from dispatch.lifecycle import NotAllowedError
from dispatch.models import Case, Delegation, Part, TalkLine
from dispatch.transitions import State
from people.access import scope_of
from people.models import Agency, AgencyQuerySet, RoleGrant, User
from people.permissions import CENTRE, Role

TALK_LENGTH = 500


class NotOursError(NotAllowedError):
    """The part is not (or no longer) with this agency, or the person named does not belong to it."""


@dataclass(frozen=True)
class Target:
    """Exactly one of them: a person with an account, an agency below, or a crew by its name. None of them: nobody."""

    user: User | None = None
    agency: Agency | None = None
    name: str = ""


def _house(part: Part, user: User) -> AgencyQuerySet:
    """The agency of the part and those below it, as far as this user works for them."""
    return Agency.objects.within(part.agency).filter(pk__in=scope_of(user).units)


def people_of(part: Part, user: User, on: date) -> list[User]:
    """Who can be handed the part by this user: handlers of its agency and of those below it, on a day."""
    grants = RoleGrant.objects.active(on).filter(role=Role.HANDLER, agency__in=_house(part, user).values("pk"))
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("full_name", "username"))


def agencies_below(part: Part, user: User) -> list[Agency]:
    """The agencies below that of the part, and below the user's own."""
    own = [part.agency_id, *(agency.pk for agency in scope_of(user).agencies)]
    return list(_house(part, user).listed().exclude(pk__in=own).order_by("code"))


@transaction.atomic
def delegate(case: Case, to: Target, *, by: User, at: datetime, operation: UUID, note: str = "") -> Delegation | None:
    """Hand the user's own part to somebody, or take it back (a target that names nobody); the agency stays the same.

    The row before is ended in the same transaction. Raises NotOursError.
    """
    known = Delegation.objects.filter(operation=operation).first()
    if known is not None:
        return known
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    part = own_part(locked, by)
    if locked.state != State.HANDLING or part.stage != Part.Stage.HANDLING:
        raise NotOursError("delegate")
    if to.user is not None and to.user not in people_of(part, by, timezone.localdate(at)):
        raise NotOursError("delegate")
    if to.agency is not None and to.agency not in agencies_below(part, by):
        raise NotOursError("delegate")
    Delegation.objects.filter(part=part, ended_at=None).update(ended_at=at)
    if to == Target():
        return None
    return Delegation.objects.create(
        part=part,
        to_user=to.user,
        to_agency=to.agency,
        to_name=to.name.strip(),
        note=note.strip(),
        by=by,
        at=at,
        operation=operation,
    )


def of_centre(user: User) -> bool:
    """Whether somebody speaks for the centre; who holds both seats speaks for it too."""
    return bool(scope_of(user).roles & CENTRE)


def parts_to_talk_about(parts: list[Part], user: User) -> list[Part]:
    """Of the live parts of a case: the centre speaks with every agency, an agency only about its own part."""
    if of_centre(user):
        return sorted(parts, key=lambda part: (not part.leads, part.pk))
    own = own_of(parts, user)
    return [own] if own is not None else []


@transaction.atomic
def say(case: Case, part: Part, text: str, *, by: User, at: datetime, operation: UUID) -> TalkLine:
    """A message about a part; what the other side said before counts as read by whoever answers. NotOursError."""
    known = TalkLine.objects.filter(operation=operation).first()
    if known is not None:
        return known
    if part not in parts_to_talk_about(live_parts(case), by):
        raise NotOursError("talk")
    read([part], by=by, at=at)
    return TalkLine.objects.create(
        part=part, from_centre=of_centre(by), text=text.strip()[:TALK_LENGTH], by=by, at=at, operation=operation
    )


def read(parts: list[Part], *, by: User, at: datetime) -> int:
    """Mark what the other side wrote as read; how many there were. An operator's look is no answer of the centre."""
    roles = scope_of(by).roles
    centre = of_centre(by)
    if centre and not roles & {Role.DISPATCHER, Role.SHIFT_LEAD}:
        return 0
    lines = TalkLine.objects.unread(by_centre=centre).filter(part__in=parts)
    return lines.update(read_by=by, read_at=at)
