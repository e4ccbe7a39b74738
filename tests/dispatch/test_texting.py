"""SMS to units at a dispatch, to a gateway on this machine: once, tried again, without a resident's word (P1.9)."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch import events, inforce, texting
from dispatch.actions.handling import Assignment, dispatch_case
from dispatch.models import Event, TextMessage
from dispatch.texting import TRIES, on_event, send_due
from tests.town import Town


class Gateway(HTTPServer):
    """What a city's gateway is to us: it keeps what it got and answers as it was told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.got: list[tuple[dict[str, Any], str]] = []
        self.status = 200


class Answering(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((json.loads(body), self.headers["Authorization"]))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    server = Gateway()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.TEXT_GATEWAY = f"http://127.0.0.1:{server.server_port}/send"
    settings.TEXT_GATEWAY_TOKEN = "secret"
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def xian(town: Town) -> Town:
    town.water.text_phone = "13800000001"
    town.water.save()
    return town


def sent_out(town: Town) -> TextMessage:
    town.to_state("handling", town.report("王女士 13900000001 西仓路9号：井盖丢失"))
    tell()
    return TextMessage.objects.get()


def tell() -> None:
    """The worker reads the events, in a place that sends messages; its chain of signatures has been through."""
    inforce.remember("xian_tanjia", seconds=3600)
    for event in Event.objects.order_by("pk"):
        events._READERS["texts"](event)


def due_now() -> None:
    TextMessage.objects.update(next_try=timezone.now())


def test_the_unit_is_told_number_class_and_limit_and_nothing_of_the_caller(xian: Town, gateway: Gateway) -> None:
    message = sent_out(xian)
    due_now()
    assert send_due() == "1 sent"
    ((body, token),) = gateway.got
    assert body == {"id": f"{message.pk}", "to": "13800000001", "text": message.words}
    assert token == "Bearer secret"
    assert message.step.case.number in body["text"]
    assert "上水井盖" in body["text"]
    for private in ("王女士", "13900000001", "西仓路"):
        assert private not in body["text"]
    message.refresh_from_db()
    assert (message.state, message.tries) == ("sent", 1)
    assert send_due() == "0 sent"
    assert len(gateway.got) == 1


def test_an_event_read_again_makes_no_second_message(xian: Town) -> None:
    sent_out(xian)
    for event in Event.objects.filter(kind="case.dispatch"):
        on_event(event)
    assert TextMessage.objects.count() == 1


def test_a_gateway_that_fails_is_tried_again_and_then_not_any_more(xian: Town, gateway: Gateway) -> None:
    message = sent_out(xian)
    gateway.status = 503
    due_now()
    send_due()
    message.refresh_from_db()
    assert (message.state, message.tries, message.error) == ("queued", 1, "HTTP 503")
    assert message.next_try > timezone.now() + timedelta(seconds=30)
    assert send_due() == "0 sent"
    for _try in range(TRIES):
        due_now()
        send_due()
    message.refresh_from_db()
    assert (message.state, message.tries) == ("failed", TRIES)
    assert len(gateway.got) == TRIES


def test_a_gateway_that_is_not_there_loses_nothing(xian: Town, settings: Any) -> None:
    message = sent_out(xian)
    due_now()
    assert send_due() == "no gateway"
    settings.TEXT_GATEWAY = "http://127.0.0.1:1/"
    send_due()
    message.refresh_from_db()
    assert message.state == "queued"
    assert message.error


def test_a_unit_without_a_number_is_seen_and_sent_to_when_it_has_one(
    xian: Town, gateway: Gateway, login: Callable[[str], Client]
) -> None:
    xian.water.text_phone = ""
    xian.water.save()
    message = sent_out(xian)
    lead = login("shift_lead")
    page = lead.get(reverse("desks:texts") + "?tab=failed").content.decode()
    assert "单位没有登记短信号码" in page
    again = reverse("desks:text_again", args=[message.pk])
    assert "没有重发" in lead.post(again, follow=True).content.decode()
    xian.water.text_phone = "13800000009"
    xian.water.save()
    assert "已重新排队发送" in lead.post(again, follow=True).content.decode()
    assert texting.send_due() == "1 sent"
    assert gateway.got[0][0]["to"] == "13800000009"


def test_elsewhere_nobody_is_told_by_sms(town: Town, login: Callable[[str], Client]) -> None:
    town.to_state("handling")
    for event in Event.objects.all():
        on_event(event)
    assert not TextMessage.objects.exists()
    assert "没有启用派遣短信" in login("shift_lead").get(reverse("desks:texts")).content.decode()


def test_each_unit_of_a_joint_dispatch_is_told(xian: Town) -> None:
    xian.office.text_phone = "13800000002"
    xian.office.save()
    case = xian.to_state("to_dispatch")
    to = [Assignment(xian.water), Assignment(xian.office)]
    dispatch_case(case, xian.doing(case, "dispatcher", case.state_since), to=to)
    tell()
    assert set(TextMessage.objects.values_list("number", flat=True)) == {"13800000001", "13800000002"}
