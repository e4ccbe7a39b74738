"""The ledger of an agency: what it was given, by when, with which result, and who answers for it (P3.12, P3.13)."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.town import Town

Login = Callable[[str], Client]


def test_the_ledger_has_dates_results_and_the_people_in_charge(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    town.water.feedback = "王五"
    town.water.save()
    page = login("manager").get("/ledger/?agency=water").content.decode()
    for word in (case.number, "按期", "张三", "李四", "王五"):
        assert word in page
    assert "台账还是空的" in login("manager").get("/ledger/?agency=office").content.decode()


def test_the_file_says_the_same_and_masks_numbers(town: Town, login: Login) -> None:
    case = town.to_state("closed", town.report("请打13900000001，井盖丢失"))
    text = login("handler").get("/ledger/water/ledger.csv").content.decode("utf-8-sig")
    assert case.number in text
    assert "按期" in text
    assert "13900000001" not in text


def test_a_handler_opens_the_own_ledger_only(town: Town, login: Login) -> None:
    client = login("handler")
    assert client.get("/ledger/office/ledger.csv").status_code == 404
    assert "测试街道办事处" not in client.get("/ledger/?agency=office").content.decode()
    assert login("operator").get("/ledger/").status_code == 403


def test_a_long_ledger_takes_few_queries(town: Town, login: Login, django_assert_max_num_queries: Any) -> None:
    for _number in range(3):
        town.to_state("handling")
    client = login("manager")
    with django_assert_max_num_queries(9):
        client.get("/ledger/?agency=water")
