"""Abandoned calls: told, listed masked, called back, counted."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from dispatch.models import Call, Sitting
from people.models import Look
from tests.desks.test_intake_calls import DESK, Login, html, look_up, lost, typed
from tests.town import Town


def keep(client: Client, town: Town, **more: str) -> Any:
    start = timezone.localtime() - timedelta(minutes=20)
    sent = {"phone": "139 0000 0009", "started_at": f"{start:%Y-%m-%dT%H:%M}", "waited_s": "45"}
    return client.post(reverse("desks:calls"), sent | {"channel": str(town.channel.pk)} | more)


def test_an_abandoned_call_is_told_listed_masked_and_called_back(town: Town, login: Login) -> None:
    client = login("operator")
    assert keep(client, town, external_ref="L-1").status_code == 302
    keep(client, town, external_ref="L-1")  # told twice
    call = Call.objects.get()
    assert (call.outcome, call.waited_s) == ("abandoned", 45)
    shown = html(client.get(reverse("desks:calls")))
    assert "139****0009" in shown
    assert "13900000009" not in shown
    assert f"{DESK}?back={call.pk}" in shown
    opened = client.get(DESK, {"back": call.pk})
    assert opened.context["form"].initial["phone"] == "13900000009"
    assert Look.objects.get().reason == "回拨放弃的来电"
    client.post(DESK, typed(town, phone="13900000009", back=call.pk, next="1"))
    call.refresh_from_db()
    assert call.returned_how == "reached"
    assert set(Call.objects.values_list("outcome", flat=True)) == {"abandoned", "outgoing"}
    assert "139****0009" not in html(client.get(reverse("desks:calls")))
    assert "已回拨" in html(client.get(reverse("desks:calls"), {"tab": "done"}))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"phone": "abc"}, "请填写电话号码"),
        ({"phone": ""}, 'p class="error"'),
        ({"started_at": "2999-01-01T00:00"}, "来电时间加上等待时间还没有到"),
        ({"waited_s": "-1"}, 'p class="error"'),
        ({"channel": "0"}, 'p class="error"'),
    ],
)
def test_a_call_that_cannot_be_is_not_kept(town: Town, login: Login, wrong: dict[str, str], told: str) -> None:
    answer = keep(login("operator"), town, **wrong)
    assert answer.status_code == 422
    assert told in html(answer)
    assert not Call.objects.exists()


def test_attempts_in_vain_are_counted_once_a_press_and_a_call_can_be_dropped(town: Town, login: Login) -> None:
    call, client = lost(town), login("operator")
    for _press in range(2):
        client.post(reverse("desks:settle_call", args=[call.pk, "tried"]), {"tries": "0"})
    assert "回拨 1 次未接通" in html(client.get(reverse("desks:calls")))
    assert client.post(reverse("desks:settle_call", args=[call.pk, "else"])).status_code == 404
    client.post(reverse("desks:settle_call", args=[call.pk, "drop"]))
    call.refresh_from_db()
    assert (call.tries, call.returned_how) == (1, "dropped")
    assert client.get(reverse("desks:calls")).context["waiting"] == 0


def test_who_does_not_answer_a_call_back_is_noted_from_the_desk_and_the_operator_is_ready_again(
    town: Town, login: Login
) -> None:
    call, client = lost(town), login("operator")
    client.post(reverse("desks:sitting"), {"state": "call"})
    opened = html(client.get(DESK, {"back": call.pk}))
    link = reverse("desks:settle_call", args=[call.pk, "tried"])
    assert f'action="{link}"' in opened
    assert link not in html(client.get(DESK))
    client.post(link, {"tries": "0"})
    call.refresh_from_db()
    assert (call.tries, Sitting.objects.now().get().state) == (1, "ready")


def test_who_waits_longest_is_called_first_and_a_long_list_takes_few_queries(
    town: Town, login: Login, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = login("operator")
    for number in range(12):
        lost(town, f"139000001{number:02}", minutes=60 - number)
    with django_assert_max_num_queries(13):
        page = client.get(reverse("desks:calls")).context["page"]
    assert [call.person.phone for call in page][:2] == ["13900000100", "13900000101"]


def test_callers_who_wait_are_shown_beside_the_callbacks_and_in_the_figures(town: Town, login: Login) -> None:
    lost(town)
    assert "待回拨 1" in html(login("operator").get(reverse("desks:callbacks")))
    assert "放弃来电 1 次待回拨" in look_up(login("operator"), "13900000009")
    today = f"{timezone.localdate():%Y-%m-%d}"
    answer = login("manager").get(reverse("scorecards:figures"), {"first": today, "last": today})
    calls = answer.context["calls"]
    assert (calls.total.answered, calls.total.abandoned, calls.monthly, len(calls.lines)) == (0, 1, False, 1)
    assert "来电接听" in html(answer)
    year = login("manager").get(reverse("scorecards:figures")).context["calls"]
    assert (year.monthly, year.total.abandoned, [line.day.day for line in year.lines]) == (True, 1, [1])


def test_the_page_speaks_english(town: Town, login: Login) -> None:
    lost(town)
    client = login("operator")
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        assert "To call back" in html(client.get(reverse("desks:calls")))
        assert "Abandoned" in html(client.get(DESK))
