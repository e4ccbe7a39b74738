"""A leader looks at every item of his line that was closed in a month, and may send it back (P3.11)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Case, Review
from people.models import Agency, RoleGrant
from tests.town import NOW, Town, at

Login = Callable[[str], Client]
MONTH = f"{timezone.localtime(NOW):%Y-%m}"


def say(client: Client, case: Case, verdict: str, note: str = "") -> str:
    case = Case.objects.get(pk=case.pk)
    form = {"verdict": verdict, "note": note, "version": case.version, "operation": str(uuid.uuid4())}
    return client.post(f"/review/{case.number}/", form, follow=True).content.decode()


@pytest.fixture
def case(town: Town) -> Case:
    return town.to_state("closed")


def test_each_closing_is_seen_once_and_the_page_counts(town: Town, case: Case, login: Login) -> None:
    client = login("leader")
    other = town.to_state("closed")
    page = client.get(f"/review/?month={MONTH}").content.decode()
    assert "已审阅 0 / 2 件" in page
    say(client, case, "seen")
    page = say(client, case, "seen")
    assert "已审阅 1 / 2 件" in page
    assert Review.objects.count() == 1
    page = client.get(f"/review/?month={MONTH}").content.decode()
    assert other.number in page
    assert case.number not in page
    assert "没有待审阅" in client.get("/review/?month=2020-01").content.decode()
    assert client.get("/review/?month=odd").status_code == 200


def test_what_is_not_solved_goes_back_with_the_instruction(town: Town, case: Case, login: Login) -> None:
    page = say(login("leader"), case, "again")
    assert "重新解决请写明指示" in page
    page = say(login("leader"), case, "again", "请财政局会商")
    assert "已审阅 1 / 1 件" in page
    case.refresh_from_db()
    assert (case.state, case.redos) == ("to_dispatch", 1)
    assert "请财政局会商" in login("leader").get(f"/cases/{case.number}/").content.decode()


def test_a_line_is_the_agencies_of_the_grant(town: Town, case: Case, login: Login) -> None:
    leader = town.people["leader"]
    grant = RoleGrant.objects.get(user=leader)
    grant.agency = Agency.objects.create(code="gas", name="燃气公司")
    grant.save()
    assert case.number not in login("leader").get(f"/review/?month={MONTH}").content.decode()
    assert login("leader").post(f"/review/{case.number}/").status_code == 404
    grant.agency = town.water
    grant.save()
    assert case.number in login("leader").get(f"/review/?month={MONTH}").content.decode()


def test_a_leader_of_one_area_counts_what_was_reviewed_there(town: Town, case: Case, login: Login) -> None:
    elsewhere = town.to_state("closed", town.report(point=at(250, 50)))
    say(login("leader"), elsewhere, "seen")
    RoleGrant.objects.filter(user=town.people["leader"]).update(area_code=town.communities[0].code)
    page = login("leader").get(f"/review/?month={MONTH}").content.decode()
    assert "已审阅 0 / 1 件" in page
    assert case.number in page
    assert elsewhere.number not in page


def test_only_leaders_review(town: Town, case: Case, login: Login) -> None:
    assert login("manager").get("/review/").status_code == 403


def test_more_cases_take_no_more_queries(town: Town, login: Login, django_assert_max_num_queries: Any) -> None:
    for _number in range(3):
        town.to_state("closed")
    client = login("leader")
    with django_assert_max_num_queries(10):
        client.get(f"/review/?month={MONTH}")
