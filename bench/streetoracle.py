"""The whole day known in advance, planned by PyVRP: what the policies are held against. A strong reference, no bound.

Every task may be begun from its call on; whoever knows the day rides there before and waits. Late costs metres, in
steps (`LATE`): a task is there several times, each time with a longer time window, and exactly one is visited. PyVRP
adds up the prizes of those that are not visited, which is what the steps are made of. No way back to the post.
"""

import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from streetsim import PROMISE, Log, Scene, Visit

# minutes late that are allowed, and metres that as much costs: one late arrival is not bought by a shorter way
LATE: Final = ((0.0, 0.0), (10.0, 6_000.0), (40.0, 15_000.0), (1e6, 30_000.0))
SECOND: Final = 60  # PyVRP counts in whole numbers: seconds here


@dataclass(frozen=True)
class Planned:
    """What PyVRP found, and whether every limit was kept."""

    log: Log
    feasible: bool


class Processor:
    """Stops PyVRP when this process has worked so many seconds since it was made."""

    def __init__(self, seconds: float) -> None:
        self.end = time.process_time() + seconds

    def __call__(self, best_cost: int) -> bool:
        return time.process_time() >= self.end


def planned(scene: Scene, seconds: float, seed: int) -> Planned:
    """The day planned in so many seconds of search, counted on the processor: a busy machine plans no worse."""
    from pyvrp import solve

    found = solve(_problem(scene), Processor(seconds), seed=seed, display=False)
    visits = [visit for route in found.best.routes() for visit in _visits(scene, route)]
    return Planned(Log(sorted(visits, key=lambda visit: visit.left)), found.is_feasible())


def _problem(scene: Scene) -> Any:  # noqa: ANN401 - PyVRP's data
    """Locations: the posts, nowhere (where all routes end), the tasks."""
    from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType

    people, steps = len(scene.posts), len(LATE)
    most = LATE[-1][1]
    clients, groups = [], []
    for number, task in enumerate(scene.tasks):
        groups.append(ClientGroup([number * steps + step for step in range(steps)]))
        for late, price in LATE:
            # visiting this one leaves the prizes of the others: the dearer it is, the smaller its own
            clients.append(
                Client(
                    people + 1 + number,
                    service_duration=round(scene.visit * SECOND),
                    tw_early=round(task.at * SECOND),
                    tw_late=round(min(task.at + PROMISE + late, 1e5) * SECOND),
                    prize=round(most - price),
                    required=False,
                    group=number,
                )
            )
    metres = _metres(scene)
    return ProblemData(
        [Location(0, 0) for _ in range(len(metres))],
        clients,
        [Depot(number) for number in range(people + 1)],
        [VehicleType(start_depot=number, end_depot=people) for number in range(people)],
        [np.round(metres).astype(np.int64)],
        [np.round(metres / scene.speed * SECOND).astype(np.int64)],
        groups,
    )


def _metres(scene: Scene) -> Any:  # noqa: ANN401 - a matrix
    """Metres between all locations; everybody is nowhere at once."""
    people, places = len(scene.posts), scene.targets[: len(scene.tasks)]
    at = np.concatenate([np.reshape(scene.posts, (-1, 2)), places[:1], places])
    metres = scene.ways.metres(at, at)
    metres[:, people] = metres[people, :] = 0.0
    np.fill_diagonal(metres, 0.0)
    return metres


def _visits(scene: Scene, route: Any) -> list[Visit]:  # noqa: ANN401 - PyVRP's route
    """The route in minutes: each sets out as soon as he is done, and waits at the place for the call."""
    person, xy, free, found = int(route.start_depot()), scene.posts[int(route.start_depot())], 0.0, []
    for activity in route:
        if not activity.is_client():
            continue
        task = scene.tasks[activity.idx // len(LATE)]
        minutes = float(scene.to_tasks(xy, [task])[0])
        arrived = max(task.at, free + minutes)
        found.append(Visit(task, person, free, arrived, arrived + scene.visit, minutes * scene.speed))
        xy, free = task.xy, arrived + scene.visit
    return found
