"""Which figures stand in which table of the page, and how a cell reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from scorecards.cards import Card
from scorecards.formulas import COUNT, NONE, RATE
from scorecards.rules import Text


class Table(NamedTuple):
    """A tab of the page: counts and rates in the order of its columns."""

    key: str
    name: Text
    figures: tuple[str, ...]


TABLES = (
    Table(
        "handling",
        _("处置时效"),
        ("dispatched", "due", "handled", "on_time", "late", "unhandled", "overdue", "handled_rate", "on_time_rate"),
    ),
    Table(
        "quality",
        _("结案与质量"),
        (
            *("due", "closed", "closed_on_time", "closed_rate", "closed_on_time_rate", "closed_in_month"),
            *("reworked", "rework_rate", "extended", "extension_rate", "returned", "redone", "suspended"),
        ),
    ),
    Table(
        "voices",
        _("联系与回访"),
        (
            *("contact_due", "contacted", "contact_rate", "called", "answered"),
            *("satisfied", "dissatisfied", "solved", "satisfied_rate", "solved_rate"),
        ),
    ),
)
BY_KEY = {table.key: table for table in TABLES}
# on top of the page, for the whole city
HEADLINES = ("due", "on_time_rate", "closed_rate", "satisfied_rate", "solved_rate")
GRADE_COLOURS = {"A": "green", "B": "blue", "C": "yellow", "D": "red", "E": "black"}


@dataclass(frozen=True)
class Cell:
    """One figure as text; an empty one (nothing counted, or no denominator) opens no list."""

    key: str
    name: Text
    text: str
    opens: bool
    rate: bool


@dataclass(frozen=True)
class Bar:
    """Shares of 应处置数 in percent, for the small bar: on time, late, overdue."""

    on_time: float
    late: float
    overdue: float

    @property
    def late_from(self) -> float:
        return self.on_time

    @property
    def overdue_from(self) -> float:
        return self.on_time + self.late


@dataclass(frozen=True)
class Row:
    """A card as a row of one table."""

    card: Card
    cells: list[Cell]
    bar: Bar | None
    colour: str


def name_of(key: str) -> Text:
    return COUNT[key].name if key in COUNT else RATE[key].name


def said(value: Decimal | int | None, *, rate: bool) -> str:
    """A figure in words of the page: thousands apart, percent with two places, a dash where there is none."""
    if value is None:
        return NONE
    return f"{value}%" if rate else f"{value:,}"


def cell(card: Card, key: str) -> Cell:
    """A frozen card knows nothing of figures that were invented later: a dash."""
    rate = key in RATE
    value = card.rates.get(key) if rate else card.counts.get(key)
    opens = bool(card.counts.get(RATE[key].denominator)) if rate else bool(value)
    return Cell(key, name_of(key), said(value, rate=rate), opens, rate)


def row(card: Card, table: Table) -> Row:
    # a grade of a small sample is shown, but not in the colour of a judgement
    colour = GRADE_COLOURS.get(card.grade, "") if card.place is not None else "ghost"
    return Row(card, [cell(card, key) for key in table.figures], _bar(card), colour)


def _bar(card: Card) -> Bar | None:
    due = card.counts.get("due", 0)
    if not due:
        return None
    shares = (round(100 * card.counts.get(key, 0) / due, 2) for key in ("on_time", "late", "overdue"))
    return Bar(*shares)


def in_order(cards: Iterable[Card], sort: str) -> list[Card]:
    """Cards by a figure, "-" in front for the biggest first; without a figure always last, then by code."""
    key, down = sort.removeprefix("-"), sort.startswith("-")

    def value(card: Card) -> Decimal | int | None:
        if key == "place":
            return card.place
        if key == "score":
            return card.score
        return card.rates.get(key) if key in RATE else card.counts.get(key)

    have = [card for card in cards if value(card) is not None]
    rest = [card for card in cards if value(card) is None]
    return sorted(have, key=lambda card: value(card) or 0, reverse=down) + rest


def sorts(table: Table) -> set[str]:
    """What a table can be sorted by."""
    return {"place", "score", *table.figures}
