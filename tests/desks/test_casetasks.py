"""What the case page tells of the street: who has had a task, what was measured there."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Case
from inspectors.models import Assignment
from tests.inspectors.envelopes import operate
from tests.inspectors.test_task import sheet, task_in
from tests.town import Town

Login = Callable[[str], Client]


def shown(client: Client, case: Case) -> str:
    return client.get(reverse("desks:case", args=[case.number])).content.decode()


def test_the_log_tells_what_was_measured(town: Town, login: Login) -> None:
    task = task_in(town, "verifying")
    answer = sheet(task, depth=35, length="0.7")
    assert operate(login("inspector"), "answer", answer, task.pk).status_code == 200
    assert "测量：长度（米） 0.7、深度（厘米） 35" in shown(login("dispatcher"), Case.objects.get(pk=task.case_id))


def test_the_page_tells_who_has_had_a_task(town: Town, login: Login) -> None:
    task, me = task_in(town, "verifying"), town.people["inspector"]
    now = timezone.now()
    Assignment.objects.create(task=task, inspector=me, cause="given", at=now)
    assert "派单记录" not in shown(login("dispatcher"), task.case)
    Assignment.objects.create(task=task, inspector=None, before=me, cause="refused", at=now)
    text = shown(login("dispatcher"), task.case)
    assert "派单记录 2 条" in text
    assert text.index("拒单") < text.index("系统派单")
    assert "派单记录" not in shown(login("handler"), town.to_state("handling"))
