"""Who goes: the moment's best match of waiting tasks and inspectors on duty, explained.

Pure: numpy and scipy, no Django. Everything is counted in minutes. What a pair of task and inspector costs is the time
until arrival, dearer for an urgent task and after its due time, plus what counts beside the time: leaving the own zone,
a missing skill, a position nobody is sure of, work in hand, and taking a task away from somebody. All waiting tasks of
the moment are matched at once (`scipy.optimize.linear_sum_assignment`), because the nearest for the first task may be
the only one near the second. A task that somebody has and has not accepted stands in the match again: an urgent one can
so take its inspector. What is still equal is decided by the lower number: the same question has the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER: Final = 1e6  # stands for "must not": no sum of real minutes comes near it
TIE: Final = 1e-6
LATE_MOST: Final = 240.0
# so many tasks of one moment a person can get, more where there are more than that for everybody
TURNS: Final = 8


@dataclass(frozen=True)
class Weights:
    """What counts beside the time of the way, all in minutes. The product's own choice; no source states them."""

    # somebody from outside the zone goes if he is so much sooner there
    zone: float = 2.0
    # each open task in hand, beside the time it takes: work is spread evenly among equally near ones
    task: float = 1.0
    # how long looking at one place takes, and the way from one task to the next
    visit: float = 8.0
    between: float = 4.0
    # each minute after the due time counts so much more than one before it
    late: float = 2.0
    # each minute of an urgent task counts so many times
    urgent: float = 4.0
    # somebody without the skill goes only where nobody with it is so near
    skill: float = 30.0
    # moving a task from one inspector to another must gain so much
    stay: float = 3.0
    # the position is unknown: the middle of the zone stands for it
    unknown: float = 10.0
    # each minute of a known position's age, and what it can add at most
    age: float = 0.2
    age_most: float = 6.0


WEIGHTS: Final = Weights()


@dataclass(frozen=True)
class Person:
    """An inspector on duty.

    `free_in` minutes until the accepted work is done; `open_tasks` are those in hand that stay; `age` of the position
    in minutes, None where only the zone's middle is known; `speed` in metres a minute, `accuracy_m` 68 % radius.
    """

    inspector_id: int
    open_tasks: int = 0
    free_in: float = 0.0
    age: float | None = 0.0
    accuracy_m: float = 0.0
    speed: float = 250.0
    skills: frozenset[str] = frozenset()
    # the way begins at the last task in hand, not at the position
    from_task: bool = False

    def doubt(self, weights: Weights = WEIGHTS) -> float:
        """Minutes to add because nobody is sure where this person is."""
        if self.age is None:
            return weights.unknown
        return min(self.age * weights.age, weights.age_most) + self.accuracy_m / self.speed


@dataclass(frozen=True)
class Job:
    """A task that waits, or that `held_by` has and has not accepted; `due_in` minutes, negative when late."""

    task_id: int
    due_in: float
    urgent: bool = False
    needs: frozenset[str] = frozenset()
    refused_by: frozenset[int] = frozenset()
    held_by: int | None = None


@dataclass(frozen=True)
class Choice:
    """The inspector who goes, and why, as codes and parameters; minutes until he is there."""

    inspector_id: int
    why: tuple[dict[str, Any], ...]
    minutes: float = 0.0


@dataclass(frozen=True)
class Question:
    """The moment: jobs, people, and for each job (row) and person (column) minutes of way and whether it is his zone.

    The way begins where the person is free: at the position, or at the last accepted task.
    """

    jobs: Sequence[Job]
    people: Sequence[Person]
    minutes: Floats
    in_zone: Flags
    metres: Floats | None = field(default=None)  # of the way, where it is to be told
    # whether `metres` are along streets
    along: bool = True
    # minutes that count beside the way for each pair, such as the hole that somebody leaves behind
    beside: Floats | None = field(default=None)


def arrivals(question: Question, weights: Weights = WEIGHTS) -> Floats:
    """Minutes until each person would be at each job, after what he has in hand."""
    free = np.array([person.free_in for person in question.people])
    doubt = np.array([person.doubt(weights) for person in question.people])
    return np.asarray(question.minutes + free + doubt, dtype=float)


def costs(question: Question, weights: Weights = WEIGHTS, later: float = 0.0) -> Floats:
    """What each pair costs, in minutes; `NEVER` and more where it must not be. `later` are minutes of tasks before."""
    jobs, people = question.jobs, question.people
    arrival = arrivals(question, weights) + later
    # what is late by days is not dearer than what is late by hours: the sum stays one of minutes
    due = np.array([max(job.due_in, -LATE_MOST) for job in jobs])[:, None]
    time = arrival + weights.late * np.maximum(0.0, arrival - due)
    time = np.where(np.array([job.urgent for job in jobs])[:, None], time * weights.urgent, time)
    numbers = np.array([person.inspector_id for person in people])
    held = np.array([-1 if job.held_by is None else job.held_by for job in jobs])
    away = (held[:, None] >= 0) & (held[:, None] != numbers)
    beside = weights.zone * ~question.in_zone + weights.stay * away
    beside = beside + weights.task * np.array([person.open_tasks for person in people])
    beside = beside + weights.skill * _unskilled(jobs, people)
    if question.beside is not None:
        beside = beside + question.beside
    order = np.argsort(np.argsort(numbers, kind="stable"), kind="stable")
    cost = time + beside + TIE * order
    # one cost for all that must not be: what nobody may take is then no reason to go anywhere else
    return np.asarray(np.where(_refused(jobs, people), NEVER, np.minimum(cost, NEVER / 2)), dtype=float)


