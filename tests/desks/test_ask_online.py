"""A citizen or an enterprise asks online, without a login; urgent help with its reason (P3.9, P3.24)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Attachment, Case, Channel, Evidence, Person, Report
from gridmap.gazetteer import place_row
from tests.town import Town, at, jpeg

PATH = reverse("desks:ask_online")


@pytest.fixture
def web(town: Town) -> Channel:
    return Channel.objects.create(key="web", name="网站", kind="website")


def ask(client: Client, **more: Any) -> Any:
    sent = {
        "operation": str(uuid.uuid4()), "kind": "resident", "name": "张先生", "phone": "13900000007",
        "request_type": "complaint", "text": "路灯三天不亮", "address": "",
    } | more  # fmt: skip
    return client.post(PATH, sent)


def test_a_citizen_asks_and_follows_the_progress(town: Town, web: Channel, client: Client) -> None:
    assert client.get(PATH).status_code == 200
    answer = ask(client)
    report = Report.objects.get()
    page = answer.content.decode()
    assert report.number in page
    progress = reverse("desks:progress", args=[report.query_key])
    assert progress in page
    assert client.get(progress).status_code == 200
    assert answer["Cache-Control"] == "no-store"
    case, person = Case.objects.get(), Person.objects.get()
    assert (report.channel, report.text, case.state) == (web, "路灯三天不亮", "received")
    assert (person.phone, report.wants_callback, report.anonymous) == ("13900000007", True, False)
    assert case.steps.get().actor is None


def test_urgent_help_has_a_reason_and_a_number_and_is_urgent_at_once(town: Town, web: Channel, client: Client) -> None:
    refused = ask(client, urgent="on", phone="").content.decode()
    assert "请选择紧急理由" in refused
    assert "紧急求助请留下电话" in refused
    assert "路灯三天不亮" in refused
    page = ask(client, urgent="on", urgent_code="life").content.decode()
    case = Case.objects.get()
    assert (case.urgent, case.urgent_reason) == (True, "life")
    assert "请同时拨打 110、119 或 120" in page


def test_an_enterprise_is_told_apart(town: Town, web: Channel, client: Client) -> None:
    assert "企业诉求请填写企业名称" in ask(client, kind="enterprise").content.decode()
    ask(client, kind="enterprise", company="银春旅馆")
    person = Person.objects.get()
    assert (person.kind, person.company) == ("enterprise", "银春旅馆")


def test_who_says_nothing_of_themselves_stays_unknown(town: Town, web: Channel, client: Client) -> None:
    ask(client, name="", phone="")
    report = Report.objects.get()
    assert (report.anonymous, report.person, report.wants_callback) == (True, None, False)


def test_the_place_is_read_from_the_words(town: Town, web: Channel, client: Client) -> None:
    place_row("poi", "银春旅馆", at(52, 40), source="test").save()
    ask(client, text="银春旅馆门前井盖丢失")
    case = Case.objects.get()
    assert case.point is not None
    assert case.cell == town.cells[0]


def test_photos_are_encoded_again_and_what_is_none_is_told(town: Town, web: Channel, client: Client) -> None:
    ask(client, photos=[jpeg("red"), jpeg("blue")])
    assert Attachment.objects.filter(phase="reported").count() == 2
    broken = jpeg("red")
    broken.truncate(20)
    refused = ask(client, photos=[broken])
    assert refused.status_code == 422
    assert "无法识别这张照片" in refused.content.decode()
    many = ask(client, photos=[jpeg(colour) for colour in ("red", "blue", "green", "white")])
    assert "最多 3 张照片" in many.content.decode()
    assert ask(client, text="", photos=[jpeg("orange")]).status_code == 422  # kept only with a report
    assert Report.objects.count() == 1
    assert Evidence.objects.count() == 2


def test_the_same_press_twice_is_one_report(town: Town, web: Channel, client: Client) -> None:
    operation = str(uuid.uuid4())
    pages = [ask(client, operation=operation, photos=[jpeg()]).content.decode() for _press in range(2)]
    assert Report.objects.get().number in pages[1]
    assert Attachment.objects.count() == 1


def test_robots_and_whoever_writes_too_often_are_turned_away(town: Town, web: Channel, client: Client) -> None:
    assert ask(client, website="http://x").status_code == 422
    assert not Report.objects.exists()
    for _number in range(5):
        assert ask(client).status_code == 200
    refused = ask(client)
    assert refused.status_code == 422
    assert "请拨打热线电话" in refused.content.decode()
    Report.objects.update(received_at=timezone.now() - timedelta(hours=2))
    assert ask(client).status_code == 200


def test_a_place_without_a_website_has_no_form(town: Town, client: Client) -> None:
    assert client.get(PATH).status_code == 404
    Channel.objects.create(key="web", name="网站", kind="website", starts_on=timezone.localdate() + timedelta(days=1))
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize("phone", ["abc", "1", "1390000000713900000007139000"])
def test_a_number_that_is_none_is_told(town: Town, web: Channel, client: Client, phone: str) -> None:
    assert "请填写正确的电话号码" in ask(client, phone=phone).content.decode()
