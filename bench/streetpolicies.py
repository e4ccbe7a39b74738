"""Who goes: the nearest free inspector, or the product's own choice. Both know only what has come in."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from streetsim import PROMISE, XY, Moment, Orders, Task

from inspectors.assignment import WEIGHTS, Job, Question, Weights, match
from inspectors.assignment import Person as Inspector
from inspectors.cover import OUTLOOK, Outlook, holes, moves

Floats = NDArray[np.float64]


def nearest(moment: Moment) -> Orders:
    """The urgent first, then the oldest: each gets the free inspector that is nearest by straight line."""
    free = moment.free
    go: list[tuple[int, Task]] = []
    for task in sorted(moment.waiting, key=lambda task: (not task.urgent, task.at, task.number)):
        if not free:
            break
        best = min(free, key=lambda person: np.hypot(person.xy[0] - task.xy[0], person.xy[1] - task.xy[1]))
        free.remove(best)
        go.append((best.number, task))
    return Orders(go)


@dataclass
class Ours:
    """The product's own choice at every moment: the match of all that waits, and who rides where to wait."""

    weights: Weights = WEIGHTS
    outlook: Outlook | None = OUTLOOK  # None: without looking ahead
    patrol: bool = True
    held: dict[int, int] = field(default_factory=dict)  # tasks that somebody busy has got and not begun

    def __call__(self, moment: Moment) -> Orders:
        reach = self._reach(moment)
        go = self._match(moment, reach) if moment.waiting else []
        return Orders(go, self._rides(moment, reach, dict(go)))

    def _reach(self, moment: Moment) -> Floats:
        """Minutes from where each is free, that time included, to each place of the past."""
        free = np.array([max(0.0, person.free_at - moment.now) for person in moment.people])
        ways = np.array([moment.scene.to_stands(person.xy) for person in moment.people], dtype=float)
        return np.asarray(free[:, None] + ways, dtype=float)

    def _match(self, moment: Moment, reach: Floats) -> list[tuple[int, Task]]:
        scene, people, jobs = moment.scene, moment.people, moment.waiting
        minutes = np.array([scene.to_tasks(person.xy, jobs) for person in people]).T
        beside = None
        if self.outlook is not None:
            after = np.array([scene.to_stands(task.xy) for task in jobs])
            beside = holes(reach, after, scene.weights, self.outlook)
        question = Question(
            [Job(t.number, t.at + PROMISE - moment.now, t.urgent, held_by=self.held.get(t.number)) for t in jobs],
            [Inspector(p.number, int(p.free_at > moment.now), max(0.0, p.free_at - moment.now)) for p in people],
            minutes,
            np.array([[scene.zones[task.number] == person.number for person in people] for task in jobs]),
            beside=beside,
        )
        first: dict[int, tuple[float, Task]] = {}
        for task, choice in zip(jobs, match(question, self.weights), strict=True):
            if choice is None:
                continue
            self.held[task.number] = choice.inspector_id
            best = first.get(choice.inspector_id)
            if best is None or choice.minutes < best[0]:
                first[choice.inspector_id] = (choice.minutes, task)
        return [(p.number, first[p.number][1]) for p in moment.free if p.number in first]

    def _rides(self, moment: Moment, reach: Floats, go: dict[int, Task]) -> list[tuple[int, XY]]:
        """Who of those who are free and have nothing rides where."""
        scene = moment.scene
        if not self.patrol or self.outlook is None:
            return []
        reach = reach.copy()
        for number, task in go.items():
            minutes = float(scene.to_tasks(moment.people[number].xy, [task])[0])
            reach[number] = minutes + scene.visit + scene.to_stands(task.xy)
        free = np.array([p.free_at <= moment.now and p.number not in go and p.line is None for p in moment.people])
        ride = np.array([scene.to_stands(person.xy) for person in moment.people])
        chosen = moves(reach, scene.between, ride, free, scene.weights, self.outlook)
        return [(who, (float(scene.stands[at, 0]), float(scene.stands[at, 1]))) for who, at in chosen]
