"""A body outside the list is asked by a link: invited, withdrawn, answered once or refused."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from dispatch.actions import once
from dispatch.actions.handling import handled
from dispatch.evidence import Photo
from dispatch.lifecycle import Doing, NotAllowedError, move
from dispatch.models import Case, Invitation, Part, Step
from dispatch.transitions import Action, IllegalStep, State
from people.models import Agency

MOST_DAYS = 30
OPEN, USED, REVOKED, EXPIRED, OVER = "open", "used", "revoked", "expired", "over"


class InvitationGoneError(Exception):
    """The link can no longer be answered; the argument is one of used, revoked, expired, over."""


def new_token() -> str:
    """The secret of a link: 256 bits, shown once and never stored."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    """By the digest of its secret, with what the page shows. One query."""
    rows = Invitation.objects.select_related(
        "agency", "part__agency", "part__case__category", "part__case__community", "step__remark"
    )
    return rows.filter(token_hash=digest(token)).first()


def standing(invitation: Invitation, at: datetime) -> str:
    """How a link stands: open, or why not; `over` where the case or the part went on without it."""
    if invitation.used_at is not None:
        return USED
    if invitation.revoked_at is not None:
        return REVOKED
    if invitation.expires_at <= at:
        return EXPIRED
    part = invitation.part
    going = part.stage == Part.Stage.HANDLING and part.case.state == State.HANDLING
    return OPEN if going else OVER


@once
def invite(case: Case, doing: Doing, *, part: Part, agency: Agency, token: str, days: int) -> Step:
    """请列外单位处置: the note is the task; an open link of the part is withdrawn for the new one.

    Refused for a body of the list, for the unit that a complaint is about, and for a part that is not being handled.
    """
    if doing.by is None:
        raise NotAllowedError("case.invite")
    wrong = not agency.external or agency.pk == case.accused_agency_id or not 1 <= days <= MOST_DAYS
    if wrong or part.case_id != case.pk or part.stage != Part.Stage.HANDLING:
        raise IllegalStep(case.flow, Action.INVITE, case.state)
    step = move(case, Action.INVITE, doing, part=part, facts={"agency": agency.code, "days": days})
    Invitation.objects.filter(part=part, used_at=None, revoked_at=None).update(revoked_at=doing.at)
    Invitation.objects.create(
        part=part,
        agency=agency,
        step=step,
        token_hash=digest(token),
        task=doing.note.strip(),
        invited_by=doing.by,
        invited_at=doing.at,
        expires_at=doing.at + timedelta(days=days),
    )
    return step


@once
def revoke(case: Case, doing: Doing, *, invitation: Invitation) -> Step:
    """收回链接: whoever has it can no longer answer."""
    step = move(case, Action.REVOKE_INVITE, doing, part=invitation.part, facts={"invitation": invitation.pk})
    open_ones = Invitation.objects.filter(pk=invitation.pk, used_at=None, revoked_at=None)
    if not open_ones.update(revoked_at=doing.at):
        raise InvitationGoneError(USED)
    return step


def answer_done(invitation: Invitation, doing: Doing, photos: list[Photo]) -> Step:
    """已处置: the ordinary reply of the part, in the name of nobody who has an account."""
    return _answer(invitation, doing, Invitation.Answer.DONE, photos)


def answer_refused(invitation: Invitation, doing: Doing) -> Step:
    """不予承接, with a reason that the dispatcher reads; the part stays with its agency."""
    return _answer(invitation, doing, Invitation.Answer.REFUSED, [])


@transaction.atomic
def _answer(invitation: Invitation, doing: Doing, answer: str, photos: list[Photo]) -> Step:
    """Take the link, then the step; both or neither. Raises InvitationGoneError and what the step raises."""
    case, facts = invitation.part.case, {"invitation": invitation.pk}
    stands = standing(invitation, doing.at)
    if stands != OPEN:
        raise InvitationGoneError(stands)
    # whoever comes second waits here, then finds the link taken
    taken = Invitation.objects.open(doing.at).filter(pk=invitation.pk).update(used_at=doing.at, answer=answer)
    if not taken:
        raise InvitationGoneError(USED)
    if answer == Invitation.Answer.DONE:
        step = handled(case, doing, part=invitation.part, photos=photos, facts=facts)
    else:
        step = _refused(case, doing, part=invitation.part, facts=facts)
    Invitation.objects.filter(pk=invitation.pk).update(answer_step=step)
    return step


@once
def _refused(case: Case, doing: Doing, *, part: Part, facts: dict[str, int]) -> Step:
    return move(case, Action.INVITE_REFUSED, doing, part=part, facts=facts)
