"""Gives tasks to inspectors: a reader of the outbox, a run every minute, and the inspector's own hand."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from dispatch.models import Event, FieldTask
from dispatch.transitions import Action
from inspectors.assignment import Candidate, Choice, choose
from inspectors.models import Position, Shift
from people.models import User

# A position older than this no longer says where somebody is.
FRESH = timedelta(minutes=30)
ORDERED = {f"case.{Action.ORDER_VERIFY}", f"case.{Action.ACCEPT_REPLY}"}


class TakenError(Exception):
    """Somebody else has the task already, or nobody needs it any more."""


def on_event(event: Event) -> None:
    """Reader "assignment": a task that was ordered without an inspector gets the best one on duty."""
    if event.kind not in ORDERED:
        return
    at = timezone.now()
    for task in FieldTask.objects.open().unassigned().filter(case=event.case_id).select_related("case"):
        assign(task, at=at)


def assign_waiting() -> int:
    """Try again for every task that nobody was on duty for; the worker's task of every minute."""
    at = timezone.now()
    waiting = FieldTask.objects.open().unassigned().select_related("case").order_by("due_at", "pk")
    # a full shift's worth at a time: the next minute brings the next ones
    return sum(assign(task, at=at) for task in waiting[:500])


def assign(task: FieldTask, *, at: datetime) -> bool:
    """Give one waiting task to the best inspector on duty; False when nobody is, or somebody was faster."""
    choice = choose(candidates(task, at))
    return choice is not None and give(task, choice, at=at)


def candidates(task: FieldTask, at: datetime) -> list[Candidate]:
    """Everybody on duty with what the choice needs; three queries."""
    shifts = Shift.objects.on_duty(at).covering(task.case.community_id)
    in_zone: dict[int, bool] = {}
    for shift in shifts:
        covers: bool = shift.covers  # type: ignore[attr-defined]
        in_zone[shift.inspector_id] = in_zone.get(shift.inspector_id, False) or covers
    seen = Position.objects.filter(inspector__in=in_zone, seen_at__gt=at - FRESH)
    distances = {position.inspector_id: position.point.distance(task.point) for position in seen}
    busy = Counter(FieldTask.objects.open().filter(inspector__in=in_zone).values_list("inspector_id", flat=True))
    return [Candidate(pk, zone, distances.get(pk), busy[pk]) for pk, zone in in_zone.items()]


def claim(task: FieldTask, *, by: User, at: datetime) -> None:
    """The inspector takes a waiting task of the own zone himself; raises TakenError."""
    if not give(task, Choice(by.pk, ({"code": "claimed"},)), at=at):
        raise TakenError


def hand(task: FieldTask, inspector: User, *, by: User, at: datetime) -> bool:
    """指派: the centre gives an open task to an inspector, also one that another has; False if it is done."""
    with transaction.atomic():
        why = [{"code": "by_hand", "who": str(by)}]
        given = FieldTask.objects.open().filter(pk=task.pk).update(inspector=inspector, why=why)
        if given:
            payload = {"task": task.pk, "inspector": inspector.pk}
            Event.objects.create(kind="task.assigned", case_id=task.case_id, payload=payload, created_at=at)
    return bool(given)


def give(task: FieldTask, choice: Choice, *, at: datetime) -> bool:
    """Write the inspector into a task that still waits, and announce it; doing it twice does it once."""
    with transaction.atomic():
        # the race of two workers, or of a worker and an inspector's hand: the row that still waits decides
        won = (
            FieldTask.objects.open()
            .unassigned()
            .filter(pk=task.pk)
            .update(inspector=choice.inspector_id, why=list(choice.why))
        )
        if won:
            payload = {"task": task.pk, "inspector": choice.inspector_id}
            Event.objects.create(kind="task.assigned", case_id=task.case_id, payload=payload, created_at=at)
    return bool(won)
