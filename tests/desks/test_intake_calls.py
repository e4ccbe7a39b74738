"""The intake desk at the telephone: who calls, the screen pop, words to read, states, notes, abandoned calls."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from desks.ringforms import parse_start
from dispatch.calls import Ring, abandon
from dispatch.intake import Caller
from dispatch.models import Article, Call, Case, Person, Sitting
from people.models import Look
from tests.town import Town

Login = Callable[[str], Client]
DESK = "/intake/"
LINK = "https://rec.example.org/2026/1.mp3"


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.RECORDING_HOSTS = ["rec.example.org"]


def html(answer: Any) -> str:
    return str(answer.content.decode())


def lost(town: Town, phone: str = "13900000009", minutes: int = 10) -> Call:
    """A call that nobody answered some minutes ago."""
    start = timezone.now() - timedelta(minutes=minutes)
    end = start + timedelta(seconds=40)
    return abandon(channel=town.channel, phone=phone, started_at=start, ended_at=end, at=timezone.now())


def typed(town: Town, **more: Any) -> dict[str, Any]:
    values = {
        "operation": str(uuid.uuid4()),
        "channel": town.channel.pk,
        "request_type": "complaint",
        "kind": "resident",
        "text": "上水井盖丢失",
        "phone": "13900000001",
        "wants_callback": "on",
    }
    return values | more


# --- who calls


def look_up(client: Client, phone: str) -> str:
    return html(client.post(reverse("desks:caller"), {"phone": phone}))


def test_a_number_shows_its_earlier_reports_masked_with_their_states(town: Town, login: Login) -> None:
    case = town.to_state("verifying", town.report("王女士说上水井盖丢失，电话13900000001"))
    shown = look_up(login("operator"), "139 0000 0001")
    assert "以往诉求 1 件，在办 1 件" in shown
    assert "核实中" in shown
    assert reverse("desks:case", args=[case.number]) in shown
    assert "139****0001" in shown
    assert "王**" in shown
    for secret in ("王女士", "13900000001"):
        assert secret not in shown
    assert not Look.objects.exists()  # nothing personal was shown


def test_a_number_too_short_or_unknown_shows_nobody(town: Town, login: Login) -> None:
    town.report()
    assert "以往诉求" not in look_up(login("operator"), "1390")
    assert "这个号码没有以往的诉求" in look_up(login("operator"), "13900000099")


def test_an_anonymous_report_is_not_found_by_its_number(town: Town, login: Login) -> None:
    login("operator").post(DESK, typed(town, anonymous="on"))
    assert "没有以往的诉求" in look_up(login("operator"), "13900000001")


def test_a_name_is_filled_in_only_for_its_own_number_and_the_look_is_recorded(town: Town, login: Login) -> None:
    town.report()
    person, client = Person.objects.get(), login("operator")
    link = reverse("desks:fill_caller", args=[person.pk])
    assert client.post(link, {"phone": "13900000002"}).status_code == 404
    assert not Look.objects.exists()
    assert client.post(link, {"phone": "139-0000-0001"}).json()["name"] == "王女士"
    look = Look.objects.get()
    assert (look.user, look.subject) == (town.people["operator"], f"caller:{person.pk}")
    assert f"来电人 #{person.pk}" in html(login("admin").get(reverse("dispatch:looks")))


def test_many_reports_take_as_many_queries_as_few(
    town: Town, login: Login, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = login("operator")
    for number in range(8):
        town.report(caller=Caller(name=f"王{number}", phone="13900000001"))
    with django_assert_max_num_queries(9):
        shown = look_up(client, "13900000001")
    assert shown.count("row-title") == 5
    assert "以往诉求 8 件" in shown


# --- the screen pop


def pop(client: Client, **what: str) -> Any:
    return client.get(DESK, what)


def test_a_screen_pop_fills_in_the_caller_and_what_the_call_centre_knows(town: Town, login: Login) -> None:
    town.report()
    answer = pop(login("operator"), phone="+86 139-0000-0001", call_ref="C-88", recording=LINK)
    first = answer.context["form"].initial
    assert answer.status_code == 200
    assert (first["phone"], first["name"], first["call_ref"], first["recording"]) == (
        "13900000001", "王女士", "C-88", LINK,
    )  # fmt: skip
    assert answer.context["focus"] == "text"
    assert "以往诉求 1 件" in html(answer)
    assert [(look.subject, look.reason) for look in Look.objects.all()] == [
        (f"caller:{Person.objects.get().pk}", "来电弹屏")
    ]


def test_what_the_pop_says_is_kept_with_the_call(town: Town, login: Login) -> None:
    started = timezone.now() - timedelta(minutes=3)
    sent = typed(town, call_ref="C-88", recording=LINK, started=started.isoformat(), next="1")
    client = login("operator")
    client.post(reverse("desks:sitting"), {"state": "call"})
    client.post(DESK, sent)
    call = Call.objects.get()
    assert (call.external_ref, call.recording, call.started_at, call.outcome) == ("C-88", LINK, started, "answered")
    assert call.ended_at is not None
    again = html(pop(client, phone="13900000001", call_ref="C-88"))
    assert "这个来电已登记过" in again
    assert Case.objects.get().number in again


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"recording": "https://other.example.org/1"}, "录音链接不在本单位允许的录音服务器上"),
        ({"recording": "javascript:alert(1)"}, "录音链接不是 http 或 https 地址"),
        ({"phone": "<b>no</b>"}, "主叫号码不是电话号码"),
        ({"started": "gestern"}, "来电时间不对"),
        ({"started": "2020-01-01T00:00:00+08:00"}, "来电时间不对"),
        ({"started": "2999-01-01T00:00:00+08:00"}, "来电时间不对"),
    ],
)
def test_what_is_wrong_is_told_and_left_out_and_the_rest_counts(
    town: Town, login: Login, wrong: dict[str, str], told: str
) -> None:
    answer = pop(login("operator"), **{"phone": "13900000005", "call_ref": "C-9", "recording": LINK} | wrong)
    first, shown = answer.context["form"].initial, html(answer)
    assert answer.status_code == 400
    assert told in shown
    assert first["call_ref"] == "C-9"
    assert next(iter(wrong)) not in first
    assert next(iter(wrong.values())) not in shown[shown.index('id="intake"') :]
    assert {"phone", "recording"} - set(wrong) <= set(first)


def test_a_link_put_into_the_form_by_hand_is_refused_too(town: Town, login: Login) -> None:
    answer = login("operator").post(DESK, typed(town, recording="https://other.example.org/1"))
    assert answer.status_code == 422
    assert "录音链接不在本单位允许的录音服务器上" in html(answer)
    assert "other.example.org" not in html(answer)  # the next press registers without it
    assert not Call.objects.exists()


def test_a_start_is_read_as_call_centres_write_it() -> None:
    for text in ("2026-11-27T09:30:00+08:00", "2026-11-27T09:30:00 08:00", "2026-11-27 09:30", "1795743000"):
        found = parse_start(text)
        assert found is not None
        assert f"{found.astimezone(timezone.get_fixed_timezone(480)):%F %H:%M}" == "2026-11-27 09:30", text
    assert parse_start("2026-13-01T00:00") is None


def test_the_recording_is_opened_from_the_case_by_those_who_may_and_each_time_is_recorded(
    town: Town, login: Login
) -> None:
    case = town.to_state("handling", town.report(ring=Ring(external_ref="C-88", recording=LINK)))
    call, page = Call.objects.get(), reverse("desks:case", args=[case.number])
    link = reverse("desks:recording", args=[case.number, call.pk])
    shown = html(login("operator").get(page))
    assert link in shown
    assert "C-88" in shown
    assert LINK not in shown
    for other in ("handler", "dispatcher", "manager"):
        assert link not in html(login(other).get(page))
        assert login(other).get(link).status_code == 403
    answer = login("operator").get(link)
    assert answer["Location"] == LINK
    assert Look.objects.get().subject == f"recording:{call.pk}"


def test_a_recording_is_not_opened_by_another_case_or_from_a_host_that_is_none_of_ours_any_more(
    town: Town, login: Login, settings: Any
) -> None:
    case, other = town.report(ring=Ring(recording=LINK)), town.report()
    call, client = Call.objects.get(reports__case=case), login("operator")
    assert client.get(reverse("desks:recording", args=[other.number, call.pk])).status_code == 404
    settings.RECORDING_HOSTS = []
    assert client.get(reverse("desks:recording", args=[case.number, call.pk])).status_code == 404
    assert not Look.objects.exists()


# --- words to read


def words(client: Client, town: Town, **more: Any) -> str:
    shown = html(client.post(reverse("desks:suggest"), typed(town, **more)))
    return shown[shown.index('id="words"') :]


def test_the_words_follow_from_what_is_chosen(town: Town, login: Login) -> None:
    client = login("operator")
    assert "您好，这里是城市管理服务热线" in html(client.get(DESK))
    street = words(client, town, text="上水井盖丢失")
    for said in ("请说一下最近的路口、门牌或店名", "到现场核实", "2 小时，不分昼夜", "办完后我们会回访您", "再见"):
        assert said in street
    assert "您没有留下电话" in words(client, town, phone="")
    assert "可凭编号来电查询结果" in words(client, town, wants_callback="")
    assert "请先远离危险" in words(client, town, urgent="on")
    matter = words(client, town, text="小区物业费太高")
    assert "办理人员会与您联系并答复" in matter
    assert "到现场" not in matter
    assert "个工作日" in matter
    assert "内容会保密" in words(client, town, request_type="disclosure")


def test_after_saving_the_number_is_read_out_and_the_note_is_kept(town: Town, login: Login) -> None:
    client = login("operator")
    client.post(DESK, typed(town, next="1"))
    case, call = Case.objects.get(), Call.objects.get()
    shown = html(client.get(DESK))
    assert f"已为您登记，编号是 {case.number}，请记下" in shown
    link = reverse("desks:call_note", args=[call.pk])
    client.post(link, {"note": " 情绪激动，已安抚 "}, headers={"HX-Request": "true"})
    call.refresh_from_db()
    assert call.note == "情绪激动，已安抚"
    assert "话后小结" in html(client.get(reverse("desks:case", args=[case.number])))
    # a new call rings: the old words are gone
    assert case.number not in html(pop(client, phone="13900000077"))
    assert login("shift_lead").post(link, {"note": "x"}).status_code == 404  # somebody else's call


def test_after_an_answer_or_a_merge_other_words_are_read(town: Town, login: Login) -> None:
    client, now = login("operator"), timezone.now()
    article = Article.objects.create(
        title="物业费", body="按公示标准收取", policy="办法", words=["物业费"], valid_from=now.date(), written_at=now,
        published_at=now,
    )  # fmt: skip
    client.post(DESK, typed(town, text="物业费怎么收", answer_with=article.pk, next="1"))
    assert "以上是答复" in html(client.get(DESK))
    old = town.report(when=now)
    client.post(DESK, typed(town, merge_into=old.number, next="1"))
    assert f"已在办理，编号是 {old.number}" in html(client.get(DESK))


# --- states


def test_an_operator_goes_from_state_to_state_and_saving_begins_the_wrap_up(town: Town, login: Login) -> None:
    client, link = login("operator"), reverse("desks:sitting")
    for state in ("ready", "call"):
        shown = html(client.post(link, {"state": state}, headers={"HX-Request": "true"}))
        assert f'id="state-{state}" aria-pressed="true"' in shown
    client.post(DESK, typed(town, same_call="1"))
    assert Sitting.objects.now().get().state == "call"  # still the same call
    client.post(DESK, typed(town, call=Call.objects.get().pk, next="1"))
    now = Sitting.objects.now().get()
    assert now.state == "wrap_up"
    assert Call.objects.get().ended_at == now.since
    client.post(link, {"state": "nonsense"})
    assert Sitting.objects.count() == 3
    assert "话后处理 1" in html(login("shift_lead").get(link))


def test_the_line_above_counts_todays_calls(town: Town, login: Login) -> None:
    client = login("operator")
    client.post(DESK, typed(town, next="1"))
    lost(town, minutes=0)
    strip = client.get(DESK).context["strip"]
    assert (strip.day.answered, strip.day.abandoned, strip.mine, strip.waiting) == (1, 1, 1, 1)


def test_the_desk_takes_as_many_queries_on_a_busy_day_as_on_a_quiet_one(
    town: Town, login: Login, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = login("operator")
    for number in range(6):
        town.report(when=timezone.now(), caller=Caller(phone="13900000001"))
        lost(town, f"1390000001{number}")
    with django_assert_max_num_queries(26):
        pop(client, phone="13900000001", call_ref="C-1")
