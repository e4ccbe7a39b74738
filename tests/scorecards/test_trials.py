"""Other formulas beside the one in force: same counts, other places."""

from collections.abc import Callable

from django.test import Client

from people.models import Agency
from scorecards.cards import Card, card_of
from scorecards.rules import Rules
from scorecards.trials import trial
from tests.scorecards import play
from tests.town import Town

RULES = Rules()
GOOD_BUT_SLOW = {
    "dispatched": 40, "due": 40, "handled": 40, "on_time": 20, "closed": 40, "reworked": 0, "overdue": 0, "extended": 0,
    "contact_due": 40, "contacted": 40, "answered": 20, "satisfied": 20, "solved": 20,
}  # fmt: skip
FAST_BUT_BAD = GOOD_BUT_SLOW | {"on_time": 40, "reworked": 4, "satisfied": 5, "solved": 5}


def card(code: str, counts: dict[str, int]) -> Card:
    return card_of(Agency(code=code, name=code), counts, RULES)


def marks(*cards: Card) -> dict[str, list[tuple[str, int | None, int | None]]]:
    """Score, place and places gained of each agency by each formula."""
    _formulas, lines = trial(cards, RULES)
    return {
        str(line.card.agency.code): [(str(mark.score), mark.place, mark.moved) for mark in line.marks]
        for line in lines
        if line.card.agency
    }


def test_another_formula_may_turn_the_order_round() -> None:
    found = marks(card("slow", GOOD_BUT_SLOW), card("fast", FAST_BUT_BAD))
    # department 10 + 30 + 30 × 0.5 + 30 against 10 + 30 + 30 + 30 × 0.9
    assert [found["slow"][0], found["fast"][0]] == [("85.00", 2, 0), ("97.00", 1, 0)]
    # three rates: all of it against 30 + 70 × 0.25
    assert [found["slow"][2], found["fast"][2]] == [("100.00", 1, 1), ("47.50", 2, -1)]
    assert list(found) == ["fast", "slow"]


def test_a_small_sample_is_scored_and_not_placed() -> None:
    small = {key: number // 10 for key, number in GOOD_BUT_SLOW.items()}
    found = marks(card("small", small), card("fast", FAST_BUT_BAD))
    assert found["small"][0] == ("85.00", None, None)
    assert found["fast"][2] == ("47.50", 1, 0)


def test_a_month_frozen_before_a_figure_was_known_has_no_score_by_it() -> None:
    old = {key: number for key, number in GOOD_BUT_SLOW.items() if key != "extended"}
    found = marks(card("old", old))
    assert found["old"][0] == ("85.00", 1, 0)
    assert found["old"][1] == ("None", None, None)


def test_the_page_shows_every_formula_with_its_words(town: Town, login: Callable[[str], Client]) -> None:
    play.everything(town)
    text = login("manager").get("/scorecards/trials/?month=2026-11").content.decode()
    for words in ("现行", "金牛区得分", "三率得分", "（1 − 延期率）× 10%", "≤50 → 100"):
        assert words in text, words
    assert login("handler").get("/scorecards/trials/").status_code == 403
