"""What is to be seen around an inspector: own tasks, what waits in the zone, and the open cases of others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import numpy as np
from django.contrib.gis.geos import Point

from dispatch.lookbacks import due_for_look_back
from dispatch.models import Case, CaseQuerySet, FieldTask, FieldTaskQuerySet, Household
from dispatch.profile import profile
from gridmap.datums import Datum, from_city
from inspectors.bearing import bearing, direction
from inspectors.models import DutyZone, Shift
from inspectors.positions import Fix
from inspectors.wording import distance_words, left_light, left_words
from inspectors.zones import in_zones, of_zone
from people.access import scope_of
from people.models import User
from people.permissions import may

MOST: Final = 100
CASES: Final = 40
LOOK_BACKS: Final = 10
HOUSEHOLDS: Final = 100


# what a row shows: a list of hundreds must not carry all columns, nor the outline of a community
CASE_ROW: Final = (
    "number", "state", "urgent", "address", "received_at", "closed_at", "state_since", "point", "category__name",
    "category__name_en", "community__name",
)  # fmt: skip
TASK_ROW: Final = (
    "kind", "point", "due_at", "accepted_at", "arrived_at", "case__urgent", "case__address", "case__text",
    "case__category__name", "case__category__name_en",
)  # fmt: skip

# place, key, light and number of a row on the map
Pin = tuple[Point | None, int | str, str, int]


class Show(StrEnum):
    """Whose: what I was given, what lies in the zone of my shift, or everything in my areas."""

    MINE = "mine"
    ZONE = "zone"
    ALL = "all"


class By(StrEnum):
    """What comes first: the nearest, or what is urgent and due next."""

    NEAR = "near"
    DUE = "due"


@dataclass(frozen=True)
class Way:
    """How far and which way, in words and as degrees for the arrow; empty where no position is known."""

    distance: str = ""
    bearing: int | None = None
    direction: str = ""


@dataclass(frozen=True)
class Row:
    """A task as the list shows it."""

    task: FieldTask
    way: Way
    left: str
    light: str
    number: int = 0  # its pin on the map; 0: none

    @property
    def distance(self) -> str:
        return self.way.distance


@dataclass(frozen=True)
class CaseRow:
    """A case that is nobody's task here: class, state and place, never what a caller has said."""

    case: Case
    way: Way
    number: int = 0


@dataclass(frozen=True)
class Board:
    """What the first page shows; `points` are the numbered rows for the map."""

    show: Show
    by: By
    shift: Shift | None
    by_distance: bool
    located: bool = False
    tasks: list[Row] = field(default_factory=list)
    waiting: list[Row] = field(default_factory=list)
    look_backs: list[CaseRow] = field(default_factory=list)
    cases: list[CaseRow] = field(default_factory=list)
    households: int = 0  # still to be visited in this period, counted up to HOUSEHOLDS
    points: list[dict[str, Any]] = field(default_factory=list)


def own_tasks(user: User, fix: Fix | None, by: By = By.NEAR) -> FieldTaskQuerySet:
    """Open tasks that were given to the user: by true distance; by urgency, or without a position, by due time."""
    tasks = FieldTask.objects.open().visible_to(user)
    if fix and by == By.NEAR:
        return tasks.nearest(fix.point)
    return tasks.order_by("-case__urgent", "due_at", "pk")


def waiting_tasks(user: User, at: datetime) -> FieldTaskQuerySet:
    """Open tasks that nobody has, in the zones that the user is on duty in now."""
    zones = Shift.objects.on_duty(at).filter(inspector=user).values("zone")
    return FieldTask.objects.open().unassigned().filter(in_zones(zones, "case__")).order_by("due_at", "pk")


def cases_around(user: User, point: Point, zone: DutyZone | None = None) -> CaseQuerySet:
    """Open street cases by true distance, of one zone or of all the user's areas; the spatial index in its order."""
    cases = Case.objects.on_street_of(user)
    if zone is not None:
        cases = cases.filter(of_zone(zone))
    return cases.nearest(point)


