"""Who could be at a place soonest: the same order as the assignment's, with the time that the way may take."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from dispatch.models import Case, FieldTask
from inspectors.assigning import candidates
from inspectors.assignment import Candidate, order
from people.models import User

# an electric bicycle in a town, and how much longer streets are than the straight line (measured on the demo city)
METRES_A_MINUTE: Final = 250.0
DETOUR: Final = 1.3
MOST: Final = 3


@dataclass(frozen=True)
class Offer:
    """An inspector on duty; `minutes` until there, None where no recent position is known; `why` in words."""

    inspector: User
    minutes: int | None
    why: list[str]


def minutes_for(distance_m: float) -> int:
    """Whole minutes for a straight line of so many metres, at least one."""
    return max(1, round(distance_m * DETOUR / METRES_A_MINUTE))


def offers(case: Case, at: datetime, most: int = MOST) -> list[Offer]:
    """The best inspectors for a case with a place, the first one being whom the assignment would choose."""
    if case.point is None:
        return []
    ranked = sorted(candidates(FieldTask(case=case, point=case.point), at), key=order)[:most]
    people = User.objects.in_bulk([row.inspector_id for row in ranked])
    return [Offer(people[row.inspector_id], _minutes(row), _why(row)) for row in ranked]


def _minutes(row: Candidate) -> int | None:
    return None if row.distance_m is None else minutes_for(row.distance_m)


def _why(row: Candidate) -> list[str]:
    zone = _("本责任网格") if row.in_zone else _("其他责任网格")
    tasks = _("手上 %(count)s 项任务") % {"count": row.open_tasks}
    if row.distance_m is None:
        return [zone, _("没有最近的位置"), tasks]
    return [zone, _("直线 %(metres)s 米") % {"metres": round(row.distance_m)}, tasks]
