"""Gives tasks to inspectors: a reader of the outbox, a run every minute, and a person's own hand.

Who has a task is one column; each change of it is a swap of that column from the value that was read, so that two
workers, or a worker and a hand, never both win, and one row of `Assignment` in the same transaction says why.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from dispatch.models import Event, FieldTask, FieldTaskQuerySet
from dispatch.profile import profile
from dispatch.transitions import Action
from inspectors.assignment import Choice, match
from inspectors.dutymodels import come
from inspectors.holding import ENGINE, Held, Rules, back, stuck
from inspectors.models import Assignment, Shift
from inspectors.situation import FRESH as FRESH
from inspectors.situation import read, weights
from people.models import User

Cause = Assignment.Cause
ORDERED = {f"case.{Action.ORDER_VERIFY}", f"case.{Action.ACCEPT_REPLY}", f"case.{Action.ORDER_SURVEY}"}
ORDERED |= {f"case.{Action.ORDER_RECHECK}"}
REFUSED = "task.refused"
# a full shift's worth at a time: the next minute brings the next ones
MOST = 500


class TakenError(Exception):
    """Somebody else has the task already, or nobody needs it any more."""


def on_event(event: Event) -> None:
    """Reader "assignment": a task that was ordered without an inspector, or was refused, gets the best one on duty."""
    if event.kind == REFUSED:
        note_refusal(event)
    elif event.kind not in ORDERED:
        return
    at = timezone.now()
    for task in ready(FieldTask.objects.open().unassigned().filter(case=event.case_id)):
        assign(task, at=at)


def note_refusal(event: Event) -> None:
    """Write a refusal into the history of the task; the same event does it once."""
    task, refuser = event.payload["task"], event.payload["inspector"]
    if FieldTask.objects.filter(pk=task, case=event.case_id).exists():
        Assignment.objects.get_or_create(
            task_id=task, before_id=refuser, cause=Cause.REFUSED, at=event.created_at, defaults={"by_id": refuser}
        )


def assign_waiting() -> int:
    """Every minute: take back what nobody comes for, then match all that waits; how many tasks got somebody."""
    at = timezone.now()
    take_back(at)
    waiting = list(ready(FieldTask.objects.open().unassigned()).order_by("due_at", "pk")[:MOST])
    return settle(waiting, at=at) if waiting else 0


def assign(task: FieldTask, *, at: datetime) -> bool:
    """Give one waiting task to the best inspector on duty; False when nobody is, or somebody was faster.

    An urgent one may take its inspector from a task that he has not accepted; that one then goes to somebody else.
    """
    return bool(settle([task], at=at, among=task.case.urgent))


def settle(waiting: Sequence[FieldTask], *, at: datetime, among: bool = True) -> int:
    """Match waiting tasks, `among` those that may still move, and write what changes; how many of them got somebody."""
    movable = _movable(at) if among else []
    tasks = [*waiting, *movable]
    held = {task.pk: task.inspector_id for task in movable if task.inspector_id is not None}
    question = read(tasks, at, held)
    choices = match(question, weights())
    given = 0
    for task, choice in zip(tasks, choices, strict=True):
        if choice is None or choice.inspector_id == task.inspector_id:
            continue
        moved = task.inspector_id is not None
        won = swap(task, choice, Cause.BETTER if moved else Cause.GIVEN, at=at)
        given += won and not moved
    return given


def ready(tasks: FieldTaskQuerySet) -> FieldTaskQuerySet:
    """With all that the question needs, in one query."""
    return tasks.select_related("case__category", "case__cell")


def with_history(tasks: FieldTaskQuerySet) -> Any:  # noqa: ANN401 - a query set whose rows have three more names
    """Adds `cause` and `since` of the newest row of the history, and `moves` of the engine."""
    newest = Assignment.objects.filter(task=OuterRef("pk")).order_by("-pk")
    moved = Q(assignments__cause__in=[Cause.NOT_ACCEPTED, Cause.NOT_ARRIVED])
    return tasks.annotate(
        cause=Subquery(newest.values("cause")[:1]),
        since=Subquery(newest.values("at")[:1]),
        moves=Count("assignments", filter=moved),
    )


def _movable(at: datetime) -> list[FieldTask]:
    """Tasks that somebody has and has not accepted, given by the engine to people on duty."""
    on_duty = Shift.objects.on_duty(at).values("inspector")
    held = FieldTask.objects.open().filter(inspector__in=on_duty, accepted_at=None, arrived_at=None)
    return list(ready(with_history(held).filter(cause__in=ENGINE)).order_by("due_at", "pk")[:MOST])


def take_back(at: datetime) -> int:
    """Tasks that nobody comes for wait again: late, or their inspector went off duty; how many."""
    rules, on_duty, in_shift = _rules(), _people(Shift.objects.on_duty(at)), _people(_running(at))
    held = with_history(FieldTask.objects.open().exclude(inspector=None)).exclude(cause=None)
    back_again = 0
    for task in held.select_related("case", "inspector").order_by("pk")[: 4 * MOST]:
        standing = _held(task, on_duty, in_shift)
        cause = back(standing, at, rules)
        if cause is not None:
            by_hand = standing.cause == Cause.BY_HAND
            back_again += swap(task, None, Cause(cause), at=at, by_hand=by_hand)
        elif stuck(standing, at, rules):
            _tell_stuck(task, at)
    return back_again


def _tell_stuck(task: FieldTask, at: datetime) -> None:
    """Once: nobody came for it as often as the engine may try, and it waits for the dispatcher's hand."""
    payload = {"task": task.pk, "inspector": task.inspector_id}
    if not Event.objects.filter(kind="task.stuck", case=task.case_id, payload__task=task.pk).exists():
        Event.objects.create(kind="task.stuck", case_id=task.case_id, payload=payload, created_at=at)


