"""The leader's start page: each number is that of the list behind it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dispatch.actions import pushes
from dispatch.models import Case, Clock, Supervision
from people.models import Agency, RoleGrant
from tests.desks.test_desklists import copies
from tests.town import Town, at

Login = Callable[[str], Client]


@pytest.fixture
def case(town: Town) -> Case:
    return town.to_state("handling", when=timezone.now() - timedelta(days=1))


def page_of(client: Client) -> str:
    return client.get(reverse("desks:leader")).content.decode()


def figure(page: str, title: str) -> tuple[str, int]:
    """Address and number of a figure."""
    found = re.search(rf'href="([^"]+)"><span>{title}</span><strong>(\d+)</strong>', page)
    assert found, title
    return found[1].replace("&amp;", "&"), int(found[2])


def listed(client: Client, address: str) -> int:
    """How many cases the page behind a figure lists."""
    return len(set(re.findall(r'data-number="([^"]+)"', client.get(address).content.decode())))


def instruct(town: Town, case: Case, words: str = "请今日办结") -> Supervision:
    now = timezone.now()
    fresh = Case.objects.get(pk=case.pk)
    pushes.instruct(fresh, town.doing(fresh, "leader", now, words), due_at=now + timedelta(days=1))
    return Supervision.objects.latest("pk")


def test_a_leader_lands_here(login: Login) -> None:
    assert login("leader").get("/")["Location"] == reverse("desks:leader")
    assert login("operator").get("/")["Location"] != reverse("desks:leader")
    assert login("manager").get(reverse("desks:leader")).status_code == 403


def test_each_number_opens_as_many_cases(town: Town, case: Case, login: Login) -> None:
    client = login("leader")
    instruct(town, case)
    late = town.to_state("handling", when=timezone.now() - timedelta(days=2))
    Clock.objects.filter(case=late).update(due_at=timezone.now() - timedelta(hours=1))
    Case.objects.filter(pk=late.pk).update(urgent=True)
    page = page_of(client)
    for title, wanted in (("批示督办待回复", 1), ("逾期未回复", 0), ("在办", 2), ("紧急", 1), ("已超期", 2)):
        address, number = figure(page, title)
        assert (title, number) == (title, wanted)
        assert listed(client, address) == number, title


def test_my_instruction_stands_there_with_its_answer(town: Town, case: Case, login: Login) -> None:
    push = instruct(town, case)
    assert "请今日办结" in page_of(login("leader"))
    fresh = Case.objects.get(pk=case.pk)
    pushes.report_back(fresh, town.doing(fresh, "dispatcher", timezone.now(), "已派三人 13900000001"), push=push)
    page = page_of(login("leader"))
    assert "已派三人" in page
    assert "13900000001" not in page
    assert figure(page, "已回复待销号")[1] == 1


def test_the_month_is_reviewed_so_far(town: Town, login: Login) -> None:
    closed = town.to_state("closed", when=timezone.now() - timedelta(days=1))
    Case.objects.filter(pk=closed.pk).update(closed_at=timezone.now())
    address, number = figure(page_of(login("leader")), "本月待审阅")
    assert number == 1
    assert closed.number in login("leader").get(address).content.decode()


def test_the_line_is_that_of_the_grant(town: Town, case: Case, login: Login) -> None:
    grant = RoleGrant.objects.get(user=town.people["leader"])
    grant.agency = Agency.objects.create(code="gas", name="燃气公司")
    grant.save()
    page = page_of(login("leader"))
    assert figure(page, "在办")[1] == 0
    assert "燃气公司" in page
    assert "没有处置中的案件" in page
    grant.agency = town.water
    grant.save()
    assert figure(page_of(login("leader")), "在办")[1] == 1


def test_units_hard_cases_and_hot_spots_are_there(town: Town, case: Case, login: Login) -> None:
    now = timezone.now()
    for number in range(3):
        town.report(f"井盖又丢了{number}", when=now - timedelta(hours=1), point=at(50, 50))
    Case.objects.filter(pk=case.pk).update(hard=True)
    page = page_of(login("leader"))
    assert f"?stage=handling&amp;agency={town.water.pk}" in page
    assert "4 件诉求" in page
    assert page.count(case.number) >= 1


def test_as_many_queries_for_many_cases(town: Town, case: Case, login: Login) -> None:
    client, counted = login("leader"), []
    for wanted in (4, 30):  # four are a hot spot already
        copies(case, wanted)
        Case.objects.update(hard=True)
        page_of(client)
        with CaptureQueriesContext(connection) as queries:
            page_of(client)
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_an_empty_city_says_so(login: Login) -> None:
    page: Any = page_of(login("leader"))
    for words in ("您还没有作过批示", "没有疑难案件", "近 30 天没有热点"):
        assert words in page
