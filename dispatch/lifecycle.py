"""The one writer of a case's state: compare-and-swap on its version, one Step, one Event, in one transaction."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django_q.tasks import async_task

from dispatch.models import Case, Event, Part, Petition, Remark, Step
from dispatch.profile import profile
from dispatch.transitions import Edge, IllegalStep, Need, find
from people.access import scope_of
from people.models import User
from people.permissions import ALLOWED, may


class StaleStepError(Exception):
    """Somebody else acted on the case first; nothing was changed. `case` is as it is now."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"case {case.number} is at version {case.version} now")
        self.case = case


class NotAllowedError(Exception):
    """The user's roles do not hold the permission of this step."""


class MissingEvidenceError(Exception):
    """The step needs evidence that was not given."""

    def __init__(self, needs: list[Need]) -> None:
        super().__init__(", ".join(needs))
        self.needs = needs


@dataclass(frozen=True)
class Doing:
    """Who acts, when, on which version of the case, and the UUID under which this is done once."""

    by: User | None  # None: the system itself
    at: datetime
    version: int
    operation: UUID
    note: str = ""
    occurred_at: datetime | None = None  # on site, when that was earlier than `at`


def check(
    case: Case, action: str, doing: Doing, given: AbstractSet[Need] = frozenset(), target: str | None = None
) -> Edge:
    """The edge that this step would take; raises IllegalStep, NotAllowedError or MissingEvidenceError."""
    if case.version != doing.version:
        raise StaleStepError(case)
    edge = find(case.flow, action, case.state, target)
    if action in profile().off:
        raise IllegalStep(case.flow, action, case.state)
    if doing.by is not None and not may(scope_of(doing.by).roles, edge.permission):
        raise NotAllowedError(edge.permission)
    missing = [need for need in edge.needs if need not in given and not _has(case, need, doing)]
    if missing:
        raise MissingEvidenceError(missing)
    return edge


def _has(case: Case, need: Need, doing: Doing) -> bool:
    """Needs that the case or the words of the step answer by themselves."""
    if need is Need.PLACE:
        return case.point is not None
    if need is Need.CLASS:
        return case.category_id is not None
    return need is Need.REASON and bool(doing.note.strip())


def done_before(operation: UUID) -> Step | None:
    """The step that this operation already made, if it did: doing it twice does it once."""
    # not first(): its ORDER BY … LIMIT 1 can make the planner walk the whole log in order
    try:
        return Step.objects.select_related("case").get(operation=operation)
    except Step.DoesNotExist:
        return None


def move(
    case: Case,
    action: str,
    doing: Doing,
    *,
    given: AbstractSet[Need] = frozenset(),
    target: str | None = None,
    part: Part | None = None,
    changes: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    reason_code: str = "",
) -> Step:
    """Take one step of the table, or change nothing.

    `changes` are other columns of the case that belong to the step. Must run inside the caller's transaction, before
    its other writes: the swap takes the row, so that a second actor waits here and then finds the version gone.
    Raises StaleStepError, IllegalStep, NotAllowedError, MissingEvidenceError.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("move() needs the transaction of its action")
    edge = check(case, action, doing, given, target)
    values = dict(changes or {})
    if edge.target != case.state:
        values["state_since"] = doing.at
    before = case.state
    swapped = Case.objects.filter(pk=case.pk, version=doing.version, state=case.state).update(
        state=edge.target, version=F("version") + 1, **values
    )
    if not swapped:
        raise StaleStepError(Case.objects.get(pk=case.pk))
    case.version = doing.version + 1
    case.state = edge.target
    if edge.target != before:
        # what was asked for in the old state can no longer be granted; the step that grants says so afterwards
        case.petitions.filter(state=Petition.State.PENDING).update(state=Petition.State.LAPSED, settled_at=doing.at)
    for name, value in values.items():
        if not hasattr(value, "resolve_expression"):
            setattr(case, name, value)
    return record(case, action, doing, before, edge.permission, part, facts, reason_code)


def record(
    case: Case,
    action: str,
    doing: Doing,
    before: str,
    permission: str,
    part: Part | None = None,
    facts: dict[str, Any] | None = None,
    reason_code: str = "",
) -> Step:
    """Write the step, its words and its event; the case has already moved."""
    scope = scope_of(doing.by) if doing.by else None
    holders = sorted(scope.roles & ALLOWED[permission]) if scope else []
    step = Step.objects.create(
        case=case,
        part=part,
        action=action,
        from_state=before,
        to_state=case.state,
        version=case.version,
        actor=doing.by,
        role=holders[0] if holders else "",
        agency=scope.agencies[0] if scope and scope.agencies else None,
        reason_code=reason_code,
        facts=facts or {},
        occurred_at=doing.occurred_at or doing.at,
        recorded_at=doing.at,
        operation=doing.operation,
    )
    if doing.note.strip():
        Remark.objects.create(step=step, text=doing.note.strip())
    Event.objects.create(
        kind=f"case.{action}",
        case=case,
        step=step,
        payload={"number": case.number, "from": before, "to": case.state, "version": case.version},
        created_at=doing.at,
    )
    # stored in this transaction, so that the worker hears of it exactly when the step is there
    async_task("dispatch.events.deliver_all")
    return step


def next_number(at_local_day: str) -> str:
    """The next case number: day and a running number that never repeats (20261121-000123)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number')")
        (serial,) = cursor.fetchone()
    return f"{at_local_day}-{serial:06d}"
