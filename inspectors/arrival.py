"""Who could be at a place soonest: the same order as the assignment's, with the time that the way may take."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from dispatch.models import Case, FieldTask
from inspectors.assignment import Question, arrivals, ranking, told
from inspectors.situation import read, weights
from people.models import User

MOST: Final = 3


@dataclass(frozen=True)
class Offer:
    """An inspector on duty; `minutes` until there, None where no recent position is known; `why` in words."""

    inspector: User
    minutes: int | None
    why: list[str]


def offers(case: Case, at: datetime, most: int = MOST) -> list[Offer]:
    """The best inspectors for a case with a place, the first one being whom the assignment would choose."""
    if case.point is None:
        return []
    question, weighed = read([FieldTask(case=case, point=case.point)], at), weights()
    best = ranking(question, weights=weighed)[:most]
    people = User.objects.in_bulk([question.people[i].inspector_id for i in best])
    minutes = arrivals(question, weighed)[0]
    return [
        Offer(
            inspector=people[question.people[i].inspector_id],
            minutes=None if question.people[i].age is None else told(float(minutes[i])),
            why=_why(question, i),
        )
        for i in best
    ]


def _why(question: Question, i: int) -> list[str]:
    """Zone, way and work in hand; somebody with work in hand comes from there."""
    who = question.people[i]
    zone = _("本责任网格") if question.in_zone[0, i] else _("其他责任网格")
    tasks = _("手上 %(count)s 项任务") % {"count": who.open_tasks}
    if who.age is None or question.metres is None:
        return [zone, _("没有最近的位置"), tasks]
    metres = {"metres": round(float(question.metres[0, i]))}
    if who.from_task:
        way = _("从手上任务处 %(metres)s 米") % metres
    else:
        way = (_("沿街 %(metres)s 米") if question.along else _("直线 %(metres)s 米")) % metres
    return [zone, way, tasks]
