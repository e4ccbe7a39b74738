"""Freezing a month: the figures, what decided them, and every row behind them, once."""

from collections import defaultdict

from django.db import IntegrityError, transaction

from people.models import User
from scorecards.cards import agencies_of, card_of, count
from scorecards.figures import Member, Question, members
from scorecards.formulas import versions
from scorecards.models import Entry, Scorecard


class MonthNotOverError(Exception):
    """The month still runs; only a month that has ended can be frozen."""


class AlreadyFrozenError(Exception):
    """The month was frozen before; nothing was changed."""


def freeze(question: Question, *, by: User) -> list[Scorecard]:
    """Publish a month as it stands at `question.at`; it never changes again.

    Numbers and lists come from one statement, so they agree while others go on working. Every agency that exists or
    has figures gets a scorecard, also an empty one. Raises MonthNotOverError, AlreadyFrozenError.
    """
    if question.at < question.bounds[1]:
        raise MonthNotOverError
    if Scorecard.objects.of_month(question.month).exists():
        raise AlreadyFrozenError
    rows: defaultdict[int, list[Member]] = defaultdict(list)
    for member in members(question):
        rows[member.agency].append(member)
    try:
        with transaction.atomic():
            scorecards = Scorecard.objects.bulk_create(
                Scorecard(
                    agency=agency,
                    month=question.month.first,
                    figures=card_of(agency, count(rows[agency.pk]), question.rules).as_json(),
                    formulas=versions(),
                    switches=question.rules.as_json(),
                    frozen_at=question.at,
                    frozen_by=by,
                )
                for agency in agencies_of(question.month, set(rows))
            )
            Entry.objects.bulk_create(
                (
                    Entry(
                        scorecard=scorecard,
                        clock_id=member.clock,
                        callback_id=member.callback,
                        figures=sorted(member.figures),
                    )
                    for scorecard in scorecards
                    for member in rows[scorecard.agency_id]
                ),
                batch_size=2000,
            )
    except IntegrityError as error:
        # two people pressed at the same moment: the other one's is the published one
        raise AlreadyFrozenError from error
    return scorecards
