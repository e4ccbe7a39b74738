import itertools

from inspectors.assignment import Candidate, choose


def chosen(*candidates: Candidate) -> int:
    """The inspector that is chosen, whatever the order of the question."""
    choices = [choose(order) for order in itertools.permutations(candidates)]
    numbers = {choice.inspector_id for choice in choices if choice}
    assert len(numbers) == 1
    return numbers.pop()


def someone(number: int, *, zone: bool = True, metres: float | None = 500.0, tasks: int = 0) -> Candidate:
    return Candidate(number, zone, metres, tasks)


def test_the_own_zone_comes_before_nearness() -> None:
    assert chosen(someone(1, zone=False, metres=10), someone(2, metres=3000), someone(3, zone=False)) == 2


def test_in_the_zone_the_nearest_goes() -> None:
    assert chosen(someone(1, metres=900), someone(2, metres=200), someone(3, metres=None)) == 2


def test_an_unknown_position_is_further_than_any_known_one() -> None:
    assert chosen(someone(1, metres=None), someone(2, metres=90_000, tasks=9)) == 2


def test_among_equally_near_ones_the_least_busy_goes() -> None:
    assert chosen(someone(1, metres=210, tasks=4), someone(2, metres=290, tasks=1)) == 2


def test_what_is_still_equal_is_decided_by_the_lower_number() -> None:
    assert chosen(someone(3), someone(1), someone(2)) == 1


def test_nobody_on_duty_is_nobody() -> None:
    assert choose([]) is None


def test_the_choice_says_why() -> None:
    choice = choose([someone(1, metres=214.6, tasks=2), someone(2, zone=False)])
    assert choice is not None
    assert choice.why == (
        {"code": "own_zone"},
        {"code": "distance", "metres": 215},
        {"code": "open_tasks", "count": 2},
        {"code": "on_duty", "count": 2},
    )
    assert choose([someone(1, zone=False, metres=None)]).why[:2] == (  # type: ignore[union-attr]
        {"code": "other_zone"},
        {"code": "position_unknown"},
    )
