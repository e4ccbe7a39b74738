"""Composite scores by themselves: each shipped formula with a vector worked out by hand."""

from decimal import Decimal

import pytest

from scorecards.formulas import RATE
from scorecards.postfigures import POST_RATE
from scorecards.rules import Rules
from scorecards.scores import (
    BY_POST,
    JINNIU_SCORE,
    OPERATOR_BANDS,
    RANKING,
    THREE_RATES,
    Bands,
    Formula,
    Subject,
    Term,
    for_agencies,
)

MONTH = {
    "dispatched": 120, "due": 100, "handled": 90, "on_time": 80, "reworked": 10, "overdue": 5, "extended": 4,
    "contact_due": 50, "contacted": 40, "answered": 20, "satisfied": 15, "solved": 12,
}  # fmt: skip


def test_jinniu_by_hand() -> None:
    # 30 × 0.9 + 20 × 0.8 + 20 × 0.9 + 20 × 0.95 + 10 × 0.96
    assert JINNIU_SCORE.of(MONTH, RATE) == Decimal("89.60")


def test_three_rates_by_hand() -> None:
    # 30 × 0.8 + 35 × 0.6 + 35 × 0.75
    assert THREE_RATES.of(MONTH, RATE) == Decimal("71.25")


def test_volume_time_and_satisfaction_by_hand() -> None:
    # 101 to 300 taken in: 40 points of 100; 20 × 0.4 + 40 × 0.8 + 40 × 0.75
    assert RANKING.of(MONTH, RATE) == Decimal("70.00")


def test_without_a_callback_there_are_no_three_rates() -> None:
    assert THREE_RATES.of(MONTH | {"answered": 0}, RATE) is None
    assert JINNIU_SCORE.of(MONTH | {"answered": 0}, RATE) is not None


POSTS = {
    Subject.INSPECTOR: (
        {
            "reported": 50, "valid": 45, "missed": 5, "findable": 50, "verify_due": 20, "verified_on_time": 18,
            "check_due": 10, "checked_on_time": 9,
        },
        # 40 × 0.9 + 20 × (1 − 5/50) + 20 × 0.9 + 20 × 0.9
        "90.00",
    ),
    Subject.OPERATOR: (
        {"registered": 600, "verify_sent": 40, "verify_sent_on_time": 38, "answered": 20, "answered_on_time": 15},
        # 25 × 0.75 + 40 × 0.95 + 35 × 0.75
        "83.00",
    ),
    Subject.DISPATCHER: (
        {"sent": 1201, "sent_on_time": 1201, "sent_right": 1081},
        # 20 × 0.9 + 40 + 40 × 1081/1201
        "94.00",
    ),
    Subject.SHIFT_LEAD: (
        {"filed": 200, "filed_on_time": 190, "filed_right": 196, "ended": 80, "ended_in_time": 76},
        # 25 × 0.95 + 40 × 0.98 + 35 × 0.95
        "96.20",
    ),
}  # fmt: skip


@pytest.mark.parametrize("post", POSTS)
def test_each_post_by_hand(post: Subject) -> None:
    counts, points = POSTS[post]
    assert BY_POST[post].of(counts, POST_RATE[post]) == Decimal(points)


def test_who_was_sent_to_no_check_is_scored_by_the_rest() -> None:
    counts, _points = POSTS[Subject.INSPECTOR]
    # (36 + 18 + 18) of 80
    rest = counts | {"check_due": 0, "checked_on_time": 0}
    assert BY_POST[Subject.INSPECTOR].of(rest, POST_RATE[Subject.INSPECTOR]) == Decimal("90.00")
    worse = rest | {"verified_on_time": 10}
    # (36 + 18 + 10) of 80
    assert BY_POST[Subject.INSPECTOR].of(worse, POST_RATE[Subject.INSPECTOR]) == Decimal("80.00")


def test_less_than_half_of_the_weight_is_no_score() -> None:
    counts = {"verify_due": 20, "verified_on_time": 20, "check_due": 10, "checked_on_time": 10}
    assert BY_POST[Subject.INSPECTOR].of(counts, POST_RATE[Subject.INSPECTOR]) is None


@pytest.mark.parametrize(
    ("number", "points"), [(0, 0), (100, 0), (101, 40), (500, 60), (1200, 75), (2000, 90), (2001, 100)]
)
def test_an_operators_bands_step_up_at_their_edges(number: int, points: int) -> None:
    assert OPERATOR_BANDS.points(number) == points


def test_weights_that_do_not_add_up_are_no_formula() -> None:
    with pytest.raises(ValueError, match="add up to 90"):
        Formula("x", "x", Subject.AGENCY, (Term("closed_rate", 90),), "x")


def test_every_formula_names_figures_that_exist_and_its_source() -> None:
    for formula in (*for_agencies(Rules()), *BY_POST.values()):
        rates = RATE if formula.subject is Subject.AGENCY else POST_RATE[formula.subject]
        assert formula.source
        assert formula.version
        assert all(term.bands is not None or term.figure in rates for term in formula.terms)
    assert Bands(((5, 10),)).points(6) == 0
