"""The one writer of a case's state: compare-and-swap on its version, one Step, one Event, in one transaction."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django_q.tasks import async_task

from dispatch import chain, duties, signoff, stageclocks
from dispatch.models import Case, Delegation, Event, Part, Petition, Remark, Step, WhistleCall
from dispatch.profile import profile
from dispatch.transitions import Action, Edge, IllegalStep, Need, find
from people.access import of_agencies, scope_of
from people.models import User
from people.permissions import ALLOWED, Role, may


class StaleStepError(Exception):
    """Somebody else acted on the case first; nothing was changed. `case` is as it is now."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"case {case.number} is at version {case.version} now")
        self.case = case


class NotAllowedError(Exception):
    """The user's roles do not hold the permission of this step."""


class DutiesError(NotAllowedError):
    """The same person did something before in this case that keeps them from this step; the text is a sentence."""

    def __init__(self, done: duties.Done, action: str) -> None:
        super().__init__(duties.sentence(done, action))
        self.done, self.action = done, action


class NotSignedError(NotAllowedError):
    """A chain of signatures that guards this step is not complete; the text says who is waited for."""


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
    case: Case,
    action: str,
    doing: Doing,
    given: AbstractSet[Need] = frozenset(),
    target: str | None = None,
    part: Part | None = None,
) -> Edge:
    """The edge that this step would take.

    Raises StaleStepError, IllegalStep, a NotAllowedError (DutiesError, NotSignedError) or MissingEvidenceError.
    """
    edge = edge_of(case, action, doing, target)
    if not _works_on(case, part, doing):
        keep_guests_out(case, edge, doing)
    keep_apart(case, action, doing)
    waits = signoff.missing(case, action) if doing.by is not None else ""
    if waits:
        raise NotSignedError(waits)
    missing = missing_of(case, edge, doing, given)
    if missing:
        raise MissingEvidenceError(missing)
    return edge


def edge_of(case: Case, action: str, doing: Doing, target: str | None = None) -> Edge:
    """The edge of the table for the version that was seen, in this place, by a role that may take it; no query.

    Raises StaleStepError, IllegalStep, NotAllowedError.
    """
    if case.version != doing.version:
        raise StaleStepError(case)
    edge = find(case.flow, action, case.state, target)
    if action in profile().off:
        raise IllegalStep(case.flow, action, case.state)
    if doing.by is not None and not may(scope_of(doing.by).roles, edge.permission):
        raise NotAllowedError(edge.permission)
    return edge


def missing_of(case: Case, edge: Edge, doing: Doing, given: AbstractSet[Need]) -> list[Need]:
    """What a step needs and neither has been given nor is there already."""
    return [need for need in edge.needs if need not in given and not _has(case, need, doing)]


def owns(case: Case, user: User) -> bool:
    """首问负责: whether the user's unit accepted the case last, in a place where that binds; no query."""
    if case.owner is None or not case.is_open or not profile().first_receiver:
        return False
    owner = case.owner
    return any(
        owner.pk == unit.pk or owner.path.startswith(f"{unit.path}{unit.code}/") for unit in scope_of(user).agencies
    )


def is_guest(case: Case, user: User) -> bool:
    """Whether the user's unit has no part: a whistle called it, or it accepted first; three queries at most."""
    scope = scope_of(user)
    if Role.HANDLER not in scope.roles:
        return False
    if not owns(case, user) and not WhistleCall.objects.of(scope).filter(whistle__case=case).exists():
        return False
    if Part.objects.filter(of_agencies(scope), case=case, withdrawn_at=None).exists():
        return False
    return not Delegation.objects.open().filter(part__case=case, to_agency__in=scope.units).exists()


def _works_on(case: Case, part: Part | None, doing: Doing) -> bool:
    """Whether the step is about a live part of the user's own unit, so that nobody has to ask who is a guest."""
    if part is None or doing.by is None or part.case_id != case.pk or part.withdrawn_at is not None:
        return False
    return part.agency_id in {agency.pk for agency in scope_of(doing.by).agencies}


def keep_guests_out(case: Case, edge: Edge, doing: Doing) -> None:
    """A unit called by a whistle reports there, a first receiver explains; the rest is for those whose case it is."""
    if doing.by is None or edge.action == Action.WHISTLE_ANSWER:
        return
    if edge.action == Action.EXPLAIN and owns(case, doing.by):
        return
    if scope_of(doing.by).roles & ALLOWED[edge.permission] == {Role.HANDLER} and is_guest(case, doing.by):
        raise NotAllowedError(edge.permission)


