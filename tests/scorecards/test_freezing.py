"""A frozen month never changes: not by later steps, not by freezing again, not by the database role."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from dispatch.actions import closing
from dispatch.models import Case
from scorecards.actions import AlreadyFrozenError, MonthNotOverError, freeze
from scorecards.cards import rules_of_city, sheet_of
from scorecards.lines import rows_of
from scorecards.models import Scorecard
from tests.scorecards import play
from tests.scorecards.play import HOUR, NOVEMBER, question
from tests.town import NOW, Town

DECEMBER = datetime(2026, 12, 3, tzinfo=UTC)


def frozen(town: Town, **rules: Any) -> list[Scorecard]:
    return freeze(question(DECEMBER, **rules), by=town.people["manager"])


def test_a_frozen_month_shows_what_it_was_whatever_happens_later(town: Town) -> None:
    play.everything(town)
    live = sheet_of(NOVEMBER, DECEMBER)
    frozen(town)
    case = Case.objects.filter(state="closed").order_by("pk")[0]
    closing.redo(case, town.doing(case, "shift_lead", DECEMBER, "重办"))
    for case in Case.objects.filter(state="handling", parts__agency=town.water).exclude(parts__agency=town.office):
        town.to_state("closed", case, DECEMBER)
    after = sheet_of(NOVEMBER, DECEMBER + 900 * HOUR)
    assert [dict(card.counts) for card in after.cards] == [dict(card.counts) for card in live.cards]
    assert [(c.rates, c.score, c.grade, c.place) for c in after.cards] == [
        (c.rates, c.score, c.grade, c.place) for c in live.cards
    ]
    assert after.total.counts == live.total.counts
    assert after.edition.frozen_at == DECEMBER


def test_every_frozen_figure_opens_into_as_many_rows(town: Town) -> None:
    play.everything(town)
    frozen(town, suspended_counts=True)
    town.to_state("closed", Case.objects.filter(state="handling").order_by("-pk")[0], DECEMBER)
    sheet = sheet_of(NOVEMBER, DECEMBER)
    assert sum(sheet.total.counts.values()) > 40
    for card in [*sheet.cards, sheet.total]:
        for key, number in card.counts.items():
            assert rows_of(sheet.edition, key, card.agency).count() == number


def test_a_frozen_month_keeps_its_switches_versions_and_who_froze_it(town: Town) -> None:
    play.suspended(town)
    frozen(town, suspended_counts=True)
    edition = sheet_of(NOVEMBER, DECEMBER).edition
    assert edition.rules.suspended_counts
    assert not rules_of_city().suspended_counts
    assert edition.versions["on_time"] == "1"
    assert edition.frozen_by == town.people["manager"]


def test_freezing_twice_is_refused_and_changes_nothing(town: Town) -> None:
    play.late(town)
    frozen(town)
    before = list(Scorecard.objects.order_by("pk").values())
    with pytest.raises(AlreadyFrozenError):
        frozen(town)
    assert list(Scorecard.objects.order_by("pk").values()) == before


def test_of_two_who_freeze_at_once_one_is_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    # both have looked before either has written
    frozen(town)
    monkeypatch.setattr("scorecards.actions.Scorecard.objects.of_month", lambda month: Scorecard.objects.none())
    with pytest.raises(AlreadyFrozenError):
        frozen(town)


def test_a_running_month_is_not_frozen(town: Town) -> None:
    with pytest.raises(MonthNotOverError):
        freeze(question(NOW), by=town.people["manager"])
    assert not Scorecard.objects.exists()


def test_the_database_refuses_to_change_or_delete_a_frozen_figure(town: Town) -> None:
    play.late(town)
    frozen(town)
    for table in ("scorecards_scorecard", "scorecards_entry"):
        for change in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(change)


def test_an_agency_without_cases_gets_an_empty_card(town: Town) -> None:
    frozen(town)
    office = Scorecard.objects.get(agency=town.office)
    assert set(office.figures["counts"].values()) == {0}
    assert (office.figures["score"], office.figures["grade"]) == (None, "")


def test_freezing_takes_few_statements(town: Town, django_assert_max_num_queries: object) -> None:
    play.everything(town)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        frozen(town)
