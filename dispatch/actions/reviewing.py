"""月度审阅: seen, or to be solved again with an instruction (P3.11)."""

from datetime import datetime

from django.db import transaction

from dispatch.actions import once
from dispatch.actions.closing import redo
from dispatch.lifecycle import Doing
from dispatch.models import Case, Review, Step
from dispatch.transitions import Action, IllegalStep
from people.models import User


@transaction.atomic
def mark_seen(case: Case, *, by: User, at: datetime) -> Review:
    """已审阅: once for each closing."""
    if case.closed_at is None:
        raise IllegalStep(case.flow, Action.REDO, case.state)
    values = {"verdict": Review.Verdict.SEEN, "by": by, "at": at}
    return Review.objects.get_or_create(case=case, closed_at=case.closed_at, defaults=values)[0]


@once
def solve_again(case: Case, doing: Doing) -> Step:
    """重新解决: the case is redone; the note is the leader's instruction and stands in its log."""
    closed_at = case.closed_at
    step = redo(case, doing)
    if closed_at is not None and doing.by is not None:
        values = {"verdict": Review.Verdict.AGAIN, "by": doing.by, "at": doing.at}
        Review.objects.update_or_create(case=case, closed_at=closed_at, defaults=values)
    return step
