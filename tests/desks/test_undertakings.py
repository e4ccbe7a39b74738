"""Key issues with a monthly notice, measures that outlive a case, campaigns (P3.14, P3.17, P3.25, P4.15)."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desks.undertakinglists import read_notice, unit_rows, units_with_sums
from dispatch.models import Case, Undertaking, UndertakingEntry
from people.models import Agency
from tests.town import NOW, Town

Login = Callable[[str], Client]


def begin(client: Client, town: Town, **more: Any) -> Any:
    sent = {
        "kind": "measure",
        "title": "新建充电桩",
        "why": "居民反映小区没有充电桩",
        "agency": town.water.pk,
        "begins_on": "2026-10-08",
        "due_on": "2026-12-31",
        "target": 200,
        "unit": "个",
        "counts": "hand",
        "operation": str(uuid.uuid4()),
    } | more
    return client.post(reverse("desks:new_undertaking") + more.pop("address", ""), sent)


def report(client: Client, found: Undertaking, agency: Agency, **more: Any) -> Any:
    unit = found.units.get(agency=agency)
    sent = {"unit": unit.pk, "on": "2026-10-20", "quantity": 60, "words": "已装", "operation": str(uuid.uuid4())} | more
    return client.post(reverse("desks:undertaking_add", args=[found.pk, "entry"]), sent)


def show(client: Client, found: Undertaking) -> str:
    return client.get(reverse("desks:undertaking", args=[found.pk])).content.decode()


def test_a_measure_outlives_the_case_that_it_came_from(town: Town, login: Login) -> None:
    """One request for a charging pile becomes 200 of them (P3.17)."""
    case = town.to_state("closed")
    lead = login("shift_lead")
    page = lead.get(reverse("desks:case", args=[case.number])).content.decode()
    assert f"{reverse('desks:new_undertaking')}?case={case.number}" in page
    assert begin(lead, town, address=f"?case={case.number}").status_code == 302
    found = Undertaking.objects.get()
    assert list(found.cases.all()) == [case]
    assert "新建充电桩" in lead.get(reverse("desks:case", args=[case.number])).content.decode()
    handler = login("handler")
    for quantity in (60, 140):
        assert report(handler, found, town.water, quantity=quantity).status_code == 302
    assert "200 / 200 个" in show(handler, found)
    lead = login("shift_lead")
    lead.post(reverse("desks:undertaking_add", args=[found.pk, "end"]), {"outcome": "200 个全部投用"})
    found.refresh_from_db()
    assert (found.ended_on, found.outcome) == (timezone.localdate(), "200 个全部投用")
    case.refresh_from_db()
    assert case.state == "closed"


def test_the_notice_of_a_month_says_what_was_done_and_who_was_silent(town: Town, login: Login) -> None:
    manager = login("manager")
    begin(manager, town, kind="issue", title="老旧管网渗漏", due_on="2026-11-15")
    issue = Undertaking.objects.get()
    manager.post(reverse("desks:undertaking_add", args=[issue.pk, "unit"]), {"agency": town.office.pk, "target": ""})
    report(manager, issue, town.water, words="更换管道 60 米")
    seen = Undertaking.objects.all()
    (told,) = read_notice(seen, date(2026, 10, 1), date(2026, 10, 31))
    assert [entry.words for entry in told.entries] == ["更换管道 60 米"]
    assert [str(unit.agency) for unit in told.silent] == ["测试街道办事处"]
    assert not told.overdue
    (later,) = read_notice(seen, date(2026, 11, 1), date(2026, 11, 30))
    assert later.entries == []
    assert len(later.silent) == 2
    assert later.overdue
    assert read_notice(seen, date(2026, 9, 1), date(2026, 9, 30)) == []
    page = manager.get(reverse("desks:undertakings_notice") + "?month=2026-10").content.decode()
    assert "更换管道 60 米" in page
    assert page.count("本月未报进展") == 1


def test_a_campaign_has_a_target_for_each_unit_and_adds_up(town: Town, login: Login) -> None:
    manager = login("manager")
    begin(manager, town, kind="campaign", title="森林防火百日行动", target=40, unit="处")
    found = Undertaking.objects.get()
    manager.post(reverse("desks:undertaking_add", args=[found.pk, "unit"]), {"agency": town.office.pk, "target": 60})
    report(manager, found, town.water, quantity=40)
    report(manager, found, town.office, quantity=35)
    report(manager, found, town.office, quantity=-5, words="更正：多报 5 处")
    page = show(manager, found)
    assert "70 / 100 处" in page
    assert "30 / 60 处" in page
    listed = manager.get(reverse("desks:undertakings") + "?tab=campaign").content.decode()
    assert "70 / 100 处" in listed


def test_a_unit_sees_and_reports_its_own_only(town: Town, login: Login) -> None:
    begin(login("manager"), town, agency=town.office.pk)
    found = Undertaking.objects.get()
    handler = login("handler")
    assert handler.get(reverse("desks:undertaking", args=[found.pk])).status_code == 404
    assert report(handler, found, town.office).status_code == 404
    found.units.create(agency=town.water)
    page = show(handler, found)
    assert "结束跟踪" not in page
    assert report(handler, found, town.office).status_code == 422
    assert report(handler, found, town.water).status_code == 302
    answer = handler.post(reverse("desks:undertaking_add", args=[found.pk, "end"]), {"outcome": "完成"})
    assert answer.status_code == 403
    assert [entry.unit.agency for entry in UndertakingEntry.objects.all()] == [town.water]


def test_a_second_press_makes_nothing_new(town: Town, login: Login) -> None:
    manager, operation = login("manager"), str(uuid.uuid4())
    for _press in range(2):
        assert begin(manager, town, operation=operation).status_code == 302
    found = Undertaking.objects.get()
    for _press in range(2):
        assert report(manager, found, town.water, operation=operation).status_code == 302
    assert UndertakingEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"due_on": "2026-10-01"}, "完成期限不能早于开始日期"),
        ({"unit": ""}, "有目标数量时请写明计量单位"),
        ({"title": ""}, "这个字段是必填项"),
    ],
)
def test_what_is_wrong_is_told_and_kept(town: Town, login: Login, wrong: dict[str, str], said: str) -> None:
    answer = begin(login("manager"), town, **wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "居民反映小区没有充电桩" in answer.content.decode()
    assert not Undertaking.objects.exists()


@pytest.mark.parametrize(("days", "said"), [(-1, "日期不能早于开始日期"), (1, "日期不能晚于今天")])
def test_progress_lies_between_the_first_day_and_today(town: Town, login: Login, days: int, said: str) -> None:
    manager, today = login("manager"), timezone.localdate()
    begin(manager, town, begins_on=f"{today}", due_on=f"{today + timedelta(days=30)}")
    answer = report(manager, Undertaking.objects.get(), town.water, on=f"{today + timedelta(days=days)}")
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_what_has_ended_takes_nothing_more(town: Town, login: Login) -> None:
    manager = login("manager")
    begin(manager, town)
    found = Undertaking.objects.get()
    manager.post(reverse("desks:undertaking_add", args=[found.pk, "end"]), {"outcome": "完成"})
    report(manager, found, town.water)
    assert not UndertakingEntry.objects.exists()
    assert "已结束" in manager.get(reverse("desks:undertakings") + "?tab=ended").content.decode()


def test_a_confidential_case_is_not_linked_by_who_may_not_see_it(town: Town, login: Login) -> None:
    case = town.report()
    Case.objects.filter(pk=case.pk).update(confidential=True)
    manager = login("manager")
    begin(manager, town, address=f"?case={case.number}")
    found = Undertaking.objects.get()
    assert not found.cases.exists()
    answer = manager.post(reverse("desks:undertaking_add", args=[found.pk, "case"]), {"number": case.number})
    assert "没有这个编号的案件" in answer.content.decode()
    found.cases.add(case)
    assert case.number not in show(manager, found)
    assert case.number in show(login("leader"), found)


def test_many_take_as_many_queries_as_one(town: Town, login: Login, django_assert_max_num_queries: Any) -> None:
    manager = login("manager")
    for _number in range(8):
        begin(manager, town, kind="issue")
    for found in Undertaking.objects.all():
        found.units.create(agency=town.office)
        report(manager, found, town.water)
    with django_assert_max_num_queries(11):
        manager.get(reverse("desks:undertakings"))
    with django_assert_max_num_queries(7):
        manager.get(reverse("desks:undertakings_notice") + "?month=2026-10")
    one = Undertaking.objects.prefetch_related(units_with_sums())[0]
    assert [row.done for row in unit_rows(one)] == [60, 0]
    assert NOW.date() > one.begins_on
