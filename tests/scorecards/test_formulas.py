"""Formulas by themselves: published vectors, zero denominators, bands and grades."""

from dataclasses import replace
from decimal import Decimal

import pytest

from scorecards.cards import Card, card_of, ranked
from scorecards.columns import TABLES, cell, in_order
from scorecards.figures import Question, conditions
from scorecards.formulas import COUNT, COUNTS, RATE, RATES, Base, grade, versions
from scorecards.periods import Month
from scorecards.rules import SWITCHES, Rules, RulesError
from scorecards.scores import DEPARTMENT_BANDS, department
from tests.town import NOW

# Tianmen's published month: 996 filed, 972 due, 911 closed = 93.72 %, 737 of them on time = 75.82 %
TIANMEN = {"dispatched": 996, "due": 972, "closed": 911, "closed_on_time": 737, "on_time": 737, "handled": 911}


def test_the_published_month_of_tianmen_comes_out() -> None:
    assert RATE["closed_rate"].of(TIANMEN) == Decimal("93.72")
    assert RATE["closed_on_time_rate"].of(TIANMEN) == Decimal("75.82")


def test_the_published_rates_of_xiangtan_come_out() -> None:
    # 134 of 144 answered in time: printed as 93 %
    rate = RATE["contact_rate"].of({"contacted": 134, "contact_due": 144})
    assert rate == Decimal("93.06")


def test_nothing_due_is_no_rate_and_no_score_instead_of_zero() -> None:
    card = card_of(None, dict.fromkeys(COUNT, 0), Rules())
    assert set(card.rates.values()) == {None}
    assert department(Rules()).of(card.counts, RATE) is None
    assert grade(None) == ""
    assert cell(card, "on_time_rate").text == "—"


def test_a_rate_is_rounded_half_up_once() -> None:
    assert RATE["handled_rate"].of({"handled": 1, "due": 800}) == Decimal("0.13")  # 0.125
    assert RATE["handled_rate"].of({"handled": 2, "due": 3}) == Decimal("66.67")


def test_the_department_score_adds_its_four_terms() -> None:
    # 40 points for 501 to 1000 cases: 4 + 30 × 911/972 + 30 × 737/972 + 30 × (1 − 27/972)
    assert department(Rules()).of(TIANMEN | {"reworked": 27}, RATE) == Decimal("84.03")


def test_other_weights_give_another_score() -> None:
    rules = Rules.read({"weight_volume": 0, "weight_on_time": 40})
    assert department(rules).of(TIANMEN | {"reworked": 0}, RATE) == Decimal("88.45")


@pytest.mark.parametrize(("dispatched", "points"), [(0, 100), (50, 100), (51, 90), (200, 75), (1000, 40), (1001, 0)])
def test_volume_points_step_down_at_the_band_edges(dispatched: int, points: int) -> None:
    assert DEPARTMENT_BANDS.points(dispatched) == points


@pytest.mark.parametrize(
    ("score", "letter"), [("100", "A"), ("90", "A"), ("89.99", "B"), ("75", "B"), ("60", "C"), ("40", "D"), ("0", "E")]
)
def test_a_grade_begins_at_its_lower_edge(score: str, letter: str) -> None:
    assert grade(Decimal(score)) == letter


def test_every_formula_is_named_once_versioned_and_explained() -> None:
    keys = [formula.key for formula in (*COUNTS, *RATES)]
    assert len(keys) == len(set(keys))
    assert all(versions()[key] for key in keys)
    assert all(count.meaning and count.source for count in COUNTS)
    assert {rate.numerator for rate in RATES} | {rate.denominator for rate in RATES} <= set(COUNT)


def test_every_count_has_its_condition_and_every_condition_its_count() -> None:
    for base in Base:
        asked = conditions(base, Question(Month(2026, 11), NOW, Rules()))
        assert set(asked) == {count.key for count in COUNTS if count.base is base}


def test_every_figure_but_the_flag_stands_in_a_table() -> None:
    shown = {key for table in TABLES for key in table.figures}
    assert set(COUNT) | set(RATE) == shown | {"provisional", "overdue_rate"}


@pytest.mark.parametrize(
    "table", [{"fair_count": True}, {"fair_counts": 1}, {"minimum_sample": -1}, {"weight_volume": 20}]
)
def test_a_wrong_rule_of_a_city_stops_with_a_sentence(table: dict[str, object]) -> None:
    with pytest.raises(RulesError, match="scorecards"):
        Rules.read(table)


def test_every_switch_is_said_both_ways() -> None:
    assert all(set(switch.said) == {True, False} and hasattr(Rules(), switch.key) for switch in SWITCHES)


def test_equal_scores_share_a_place_and_small_samples_have_none() -> None:
    def card(score: str, due: int) -> Card:
        return Card(None, {"due": due}, {}, Decimal(score))

    cards = ranked([card("80", 9), card("90", 9), card("90", 5), card("99", 4), card("70", 9)], Rules())
    assert [c.place for c in cards] == [3, 1, 1, None, 4]
    assert [c.place for c in in_order(cards, "place")] == [1, 1, 3, 4, None]


def test_sorting_keeps_agencies_without_a_figure_last_both_ways() -> None:
    cards = [
        Card(None, {"due": due}, {"on_time_rate": rate}) for due, rate in ((1, None), (2, Decimal(5)), (3, Decimal(9)))
    ]
    assert [c.counts["due"] for c in in_order(cards, "on_time_rate")] == [2, 3, 1]
    assert [c.counts["due"] for c in in_order(cards, "-on_time_rate")] == [3, 2, 1]


def test_a_month_knows_its_neighbours_and_its_bounds() -> None:
    from zoneinfo import ZoneInfo

    december = Month.parse("2026-12")
    assert (str(december.next), str(december.previous), str(Month(2026, 1).previous)) == (
        "2027-01",
        "2026-11",
        "2025-12",
    )
    start, end = december.bounds(ZoneInfo("Asia/Shanghai"))
    assert (start.isoformat(), end.isoformat()) == ("2026-12-01T00:00:00+08:00", "2027-01-01T00:00:00+08:00")


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-01", "2026-00", "0001-01", "２０２６-01", "x"])
def test_a_text_that_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Month.parse(text)


def test_rules_are_kept_whole_with_a_frozen_scorecard() -> None:
    rules = replace(Rules(), suspended_counts=True)
    assert Rules.read(rules.as_json()) == rules