def keep_apart(case: Case, action: str, doing: Doing) -> None:
    """Separation of duties; one query by the case's own index, and only for an action that the profile pairs."""
    rules = profile().duties
    others = duties.partners(action, rules)
    if doing.by is None or not others:
        return
    steps = Step.objects.filter(case=case, actor=doing.by, action__in=others).order_by("version")[:1]
    done = [duties.Done(step.action, step.actor_id, str(doing.by), step.recorded_at) for step in steps]
    found = duties.conflict(action, doing.by.pk, done, rules)
    if found is not None:
        raise DutiesError(found, action)


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
    Raises StaleStepError, IllegalStep, NotAllowedError, DutiesError, MissingEvidenceError.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("move() needs the transaction of its action")
    edge = check(case, action, doing, given, target, part)
    step = draft(case, action, doing, case.state, edge, doing.version + 1)
    step.part, step.facts, step.reason_code = part, facts or {}, reason_code
    remark = chain_to(step, case.head, doing)
    _swap(case, step, doing, dict(changes or {}))
    if step.to_state != step.from_state:
        # what was asked for in the old state can no longer be granted; the step that grants says so afterwards
        case.petitions.filter(state=Petition.State.PENDING).update(state=Petition.State.LAPSED, settled_at=doing.at)
        stageclocks.turn(case, step.from_state, doing.at, taken_back=action == Action.RECALL)
    _write(step, remark)
    return step


def begin(case: Case, action: str, doing: Doing, edge: Edge, facts: dict[str, Any] | None = None) -> Step:
    """Save a new case together with its first step, from which its chain begins.

    Nothing is checked: who may begin a case, and with what, is the caller's rule. Inside the caller's transaction.
    """
    case.state, case.version = edge.target, 1
    step = draft(case, action, doing, "", edge, 1)
    step.facts = facts or {}
    remark = chain_to(step, chain.begin(case.number), doing)
    case.head = step.digest
    case.save(force_insert=True)
    step.case = case
    stageclocks.turn(case, "", doing.at)
    _write(step, remark)
    return step


def draft(
    case: Case,
    action: str,
    doing: Doing,
    before: str,
    edge: Edge,
    version: int,
    make: Callable[..., Step] = Step,
) -> Step:
    """The step as it will be stored, with the seat of whoever acts; `make` as in timers.start."""
    scope = scope_of(doing.by) if doing.by else None
    holders = sorted(scope.roles & ALLOWED[edge.permission]) if scope else []
    return make(
        case=case,
        action=action,
        from_state=before,
        to_state=edge.target,
        version=version,
        actor=doing.by,
        role=holders[0] if holders else "",
        agency=scope.agencies[0] if scope and scope.agencies else None,
        occurred_at=doing.occurred_at or doing.at,
        recorded_at=doing.at,
        operation=doing.operation,
    )


def chain_to(step: Step, previous: str, doing: Doing) -> Remark | None:
    """Give the step its digest, and its words their own salted one; the words stand apart (ADR 6, ADR 19)."""
    words = doing.note.strip()
    remark = Remark(text=words, salt=chain.new_salt()) if words else None
    chain_step(step, previous, remark.text if remark else "", remark.salt if remark else "")
    return remark


def chain_step(step: Step, previous: str, words: str, salt: str) -> None:
    """The digests of a step that follows another one, and of its words."""
    if words:
        step.words = chain.digest_of_words(salt, words)
    step.digest = chain.follow(previous, link_of(step))


def link_of(step: Step) -> chain.Link:
    """What of a step its digest covers."""
    return chain.Link(
        version=step.version,
        action=step.action,
        from_state=step.from_state,
        to_state=step.to_state,
        part_id=step.part_id,
        actor_id=step.actor_id,
        role=step.role,
        agency_id=step.agency_id,
        reason_code=step.reason_code,
        facts=step.facts,
        words=step.words,
        occurred_at=step.occurred_at,
        recorded_at=step.recorded_at,
        operation=step.operation,
    )


def _swap(case: Case, step: Step, doing: Doing, values: dict[str, Any]) -> None:
    """Compare and swap: the case takes state, version and head of the step, or StaleStepError is raised.

    The head is compared too: a row in memory that has an old one would break the chain.
    """
    values = values_after(case, step, doing, values)
    swapped = Case.objects.filter(pk=case.pk, version=doing.version, state=case.state, head=case.head).update(**values)
    if not swapped:
        raise StaleStepError(Case.objects.get(pk=case.pk))
    for name, value in values.items():
        if not hasattr(value, "resolve_expression"):
            setattr(case, name, value)


def values_after(case: Case, step: Step, doing: Doing, changes: dict[str, Any]) -> dict[str, Any]:
    """The columns of a case after a step: what the step changes, and its state, version and head."""
    values = changes | {"state": step.to_state, "version": step.version, "head": step.digest}
    if step.to_state != case.state:
        values["state_since"] = doing.at
    return values


def _write(step: Step, remark: Remark | None) -> None:
    """The step, its words and its event, after the case has moved."""
    step.save(force_insert=True)
    if remark is not None:
        remark.step = step
        remark.save(force_insert=True)
    Event.objects.create(**event_of(step, step.case))
    # stored in this transaction, so that the worker hears of it exactly when the step is there
    async_task("dispatch.events.deliver_all")


def event_of(step: Step, case: Case) -> dict[str, Any]:
    """What the world hears of a step, as columns of an Event."""
    return {
        "kind": f"case.{step.action}",
        "case_id": case.pk,
        "step_id": step.pk,
        "payload": {"number": case.number, "from": step.from_state, "to": step.to_state, "version": step.version},
        "created_at": step.recorded_at,
    }


def next_number(at_local_day: str) -> str:
    """The next case number: day and a running number that never repeats (20261121-000123)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number')")
        (serial,) = cursor.fetchone()
    return f"{at_local_day}-{serial:06d}"
