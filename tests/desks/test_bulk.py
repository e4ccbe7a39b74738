"""Many cases at once: each as a single one would go, and what became of each."""

import csv
import io
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Case, FieldTask, Supervision, Undertaking
from inspectors.models import DutyZone, Shift
from people.models import RoleGrant
from tests.town import NOW, Town

Login = Callable[[str], Client]


def press(client: Client, step: str, cases: list[Case], operation: uuid.UUID | None = None, **fields: Any) -> Any:
    ticked = [f"{case.number}~{case.version}" for case in cases]
    data = {"operation": str(operation or uuid.uuid4()), "case": ticked, **fields}
    return client.post(reverse("desks:bulk", args=[step]), data, headers={"HX-Request": "true"})


def states(cases: list[Case]) -> list[str]:
    return [Case.objects.get(pk=case.pk).state for case in cases]


@pytest.fixture
def waiting(town: Town) -> list[Case]:
    when = timezone.now() - timedelta(hours=2)
    return [town.to_state("to_dispatch", when=when) for _turn in range(3)]


def test_each_case_goes_to_whom_the_rules_propose(login: Login, waiting: list[Case], town: Town) -> None:
    answer = press(login("dispatcher"), "dispatch", waiting)
    assert states(waiting) == ["handling"] * 3
    assert {part.agency for case in waiting for part in case.parts.all()} == {town.water}
    assert answer.content.decode().count("派往") == 3


def test_another_agency_needs_a_reason_as_for_a_single_one(login: Login, waiting: list[Case], town: Town) -> None:
    client = login("dispatcher")
    refused = press(client, "dispatch", waiting, lead=town.office.pk)
    assert states(waiting) == ["to_dispatch"] * 3
    assert refused.content.decode().count("改派其他单位请写明理由") == 3
    press(client, "dispatch", waiting, lead=town.office.pk, note="水务公司停电")
    assert {part.agency for case in waiting for part in case.parts.all()} == {town.office}


def test_a_case_that_moved_is_left_and_the_others_are_done(login: Login, waiting: list[Case], town: Town) -> None:
    stale = [Case.objects.get(pk=case.pk) for case in waiting]
    town.to_state("handling", waiting[1], when=timezone.now() - timedelta(minutes=30))
    before = Case.objects.get(pk=waiting[1].pk).version
    answer = press(login("dispatcher"), "dispatch", stale).content.decode()
    assert states(waiting) == ["handling"] * 3
    assert Case.objects.get(pk=waiting[1].pk).version == before
    assert "刚刚有别人办理" in answer
    assert f"{waiting[1].number}" in answer.split("refused", 1)[0].rsplit("<li>", 1)[1]


def test_the_same_press_twice_does_it_once(login: Login, waiting: list[Case]) -> None:
    client, operation = login("dispatcher"), uuid.uuid4()
    press(client, "dispatch", waiting, operation)
    versions = [Case.objects.get(pk=case.pk).version for case in waiting]
    again = press(client, "dispatch", waiting, operation)
    assert [Case.objects.get(pk=case.pk).version for case in waiting] == versions
    assert "3 件没有办理" not in again.content.decode()


def test_what_was_pressed_can_be_taken_back_at_once(login: Login, waiting: list[Case]) -> None:
    client = login("dispatcher")
    told = press(client, "dispatch", waiting).content.decode()
    operations = [line.split('"')[0] for line in told.split('name="operation" value="')[1:]]
    assert len(operations) == 3
    client.post(reverse("desks:undo"), {"operation": operations}, headers={"HX-Request": "true"})
    assert states(waiting) == ["to_dispatch"] * 3


def test_nobody_takes_back_what_another_has_done(login: Login, waiting: list[Case]) -> None:
    told = press(login("dispatcher"), "dispatch", waiting).content.decode()
    operations = [line.split('"')[0] for line in told.split('name="operation" value="')[1:]]
    login("shift_lead").post(reverse("desks:undo"), {"operation": operations})
    assert states(waiting) == ["handling"] * 3


