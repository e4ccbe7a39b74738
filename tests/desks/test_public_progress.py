"""A resident finds the own progress by number and phone, and nobody finds somebody else's by guessing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desks.progressfile import plain_number, plain_phone
from dispatch.actions.repeating import join
from dispatch.intake import Caller
from dispatch.models import Channel, Person, Report
from people.models import Knock
from tests.desks.public_town import personal, spoken_of
from tests.town import Town

PATH = reverse("desks:find_progress")
PHONE = "13912345678"


def find(client: Client, number: str, phone: str = PHONE, **more: Any) -> Any:
    return client.post(PATH, {"number": number, "phone": phone}, **more)


def test_the_number_of_the_report_or_of_the_case_leads_to_the_page(town: Town, client: Client) -> None:
    case = personal(town, "handling")
    report = town.first_report(case)
    page = reverse("desks:progress", args=[report.query_key])
    for number in (report.number, case.number, f" {report.number.lower()} ", report.number.replace("-", "—")):
        answer = find(client, number)
        assert (answer.status_code, answer.get("Location")) == (302, page), number
    assert "办理过程" in client.get(page).content.decode()


WRITTEN = ["139 1234 5678", "+86 13912345678", "0086-139-1234-5678", "１３９１２３４５６７８", "13800009999"]


@pytest.mark.parametrize("phone", WRITTEN)
def test_the_phone_may_be_written_as_people_write_it(town: Town, client: Client, phone: str) -> None:
    assert find(client, town.first_report(personal(town)).number, phone).status_code == 302


def test_a_wrong_number_and_a_wrong_phone_get_the_very_same_answer(town: Town, client: Client) -> None:
    report = town.first_report(personal(town))
    # the last one is the end of the right one
    wrong = [("", "13900000000"), ("S20200101-000001", PHONE), ("S20200101-000001", "13900000000"), ("", "12345678")]
    told = set()
    for given, phone in wrong:
        number = given or report.number
        answer = find(client, number, phone)
        text = answer.content.decode()
        assert "没有找到：请核对编号，和反映时留下的电话。" in text
        same = re.sub(r'(csrfmiddlewaretoken" value=|"X-CSRFToken": )"\w+"', "", text)
        told.add((answer.status_code, same.replace(number, "").replace(phone, "")))
    assert [status for status, _text in told] == [422]


def test_what_belongs_to_nobody_is_not_found(town: Town, client: Client) -> None:
    report = town.first_report(personal(town))
    Report.objects.filter(pk=report.pk).update(anonymous=True)
    assert find(client, report.number).status_code == 422
    Report.objects.filter(pk=report.pk).update(anonymous=False)
    assert find(client, report.number).status_code == 302
    Person.objects.update(phone="", callback_phone="")  # as keeping times leave it
    for phone in ("", "-", "0"):
        assert find(client, report.number, phone).status_code == 422
    Person.objects.update(phone=PHONE)
    Channel.objects.update(public=False)
    assert find(client, report.number).status_code == 422


def test_of_several_reports_of_a_case_each_reporter_finds_the_own(town: Town, client: Client) -> None:
    first = personal(town)
    second = town.report("还是那个井盖", caller=Caller(name="李四", phone="13700000002"), when=timezone.now())
    join(second, town.doing(second, "operator", timezone.now()), into=first)
    own = Report.objects.get(person__phone="13700000002")
    answer = find(client, first.number, "13700000002")
    assert answer["Location"] == reverse("desks:progress", args=[own.query_key])


def test_whoever_tries_often_waits_by_number_by_phone_and_by_address(town: Town, client: Client) -> None:
    report = town.first_report(personal(town))
    for try_ in range(10):
        assert find(client, report.number, f"1380000{try_:04}", REMOTE_ADDR=f"192.0.2.{try_}").status_code == 422
    shut = find(client, report.number, PHONE, REMOTE_ADDR="192.0.2.99")  # right, and too late
    assert shut.status_code == 429
    assert "查询得太频繁" in shut.content.decode()
    Knock.objects.all().delete()
    for try_ in range(10):
        find(client, f"S2026-{try_}", PHONE, REMOTE_ADDR=f"192.0.2.{try_}")
    assert find(client, report.number, PHONE, REMOTE_ADDR="192.0.2.99").status_code == 429
    Knock.objects.all().delete()
    for try_ in range(20):
        assert find(client, f"S2026-{try_}", f"1380000{try_:04}").status_code == 422
    assert find(client, report.number).status_code == 429
    assert find(client, report.number, REMOTE_ADDR="192.0.2.99").status_code == 302
    Knock.objects.update(ends_at=timezone.now() - timedelta(minutes=1))
    assert find(client, report.number).status_code == 302


def test_the_form_asks_for_both_and_keeps_what_was_typed(town: Town, client: Client) -> None:
    assert client.get(PATH).status_code == 200
    answer = find(client, "S20261118-1", "")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "请填写电话" in text
    assert "S20261118-1" in text
    assert not Knock.objects.exists()
    assert client.put(PATH).status_code == 405


def test_the_progress_page_and_the_receipt_tell_nothing_personal(town: Town, client: Client) -> None:
    for state in ("received", "handling", "closed"):
        report = town.first_report(personal(town, state))
        for route in ("desks:progress", "desks:sent"):
            answer = client.get(reverse(route, args=[report.query_key]))
            assert answer.status_code == 200
            assert spoken_of(answer.content) == []
            assert answer["Cache-Control"] == "no-store"
            assert "noindex" in answer["X-Robots-Tag"]


def test_a_key_that_nobody_has_leads_nowhere(town: Town, client: Client) -> None:
    personal(town)
    for route in ("desks:progress", "desks:sent"):
        assert client.get(reverse(route, args=["x" * 22])).status_code == 404


def test_numbers_and_phones_are_read_plainly() -> None:
    assert plain_number("ｓ20261118—000012 ") == "S20261118-000012"
    assert plain_phone("0086 0523-8688 1234") == "052386881234"
    assert plain_phone("8612345") == "8612345"  # no country in front of a short number