def read_board(user: User, at: datetime, fix: Fix | None, show: Show = Show.MINE, by: By = By.NEAR) -> Board:
    """Everything of the first page; as many queries however long the lists are."""
    shift = Shift.objects.on_duty(at).filter(inspector=user).select_related("zone").order_by("ends_at").first()
    point = fix.point if fix else None
    board = Board(show, by, shift, fix is not None and by == By.NEAR, fix is not None)
    if show != Show.ALL and shift:
        waiting = waiting_tasks(user, at).select_related("case__category").only(*TASK_ROW)
        board.waiting.extend(_row(task, at, point) for task in waiting[:MOST])
    if show == Show.MINE:
        own = own_tasks(user, fix, by).select_related("case__category").only(*TASK_ROW)
        board.tasks.extend(_row(task, at, point, n) for n, task in enumerate(own[:MOST], 1))
        board.look_backs.extend(_look_backs(user, at, point, len(board.tasks)))
    elif point is not None and (show == Show.ALL or shift):
        near = cases_around(user, point, shift.zone if show == Show.ZONE and shift else None)
        board.cases.extend(
            _cases(list(near.select_related("category", "community").only(*CASE_ROW)[:CASES]), point, by)
        )
    numbered: list[Pin] = [(row.task.point, row.task.pk, row.light, row.number) for row in board.tasks]
    numbered += [(row.case.point, f"c{row.case.pk}", _light(row.case), row.number) for row in board.look_backs]
    numbered += [(row.case.point, f"c{row.case.pk}", _light(row.case), row.number) for row in board.cases]
    return Board(**{**board.__dict__, "households": _households(user, at.date(), show), "points": _points(numbered)})


def way_to(target: Point | None, me: Point | None) -> Way:
    """From me to a place, both in the city's SRID."""
    if target is None or me is None:
        return Way()
    degrees = bearing(target.x - me.x, target.y - me.y)
    return Way(distance_words(target.distance(me)), degrees, direction(degrees))


def _row(task: FieldTask, at: datetime, me: Point | None, number: int = 0) -> Row:
    return Row(task, way_to(task.point, me), left_words(task.due_at, at), left_light(task.due_at, at), number)


def look_backs_of(user: User, at: datetime) -> list[Case]:
    """回头看: closed cases that the user was sent to once and that somebody should look at again, oldest first."""
    if not may(scope_of(user).roles, "case.look_back"):
        return []
    # the own tasks first, as keys: the planner would rather go through everything that was closed in two months; a
    # case that took longer than the whole span from the visit to its end is not looked back at by its inspector
    since = at - 2 * timedelta(days=profile().look_backs.within_days)
    sent = list(FieldTask.objects.filter(inspector=user, done_at__gte=since).values_list("case", flat=True))
    due = due_for_look_back(Case.objects.visible_to(user).filter(pk__in=sent, point__isnull=False), at)
    return list(due.select_related("category", "community").only(*CASE_ROW).order_by("state_since", "pk")[:LOOK_BACKS])


def _look_backs(user: User, at: datetime, me: Point | None, before: int) -> list[CaseRow]:
    """The look backs, nearest first."""
    found = look_backs_of(user, at)
    if me is not None:
        found.sort(key=lambda case: case.point.distance(me) if case.point else 0.0)
    return [CaseRow(case, way_to(case.point, me), before + n) for n, case in enumerate(found, 1)]


def _cases(near: list[Case], me: Point, by: By) -> list[CaseRow]:
    """The nearest ones; by urgency only their order changes, not which they are."""
    if by == By.DUE:
        near.sort(key=lambda case: (not case.urgent, case.received_at))
    return [CaseRow(case, way_to(case.point, me), n) for n, case in enumerate(near, 1)]


def _households(user: User, today: date, show: Show) -> int:
    """入户遍访: how many of the user's areas still wait for a visit; who is in special care is not told here."""
    if show != Show.MINE or not may(scope_of(user).roles, "households"):
        return 0
    return len(Household.objects.visible_to(user).due_for_visit(today).values_list("pk")[: HOUSEHOLDS + 1])


def _light(case: Case) -> str:
    return "red" if case.urgent else "other"


def _points(rows: Sequence[Pin]) -> list[dict[str, Any]]:
    """Numbered rows for the map, in WGS84."""
    placed = [(point, key, light, number) for point, key, light, number in rows if point is not None]
    if not placed:
        return []
    lonlat = from_city(np.array([(point.x, point.y) for point, *_rest in placed]), Datum.WGS84)
    return [
        {"id": key, "n": number, "lon": round(float(lon), 6), "lat": round(float(lat), 6), "light": light}
        for (_point, key, light, number), (lon, lat) in zip(placed, lonlat, strict=True)
    ]
