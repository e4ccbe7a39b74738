"""Scores tried beside the one in force: the same month by every formula that agencies can be scored by. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from scorecards.cards import Card
from scorecards.formulas import RATE, grade
from scorecards.rules import Rules
from scorecards.scores import Formula, for_agencies


@dataclass(frozen=True)
class Mark:
    """What a formula says of an agency; `moved` are places gained beside the one in force, negative where lost."""

    score: Decimal | None
    grade: str
    place: int | None
    moved: int | None


@dataclass(frozen=True)
class Line:
    """An agency with its mark by each formula, in the order of the formulas."""

    card: Card
    by_formula: list[tuple[Formula, Mark]]

    @property
    def marks(self) -> list[Mark]:
        return [mark for _formula, mark in self.by_formula]


def trial(cards: Sequence[Card], rules: Rules) -> tuple[Sequence[Formula], list[Line]]:
    """Every formula over the same counts; agencies in the order of the one in force, the unranked last."""
    formulas = for_agencies(rules)
    scores = [[_score(formula, card) for formula in formulas] for card in cards]
    enough = [card.counts.get("due", 0) >= rules.minimum_sample for card in cards]
    lines = []
    for own, card, counts in zip(scores, cards, enough, strict=True):
        places = [_place(n, own[n], scores, enough) if counts else None for n in range(len(formulas))]
        moved = [None if place is None or places[0] is None else places[0] - place for place in places]
        given = zip(own, places, moved, strict=True)
        marks = [Mark(score, grade(score), place, by) for score, place, by in given]
        lines.append(Line(card, list(zip(formulas, marks, strict=True))))
    last = len(cards) + 1
    return formulas, sorted(lines, key=lambda line: line.marks[0].place or last)


def _score(formula: Formula, card: Card) -> Decimal | None:
    """The score of a card; None too where the card was frozen before one of the formula's figures was known."""
    needed = {
        key
        for term in formula.terms
        for key in ((term.figure,) if term.bands else (RATE[term.figure].numerator, RATE[term.figure].denominator))
    }
    return formula.of(card.counts, RATE) if needed <= set(card.counts) else None


def _place(n: int, score: Decimal | None, scores: list[list[Decimal | None]], enough: list[bool]) -> int | None:
    """The place of a score among those of the same formula with a big enough sample; ties share one."""
    if score is None:
        return None
    others = (row[n] for row, counts in zip(scores, enough, strict=True) if counts)
    return 1 + sum(other > score for other in others if other is not None)
