"""Day routes: planned in the background when somebody's open tasks change, read by the pages with times of now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import numpy as np
from django.utils import timezone
from django_q.tasks import async_task

from dispatch.clocks import Unit
from dispatch.explain import duration
from dispatch.models import Event, FieldTask
from gridmap.datums import Datum, from_city
from inspectors.assignment import WEIGHTS
from inspectors.dayroute import Leg, Question, Stop, plan, timetable
from inspectors.models import Ability, DayRoute, Position, Shift
from inspectors.situation import FRESH, SPEED
from inspectors.travel import RIDING_M_A_MINUTE, straight
from inspectors.travelling import ways
from inspectors.wording import DAY_SECONDS, distance_words
from inspectors.zones import middle_of, middles
from people.models import User

MINUTE: Final = timedelta(minutes=1)
# more than anybody does in a day: the rest comes when some of these are done
MOST: Final = 60
SECONDS: Final = 2.0
# a run of the worker that takes longer leaves the rest to the next minute
A_RUN: Final = 12


@dataclass(frozen=True)
class Halt:
    """A task on the route: when somebody would arrive and leave, minutes late, and metres of the way to it."""

    task: FieldTask
    arrive_at: datetime
    leave_at: datetime
    late_min: int
    metres: int

    @property
    def told(self) -> str:
        """The way to it, in words."""
        return distance_words(self.metres)

    @property
    def late_words(self) -> str:
        """How late somebody would be, in words."""
        return duration(60.0 * self.late_min, Unit.MINUTE, DAY_SECONDS)


@dataclass(frozen=True)
class Route:
    """Somebody's open tasks in the order of going; `line` of the way and `places` in WGS84, with times of `at`."""

    halts: list[Halt]
    line: list[list[float]]
    places: list[dict[str, Any]]
    metres: int
    planned_at: datetime | None
    from_position: bool

    @property
    def told(self) -> str:
        """The whole way, in words."""
        return distance_words(self.metres)


def on_event(event: Event) -> None:
    """Reader "routes": whoever gets or loses a task has the route planned anew, in the background."""
    if event.kind in ("task.assigned", "task.waiting"):
        for inspector in {event.payload.get("inspector"), event.payload.get("before")} - {None}:
            async_task("inspectors.routes.plan_for", inspector)


def plan_due() -> int:
    """Every minute: plan for people on duty whose tasks are others than when it was planned; how many."""
    at, planned = timezone.now(), 0
    on_duty = Shift.objects.on_duty(at).values("inspector")
    kept = dict(DayRoute.objects.filter(inspector__in=on_duty).values_list("inspector", "basis"))
    open_tasks = FieldTask.objects.open().filter(inspector__in=on_duty).select_related("case").order_by("due_at", "pk")
    by_person: dict[int, list[FieldTask]] = {}
    for task in open_tasks:
        by_person.setdefault(task.inspector_id or 0, []).append(task)
    for inspector, tasks in sorted(by_person.items()):
        if kept.get(inspector) != basis(tasks[:MOST]) and planned < A_RUN:
            plan_for(inspector)
            planned += 1
    return planned


def plan_for(inspector_id: int) -> bool:
    """Plan one inspector's route; twice writes the same. False where there is nothing to plan."""
    at = timezone.now()
    tasks = _open_tasks(inspector_id)
    if not tasks:
        DayRoute.objects.filter(inspector=inspector_id).delete()
        return False
    question = _question(inspector_id, tasks, at)
    legs = plan(question, seconds=SECONDS)
    stops = [
        {
            "task": leg.task_id,
            "arrive": (at + leg.arrive * MINUTE).isoformat(),
            "leave": (at + leg.leave * MINUTE).isoformat(),
            "late": round(leg.late),
            "metres": round(leg.metres),
        }
        for leg in legs
    ]
    length = sum(leg.metres for leg in legs)
    values = {"made_at": at, "basis": basis(tasks), "stops": stops, "length_m": length}
    DayRoute.objects.update_or_create(inspector_id=inspector_id, defaults=values)
    return True


