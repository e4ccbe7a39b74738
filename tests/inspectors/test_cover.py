"""Places on a line, one minute apart; people by their minute on it."""

from dataclasses import replace

import numpy as np
import pytest

from inspectors.assignment import Job, Person, Question, Weights, costs, match
from inspectors.cover import Floats, Outlook, holes, moves, regret, without

LINE = np.arange(21.0)
SHARES = np.full(21, 1 / 21)
PLAIN = Outlook(promise=100.0, late=0.0, next_tasks=1.0, ride=1.0, gain=0.0)


def reach(*people: float) -> Floats:
    return np.asarray(np.abs(np.array(people)[:, None] - LINE[None, :]), dtype=float)


def test_a_minute_after_the_promise_counts_more() -> None:
    assert regret(np.array([4.0, 10.0, 13.0]), Outlook(promise=10.0, late=2.0)).tolist() == [4.0, 10.0, 19.0]


def test_without_somebody_the_next_one_is_the_soonest() -> None:
    others = without(np.array([[1.0, 9.0], [5.0, 2.0], [7.0, 3.0]]))
    assert others.tolist() == [[5.0, 2.0], [1.0, 3.0], [1.0, 2.0]]


def test_alone_nobody_else_is_ever_there() -> None:
    assert np.isinf(without(reach(3))).all()
    assert holes(reach(3), reach(5), SHARES, PLAIN).tolist() == [[0.0]]


def test_who_stands_where_nobody_else_is_leaves_the_larger_hole() -> None:
    # two on the left, one alone on the right; a job in the middle
    left, beside, right = holes(reach(4, 5, 16), reach(10), SHARES, PLAIN)[0]
    assert right > left
    assert right > beside


def test_going_where_the_tasks_are_is_no_hole_but_a_gain() -> None:
    assert holes(reach(0, 1), reach(15), SHARES, PLAIN)[0].max() < 0


def test_a_hole_is_the_mean_of_what_the_next_tasks_wait_longer() -> None:
    before, after = np.minimum(*reach(5, 15)).mean(), np.minimum(*reach(10, 15)).mean()
    found = holes(reach(5, 15), reach(10), SHARES, PLAIN)[0, 0]
    assert found == pytest.approx((after - before) * 2)


def test_the_match_sends_who_leaves_no_hole_though_another_is_a_little_nearer() -> None:
    minutes = reach(4, 5, 15)[:, [10]].T + np.array([[0.0, 0.0, 0.5]])
    crew, job = [Person(number) for number in (1, 2, 3)], Job(1, due_in=60)
    everywhere = np.ones_like(minutes, dtype=bool)
    minutes[0, 2] = minutes[0, 1] - 0.5  # the lonely one is nearer by half a minute
    beside = holes(reach(4, 5, 15), reach(10), SHARES, PLAIN)
    blind = match(Question([job], crew, minutes, everywhere))[0]
    seeing = match(Question([job], crew, minutes, everywhere, beside=beside))[0]
    assert blind is not None
    assert seeing is not None
    assert (blind.inspector_id, seeing.inspector_id) == (3, 2)
    assert {"code": "keeps_cover"} in seeing.why
    assert {"code": "keeps_cover"} not in blind.why


def test_what_counts_beside_is_added_to_the_cost_and_not_to_the_minutes() -> None:
    minutes, zone = np.array([[4.0]]), np.array([[True]])
    plain = Question([Job(1, due_in=60)], [Person(1)], minutes, zone)
    more = Question([Job(1, due_in=60)], [Person(1)], minutes, zone, beside=np.array([[2.5]]))
    assert costs(more, Weights()) - costs(plain, Weights()) == pytest.approx(np.array([[2.5]]))
    assert match(more)[0] == match(plain)[0]


def test_somebody_idle_rides_to_where_nobody_is() -> None:
    stands = reach(*LINE)
    found = moves(reach(5, 5), stands, reach(5, 5), np.array([True, True]), SHARES, replace(PLAIN, next_tasks=10.0))
    assert len(found) >= 1
    assert found[0][1] > 10


def test_nobody_rides_who_is_busy_or_gains_less_than_the_ride() -> None:
    stands = reach(*LINE)
    nobody = np.array([False, False])
    assert moves(reach(5, 5), stands, reach(5, 5), nobody, SHARES, PLAIN) == []
    assert moves(reach(5, 15), stands, reach(5, 15), np.array([True, True]), SHARES, PLAIN) == []
