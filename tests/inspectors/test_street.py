"""The simulation behind bench/street.py, on places along a line: 250 metres are one minute."""

import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from streetdemand import Row, times_over
from streetmeasures import figures, gini
from streetoracle import planned
from streetpolicies import Ours, nearest
from streetsim import Log, Moment, Orders, Policy, Scene, Task, simulate

from inspectors.cover import Outlook
from inspectors.travel import Straight

POLICIES: dict[str, Callable[[], Policy]] = {"nearest": lambda: nearest, "ours": Ours}


def scene(*tasks: tuple[float, float], posts: tuple[float, ...] = (0.0, 10.0), urgent: tuple[int, ...] = ()) -> Scene:
    """Tasks as (minute, place), posts as places, both in minutes along the line; the past is all along it."""
    known = [Task(i, at, (place * 250.0, 0.0), i in urgent) for i, (at, place) in enumerate(tasks)]
    stands = np.stack([np.arange(0, 21) * 250.0, np.zeros(21)], axis=1)
    return Scene(known, [(post * 250.0, 0.0) for post in posts], Straight(1.0), stands, np.full(21, 1 / 21), 0.1)


def busy_day(count: int = 60, people: int = 4) -> Scene:
    """A day with more to do than can be done at once, on a square of five kilometres."""
    chance = np.random.default_rng(3)
    at, places = np.sort(chance.uniform(0, 240, count)), chance.uniform(0, 5000, (count, 2))
    tasks = [Task(i, float(at[i]), (float(places[i, 0]), float(places[i, 1])), i % 9 == 0) for i in range(count)]
    stands = chance.uniform(0, 5000, (30, 2))
    posts = [(float(x), float(y)) for x, y in chance.uniform(0, 5000, (people, 2))]
    return Scene(tasks, posts, Straight(1.3), stands, np.full(30, 1 / 30), count / 240)


def legs(log: Log, person: int) -> list[tuple[float, float]]:
    """When somebody was on the way or on site, in the order of time."""
    spans = [(visit.left, visit.done) for visit in log.visits if visit.person == person]
    return sorted(spans + [(ride.left, ride.ended) for ride in log.rides if ride.person == person])


def test_nearest_sends_the_nearest_free_one_and_the_other_when_he_is_busy() -> None:
    # at 3 the one of 0 is near, at 4 he is still on site, at 30 both are free: the one at 3 is nearer to 4 than 9
    log = simulate(scene((0, 3), (5, 4), (30, 9)), nearest)
    assert [(v.person, v.arrived, v.done) for v in log.visits] == [(0, 3.0, 11.0), (1, 11.0, 19.0), (1, 35.0, 43.0)]


def test_nearest_takes_the_urgent_before_the_older_when_somebody_gets_free() -> None:
    log = simulate(scene((0, 1), (1, 2), (2, 3), posts=(0.0,), urgent=(2,)), nearest)
    assert [(v.task.number, v.left, v.arrived) for v in log.visits] == [(0, 0.0, 1.0), (2, 9.0, 11.0), (1, 19.0, 20.0)]


def test_ours_waits_for_somebody_who_is_free_soon_and_near() -> None:
    # the one who is done at 9 beside the task is there before the one who is free and 20 minutes away
    away = scene((0, 1), (7, 1.5), posts=(0.0, 21.5))
    assert [visit.person for visit in simulate(away, Ours(patrol=False)).visits] == [0, 0]
    assert [visit.person for visit in simulate(away, nearest).visits] == [0, 1]


def test_ours_rides_where_nobody_is_and_is_called_from_the_way() -> None:
    log = simulate(scene((3, 12), posts=(2.0, 2.0)), Ours(outlook=Outlook(next_tasks=10.0)))
    ride, visit = log.rides[0], log.visits[0]
    assert (ride.left, ride.ended) == (0.0, 3.0)
    assert visit.person == ride.person
    assert ride.metres + visit.metres == pytest.approx(10 * 250)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_task_is_seen_once_and_not_before_somebody_could_be_there(policy: str) -> None:
    day = busy_day()
    log = simulate(day, POLICIES[policy]())
    assert sorted(visit.task.number for visit in log.visits) == [task.number for task in day.tasks]
    for visit in log.visits:
        assert visit.left >= visit.task.at
        assert visit.arrived == pytest.approx(visit.left + visit.metres / day.speed)
        assert visit.done == pytest.approx(visit.arrived + day.visit)


