"""The street for a shift: inspectors, tasks that come in, and a policy that says who goes. Pure: numpy, no Django.

Times are minutes since the shift began, places x and y in metres of the city's reference. A task is seen by exactly one
inspector, who rides there and stays the visit; nobody who has set out is called back, only somebody who rides to
a better place to wait is free all the time. After the end of the shift what is waiting is still served.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
XY = tuple[float, float]

PROMISE: Final = 10.0  # minutes in which somebody is to be on the spot
URGENT: Final = 60.0  # minutes in which an urgent task must have been reached


class Ways(Protocol):
    """Metres and lines of the way between places; `inspectors.travel` has both kinds."""

    def metres(self, origins: Floats, targets: Floats) -> Floats: ...
    def path(self, points: Floats) -> Floats: ...


@dataclass(frozen=True)
class Task:
    """A place that has to be seen, known from the minute `at` on."""

    number: int
    at: float
    xy: XY
    urgent: bool = False


@dataclass(frozen=True)
class Scene:
    """One shift: the tasks in the order of their times, where each inspector begins, and what is known of the past.

    `stands` are places where tasks were in the past, `weights` their shares of all, `rate` tasks a minute of the past.
    """

    tasks: Sequence[Task]
    posts: Sequence[XY]
    ways: Ways
    stands: Floats
    weights: Floats
    rate: float
    speed: float = 250.0  # metres a minute
    visit: float = 8.0  # minutes on site
    known: dict[XY, Floats] = field(default_factory=dict, compare=False, repr=False)  # minutes already asked for

    @cached_property
    def targets(self) -> Floats:
        """x and y of every task, then of every stand."""
        return np.concatenate([np.reshape([task.xy for task in self.tasks], (-1, 2)), self.stands])

    @cached_property
    def zones(self) -> list[int]:
        """Whose zone each task is in: that of the post which is nearest to it."""
        places = self.targets[: len(self.tasks)]
        return [int(i) for i in self.ways.metres(np.reshape(self.posts, (-1, 2)), places).argmin(axis=0)]

    @cached_property
    def between(self) -> Floats:
        """Minutes of way from every stand to every stand."""
        return self.ways.metres(self.stands, self.stands) / self.speed

    def minutes(self, xy: XY) -> Floats:
        """Minutes of way from a place to every task, then to every stand."""
        if xy not in self.known:
            self.known[xy] = self.ways.metres(np.array([xy]), self.targets)[0] / self.speed
        return self.known[xy]

    def to_tasks(self, xy: XY, tasks: Sequence[Task]) -> Floats:
        """Minutes of way from a place to some tasks."""
        return self.minutes(xy)[[task.number for task in tasks]]

    def to_stands(self, xy: XY) -> Floats:
        """Minutes of way from a place to every stand."""
        return self.minutes(xy)[len(self.tasks) :]


@dataclass(frozen=True)
class Visit:
    """Who saw a task: when he set out and was there, when he was free again, and the metres of the way."""

    task: Task
    person: int
    left: float
    arrived: float
    done: float
    metres: float

    @property
    def took(self) -> float:
        """Minutes from the call to the arrival."""
        return self.arrived - self.task.at


@dataclass(frozen=True)
class Ride:
    """A way to a better place to wait, as far as it was ridden."""

    person: int
    left: float
    ended: float
    metres: float


@dataclass
class Person:
    """An inspector: free from `free_at` on at `xy`; riding along `line` to a place to wait, if there is one."""

    number: int
    xy: XY
    free_at: float = 0.0
    line: Floats | None = None
    way: float = 0.0  # metres of that way
    left: float = 0.0


@dataclass(frozen=True)
class Moment:
    """What a policy is asked: the people where they are, or will be when they are free, and the tasks that wait."""

    now: float
    scene: Scene
    people: Sequence[Person]
    waiting: Sequence[Task]

    @property
    def free(self) -> list[Person]:
        """Those who can set out now."""
        return [person for person in self.people if person.free_at <= self.now]


@dataclass(frozen=True)
class Orders:
    """What a policy answers: who sets out to which task now, and who of the others rides where to wait."""

    go: Sequence[tuple[int, Task]] = ()
    wait_at: Sequence[tuple[int, XY]] = ()


Policy = Callable[[Moment], Orders]


@dataclass
class Log:
    """What happened in a shift."""

    visits: list[Visit] = field(default_factory=list)
    rides: list[Ride] = field(default_factory=list)


def simulate(scene: Scene, policy: Policy) -> Log:
    """Play the shift; the same scene and policy give the same log."""
    log, people = Log(), [Person(i, xy) for i, xy in enumerate(scene.posts)]
    waiting: dict[int, Task] = {}
    times = [task.at for task in scene.tasks] + [0.0]
    heapq.heapify(times)
    coming = list(scene.tasks)[::-1]
    while times:
        now = heapq.heappop(times)
        while times and times[0] <= now:
            heapq.heappop(times)
        while coming and coming[-1].at <= now:
            task = coming.pop()
            waiting[task.number] = task
        for person in people:
            _move_on(person, now, scene.speed, log)
        orders = policy(Moment(now, scene, people, list(waiting.values())))
        for number, task in orders.go:
            visit = _set_out(people[number], waiting.pop(task.number), now, scene, log)
            heapq.heappush(times, visit.done)
        for number, xy in orders.wait_at:
            _ride(people[number], xy, now, scene, log)
            if people[number].line is not None:
                heapq.heappush(times, now + people[number].way / scene.speed)
    for person in people:
        _stop(person, np.inf, scene.speed, log)
    return log


def _move_on(person: Person, now: float, speed: float, log: Log) -> None:
    """Where somebody on the way to a place to wait is now."""
    if person.line is None:
        return
    ridden = (now - person.left) * speed
    if ridden >= person.way - 1e-6:
        _stop(person, now, speed, log)
    else:
        person.xy = _along(person.line, ridden / person.way)


def _stop(person: Person, now: float, speed: float, log: Log) -> None:
    """End a way to a place to wait, where it has come to."""
    if person.line is None:
        return
    metres = min((now - person.left) * speed, person.way)
    log.rides.append(Ride(person.number, person.left, person.left + metres / speed, metres))
    person.xy, person.line = _along(person.line, metres / person.way), None


def _along(line: Floats, share: float) -> XY:
    """The place after a share of the way; a way longer than its line (a detour nobody knows) is spread over it."""
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    metres = share * at[-1]
    return float(np.interp(metres, at, line[:, 0])), float(np.interp(metres, at, line[:, 1]))


def _set_out(person: Person, task: Task, now: float, scene: Scene, log: Log) -> Visit:
    _must_be_free(person, now)
    _stop(person, now, scene.speed, log)
    minutes = float(scene.to_tasks(person.xy, [task])[0])
    visit = Visit(task, person.number, now, now + minutes, now + minutes + scene.visit, minutes * scene.speed)
    person.xy, person.free_at = task.xy, visit.done
    log.visits.append(visit)
    return visit


def _ride(person: Person, xy: XY, now: float, scene: Scene, log: Log) -> None:
    _must_be_free(person, now)
    _stop(person, now, scene.speed, log)
    way = float(scene.ways.metres(np.array([person.xy]), np.array([xy]))[0, 0])
    if way > 1.0:
        person.line, person.way, person.left = scene.ways.path(np.array([person.xy, xy])), way, now


def _must_be_free(person: Person, now: float) -> None:
    if person.free_at > now:
        raise ValueError(f"inspector {person.number} is busy until {person.free_at:.1f}")
