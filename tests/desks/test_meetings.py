"""The weekly meeting on hard cases: agenda, decision, who does what by when, and what is left at the next (P4.3)."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desks.views.meetings import next_day
from dispatch.models import Case, Meeting, MeetingItem, MeetingTask
from tests.town import Town

Login = Callable[[str], Client]


@pytest.fixture
def hard(town: Town) -> Case:
    case = town.to_state("handling")
    Case.objects.filter(pk=case.pk).update(hard=True)
    return case


def hold(client: Client, day: str = "2023-03-16") -> Meeting:
    sent = {"held_on": day, "chair": "党工委书记", "attendees": "班子成员、社区书记"}
    assert client.post(reverse("desks:meetings"), sent).status_code == 302
    return Meeting.objects.get(held_on=day)


def put(client: Client, meeting: Meeting, case: Case) -> MeetingItem:
    client.post(reverse("desks:meeting_agenda", args=[meeting.pk]), {"number": case.number})
    return MeetingItem.objects.get(meeting=meeting, case=case)


def decide(client: Client, item: MeetingItem, **more: Any) -> Any:
    version = Case.objects.get(pk=item.case_id).version
    sent = {"version": version, "operation": str(uuid.uuid4()), "analysis": "权属不清", "decision": "街道先行修复"}
    return client.post(reverse("desks:meeting_item", args=[item.meeting_id, item.pk]), sent | more)


def show(client: Client, meeting: Meeting) -> str:
    return client.get(reverse("desks:meeting", args=[meeting.pk])).content.decode()


def test_the_next_meeting_is_on_thursday() -> None:
    assert next_day(date(2023, 3, 14), 3) == date(2023, 3, 16)
    assert next_day(date(2023, 3, 16), 3) == date(2023, 3, 16)
    assert next_day(date(2023, 3, 17), 3) == date(2023, 3, 23)


def test_hard_cases_are_offered_and_put_on_the_agenda_once(hard: Case, login: Login) -> None:
    client = login("leader")
    meeting = hold(client)
    assert hard.number in show(client, meeting)
    put(client, meeting, hard)
    put(client, meeting, hard)
    assert MeetingItem.objects.count() == 1
    assert "列入议题" not in show(client, meeting)


def test_a_number_that_is_no_open_case_is_told(hard: Case, login: Login) -> None:
    client = login("leader")
    meeting = hold(client)
    path = reverse("desks:meeting_agenda", args=[meeting.pk])
    assert "没有这个编号的未结案件" in client.post(path, {"number": "1"}, follow=True).content.decode()
    assert not MeetingItem.objects.exists()


def test_a_decision_is_a_step_of_the_case_and_stands_on_its_page(hard: Case, login: Login) -> None:
    client = login("leader")
    item = put(client, hold(client), hard)
    task = {"what": "修复墙面", "who": "物业经理", "due_on": "2023-03-30"}
    assert decide(client, item, **task).status_code == 302
    step = hard.steps.get(action="meet")
    assert step.remark.text == "街道先行修复"
    page = client.get(reverse("desks:case", args=[hard.number])).content.decode()
    assert "2023-03-16 会商决定：" in page
    assert MeetingTask.objects.get().due_on == date(2023, 3, 30)
    assert decide(client, item).status_code == 409


def test_a_task_says_who_and_when_too(hard: Case, login: Login) -> None:
    client = login("leader")
    item = put(client, hold(client), hard)
    answer = decide(client, item, what="修复墙面")
    assert answer.status_code == 422
    assert "任务要写明做什么、谁做、何时完成" in answer.content.decode()
    assert "街道先行修复" in answer.content.decode()
    assert not hard.steps.filter(action="meet").exists()


def test_what_is_not_done_is_followed_up_at_the_next_meeting(hard: Case, login: Login) -> None:
    client = login("leader")
    first = hold(client)
    decide(client, put(client, first, hard), what="修复墙面", who="物业经理", due_on="2023-03-20")
    second = hold(client, "2023-03-23")
    assert "上次会议的落实" in show(client, second)
    task = MeetingTask.objects.get()
    client.post(reverse("desks:meeting_task", args=[second.pk, task.pk]))
    task.refresh_from_db()
    assert task.done_on == timezone.localdate()
    assert "上次会议的落实" not in show(client, second)


def test_one_meeting_a_day(town: Town, login: Login) -> None:
    client = login("leader")
    hold(client)
    sent = {"held_on": "2023-03-16", "chair": "书记", "attendees": "班子"}
    answer = client.post(reverse("desks:meetings"), sent)
    assert answer.status_code == 422
    assert "这一天已经有会商" in answer.content.decode()


def test_a_confidential_case_is_not_read_by_who_may_not_see_it(hard: Case, login: Login) -> None:
    client = login("leader")
    meeting = hold(client)
    put(client, meeting, hard)
    Case.objects.filter(pk=hard.pk).update(confidential=True)
    assert hard.number in show(client, meeting)
    assert hard.number not in show(login("manager"), meeting)


def test_a_long_agenda_takes_as_many_queries_as_a_short_one(
    town: Town, login: Login, django_assert_max_num_queries: Any
) -> None:
    client = login("leader")
    meeting, earlier = hold(client), hold(client, "2023-03-09")
    for number in range(8):
        case = town.to_state("handling", when=timezone.now() - timedelta(days=1))
        for held in (earlier, meeting):
            item = MeetingItem.objects.create(meeting=held, case=case)
            MeetingTask.objects.create(item=item, what=f"任务{number}", who="张三", due_on=date(2023, 3, 20))
    with django_assert_max_num_queries(11):
        show(client, meeting)
