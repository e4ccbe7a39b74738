"""After closing: what a person chooses for a dissatisfied caller, and the look back weeks later."""

from typing import Any

from dispatch.actions import once
from dispatch.actions.closing import reopen, settle
from dispatch.evidence import Photo, attach
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, move
from dispatch.models import Callback, Case, FollowUp, LookBack, Step
from dispatch.transitions import Action, IllegalStep, Need

AGAIN = frozenset({FollowUp.Choice.REDO, FollowUp.Choice.EXTEND, FollowUp.Choice.MOVE})


def waits_for_choice(case: Case) -> bool:
    """Whether somebody has to choose what follows: an answer not decided on, or a closed case on the list 疑难."""
    return case.hard or Callback.objects.filter(case=case).undecided().exists()


@once
def follow_up(case: Case, doing: Doing, *, choice: str, limit: tuple[int, str] | None = None) -> Step:
    """不满意处理: redo, redo with a longer limit, redo by another unit, discuss, or nothing; the note is the reason.

    `limit` is amount and unit of the new handling limit; compulsory for 延期, refused for the others. All answers that
    nobody had decided on are settled by the one choice. Raises IllegalStep where nothing waits for a choice.
    """
    if doing.by is None:
        raise NotAllowedError("case.follow_up")
    if (choice == FollowUp.Choice.EXTEND) != (limit is not None) or not waits_for_choice(case):
        raise IllegalStep(case.flow, Action.FOLLOW_UP, case.state)
    if not doing.note.strip():
        raise MissingEvidenceError([Need.REASON])
    if choice in AGAIN:
        step = _again(case, doing, choice, limit)
    else:
        changes = {"hard": choice == FollowUp.Choice.DISCUSS}
        step = move(case, Action.FOLLOW_UP, doing, changes=changes, reason_code=choice, facts={"choice": choice})
    settle(case, step, choice, doing)
    return step


def _again(case: Case, doing: Doing, choice: str, limit: tuple[int, str] | None) -> Step:
    """Back to the dispatcher, who reads in the step to whom: the same agency (延期) or another one (移交)."""
    leading = case.parts.filter(withdrawn_at=None, leads=True).select_related("agency").first()
    facts: dict[str, Any] = {"choice": choice, "agency": leading.agency.code if leading else ""}
    changes: dict[str, Any] = {"hard": False}
    if limit is not None:
        facts["limit"] = list(limit)
        changes |= own_limit(*limit)
    code = "" if choice == FollowUp.Choice.REDO else choice
    return reopen(case, doing, reason_code=code, facts=facts, changes=changes)


def own_limit(amount: int, unit: str) -> dict[str, Any]:
    """The columns of a case's own handling limit, where the case has them."""
    columns = {field.name for field in Case._meta.get_fields()}
    return {"limit_amount": amount, "limit_unit": unit} if {"limit_amount", "limit_unit"} <= columns else {}


@once
def look_back(case: Case, doing: Doing, *, method: str, rating: str, photos: list[Photo] | None = None) -> Step:
    """回头看: whether it has held; a poor rating says why (P4.5)."""
    if doing.by is None:
        raise NotAllowedError("case.look_back")
    if rating == LookBack.Rating.POOR and not doing.note.strip():
        raise MissingEvidenceError([Need.REASON])
    step = move(case, Action.LOOK_BACK, doing, facts={"method": method, "rating": rating})
    LookBack.objects.create(
        case=case,
        step=step,
        method=method,
        looked_at=doing.occurred_at or doing.at,
        staff=doing.by,
        rating=rating,
    )
    attach(step, case, photos or [], "later")
    return step
