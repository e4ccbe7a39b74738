"""Figures as cards: one an agency and one for all, from the stored facts of a month or as they were frozen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Q

from dispatch.profile import profile
from people.models import Agency, User
from scorecards.figures import Member, Question, tally
from scorecards.formulas import COUNT, RATE, RATES, grade, versions
from scorecards.models import Scorecard
from scorecards.periods import Month
from scorecards.rules import Rules
from scorecards.scores import department


@dataclass(frozen=True)
class Card:
    """The figures of one agency (None: of all together); `place` is its rank, ties share one, None is unranked."""

    agency: Agency | None
    counts: Mapping[str, int]
    rates: Mapping[str, Decimal | None]
    score: Decimal | None = None
    grade: str = ""
    place: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The published form: decimals as text, so that reading them back gives the same."""
        return {
            "counts": dict(self.counts),
            "rates": {key: None if value is None else str(value) for key, value in self.rates.items()},
            "score": None if self.score is None else str(self.score),
            "grade": self.grade,
        }


@dataclass(frozen=True)
class Edition:
    """Which figures of a month are shown: the frozen ones, or those of an instant; and what decides them."""

    month: Month
    question: Question
    versions: Mapping[str, str]
    frozen_at: datetime | None = None
    frozen_by: User | None = None

    @property
    def rules(self) -> Rules:
        return self.question.rules

    @property
    def running(self) -> bool:
        """Whether the month has not ended, so that everything is provisional."""
        return self.question.at < self.question.bounds[1]

    @property
    def can_be_frozen(self) -> bool:
        return self.frozen_at is None and not self.running


@dataclass(frozen=True)
class Sheet:
    """A month's scorecard: one card an agency, and the sums."""

    edition: Edition
    cards: list[Card]
    total: Card


def rules_of_city() -> Rules:
    """Those of the profile in force, changed by the `[scorecards]` table of the city's file."""
    return Rules.read(msgspec.structs.asdict(profile().figures) | settings.CITY.mapping.get("scorecards", {}))


def count(members: Iterable[Member]) -> dict[str, int]:
    """Counts from the rows behind them."""
    counts = dict.fromkeys(COUNT, 0)
    for member in members:
        for key in member.figures:
            counts[key] += 1
    return counts


def agencies_of(month: Month, with_figures: set[int]) -> list[Agency]:
    """Agencies that existed in the month, and any other that has figures; listed ones outside only with figures."""
    existed = Q(valid_from__lt=month.next.first) & (Q(valid_to=None) | Q(valid_to__gte=month.first))
    return list(Agency.objects.filter((existed & Q(external=False)) | Q(pk__in=with_figures)).order_by("code"))


def card_of(agency: Agency | None, counts: Mapping[str, int], rules: Rules) -> Card:
    """Rates, score and grade from counts; the card of all together has no score, which compares agencies."""
    score = department(rules).of(counts, RATE) if agency is not None else None
    return Card(agency, counts, {rate.key: rate.of(counts) for rate in RATES}, score, grade(score))


def total_of(cards: Iterable[Card], rules: Rules) -> Card:
    """The sums; a joint case counts once for each of its agencies."""
    sums = dict.fromkeys(COUNT, 0)
    for card in cards:
        for key in sums:
            sums[key] += card.counts.get(key, 0)
    return card_of(None, sums, rules)


def ranked(cards: list[Card], rules: Rules) -> list[Card]:
    """Places by score among agencies with a big enough sample; equal scores share a place, the next one is skipped."""
    scores = [card.score for card in cards if card.score is not None and _enough(card, rules)]
    return [
        replace(card, place=1 + sum(score > card.score for score in scores))
        if card.score is not None and _enough(card, rules)
        else card
        for card in cards
    ]


def _enough(card: Card, rules: Rules) -> bool:
    return card.counts.get("due", 0) >= rules.minimum_sample


def edition_of(month: Month, at: datetime) -> Edition:
    """The frozen edition of a month where there is one, else the stored facts at an instant; one statement."""
    first = Scorecard.objects.of_month(month).select_related("frozen_by").first()
    if first is None:
        return Edition(month, Question(month, at, rules_of_city()), versions())
    # read leniently: a rule that has gone since is still printed from the row, but decides nothing any more
    rules = Rules(**{key: value for key, value in first.switches.items() if key in Rules.__dataclass_fields__})
    question = Question(month, first.frozen_at, rules)
    return Edition(month, question, first.formulas, first.frozen_at, first.frozen_by)


def sheet_of(month: Month, at: datetime) -> Sheet:
    """All cards of a month; three statements at most, however many agencies and cases."""
    edition = edition_of(month, at)
    cards = _frozen_cards(month) if edition.frozen_at else _cards(edition.question)
    return Sheet(edition, ranked(cards, edition.rules), total_of(cards, edition.rules))


def _cards(question: Question) -> list[Card]:
    counts = tally(question)
    nothing = dict.fromkeys(COUNT, 0)
    return [
        card_of(agency, counts.get(agency.pk, nothing), question.rules)
        for agency in agencies_of(question.month, set(counts))
    ]


def _frozen_cards(month: Month) -> list[Card]:
    cards = []
    for scorecard in Scorecard.objects.of_month(month).select_related("agency").order_by("agency__code"):
        figures = scorecard.figures
        rates = {key: None if value is None else Decimal(value) for key, value in figures["rates"].items()}
        score = None if figures["score"] is None else Decimal(figures["score"])
        cards.append(Card(scorecard.agency, figures["counts"], rates, score, figures["grade"]))
    return cards
