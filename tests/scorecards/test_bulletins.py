"""简报: numbers, four sections, excellent cases, and figures that stay once published (P2.6–P2.8, P2.21)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Case
from scorecards.bulletins import PublishedError, publish
from scorecards.models import Bulletin, ExcellentCase
from tests.scorecards.test_intake import came
from tests.town import NOW, Town

Login = Callable[[str], Client]


def write(client: Client, **more: Any) -> Any:
    sent = {"issuer": "湘潭县热线办", "first": "2016-07-01", "last": "2016-09-30", "work": "走访乡镇", "hot": ""} | more
    return client.post(reverse("scorecards:new_bulletin"), sent)


def show(client: Client, found: Bulletin) -> str:
    return client.get(reverse("scorecards:bulletin", args=[found.pk])).content.decode()


def test_an_issue_has_its_number_in_the_year_and_through_all_years(town: Town, login: Login) -> None:
    """2016 第3期 总第7期."""
    manager = login("manager")
    for quarter in ("2015-03-31", "2015-06-30", "2015-09-30", "2015-12-31", "2016-03-31", "2016-06-30", "2016-09-30"):
        write(manager, first=quarter[:8] + "01", last=quarter)
    last = Bulletin.objects.get(last=date(2016, 9, 30))
    assert (last.year, last.number, last.running) == (2016, 3, 7)
    assert "2016 年第 3 期（总第 7 期）" in show(manager, last)


def test_its_four_sections_say_what_the_figures_say(town: Town, login: Login) -> None:
    came(town, [(town.channel, "complaint", town.fee, 5), (town.channel, "help", None, 2)], matched="怡园小区")
    came(town, [(town.channel, "complaint", None, 6)], when=datetime(2015, 3, 3, tzinfo=UTC))
    manager = login("manager")
    write(manager)
    page = show(manager, Bulletin.objects.get())
    for section in ("办理基本情况", "热线工作动态", "热点内容介绍", "优秀办件学习"):
        assert section in page
    assert "本期共收到诉求 7 件" in page
    assert "投诉 5，求助 2" in page
    assert "走访乡镇" in page
    assert "怡园小区 5" in page
    assert "本年来件已超过去年全年的 6 件" in page


def test_what_was_published_never_changes(town: Town, login: Login) -> None:
    came(town, [(town.channel, "complaint", town.fee, 5)])
    manager = login("manager")
    write(manager)
    found = Bulletin.objects.get()
    assert manager.post(reverse("scorecards:publish_bulletin", args=[found.pk])).status_code == 302
    came(town, [(town.channel, "complaint", town.fee, 4)])
    assert "本期共收到诉求 5 件" in show(manager, found)
    assert manager.get(reverse("scorecards:edit_bulletin", args=[found.pk])).status_code == 404
    with pytest.raises(PublishedError):
        publish(found, by=town.people["manager"], at=NOW)
    answer = manager.post(reverse("scorecards:publish_bulletin", args=[found.pk]), follow=True)
    assert "已经发布过" in answer.content.decode()


def test_a_draft_is_read_by_its_writers_and_changed_and_is_not_out_before_its_end(town: Town, login: Login) -> None:
    manager = login("manager")
    write(manager, last="2099-12-31", first="2099-10-01")
    found = Bulletin.objects.get()
    answer = manager.post(reverse("scorecards:publish_bulletin", args=[found.pk]), follow=True)
    assert "本期还没有结束" in answer.content.decode()
    edit = reverse("scorecards:edit_bulletin", args=[found.pk])
    sent = {"issuer": "中心", "first": "2016-07-01", "last": "2016-09-30", "work": "新内容", "hot": "道路"}
    assert manager.post(edit, sent).status_code == 302
    found.refresh_from_db()
    assert (found.work, found.running, found.year) == ("新内容", 1, 2099)
    handler = login("handler")
    assert handler.get(reverse("scorecards:bulletin", args=[found.pk])).status_code == 404
    assert "总第" not in handler.get(reverse("scorecards:bulletins")).content.decode()
    publish(found, by=town.people["manager"], at=NOW)
    assert "新内容" in show(login("handler"), found)


def test_days_the_wrong_way_round_are_told(town: Town, login: Login) -> None:
    answer = write(login("manager"), last="2016-06-30")
    assert answer.status_code == 422
    assert "截止日期不能早于起始日期" in answer.content.decode()
    assert "走访乡镇" in answer.content.decode()


def test_an_excellent_case_is_told_by_the_template_and_put_into_an_issue(town: Town, login: Login) -> None:
    """基本情况, 处理过程, 工作感悟, with title and units (P2.8)."""
    case = town.to_state("closed", town.report("王女士 13900000001：井盖丢失"))
    lead = login("shift_lead")
    path = reverse("scorecards:excellent", args=[case.number])
    assert path in lead.get(reverse("desks:case", args=[case.number])).content.decode()
    form = lead.get(path).content.decode()
    assert "王** 139****0001：井盖丢失" in form
    assert "王女士" not in form
    assert "自来水公司" in form
    assert "2026-11-18 派遣" in form
    sent = {
        "title": "两小时换好井盖",
        "units": "自来水公司",
        "situation": "井盖丢失",
        "course": "当日更换",
        "thoughts": "快",
    }
    assert lead.post(path, sent).status_code == 302
    assert lead.post(path, sent | {"thoughts": "又快又好"}).status_code == 302
    told = ExcellentCase.objects.get()
    assert (told.case, told.thoughts) == (case, "又快又好")
    write(lead, cases=[told.pk])
    page = show(lead, Bulletin.objects.get())
    for words in ("两小时换好井盖", "基本情况", "处理过程", "工作感悟", "又快又好"):
        assert words in page


def test_no_open_and_no_confidential_case_is_told(town: Town, login: Login) -> None:
    lead, going, secret = login("shift_lead"), town.report(), town.to_state("closed")
    Case.objects.filter(pk=secret.pk).update(confidential=True)
    for case in (going, secret):
        path = reverse("scorecards:excellent", args=[case.number])
        assert path not in lead.get(reverse("desks:case", args=[case.number])).content.decode()
        assert lead.get(path).status_code == 404


def test_a_second_press_makes_no_second_issue(town: Town, login: Login) -> None:
    manager = login("manager")
    assert write(manager).status_code == 302
    again = write(manager)
    assert again.status_code == 422
    assert "请在那一期上修改" in again.content.decode()
    assert Bulletin.objects.count() == 1