def match(question: Question, weights: Weights = WEIGHTS) -> list[Choice | None]:
    """Who goes to each job; None where nobody may. The sum of all costs is the least that there is.

    A person can get several: each one more begins a visit and a way later.
    """
    jobs, people = question.jobs, question.people
    if not jobs or not people:
        return [None] * len(jobs)
    turns = min(len(jobs), max(ceil(len(jobs) / len(people)) + 2, TURNS))
    span = weights.visit + weights.between
    each = [costs(question, weights, turn * span) + turn * weights.task for turn in range(turns)]
    table = np.minimum(np.concatenate(each, axis=1), NEVER)
    chosen: list[Choice | None] = [None] * len(jobs)
    for row, column in zip(*linear_sum_assignment(table), strict=True):
        if table[row, column] < NEVER:
            turn, person = divmod(int(column), len(people))
            chosen[row] = explain(question, int(row), person, turn, weights)
    return chosen


def told(minutes: float) -> int:
    """Minutes as they are told: whole ones, at least one."""
    return max(1, round(minutes))


def ranking(question: Question, job: int = 0, weights: Weights = WEIGHTS) -> list[int]:
    """Indexes of the people for one job, the best first; who refused it is left out."""
    if not question.people:
        return []
    row = costs(question, weights)[job]
    return [int(i) for i in np.argsort(row, kind="stable") if row[i] < NEVER]


def explain(question: Question, job: int, person: int, turn: int = 0, weights: Weights = WEIGHTS) -> Choice:
    """Why this person, as codes; `turn` counts the tasks that the same match gave him before this one."""
    task, who = question.jobs[job], question.people[person]
    minutes = float(arrivals(question, weights)[job, person]) + turn * (weights.visit + weights.between)
    why: list[dict[str, Any]] = [{"code": "own_zone" if question.in_zone[job, person] else "other_zone"}]
    if who.age is None:
        why.append({"code": "position_unknown"})
    else:
        if question.metres is not None and not who.from_task:
            code = "distance_along" if question.along else "distance"
            why.append({"code": code, "metres": round(float(question.metres[job, person]))})
        why.append({"code": "minutes", "minutes": told(minutes)})
    why.append({"code": "open_tasks", "count": who.open_tasks + turn})
    why.append({"code": "on_duty", "count": len(question.people)})
    if _keeps_cover(question, job, person, weights):
        why.append({"code": "keeps_cover"})
    if not question.in_zone[job, person]:
        why += _why_not_the_zone(question, job, person, weights)
    if task.needs:
        why.append({"code": "skilled" if task.needs <= who.skills else "unskilled"})
    if task.urgent:
        why.append({"code": "urgent"})
    if task.refused_by:
        why.append({"code": "refused", "count": len(task.refused_by)})
    return Choice(who.inspector_id, tuple(why), minutes)


def _keeps_cover(question: Question, job: int, person: int, weights: Weights) -> bool:
    """Whether somebody cheaper stays where he is because of the hole that he would leave."""
    if question.beside is None:
        return False
    whole, hole = costs(question, weights)[job], question.beside[job]
    cheaper = whole - hole < whole[person] - hole[person]
    return bool((cheaper & (whole > whole[person])).any())


def _why_not_the_zone(question: Question, job: int, person: int, weights: Weights) -> list[dict[str, Any]]:
    """Why somebody from outside goes: nobody of the zone is on duty, or all who may would be there later."""
    own = [int(i) for i in np.flatnonzero(question.in_zone[job])]
    if not own:
        return [{"code": "zone_empty"}]
    may = [i for i in own if question.people[i].inspector_id not in question.jobs[job].refused_by]
    arrival = arrivals(question, weights)[job]
    later = min((float(arrival[i]) for i in may), default=0.0) - float(arrival[person])
    return [{"code": "zone_later", "minutes": told(later)}] if later > 0 else []


def _refused(jobs: Sequence[Job], people: Sequence[Person]) -> Flags:
    return np.array([[p.inspector_id in job.refused_by for p in people] for job in jobs]).reshape(-1, len(people))


def _unskilled(jobs: Sequence[Job], people: Sequence[Person]) -> Flags:
    return np.array([[not job.needs <= p.skills for p in people] for job in jobs]).reshape(-1, len(people))
