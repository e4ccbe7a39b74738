import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspectors.assignment import NEVER, WEIGHTS, Choice, Job, Person, Question, costs, match, ranking


def ask(jobs: list[Job], people: list[Person], minutes: Any, in_zone: Any = True) -> Question:
    """The question, with minutes job by job; one value stands for all."""
    shape = (len(jobs), len(people))
    ways = np.broadcast_to(np.array(minutes, dtype=float), shape)
    return Question(jobs, people, ways, np.broadcast_to(np.array(in_zone), shape), metres=ways * 250)


def chosen(people: list[Person], minutes: list[float], zone: list[bool] | None = None, **job: Any) -> int | None:
    """The inspector chosen for one task, whatever the order of the question."""
    found: set[int | None] = set()
    zone = zone or [True] * len(people)
    for order in itertools.permutations(range(len(people))):
        ways, zones = [[minutes[i] for i in order]], [[zone[i] for i in order]]
        (choice,) = match(ask([Job(1, 30, **job)], [people[i] for i in order], ways, zones))
        found.add(choice.inspector_id if choice else None)
    assert len(found) == 1
    return found.pop()


def test_whoever_is_there_first_goes() -> None:
    assert chosen([Person(1), Person(2), Person(3)], [9, 2, 5]) == 2


def test_the_own_zone_is_worth_two_minutes() -> None:
    assert chosen([Person(1), Person(2)], [4, 5], [False, True]) == 2
    assert chosen([Person(1), Person(2)], [4, 7], [False, True]) == 1


def test_work_in_hand_takes_its_time() -> None:
    assert chosen([Person(1, 2, free_in=20), Person(2)], [1, 15]) == 2


def test_among_equally_near_ones_the_least_busy_goes() -> None:
    assert chosen([Person(1, 4), Person(2, 1)], [2, 2]) == 2


def test_an_unknown_or_old_or_vague_position_is_further_than_a_fresh_one() -> None:
    assert chosen([Person(1, age=None), Person(2)], [1, 9]) == 2
    assert chosen([Person(1, age=20), Person(2)], [1, 4]) == 2
    assert chosen([Person(1, accuracy_m=1000), Person(2)], [1, 4]) == 2
    assert chosen([Person(1, age=None), Person(2)], [1, 20]) == 1


def test_a_skill_that_is_needed_is_looked_for_but_somebody_always_goes() -> None:
    measures = frozenset({"measure"})
    assert chosen([Person(1), Person(2, skills=measures)], [1, 20], needs=measures) == 2
    assert chosen([Person(1), Person(2)], [1, 20], needs=measures) == 1


def test_a_task_never_goes_back_to_whoever_refused_it() -> None:
    assert chosen([Person(1), Person(2)], [1, 50], refused_by=frozenset({1})) == 2
    assert chosen([Person(1)], [1], refused_by=frozenset({1})) is None


def test_what_is_still_equal_is_decided_by_the_lower_number() -> None:
    assert chosen([Person(3), Person(1), Person(2)], [1, 1, 1]) == 1


def test_nobody_on_duty_is_nobody() -> None:
    assert match(ask([Job(1, 30)], [], np.zeros((1, 0)))) == [None]
    assert match(ask([], [Person(1)], np.zeros((0, 1)))) == []
    assert ranking(ask([Job(1, 30)], [], np.zeros((1, 0)))) == []


def test_the_nearest_of_the_first_task_may_be_the_only_one_near_the_second() -> None:
    people = [Person(1), Person(2)]
    both = match(ask([Job(1, 30), Job(2, 30)], people, [[1, 2], [1, 20]]))
    assert [choice and choice.inspector_id for choice in both] == [2, 1]


def test_an_urgent_task_takes_the_inspector_of_one_that_nobody_has_accepted() -> None:
    people = [Person(1), Person(2)]
    held, urgent = Job(1, 25, held_by=1), Job(2, 10, urgent=True)
    both = match(ask([held, urgent], people, [[1, 9], [2, 12]]))
    assert [choice and choice.inspector_id for choice in both] == [2, 1]
    # one that is as pressing lets it be
    both = match(ask([held, replace(urgent, urgent=False)], people, [[1, 9], [2, 9]]))
    assert [choice and choice.inspector_id for choice in both] == [1, 2]


def test_a_task_moves_only_for_a_real_gain() -> None:
    people = [Person(1), Person(2)]
    assert chosen(people, [6, 4], held_by=1) == 1
    assert chosen(people, [9, 4], held_by=1) == 2


def test_of_two_late_ones_the_sum_of_lateness_decides() -> None:
    # alone the one person would first go to the nearer task; the other one is due
    both = match(ask([Job(1, 90), Job(2, 2)], [Person(1)], [[3], [4]]))
    assert [choice and round(choice.minutes) for choice in both] == [15, 4]


def test_a_task_that_is_late_by_months_still_gets_the_nearest() -> None:
    late = [Job(1, -200_000, urgent=True)]
    (choice,) = match(ask(late, [Person(1), Person(2)], [[20, 5]]))
    assert choice is not None
    assert choice.inspector_id == 2


def test_what_nobody_may_take_keeps_nobody_from_the_rest() -> None:
    people = [Person(1), Person(2)]
    refused = Job(1, 0, urgent=True, refused_by=frozenset({1, 2}))
    found = match(ask([refused, Job(2, 30), Job(3, 30)], people, [[1, 1], [2, 9], [9, 2]]))
    assert [choice and round(choice.minutes) for choice in found] == [None, 2, 2]


