"""What the assignment asks of the database: the tasks of a moment, who is on duty, and the minutes between them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from dispatch.models import Event, FieldTask
from dispatch.profile import profile
from inspectors.assignment import WEIGHTS, Job, Person, Question, Weights
from inspectors.models import Ability, Position, Shift, SkillNeed
from inspectors.outlook import beside as holes_left
from inspectors.travel import RIDING_M_A_MINUTE, WALKING_M_A_MINUTE, Streets
from inspectors.travelling import ways
from inspectors.zones import ground_of, middle_of, middles

# A position older than this no longer says where somebody is.
FRESH = timedelta(minutes=30)
SPEED: Final = {
    Ability.Travel.EBIKE: RIDING_M_A_MINUTE,
    Ability.Travel.BICYCLE: 200.0,
    Ability.Travel.WALK: WALKING_M_A_MINUTE,
    Ability.Travel.CAR: 330.0,
}
MINUTE: Final = timedelta(minutes=1)
NOWHERE: Final = (float("nan"), float("nan"))


@dataclass(frozen=True)
class Whereabouts:
    """A person with the place where he is free, and his zones."""

    person: Person
    place: tuple[float, float] | None
    zones: frozenset[int]


def weights() -> Weights:
    """As this place's profile says."""
    return replace(WEIGHTS, zone=float(profile().assigning.zone_minutes))


def read(tasks: Sequence[FieldTask], at: datetime, holders: dict[int, int] | None = None) -> Question:
    """The question of these tasks; as many queries whatever their number.

    The tasks need their case, cell and category at hand. `holders` says who has those of them that may still move.
    """
    there = whereabouts(at, leave=[task.pk for task in tasks if task.pk])
    jobs = _jobs(tasks, at, holders or {}, skills=any(one.person.skills for one in there))
    known = [one for one in there if one.place is not None]
    metres, along = np.full((len(tasks), len(there)), np.nan), False
    ahead, free = None, np.array([one.person.free_in for one in there])
    speeds = np.array([one.person.speed for one in there])
    if tasks and known:
        columns = [i for i, one in enumerate(there) if one.place is not None]
        places = np.array([one.place for one in known])
        targets = np.array([(task.point.x, task.point.y) for task in tasks])
        network = ways()
        ahead = holes_left(network, np.array([one.place or NOWHERE for one in there]), free, speeds, targets)
        along = isinstance(network, Streets)
        metres[:, columns] = network.metres(places, targets).T
    # nobody knows even the ground: as far as anybody is
    far = np.nanmax(metres) if np.isfinite(metres).any() else 0.0
    minutes = np.where(np.isnan(metres), far, metres) / speeds
    told = metres if along else metres / ways().detour  # what is told of a straight line is the line
    return Question(jobs, [one.person for one in there], minutes, _own(tasks, there), told, along, ahead)


def _own(tasks: Sequence[FieldTask], there: Sequence[Whereabouts]) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """Whether each task lies in a zone of each person."""
    codes = [task.case.cell.code if task.case.cell else None for task in tasks]
    communities = [task.case.community_id for task in tasks]
    ground = ground_of(codes, communities)
    zones = [ground.zones_of(community, code) for community, code in zip(communities, codes, strict=True)]
    found = [[bool(one.zones & each) for one in there] for each in zones]
    return np.array(found, dtype=bool).reshape(len(tasks), len(there))


def _jobs(tasks: Sequence[FieldTask], at: datetime, holders: dict[int, int], *, skills: bool) -> list[Job]:
    """The tasks as the match sees them; two queries."""
    refused: dict[int, set[int]] = defaultdict(set)
    said = Event.objects.filter(kind="task.refused", case__in={task.case_id for task in tasks})
    for payload in said.values_list("payload", flat=True):
        refused[payload["task"]].add(payload["inspector"])
    needs: dict[int, set[str]] = defaultdict(set)
    if skills:  # nobody has one: nothing to choose by
        for need, skill in SkillNeed.objects.values_list("category", "skill"):
            needs[need].add(skill)
    jobs = []
    for task in tasks:
        category = task.case.category
        wanted = needs[category.pk] | needs[category.major_id or 0] if category is not None else set()
        due_in = (task.due_at - at) / MINUTE if task.due_at else 30.0
        urgent, pk = task.case.urgent, task.pk or 0
        jobs.append(Job(pk, due_in, urgent, frozenset(wanted), frozenset(refused[pk]), holders.get(pk)))
    return jobs


def whereabouts(at: datetime, leave: Iterable[int] = ()) -> list[Whereabouts]:
    """Everybody on duty by number: where he is free and when, without the tasks that are to be given anew."""
    zones: dict[int, set[int]] = defaultdict(set)
    for inspector, zone in Shift.objects.on_duty(at).order_by("inspector").values_list("inspector", "zone"):
        zones[inspector].add(zone)
    seen = {p.inspector_id: p for p in Position.objects.filter(inspector__in=zones, seen_at__gt=at - FRESH)}
    able = {a.inspector_id: a for a in Ability.objects.filter(inspector__in=zones)}
    busy: dict[int, list[FieldTask]] = defaultdict(list)
    hand = FieldTask.objects.open().filter(inspector__in=zones).exclude(pk__in=list(leave))
    for task in hand.order_by("due_at", "pk"):
        busy[task.inspector_id or 0].append(task)
    unseen = {zone for pk, own in zones.items() if pk not in seen for zone in own}
    ground = middles(unseen)
    found = []
    for pk, own in sorted(zones.items()):
        position, tasks, ability = seen.get(pk), busy[pk], able.get(pk)
        middle = middle_of(ground, own)
        place = (position.point.x, position.point.y) if position else middle
        if tasks:
            place = tasks[-1].point.x, tasks[-1].point.y
        person = Person(
            inspector_id=pk,
            open_tasks=len(tasks),
            free_in=len(tasks) * (WEIGHTS.visit + WEIGHTS.between),
            age=max((at - position.seen_at) / MINUTE, 0.0) if position else None,
            accuracy_m=position.accuracy_m if position else 0.0,
            speed=SPEED[Ability.Travel(ability.travel)] if ability else RIDING_M_A_MINUTE,
            skills=frozenset(ability.skills) if ability else frozenset(),
            from_task=bool(tasks),
        )
        found.append(Whereabouts(person, place, frozenset(own)))
    return found