@pytest.mark.parametrize(
    ("role", "step"), [("operator", "dispatch"), ("dispatcher", "file"), ("manager", "gather"), ("leader", "hand")]
)
def test_a_step_of_another_seat_is_refused(login: Login, town: Town, role: str, step: str) -> None:
    client = login(role)
    assert client.get(reverse("desks:bulk", args=[step])).status_code == 403
    assert press(client, step, [town.report()]).status_code == 403


def test_a_case_that_one_may_not_see_is_not_touched(login: Login, waiting: list[Case], town: Town) -> None:
    RoleGrant.objects.filter(role="dispatcher").update(area_code=town.communities[1].code)
    answer = press(login("dispatcher"), "dispatch", waiting).content.decode()
    assert states(waiting) == ["to_dispatch"] * 3
    assert answer.count("您看不到它") == 3


def test_all_that_the_filter_leaves_is_done_without_ticks(login: Login, waiting: list[Case]) -> None:
    Case.objects.filter(pk=waiting[0].pk).update(urgent=True)
    press(login("dispatcher"), "dispatch", [], all="1", query="?stage=to_dispatch&urgent=1")
    assert states(waiting) == ["handling", "to_dispatch", "to_dispatch"]


def test_nothing_ticked_is_told(login: Login, town: Town) -> None:
    answer = press(login("dispatcher"), "dispatch", [])
    assert answer.status_code == 422
    assert "没有选中案件" in answer.content.decode()


def test_supervised_and_filed_and_gathered_in_one_press(login: Login, waiting: list[Case], town: Town) -> None:
    lead = login("shift_lead")
    assert press(lead, "supervise", waiting, kind="key").status_code == 422  # an opinion is needed
    press(lead, "supervise", waiting, kind="key", note="今天办好")
    assert Supervision.objects.filter(case__in=waiting).count() == 3
    event = Undertaking.objects.create(
        kind="event", title="暴雨", why="暴雨", begins_on=NOW.date(), made_by=town.people["leader"], made_at=NOW,
        operation=uuid.uuid4(), reply="正在抢排。",
    )  # fmt: skip
    press(lead, "gather", [Case.objects.get(pk=case.pk) for case in waiting], event=event.pk)
    assert event.cases.count() == 3
    found = [town.to_state("to_file", when=timezone.now() - timedelta(hours=2)) for _turn in range(2)]
    press(lead, "file", found)
    assert states(found) == ["to_dispatch"] * 2


def test_received_cases_are_sent_out_and_open_tasks_change_hands(login: Login, town: Town) -> None:
    zone = DutyZone.objects.create(name="西片")
    zone.communities.add(town.communities[0])
    now = timezone.now()
    times = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=7)}
    inspector = town.people["inspector"]
    Shift.objects.create(inspector=inspector, zone=zone, **times)
    fresh = town.report(when=now - timedelta(minutes=5))
    out = town.to_state("verifying", when=now - timedelta(minutes=20))
    FieldTask.objects.filter(case=out).update(inspector=None)
    answer = press(login("operator"), "hand", [fresh, out, town.matter(when=now)], inspector=inspector.pk)
    assert {task.inspector for task in FieldTask.objects.open()} == {inspector}
    assert states([fresh, out]) == ["verifying", "verifying"]
    assert "没有等人去看的现场任务" in answer.content.decode()


def test_the_table_has_every_case_and_no_number_of_a_caller(login: Login, town: Town) -> None:
    case = town.report("=井盖丢了，电话13912345678")
    answer = login("dispatcher").post(reverse("desks:console_export"), {"case": f"{case.number}~1"})
    heads, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    facts = dict(zip(heads, row, strict=True))
    assert facts["案件编号"].lstrip("'") == case.number
    assert "13912345678" not in answer.content.decode()
    assert facts["问题描述"].startswith("'=")  # no formula
    everything = login("dispatcher").post(reverse("desks:console_export"), {"all": "1", "query": "?stage=all"})
    assert case.number in everything.content.decode()


def test_more_rows_of_a_table_need_no_more_queries(login: Login, town: Town) -> None:
    client = login("dispatcher")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.post(reverse("desks:console_export"), {"all": "1", "query": ""})
        return len(found)

    town.report()
    few = queries()
    for _turn in range(9):
        town.report()
    assert queries() == few