def test_the_choice_says_why() -> None:
    needs = frozenset({"measure"})
    job = Job(1, 30, urgent=True, needs=needs, refused_by=frozenset({9}))
    (choice,) = match(ask([job], [Person(1, 2), Person(2)], [[4, 60]], [[True, False]]))
    assert choice is not None
    assert choice.why == (
        {"code": "own_zone"},
        {"code": "distance_along", "metres": 1000},
        {"code": "minutes", "minutes": 4},
        {"code": "open_tasks", "count": 2},
        {"code": "on_duty", "count": 2},
        {"code": "unskilled"},
        {"code": "urgent"},
        {"code": "refused", "count": 1},
    )
    (vague,) = match(ask([Job(1, 30)], [Person(1, age=None)], [[3]], False))
    assert vague is not None
    assert vague.why[:2] == ({"code": "other_zone"}, {"code": "position_unknown"})
    assert vague.why[-1] == {"code": "zone_empty"}
    busy = [Person(1, 2, free_in=24), Person(2)]
    (helping,) = match(ask([Job(1, 30)], busy, [[2, 9]], [[True, False]]))
    assert helping is not None
    assert helping.why[-1] == {"code": "zone_later", "minutes": 17}


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Up to eight tasks and five people, with everything that counts."""
    numbers = st.integers(1, 9)
    jobs = [
        Job(n, draw(st.floats(-60, 60)), draw(st.booleans()), refused_by=frozenset(draw(st.sets(numbers, max_size=3))))
        for n in range(draw(st.integers(1, 8)))
    ]
    people = [
        Person(n, draw(st.integers(0, 4)), draw(st.floats(0, 40)), draw(st.one_of(st.none(), st.floats(0, 30))))
        for n in draw(st.lists(numbers, min_size=1, max_size=5, unique=True))
    ]
    cells = len(jobs) * len(people)
    ways = draw(st.lists(st.floats(0, 60), min_size=cells, max_size=cells))
    zones = draw(st.lists(st.booleans(), min_size=cells, max_size=cells))
    shape = (len(jobs), len(people))
    return Question(jobs, people, np.reshape(ways, shape), np.reshape(zones, shape))


def total(question: Question, found: list[int | None]) -> float:
    """What a list of choices costs, by the same rules; a person's tasks in the order that costs least is not asked."""
    numbers = [person.inspector_id for person in question.people]
    cost, span = 0.0, WEIGHTS.visit + WEIGHTS.between
    for column, number in enumerate(numbers):
        rows = [row for row, who in enumerate(found) if who == number]
        best = min(
            sum(costs(question, later=turn * span)[row, column] + turn * WEIGHTS.task for turn, row in enumerate(order))
            for order in itertools.permutations(rows)
        )
        cost += best
    return float(cost + sum(NEVER for who in found if who is None))


def greedy(question: Question) -> list[int | None]:
    """One task after the other to whoever costs least now, as a dispatcher without the whole picture would."""
    taken = dict.fromkeys(range(len(question.people)), 0)
    found: list[int | None] = []
    span = WEIGHTS.visit + WEIGHTS.between
    for row in range(len(question.jobs)):
        rows = {c: costs(question, later=t * span)[row, c] + t * WEIGHTS.task for c, t in taken.items()}
        best = min(rows, key=lambda c: rows[c])
        if rows[best] >= NEVER:
            found.append(None)
            continue
        taken[best] += 1
        found.append(question.people[best].inspector_id)
    return found


@given(questions())
def test_everybody_who_is_chosen_is_on_duty_and_has_not_refused(question: Question) -> None:
    numbers = {person.inspector_id for person in question.people}
    for job, choice in zip(question.jobs, match(question), strict=True):
        allowed: set[int | None] = set(numbers - job.refused_by)
        assert (choice.inspector_id if choice else None) in (allowed or {None})


@given(questions().filter(lambda q: len(q.jobs) <= 5))
def test_the_match_is_never_worse_than_one_after_the_other(question: Question) -> None:
    found = [choice.inspector_id if choice else None for choice in match(question)]
    assert total(question, found) <= total(question, greedy(question)) + 1e-6


def test_a_full_morning_is_matched_in_one_go() -> None:
    random = np.random.default_rng(1)
    jobs, people = [Job(n, 30) for n in range(300)], [Person(n) for n in range(50)]
    found = match(ask(jobs, people, random.uniform(1, 40, (300, 50))))
    shares = np.bincount([choice.inspector_id for choice in found if choice], minlength=50)
    assert shares.sum() == 300
    assert shares.max() <= 8
    assert isinstance(found[0], Choice)


@pytest.mark.parametrize("gone", [0, 1])
def test_the_others_keep_their_order_when_one_is_left_out(gone: int) -> None:
    people = [Person(1), Person(2), Person(3)]
    ranked = [people[i].inspector_id for i in ranking(ask([Job(1, 30)], people, [[3, 1, 2]]))]
    assert ranked == [2, 3, 1]
    rest = [p for p in people if p.inspector_id != ranked[gone]]
    ways = [[dict(zip((1, 2, 3), (3, 1, 2), strict=True))[p.inspector_id] for p in rest]]
    again = [rest[i].inspector_id for i in ranking(ask([Job(1, 30)], rest, ways))]
    assert again == [n for n in ranked if n != ranked[gone]]