def basis(tasks: Sequence[FieldTask]) -> str:
    """What a plan was made from: the tasks, their due times and urgency, not where somebody stands."""
    said = ";".join(
        f"{task.pk},{task.due_at.isoformat()},{task.case.urgent}" for task in sorted(tasks, key=lambda one: one.pk)
    )
    return sha256(said.encode()).hexdigest()


def route_of(user: User, at: datetime) -> Route:
    """The route as it stands: the planned order, what came since then after it by due time, and the times of now."""
    tasks = {task.pk: task for task in _open_tasks(user.pk)}
    kept = DayRoute.objects.filter(inspector=user).first()
    order = [stop["task"] for stop in kept.stops if stop["task"] in tasks] if kept else []
    order += [pk for pk in tasks if pk not in order]
    if not order:
        return Route([], [], [], 0, None, from_position=False)
    start, known = _start(user.pk, at)
    ordered = [tasks[pk] for pk in order]
    question = _question(user.pk, ordered, at, start)
    legs = timetable(question, range(len(ordered)))
    points = np.array([(task.point.x, task.point.y) for task in ordered])
    line = ways().path(points if start is None else np.concatenate([[start], points]))
    halts = [_halt(task, leg, at) for task, leg in zip(ordered, legs, strict=True)]
    return Route(
        halts=halts,
        line=[[round(float(lat), 6), round(float(lon), 6)] for lon, lat in from_city(line, Datum.WGS84)],
        places=[
            {"id": task.pk, "lat": round(float(lat), 6), "lon": round(float(lon), 6), "late": halt.late_min > 0}
            for task, halt, (lon, lat) in zip(ordered, halts, from_city(points, Datum.WGS84), strict=True)
        ],
        metres=round(sum(leg.metres for leg in legs)),
        planned_at=kept.made_at if kept else None,
        from_position=known,
    )


def _halt(task: FieldTask, leg: Leg, at: datetime) -> Halt:
    arrive, leave = at + leg.arrive * MINUTE, at + leg.leave * MINUTE
    return Halt(task, arrive, leave, round(leg.late), round(leg.metres))


def _open_tasks(inspector_id: int) -> list[FieldTask]:
    """The tasks of a route, the next due first; one query."""
    tasks = FieldTask.objects.open().filter(inspector=inspector_id).select_related("case__category", "case__cell")
    return list(tasks.order_by("due_at", "pk")[:MOST])


def _question(
    inspector_id: int, tasks: Sequence[FieldTask], at: datetime, start: tuple[float, float] | None = None
) -> Question:
    """The stops with metres between them; without a known start the first way costs nothing."""
    if start is None:
        start, _known = _start(inspector_id, at)
    points = np.array([(task.point.x, task.point.y) for task in tasks])
    places = np.concatenate([points[:1] if start is None else [start], points])
    network = ways()
    metres = network.metres(places, places)
    if start is None:
        metres[0, :] = 0.0
    # somebody who stands at the door is there
    metres = np.where(straight(places, places) < 1.0, 0.0, metres)
    shift = Shift.objects.on_duty(at).filter(inspector=inspector_id).order_by("-ends_at").first()
    ability = Ability.objects.filter(inspector=inspector_id).first()
    return Question(
        stops=[_stop(task, at) for task in tasks],
        metres=metres,
        speed=SPEED[Ability.Travel(ability.travel)] if ability else RIDING_M_A_MINUTE,
        shift_ends=(shift.ends_at - at) / MINUTE if shift else 480.0,
    )


def _stop(task: FieldTask, at: datetime) -> Stop:
    """One task; where somebody has arrived he is finishing it, and goes on from there first."""
    there = task.arrived_at is not None
    due = 0.0 if there else (task.due_at - at) / MINUTE
    return Stop(task.pk, due, task.case.urgent or there, WEIGHTS.visit)


def _start(inspector_id: int, at: datetime) -> tuple[tuple[float, float] | None, bool]:
    """Where the route begins: the position, else the middle of the zone; and whether it is the position."""
    seen = Position.objects.filter(inspector=inspector_id, seen_at__gt=at - FRESH).first()
    if seen is not None:
        return (seen.point.x, seen.point.y), True
    zones = list(Shift.objects.on_duty(at).filter(inspector=inspector_id).values_list("zone", flat=True))
    return middle_of(middles(zones), zones), False
