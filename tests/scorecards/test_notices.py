"""The monthly notice of a department: the public's cases listed separately, and together with the others (P5.15)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Case, Channel
from people.models import Agency
from scorecards.actions import freeze
from scorecards.cards import edition_of
from scorecards.formulas import COUNT
from scorecards.notices import Notice, read_notice
from tests.scorecards.play import HOUR, NOVEMBER, figures, late, question
from tests.town import NOW, Town

LATER = NOW + 48 * HOUR


def told(notice: Notice, name: str) -> tuple[str, str, str]:
    (row,) = {
        (row.public, row.other, row.together) for _table, rows in notice.tables for row in rows if str(row.name) == name
    }
    return row


def test_the_public_and_the_rest_are_listed_separately_and_add_up(town: Town) -> None:
    patrol = Channel.objects.create(key="inspector", name="巡查", public=False)
    town.to_state("closed")
    late(town)
    town.to_state("closed", town.report(channel=patrol))
    notice = read_notice(town.water, edition_of(NOVEMBER, LATER))
    assert told(notice, "应处置数") == ("2", "1", "3")
    assert told(notice, "按期处置数") == ("1", "1", "2")
    assert told(notice, "按期处置率") == ("50.00%", "100.00%", "66.67%")
    alone = figures(town)
    assert {key: notice.card.counts[key] for key in alone} == alone
    assert set(notice.card.counts) == set(COUNT)


def test_a_frozen_month_is_split_as_it_was_frozen(town: Town) -> None:
    town.to_state("closed")
    town.to_state("closed", town.report(channel=Channel.objects.create(key="x", name="巡查", public=False)))
    when = NOW + 20 * 24 * HOUR
    live = read_notice(town.water, edition_of(NOVEMBER, when))
    freeze(question(when), by=town.people["manager"])
    late(town)
    frozen = read_notice(town.water, edition_of(NOVEMBER, when))
    assert frozen.tables == live.tables
    assert told(frozen, "应处置数") == ("1", "1", "2")


def test_every_department_reads_its_own_notice_with_the_list_of_public_cases(
    town: Town, login: Callable[[str], Client]
) -> None:
    patrol = Channel.objects.create(key="inspector", name="巡查", public=False)
    case, other = town.to_state("closed"), town.to_state("closed", town.report(channel=patrol))
    handler = login("handler")
    first = handler.get(reverse("scorecards:notices") + "?month=2026-11")
    assert first["Location"] == reverse("scorecards:notice", args=["water"]) + "?month=2026-11"
    page = handler.get(first["Location"]).content.decode()
    assert case.number in page
    assert other.number not in page
    assert "平台派遣的公众诉求" in page
    assert handler.get(reverse("scorecards:notice", args=["office"])).status_code == 404
    listed = login("manager").get(reverse("scorecards:notices") + "?month=2026-11").content.decode()
    for agency in Agency.objects.listed():
        assert reverse("scorecards:notice", args=[agency.code]) in listed


def test_a_confidential_case_counts_and_is_not_shown_to_who_may_not_see_it(
    town: Town, login: Callable[[str], Client]
) -> None:
    case = town.to_state("closed")
    Case.objects.filter(pk=case.pk).update(confidential=True)
    path = reverse("scorecards:notice", args=["water"]) + "?month=2026-11"
    assert case.number not in login("manager").get(path).content.decode()
    assert case.number in login("leader").get(path).content.decode()


@pytest.mark.parametrize("number", [1, 6])
def test_more_cases_take_no_more_queries(
    town: Town, login: Callable[[str], Client], number: int, django_assert_max_num_queries: Any
) -> None:
    for _case in range(number):
        town.to_state("closed")
    manager = login("manager")
    path = reverse("scorecards:notice", args=["water"]) + "?month=2026-11"
    with django_assert_max_num_queries(13):
        manager.get(path)
