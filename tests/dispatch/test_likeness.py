"""How alike two reports are: each fact moves the score the way a person would."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.likeness import BY_HAND, FITTED, LIKELY, SHOWN, Pair, Standing, likeness, reasons, terms

SAME = Pair(distance_m=0.5, days=1.0, standing=Standing.OPEN, same_class=True)


@pytest.mark.parametrize(
    "weaker",
    [
        {"distance_m": 40.0},
        {"days": 10.0},
        {"standing": Standing.CLOSED},
        {"same_class": False},
        {"same_component": False},
        {"same_call": True},
    ],
)
def test_what_speaks_against_a_repeat_lowers_the_score(weaker: dict[str, Any]) -> None:
    assert likeness(replace(SAME, **weaker)) < likeness(SAME)


@pytest.mark.parametrize("stronger", [{"same_component": True}, {"same_caller": True}, {"similarity": 0.9}])
def test_what_speaks_for_a_repeat_raises_it(stronger: dict[str, Any]) -> None:
    assert likeness(replace(SAME, **stronger)) > likeness(SAME)


def test_a_suspended_case_does_not_age() -> None:
    old = Pair(distance_m=0.5, days=140.0, standing=Standing.SUSPENDED, same_class=True)
    assert likeness(old) >= LIKELY
    assert likeness(replace(old, standing=Standing.CLOSED)) < SHOWN


def test_two_matters_of_one_day_are_not_likely_the_same_without_more() -> None:
    """Five compounds may complain of their fees on one morning; one caller who says it again is another thing."""
    fees = Pair(distance_m=None, days=0.2, standing=Standing.OPEN, same_class=True, similarity=0.5)
    assert SHOWN <= likeness(fees) < LIKELY
    assert likeness(replace(fees, same_caller=True, similarity=0.8)) >= LIKELY
    assert likeness(replace(fees, same_class=False, same_caller=True)) < SHOWN


def test_the_same_component_outweighs_where_the_pin_stands() -> None:
    apart = replace(SAME, distance_m=30.0, same_component=True)
    assert likeness(apart) > likeness(replace(apart, same_component=None))


def test_every_reason_has_a_sentence() -> None:
    from dispatch.explain import repeat_sentences

    pair = replace(SAME, same_component=True, same_caller=True, similarity=0.8, cases_here=3, same_address=True)
    against = replace(SAME, days=0.2, same_class=False, same_component=False, same_call=True)
    for each in (pair, against, replace(SAME, standing=Standing.SUSPENDED), replace(SAME, distance_m=None)):
        why = reasons(each)
        assert len(repeat_sentences(why)) == len(why)


pairs = st.builds(
    Pair,
    distance_m=st.none() | st.floats(0, 200),
    days=st.floats(0, 400),
    standing=st.sampled_from(list(Standing)),
    slack_m=st.floats(1, 150),
    cases_here=st.integers(1, 40),
    same_address=st.booleans(),
    same_call=st.booleans(),
    same_class=st.none() | st.booleans(),
    same_component=st.none() | st.booleans(),
    same_caller=st.none() | st.booleans(),
    similarity=st.none() | st.floats(0, 1),
)


@given(pairs)
def test_a_score_is_a_probability_and_knows_all_its_terms(pair: Pair) -> None:
    assert 0.0 <= likeness(pair) <= 1.0
    assert set(terms(pair)) <= set(FITTED | BY_HAND)


@given(pairs, st.floats(0, 100))
def test_more_days_never_raise_the_score_of_a_case_that_is_not_suspended(pair: Pair, later: float) -> None:
    if pair.standing != Standing.SUSPENDED:
        assert likeness(replace(pair, days=pair.days + later)) <= likeness(pair) + 1e-12
