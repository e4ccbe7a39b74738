"""A live programme: guests answer on air, the questions that stay open become reports (P3.15, P3.23)."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Case, Channel, LiveGuest, LiveQuestion, LiveSession, Report
from tests.town import Town

Login = Callable[[str], Client]


@pytest.fixture
def air(town: Town, login: Login) -> Client:
    Channel.objects.create(key="live", name="直播节目", kind="live")
    return login("operator")


def begin(client: Client, **more: Any) -> Any:
    channel = Channel.objects.get(key="live")
    sent = {"title": "行风热线", "starts_at": "2020-04-13T09:00", "host": "小高", "channel": channel.pk}
    return client.post(reverse("desks:programme"), sent | {"operation": str(uuid.uuid4())} | more)


def post(client: Client, session: LiveSession, what: str, **sent: Any) -> Any:
    return client.post(reverse("desks:live_add", args=[session.pk, what]), sent)


def ask(client: Client, session: LiveSession, text: str, **more: Any) -> Any:
    return post(client, session, "question", text=text, **({"operation": str(uuid.uuid4())} | more))


def show(client: Client, session: LiveSession) -> str:
    return client.get(reverse("desks:live_session", args=[session.pk])).content.decode()


def answer(client: Client, question: LiveQuestion, guest: LiveGuest | None, words: str = "下月通气") -> Any:
    path = reverse("desks:live_question", args=[question.pk, "answer"])
    return client.post(path, {"guest": guest.pk if guest else "", "words": words})


def test_guests_answer_on_air_and_the_rest_become_reports(town: Town, air: Client) -> None:
    begin(air)
    session = LiveSession.objects.get()
    for name, duty in (("王局长", "局长"), ("李科长", "供气科科长")):
        assert post(air, session, "guest", agency=town.water.pk, name=name, duty=duty).status_code == 302
    ask(air, session, "何时通气", asker="张先生", phone="13900000005")
    ask(air, session, "路灯不亮", asker="钱女士", phone="13900000006")
    ask(air, session, "公交改线")
    first = LiveQuestion.objects.get(text="何时通气")
    assert answer(air, first, LiveGuest.objects.get(name="李科长")).status_code == 302
    page = show(air, session)
    assert "下月通气" in page
    assert "李科长" in page
    assert "张**" in page
    assert "13900000005" not in page
    assert "登记 2 个未答复的问题" in page
    assert post(air, session, "end").status_code == 302
    assert sorted(Report.objects.values_list("text", flat=True)) == ["公交改线", "路灯不亮"]
    report = Report.objects.get(text="路灯不亮")
    assert report.channel.key == "live"
    assert report.person is not None
    assert report.person.phone == "13900000006"
    assert Report.objects.get(text="公交改线").anonymous
    assert LiveQuestion.objects.get(text="路灯不亮").case == report.case
    session.refresh_from_db()
    assert session.ended_at is not None


def test_what_was_answered_can_still_be_taken_on_and_only_once(town: Town, air: Client) -> None:
    begin(air)
    session = LiveSession.objects.get()
    post(air, session, "guest", agency=town.water.pk, name="王局长", duty="局长")
    ask(air, session, "何时通气")
    asked = LiveQuestion.objects.get()
    answer(air, asked, LiveGuest.objects.get())
    for _press in range(2):
        air.post(reverse("desks:live_question", args=[asked.pk, "case"]))
    assert Case.objects.count() == 1
    post(air, session, "end")
    assert Case.objects.count() == 1


def test_an_answer_is_written_once_and_by_a_guest_of_the_session(town: Town, air: Client) -> None:
    begin(air)
    begin(air, title="另一期")
    session, other = LiveSession.objects.get(title="行风热线"), LiveSession.objects.get(title="另一期")
    stranger = LiveGuest.objects.create(session=other, agency=town.water, name="外人", duty="科长")
    guest = LiveGuest.objects.create(session=session, agency=town.water, name="王局长", duty="局长")
    ask(air, session, "何时通气")
    asked = LiveQuestion.objects.get()
    assert answer(air, asked, stranger).status_code == 422
    refused = answer(air, asked, None, words="已写好的话")
    assert refused.status_code == 422
    assert "已写好的话" in refused.content.decode()
    answer(air, asked, guest)
    answer(air, asked, guest, words="另一种说法")
    asked.refresh_from_db()
    assert asked.answer == "下月通气"


def test_a_second_press_and_what_comes_after_the_end_change_nothing(town: Town, air: Client) -> None:
    operation = str(uuid.uuid4())
    for _press in range(2):
        assert begin(air, operation=operation).status_code == 302
        session = LiveSession.objects.get()
        ask(air, session, "何时通气", operation=operation)
    assert LiveQuestion.objects.count() == 1
    for _press in range(2):
        post(air, session, "end")
    ask(air, session, "还有一问")
    assert LiveQuestion.objects.count() == Case.objects.count() == 1


def test_units_read_and_do_not_write(town: Town, air: Client, login: Login) -> None:
    begin(air)
    session = LiveSession.objects.get()
    handler = login("handler")
    assert "结束节目" not in show(handler, session)
    assert ask(handler, session, "何时通气").status_code == 403


def test_many_questions_take_as_many_queries_as_one(
    town: Town, air: Client, django_assert_max_num_queries: Any
) -> None:
    begin(air)
    session = LiveSession.objects.get()
    guest = LiveGuest.objects.create(session=session, agency=town.water, name="王局长", duty="局长")
    for number in range(10):
        ask(air, session, f"问题{number}")
    for asked in LiveQuestion.objects.all()[:5]:
        answer(air, asked, guest)
    with django_assert_max_num_queries(9):
        show(air, session)
