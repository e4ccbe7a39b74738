"""Who goes: the nearest free inspector, or the product's own choice. Both know only what has come in."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from streetsim import PROMISE, XY, Moment, Orders, Person, Task

from inspectors.assignment import WEIGHTS, Job, Question, Weights, match
from inspectors.assignment import Person as Inspector

Floats = NDArray[np.float64]


def nearest(moment: Moment) -> Orders:
    """The urgent first, then the oldest: each gets the free inspector that is nearest by straight line."""
    free = moment.free
    go: list[tuple[int, Task]] = []
    for task in sorted(moment.waiting, key=lambda task: (not task.urgent, task.at, task.number)):
        if not free:
            break
        best = min(free, key=lambda person: (np.hypot(person.xy[0] - task.xy[0], person.xy[1] - task.xy[1])))
        free.remove(best)
        go.append((best.number, task))
    return Orders(go)


@dataclass
class Ours:
    """The assignment of the product at every moment."""

    weights: Weights = WEIGHTS
    patrol: bool = True
    held: dict[int, int] = field(default_factory=dict)  # tasks that somebody busy has got and not begun

    def __call__(self, moment: Moment) -> Orders:
        go = self._match(moment) if moment.waiting else []
        return Orders(go)

    def _match(self, moment: Moment) -> list[tuple[int, Task]]:
        scene, people, jobs = moment.scene, moment.people, moment.waiting
        minutes = np.array([scene.to_tasks(person.xy, jobs) for person in people]).T
        question = Question(
            [Job(t.number, t.at + PROMISE - moment.now, t.urgent, held_by=self.held.get(t.number)) for t in jobs],
            [Inspector(p.number, int(p.free_at > moment.now), max(0.0, p.free_at - moment.now)) for p in people],
            minutes,
            np.ones_like(minutes, dtype=bool),
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
