"""接单, 拒接, 到场: what an inspector says of a task before the answer to it.

Each is done once for its operation, and answers with the row that it made then: whoever sends it again after a lost
reply, or from an outbox, gets the same answer.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from dispatch.models import Event, FieldTask
from inspectors import positions
from inspectors.actions import FarAwayError, presence_at
from inspectors.assigning import TakenError
from inspectors.models import TaskAct
from inspectors.positions import Fix
from people.models import User

Kind = TaskAct.Kind


@dataclass(frozen=True)
class Act:
    """What the phone sends: when it happened, why, and for an arrival where."""

    operation: UUID
    happened_at: datetime
    reason: str = ""
    fix: Fix | None = None


def accept(task_id: int, act: Act, *, by: User, at: datetime) -> TaskAct:
    """接单: the inspector who has the task goes there. Raises TakenError."""
    return _once(task_id, Kind.ACCEPT, act, by, at)


def refuse(task_id: int, act: Act, *, by: User, at: datetime) -> TaskAct:
    """拒接: the task waits for somebody else again; `act.reason` says why. Raises TakenError."""
    return _once(task_id, Kind.REFUSE, act, by, at)


def arrive(task_id: int, act: Act, *, by: User, at: datetime) -> TaskAct:
    """到场: the inspector is there; the server judges whether that can be.

    Raises TakenError, and FarAwayError where the fix is too far away or too inaccurate and nobody has said why.
    """
    return _once(task_id, Kind.ARRIVE, act, by, at)


ACTS = {Kind.ACCEPT: accept, Kind.REFUSE: refuse, Kind.ARRIVE: arrive}


def done_before(task_id: int, kind: str, operation: UUID, by: User) -> TaskAct | None:
    """The row that this operation made, if it did; one of another task, kind or person is TakenError."""
    before = TaskAct.objects.filter(operation=operation).first()
    if before is not None and (before.task_id, before.kind, before.inspector_id) != (task_id, kind, by.pk):
        raise TakenError
    return before


def _once(task_id: int, kind: str, act: Act, by: User, at: datetime) -> TaskAct:
    before = done_before(task_id, kind, act.operation, by)
    if before is not None:
        return before
    try:
        with transaction.atomic():
            return _write(task_id, kind, act, by, at)
    except (IntegrityError, TakenError):
        # the same operation, sent twice at the same moment: the other one has won
        before = done_before(task_id, kind, act.operation, by)
        if before is None:
            raise
        return before


def _write(task_id: int, kind: str, act: Act, by: User, at: datetime) -> TaskAct:
    # whoever comes second waits for the row here, and then finds that the task is somebody else's
    task = FieldTask.objects.select_for_update().filter(pk=task_id, inspector=by, done_at=None).first()
    if task is None:
        raise TakenError
    happened_at = min(max(act.happened_at, task.issued_at), at)
    made = TaskAct(
        task=task,
        inspector=by,
        kind=kind,
        operation=act.operation,
        happened_at=happened_at,
        recorded_at=at,
        reason=act.reason.strip() if kind == Kind.REFUSE else "",
    )
    if kind == Kind.ARRIVE:
        _judge(made, task, act)
    made.save(force_insert=True)
    _mark(task, kind, happened_at)
    payload = {"task": task.pk, "inspector": by.pk, "reason": made.reason}
    Event.objects.create(kind=f"task.{PAST[kind]}", case_id=task.case_id, payload=payload, created_at=at)
    if act.fix is not None:
        positions.note(by, act.fix, at)
    return made


PAST: dict[str, str] = {Kind.ACCEPT: "accepted", Kind.REFUSE: "refused", Kind.ARRIVE: "arrived"}


def _judge(made: TaskAct, task: FieldTask, act: Act) -> None:
    """Write where the inspector is; both facts are kept, the measured distance and what was said of it."""
    if act.fix is None:
        raise ValueError("an arrival needs a position")
    presence = presence_at(task.case, task, act.fix)
    if presence.doubtful and not act.reason.strip():
        raise FarAwayError(presence)
    made.point, made.accuracy_m = act.fix.point, act.fix.accuracy_m
    made.distance_m, made.doubtful = presence.distance_m, presence.doubtful
    made.reason = act.reason.strip() if presence.doubtful else ""


def _mark(task: FieldTask, kind: str, happened_at: datetime) -> None:
    """The task as lists show it; the first time counts, and who has arrived has gone there."""
    if kind == Kind.REFUSE:
        task.inspector, task.why, task.accepted_at, task.arrived_at = None, [], None, None
    else:
        task.accepted_at = task.accepted_at or happened_at
    if kind == Kind.ARRIVE:
        task.arrived_at = task.arrived_at or happened_at
    task.save(update_fields=["inspector", "why", "accepted_at", "arrived_at"])