@pytest.mark.parametrize("policy", POLICIES)
def test_nobody_is_in_two_places(policy: str) -> None:
    day = busy_day()
    log = simulate(day, POLICIES[policy]())
    for person in range(len(day.posts)):
        spans = legs(log, person)
        assert spans
        assert all(after[0] >= before[1] - 1e-9 for before, after in pairwise(spans))


@pytest.mark.parametrize("policy", POLICIES)
def test_every_way_begins_where_the_one_before_ended(policy: str) -> None:
    day = busy_day()
    log = simulate(day, POLICIES[policy]())
    riders = {ride.person for ride in log.rides}
    for person in set(range(len(day.posts))) - riders:
        at = day.posts[person]
        for visit in (visit for visit in log.visits if visit.person == person):
            way = Straight(1.3).metres(np.array([at]), np.array([visit.task.xy]))[0, 0]
            assert visit.metres == pytest.approx(way)
            at = visit.task.xy


@pytest.mark.parametrize("policy", POLICIES)
def test_the_same_day_twice_is_the_same(policy: str) -> None:
    assert simulate(busy_day(), POLICIES[policy]()) == simulate(busy_day(), POLICIES[policy]())


def test_somebody_on_the_way_to_wait_is_where_the_way_has_brought_him() -> None:
    seen = []

    def rides(moment: Moment) -> Orders:
        seen.append((moment.now, moment.people[0].xy))
        here = moment.now == 0
        return Orders([(1, task) for task in moment.waiting], [(0, (2500.0, 0.0))] if here else [])

    log = simulate(scene((3, 12)), rides)
    assert seen[:3] == [(0.0, (0.0, 0.0)), (3.0, (750.0, 0.0)), (10.0, (2500.0, 0.0))]
    assert [(ride.ended, ride.metres) for ride in log.rides] == [(10.0, 2500.0)]


def test_who_is_busy_cannot_be_sent() -> None:
    def wrong(moment: Moment) -> Orders:
        return Orders([(0, task) for task in moment.waiting])

    with pytest.raises(ValueError, match="busy"):
        simulate(scene((0, 3), (1, 4)), wrong)


def test_the_day_known_in_advance_is_planned_without_being_anywhere_twice_or_too_early() -> None:
    day = busy_day(24)
    found = planned(day, 1.0, 1)
    assert found.feasible
    assert sorted(visit.task.number for visit in found.log.visits) == list(range(24))
    for visit in found.log.visits:
        assert visit.arrived >= visit.task.at
        assert visit.arrived >= visit.left + visit.metres / day.speed - 1e-6
    for person in range(len(day.posts)):
        spans = legs(found.log, person)
        assert all(after[0] >= before[1] - 1e-9 for before, after in pairwise(spans))


def test_who_knows_the_day_is_on_time_more_often_than_who_does_not() -> None:
    day = busy_day(24)
    assert figures(day, planned(day, 1.0, 1).log).promised >= figures(day, simulate(day, nearest)).promised


def test_figures_of_a_hand_made_day() -> None:
    day = scene((0, 3), (0, 12), (30, 30), urgent=(1,))
    found = figures(day, simulate(day, nearest))
    assert (found.tasks, found.p50, found.urgent) == (3, 3.0, 1.0)
    assert found.promised == pytest.approx(2 / 3)
    assert found.km == pytest.approx((3 + 2 + 18) * 0.25)


def test_gini_is_nought_for_equal_work_and_grows_to_one() -> None:
    assert gini([3, 3, 3]) == 0.0
    assert gini([0, 0, 0]) == 0.0
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)


def week(days: int) -> list[Row]:
    """Two rows each day: one in the morning at (day, 0), one later at (day, 1)."""
    first = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001 - local time, as the source has it
    return [Row(first + timedelta(days=d, hours=h), (float(d), float(h)), False) for d in range(days) for h in (0, 1)]


def test_several_times_the_demand_is_the_same_weekday_nearest_in_date() -> None:
    tasks = times_over(week(40), date(2026, 3, 16), 3, seed=1)
    assert sorted(task.xy[0] for task in tasks) == [7.0, 7.0, 14.0, 14.0, 21.0, 21.0]
    assert [task.at for task in tasks] == [60.0] * 3 + [120.0] * 3
    assert [task.number for task in tasks] == list(range(6))


def test_too_few_days_are_told_instead_of_being_filled_up() -> None:
    with pytest.raises(ValueError, match="not enough days"):
        times_over(week(10), date(2026, 3, 2), 6, seed=1)
