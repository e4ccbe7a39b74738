"""月度通报: what one department reads of its month; cases from the public listed separately, and together (P5.15)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from dispatch.models import Clock
from people.access import scope_of
from people.models import Agency, User
from people.permissions import Role
from scorecards.cards import Card, Edition, card_of
from scorecards.columns import TABLES, name_of, said
from scorecards.figures import rows, tally
from scorecards.formulas import COUNT, RATE, Base
from scorecards.models import Entry
from scorecards.rules import Text


@dataclass(frozen=True)
class NoticeRow:
    """One figure: of the public's cases, of the others, of all."""

    name: Text
    public: str
    other: str
    together: str


@dataclass(frozen=True)
class Notice:
    """The month of one agency."""

    agency: Agency
    edition: Edition
    tables: list[tuple[Text, list[NoticeRow]]]
    card: Card


def agencies_for(user: User) -> "QuerySet[Agency]":
    """Whose notices somebody may read: a handler those of the own agency and below it, others all."""
    scope, listed = scope_of(user), Agency.objects.listed().order_by("code")
    return listed if scope.roles - {Role.HANDLER} else listed.within(*scope.agencies)


def read_notice(agency: Agency, edition: Edition) -> Notice:
    """Two statements for a live month, one for a frozen one."""
    public, other = _counts(agency, edition)
    together = {key: public[key] + other[key] for key in COUNT}
    cards = [card_of(agency, counts, edition.rules) for counts in (public, other, together)]
    tables = [(table.name, [_row(key, cards) for key in table.figures]) for table in TABLES]
    return Notice(agency, edition, tables, cards[2])


def _counts(agency: Agency, edition: Edition) -> tuple[dict[str, int], dict[str, int]]:
    if edition.frozen_at is not None:
        return _frozen(agency, edition)
    nothing: Mapping[str, int] = {}
    found = [tally(replace(edition.question, public=public)).get(agency.pk, nothing) for public in (True, False)]
    public, other = ({key: counts.get(key, 0) for key in COUNT} for counts in found)
    return public, other


def _frozen(agency: Agency, edition: Edition) -> tuple[dict[str, int], dict[str, int]]:
    """From the rows that the frozen scorecard kept."""
    counts = {True: dict.fromkeys(COUNT, 0), False: dict.fromkeys(COUNT, 0)}
    entries = Entry.objects.of_month(edition.month).filter(scorecard__agency=agency)
    for public, figures in entries.values_list("clock__case__channel__public", "figures"):
        for key in figures:
            if key in counts[public]:
                counts[public][key] += 1
    return counts[True], counts[False]


def _row(key: str, cards: list[Card]) -> NoticeRow:
    values = [card.counts.get(key) if key in COUNT else card.rates.get(key) for card in cards]
    public, other, together = (said(value, rate=key in RATE) for value in values)
    return NoticeRow(name_of(key), public, other, together)


def public_cases(agency: Agency, edition: Edition) -> "QuerySet[Clock, Any]":
    """The public's cases that were dispatched to the agency in the month, the earliest first."""
    dispatched = rows(Base.DISPATCHED, replace(edition.question, public=True)).filter(part__agency=agency)
    return dispatched.select_related("case__category", "case__channel", "part__agency").order_by("started_at", "pk")