def _running(at: datetime) -> Any:  # noqa: ANN401 - a query set of whatever class the manager has
    """Shifts that run and that nobody has left; who is on a break comes back."""
    return Shift.objects.planned(at).filter(come(at))


def _people(shifts: Any) -> frozenset[int]:  # noqa: ANN401
    return frozenset(shifts.order_by().values_list("inspector", flat=True))


def _rules() -> Rules:
    said = profile().assigning
    return Rules(timedelta(minutes=said.accept_minutes), timedelta(minutes=said.accept_urgent_minutes), said.moves)


def _held(task: FieldTask, on_duty: frozenset[int], in_shift: frozenset[int]) -> Held:
    return Held(
        since=task.since,  # type: ignore[attr-defined]
        cause=task.cause,  # type: ignore[attr-defined]
        due_at=task.due_at,
        urgent=task.case.urgent,
        accepted=task.accepted_at is not None,
        arrived=task.arrived_at is not None,
        on_duty=task.inspector_id in on_duty,
        in_shift=task.inspector_id in in_shift,
        moves=task.moves,  # type: ignore[attr-defined]
    )


def claim(task: FieldTask, *, by: User, at: datetime) -> None:
    """The inspector takes a waiting task of the own zone himself; raises TakenError."""
    if not swap(task, Choice(by.pk, ({"code": "claimed"},)), Cause.CLAIMED, at=at, by=by):
        raise TakenError


def hand(task: FieldTask, inspector: User, *, by: User, at: datetime) -> bool:
    """指派: the centre gives an open task to an inspector, also one that another has; False if it is done."""
    choice = Choice(inspector.pk, ({"code": "by_hand", "who": str(by)},))
    with transaction.atomic():
        # a hand overrules whoever has it at this moment
        now = FieldTask.objects.select_for_update(of=("self",)).open().filter(pk=task.pk).first()
        if now is None:
            return False
        if now.inspector_id == inspector.pk and now.accepted_at is not None:
            return True
        return swap(now, choice, Cause.BY_HAND, at=at, by=by)


def swap(
    task: FieldTask,
    choice: Choice | None,
    cause: Assignment.Cause,
    *,
    at: datetime,
    by: User | None = None,
    by_hand: bool = False,
) -> bool:
    """Write the inspector into a task that still has the one that was read, and announce it; once, however often asked.

    `by_hand` tells the dispatcher that a task given by hand had to be moved.
    """
    before, after = task.inspector_id, choice.inspector_id if choice else None
    why = [*(choice.why if choice else ()), *_left(task, cause, by_hand=by_hand)]
    with transaction.atomic():
        # the race of two workers, or of a worker and an inspector's hand: the row as it was read decides
        same = FieldTask.objects.open().filter(pk=task.pk, inspector=before)
        if by is None:
            same = same.filter(accepted_at=task.accepted_at, arrived_at=task.arrived_at)
        # whoever takes a task himself has accepted it
        accepted = at if cause == Cause.CLAIMED else None
        fields = {"inspector": after, "why": why, "accepted_at": accepted, "arrived_at": None}
        if not same.update(**fields):
            return False
        Assignment.objects.create(
            task_id=task.pk, inspector_id=after, before_id=before, cause=cause, why=why, by=by, at=at
        )
        payload: dict[str, Any] = {"task": task.pk, "inspector": after, "before": before, "cause": cause.value}
        if by_hand:
            payload["by_hand"] = True
        kind = "task.assigned" if after else "task.waiting"
        Event.objects.create(kind=kind, case_id=task.case_id, payload=payload, created_at=at)
    return True


def _left(task: FieldTask, cause: Assignment.Cause, *, by_hand: bool) -> list[dict[str, Any]]:
    """Why the one before has it no longer, as codes."""
    told = {Cause.NOT_ACCEPTED, Cause.NOT_ARRIVED, Cause.OFF_DUTY, Cause.BETTER}
    if cause not in told or task.inspector is None:
        return []
    said: list[dict[str, Any]] = [{"code": cause.value, "who": str(task.inspector)}]
    return [*said, {"code": "was_by_hand"}] if by_hand else said
