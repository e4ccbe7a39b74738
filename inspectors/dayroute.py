"""The order in which an inspector goes to his open tasks, with time windows.

Pure: numpy and PyVRP, no Django. Minutes from now, metres of way. A task is to be reached before it is due, and all of
them inside the shift; where that cannot be, urgent ones keep their time first and the lateness of the others is as
small as it gets. PyVRP looks for the shortest way inside the windows for a limited time; the order by due time, which
anybody would go without a plan, is kept where nothing better is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pyvrp import Model
from pyvrp.stop import MaxIterations, MaxRuntime, MultipleCriteria, NoImprovement

from inspectors.assignment import WEIGHTS

Floats = NDArray[np.float64]
SECONDS_A_MINUTE: Final = 60
# with few tasks the search ends long before its time: as many rounds without anything better
STALE: Final = 200
ROUNDS: Final = 3000


@dataclass(frozen=True)
class Stop:
    """A task on the way: minutes until it is due (negative when late), and how long looking takes."""

    task_id: int
    due_in: float
    urgent: bool = False
    visit: float = WEIGHTS.visit


@dataclass(frozen=True)
class Pause:
    """A break, minutes from now: nobody works in it."""

    start: float
    end: float


@dataclass(frozen=True)
class Question:
    """What is to be ordered; `metres` has a row and a column for the start and then for each stop."""

    stops: Sequence[Stop]
    metres: Floats
    speed: float = 250.0
    shift_ends: float = 480.0
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True)
class Leg:
    """One stop of the plan: minutes from now of arrival and leaving, minutes late, metres of way to it."""

    task_id: int
    arrive: float
    leave: float
    late: float
    metres: float


def plan(question: Question, *, seconds: float = 2.0, seed: int = 1) -> list[Leg]:
    """The legs in the order of going; the same question and seed give the same plan unless the time runs out."""
    by_due = sorted(range(len(question.stops)), key=lambda i: (question.stops[i].due_in, question.stops[i].task_id))
    orders = [by_due]
    if len(by_due) > 1:
        for relaxed in dict.fromkeys([frozenset[int](), _hopeless(question), _not_urgent(question)]):
            found, in_time = _search(question, relaxed, seconds / 3, seed)
            orders.append(found)
            if in_time:
                break
    best = min(orders, key=lambda order: worth(question, order))
    return timetable(question, best)


def timetable(question: Question, order: Sequence[int]) -> list[Leg]:
    """When each stop is reached in this order, leaving now; a break that comes in between is waited out."""
    legs: list[Leg] = []
    time, at = 0.0, 0
    for i in order:
        stop, way = question.stops[i], float(question.metres[at, i + 1])
        arrive = _after(time, way / question.speed, question.pauses)
        leave = _after(arrive, stop.visit, question.pauses)
        legs.append(Leg(stop.task_id, arrive, leave, max(0.0, arrive - stop.due_in), way))
        time, at = leave, i + 1
    return legs


def worth(question: Question, order: Sequence[int]) -> tuple[float, float, float, float]:
    """What is compared, the least first: minutes urgent ones are late, minutes after the shift, lateness, metres."""
    legs = timetable(question, order)
    urgent = {stop.task_id for stop in question.stops if stop.urgent}
    after = sum(max(0.0, leg.leave - question.shift_ends) for leg in legs)
    return (
        round(sum(leg.late for leg in legs if leg.task_id in urgent), 3),
        round(after, 3),
        round(sum(leg.late for leg in legs), 3),
        round(sum(leg.metres for leg in legs), 1),
    )


def _after(time: float, minutes: float, pauses: Sequence[Pause]) -> float:
    """The end of so many minutes of work or way that begin at a time."""
    for pause in sorted(pauses, key=lambda one: one.start):
        if pause.end <= time:
            continue
        if time + minutes <= pause.start:
            break
        # what is begun before a break goes on after it
        minutes -= max(0.0, pause.start - time)
        time = pause.end
    return time + minutes


def _hopeless(question: Question) -> frozenset[int]:
    """Stops that nobody could reach in time even straight away."""
    ways = question.metres[0, 1:] / question.speed
    return frozenset(int(i) for i in np.flatnonzero(ways > [stop.due_in for stop in question.stops]))


def _not_urgent(question: Question) -> frozenset[int]:
    return _hopeless(question) | {i for i, stop in enumerate(question.stops) if not stop.urgent}


def _search(question: Question, relaxed: frozenset[int], seconds: float, seed: int) -> tuple[list[int], bool]:
    """The shortest way inside the windows, those of `relaxed` stops left open; and whether it keeps them."""
    model, end = Model(), _seconds(max(question.shift_ends, 1.0))
    spots = [model.add_location(0, 0) for _ in range(len(question.stops) + 2)]
    start, home = model.add_depot(spots[0], tw_late=0), model.add_depot(spots[-1])
    model.add_vehicle_type(1, start_depot=start, end_depot=home, tw_late=end, unit_duration_cost=0)
    for i, stop in enumerate(question.stops):
        late = end if i in relaxed else min(_seconds(stop.due_in), end)
        model.add_client(spots[i + 1], service_duration=_seconds(stop.visit), tw_late=max(late, 0))
    for i in range(len(question.stops) + 1):
        model.add_edge(spots[i], spots[-1], 0, 0)  # the route ends where the last task is
        for j in range(1, len(question.stops) + 1):
            if i != j:
                metres = float(question.metres[i, j])
                model.add_edge(spots[i], spots[j], round(metres), _seconds(metres / question.speed))
    limit = MultipleCriteria([MaxRuntime(seconds), MaxIterations(ROUNDS), NoImprovement(STALE)])
    result = model.solve(limit, seed=seed, collect_stats=False, display=False)
    order = [visit.idx for route in result.best.routes() for visit in route if visit.is_client()]
    missing = sorted(set(range(len(question.stops))) - set(order))
    return [*order, *missing], result.is_feasible() and not missing


def _seconds(minutes: float) -> int:
    return round(minutes * SECONDS_A_MINUTE)
