"""The inspector's own list: what is to be seen, nearest first, and what of the zone still waits for somebody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from dispatch.models import FieldTask, FieldTaskQuerySet
from gridmap.datums import Datum, from_city
from inspectors.models import Shift
from inspectors.positions import Fix
from inspectors.wording import distance_words, left_light, left_words
from inspectors.zones import in_zones
from people.models import User

MOST = 100


@dataclass(frozen=True)
class Row:
    """A task as the list shows it."""

    task: FieldTask
    distance: str
    left: str
    light: str


@dataclass(frozen=True)
class Board:
    """Own open tasks, waiting tasks of the own zone, the shift that runs, and the same tasks for the map."""

    tasks: list[Row]
    waiting: list[Row]
    shift: Shift | None
    by_distance: bool
    points: list[dict[str, Any]]


def own_tasks(user: User, fix: Fix | None) -> FieldTaskQuerySet:
    """Open tasks that were given to the user: by true distance, without a position by due time."""
    tasks = FieldTask.objects.open().visible_to(user)
    return tasks.nearest(fix.point) if fix else tasks.order_by("due_at", "pk")


def waiting_tasks(user: User, at: datetime) -> FieldTaskQuerySet:
    """Open tasks that nobody has, in the zones that the user is on duty in now."""
    zones = Shift.objects.on_duty(at).filter(inspector=user).values("zone")
    return FieldTask.objects.open().unassigned().filter(in_zones(zones, "case__")).order_by("due_at", "pk")


def read_board(user: User, at: datetime, fix: Fix | None) -> Board:
    """Everything of the first page; three queries however long the lists are."""
    shift = Shift.objects.on_duty(at).filter(inspector=user).select_related("zone").order_by("ends_at").first()
    own, waiting = own_tasks(user, fix), waiting_tasks(user, at)
    tasks = [_row(task, at, fix) for task in own.select_related("case__category")[:MOST]]
    free = [_row(task, at, fix) for task in waiting.select_related("case__category")[:MOST]] if shift else []
    return Board(tasks, free, shift, fix is not None, _points(tasks))


def _row(task: FieldTask, at: datetime, fix: Fix | None) -> Row:
    distance = distance_words(task.point.distance(fix.point)) if fix else ""
    return Row(task, distance, left_words(task.due_at, at), left_light(task.due_at, at))


def _points(rows: list[Row]) -> list[dict[str, Any]]:
    """The tasks for the map, in WGS84; their number is their place in the list."""
    if not rows:
        return []
    lonlat = from_city(np.array([(row.task.point.x, row.task.point.y) for row in rows]), Datum.WGS84)
    return [
        {"id": row.task.pk, "lon": round(float(lon), 6), "lat": round(float(lat), 6), "light": row.light}
        for row, (lon, lat) in zip(rows, lonlat, strict=True)
    ]
