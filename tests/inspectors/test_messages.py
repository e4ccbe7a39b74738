"""Messages of the centre, household visits and the own month on the phone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Event, Household, HouseholdVisit
from inspectors import messages
from inspectors.models import DutyZone, Message, MessageCopy
from people.models import Look, RoleGrant
from tests.inspectors.conftest import Colleague, on_duty
from tests.inspectors.envelopes import operate
from tests.town import Town


def test_a_message_reaches_one_a_zone_or_all_on_duty(town: Town, zones: list[DutyZone], colleague: Colleague) -> None:
    by, now = town.people["operator"], timezone.now()
    first, second, off = town.people["inspector"], colleague("乙"), colleague("丙")
    on_duty(first, zones[0])
    on_duty(second, zones[1])

    def send(**to: Any) -> set[int]:
        sent = messages.send("注意积水", by=by, at=now, operation=uuid4(), **to)
        return set(sent.copies.values_list("inspector", flat=True))

    assert send(inspector=off) == {off.pk}
    assert send(zone=zones[1]) == {second.pk}
    assert send() == {first.pk, second.pk}
    operation = uuid4()
    once = messages.send("注意积水", by=by, at=now, operation=operation)
    assert messages.send("注意积水", by=by, at=now, operation=operation) == once
    assert Event.objects.filter(kind="message.sent").count() == 4


def test_the_first_reading_counts_and_only_the_own_copy_can_be_read(
    town: Town, zones: list[DutyZone], phone: Client, colleague: Colleague
) -> None:
    user, now = town.people["inspector"], timezone.now()
    mine = messages.send("来中心", by=town.people["operator"], at=now, operation=uuid4(), inspector=user)
    other = messages.send("别处", by=town.people["operator"], at=now, operation=uuid4(), inspector=colleague("乙"))
    assert "有 1 条新通知" in phone.get("/field/").content.decode()

    def read(message: Message, **more: Any) -> Any:
        return operate(phone, "message_read", {"message": message.pk} | more)

    assert read(other).status_code == 404
    assert read(mine, age=60).status_code == 200
    first = MessageCopy.objects.get(message=mine).read_at
    assert read(mine).status_code == 200
    assert MessageCopy.objects.get(message=mine).read_at == first
    assert "条新通知" not in phone.get("/field/").content.decode()
    assert MessageCopy.objects.get(message=other).read_at is None


def test_a_desk_writes_and_sees_who_has_read(town: Town, zones: list[DutyZone], login: Any) -> None:
    desk: Client = login("dispatcher")
    assert (
        "没有人当班" in desk.post("/messages/", {"operation": str(uuid4()), "text": "雨"}, follow=True).content.decode()
    )
    on_duty(town.people["inspector"], zones[0])
    sent = {"operation": str(uuid4()), "text": "注意积水", "zone": zones[0].pk}
    assert "已发给 1 名监督员" in desk.post("/messages/", sent, follow=True).content.decode()
    assert "已读 0 / 1" in desk.get("/messages/").content.decode()
    both = sent | {"operation": str(uuid4()), "inspector": town.people["inspector"].pk}
    refused = desk.post("/messages/", both)
    assert refused.status_code == 422
    assert "注意积水" in refused.content.decode()


@pytest.fixture
def home(town: Town) -> Household:
    return Household.objects.create(
        agency=town.office, community=town.communities[0], address="3号楼101", head="赵奶奶", phone="13900000009"
    )


def test_a_visit_is_recorded_once_from_the_phone(town: Town, home: Household, phone: Client) -> None:
    assert "3号楼101" in phone.get("/field/households/").content.decode()
    sent = {"operation": str(uuid4()), "household": home.pk, "on": timezone.localdate().isoformat(), "met": "on"}
    bare = operate(phone, "household_visit", sent | {"met": ""})
    assert bare.json()["sentence"] == "没有见到人时，请写明情况。"
    for _twice in range(2):
        assert operate(phone, "household_visit", sent).status_code == 200
    assert HouseholdVisit.objects.count() == 1
    assert "3号楼101" not in phone.get("/field/households/?tab=visit").content.decode()
    assert "3号楼101" in phone.get("/field/households/?tab=refresh").content.decode()


def test_a_household_of_another_area_is_not_there(town: Town, home: Household, phone: Client) -> None:
    grant = RoleGrant.objects.get(user=town.people["inspector"])
    RoleGrant.objects.filter(pk=grant.pk).update(area_code=town.communities[1].code)
    sent = {"operation": str(uuid4()), "household": home.pk, "on": timezone.localdate().isoformat(), "met": "on"}
    assert operate(phone, "household_visit", sent).status_code == 404
    assert phone.get(f"/field/households/{home.pk}/").status_code == 404


def test_name_and_number_are_masked_until_somebody_says_why(town: Town, home: Household, phone: Client) -> None:
    path = f"/field/households/{home.pk}/"
    assert "赵奶奶" not in phone.get(path).content.decode()
    assert phone.post(path, {"reason": ""}).status_code == 422
    shown = phone.post(path, {"reason": "上门前联系"}).content.decode()
    assert "赵奶奶" in shown
    assert "13900000009" in shown
    assert Look.objects.get().subject == f"household:{home.pk}"


def test_the_own_month_has_only_own_figures(town: Town, zones: list[DutyZone], phone: Client) -> None:
    from inspectors.models import PatrolDay
    from tests.inspectors.test_task import sheet

    user, today = town.people["inspector"], timezone.localdate()
    PatrolDay.objects.create(inspector=user, day=today, metres=3210)
    PatrolDay.objects.create(inspector=town.people["operator"], day=today, metres=99_000)
    empty = phone.get("/field/month/").content.decode()
    assert "3.2" in empty
    assert "—" in empty
    case = town.to_state("verifying", when=timezone.now() - timedelta(minutes=25))
    task = town.task(case, "verify")
    assert operate(phone, "answer", sheet(task), task.pk).status_code == 200
    text = phone.get("/field/month/").content.decode()
    assert "0 / 1" in text  # a quarter of an hour is more than ten minutes
    assert "1 / 1" in text
    assert phone.get("/field/month/?month=nonsense").status_code == 200
