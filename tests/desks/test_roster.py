"""Rosters in three shifts with their gaps, surges, and the handover from one shift to the next (P3.3, P3.7, P3.22)."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from dispatch.models import Case, Duty, Handover, Surge
from dispatch.profile import Roster, Shift, profile
from dispatch.rosters import HandoverError, hand_over, on_duty, take_over
from dispatch.shifts import Gap, Place, Turn, gaps, turn_at, week_of
from tests.town import NOW, Town

Login = Callable[[str], Client]
STARTS = {"早班": time(8), "中班": time(16), "夜班": time(23)}
DAY = date(2026, 11, 18)


@pytest.mark.parametrize(
    ("clock", "turn"),
    [
        ((8, 0), Turn(DAY, "早班")),
        ((15, 59), Turn(DAY, "早班")),
        ((23, 30), Turn(DAY, "夜班")),
        ((7, 59), Turn(DAY - timedelta(days=1), "夜班")),
    ],
)
def test_every_minute_belongs_to_one_shift(clock: tuple[int, int], turn: Turn) -> None:
    local = datetime.combine(DAY, time(*clock), settings.CITY.zone)
    assert turn_at(local, STARTS) == turn


def test_gaps_count_the_extra_seats_of_a_surge() -> None:
    place = Place(Turn(DAY, "早班"), "operator")
    assert gaps([DAY], {"早班": time(8)}, {"operator": 1}, [place], {place: 2}) == [Gap(place, 2)]
    assert gaps([DAY], {"早班": time(8)}, {"operator": 1}, [place, place], {}) == []
    assert week_of(DAY)[0] == date(2026, 11, 16)


def test_shifts_of_a_profile_rise() -> None:
    with pytest.raises(ValueError, match="rising"):
        Roster(shifts=(Shift(name="a", starts="16:00"), Shift(name="b", starts="08:00")))


def test_the_lead_fills_a_gap_and_everybody_sees_who_is_on_duty(town: Town, login: Login) -> None:
    now, operator = timezone.localtime(), town.people["operator"]
    turn = turn_at(now, profile().roster.starts)
    assert turn is not None
    form = {"user": operator.pk, "day": turn.day, "shift": turn.shift, "seat": "operator"}
    before = login("shift_lead").get(f"/roster/?week={turn.day}").content.decode().count("缺受理员 1 人")
    assert login("shift_lead").post("/roster/duty/", form).status_code == 302
    assert [duty.user for duty in on_duty(timezone.now())] == [operator]
    page = login("operator").get(f"/roster/?week={turn.day}").content.decode()
    assert page.count("缺受理员 1 人") == before - 1
    assert "当班" in login("shift_lead").get("/lead/").content.decode()
    assert login("operator").post("/roster/duty/", form).status_code == 403


def test_nobody_sits_where_they_have_no_role_or_twice(town: Town, login: Login) -> None:
    day = timezone.localdate()
    form = {"user": town.people["dispatcher"].pk, "day": day, "shift": "早班", "seat": "operator"}
    answer = login("shift_lead").post("/roster/duty/", form)
    assert answer.status_code == 422
    assert "没有这个岗位的角色" in answer.content.decode()
    form["seat"] = "dispatcher"
    assert login("shift_lead").post("/roster/duty/", form).status_code == 302
    assert "已排在这个班次" in login("shift_lead").post("/roster/duty/", form).content.decode()


def test_a_surge_has_a_reason_and_a_day_and_opens_gaps(town: Town, login: Login) -> None:
    day = timezone.localdate()
    form = {"day": day, "shift": "早班", "seat": "operator", "extra": 7, "reason": ""}
    assert login("shift_lead").post("/roster/surge/", form).status_code == 422
    assert login("shift_lead").post("/roster/surge/", form | {"reason": "疫情来电激增"}).status_code == 302
    assert Surge.objects.get().extra == 7
    page = login("shift_lead").get("/roster/").content.decode()
    assert "缺受理员 8 人" in page
    assert "疫情来电激增" in page


def test_a_week_is_copied_once(town: Town, login: Login) -> None:
    day = timezone.localdate()
    Duty.objects.create(user=town.people["operator"], day=day - timedelta(days=7), shift="早班", seat="operator")
    for _turn in range(2):
        login("shift_lead").post("/roster/copy/", {"week": day})
    duty = Duty.objects.get(day=day)
    login("shift_lead").post("/roster/duty/drop/", {"duty": duty.pk})
    assert not Duty.objects.filter(day=day).exists()


def test_the_week_takes_few_queries(town: Town, login: Login, django_assert_max_num_queries: Any) -> None:
    client = login("shift_lead")
    for day in week_of(timezone.localdate()):
        for shift in profile().roster.starts:
            Duty.objects.create(user=town.people["operator"], day=day, shift=shift, seat="operator")
    with django_assert_max_num_queries(9):
        client.get("/roster/")


def test_the_outgoing_person_writes_and_the_incoming_one_signs(town: Town, login: Login) -> None:
    case = town.to_state("handling", when=timezone.now() - timedelta(days=2))
    Case.objects.filter(pk=case.pk).update(urgent=True)
    called = town.to_state("closed", when=timezone.now() - timedelta(days=2))
    operation = str(uuid.uuid4())
    for _turn in range(2):
        form = {"operation": operation, "words": "请王女士13900000001晚上再打"}
        assert login("operator").post("/handover/", form).status_code == 302
    found = Handover.objects.get()
    assert found.open_items["urgent"] == [case.number]
    assert found.open_items["overdue"] == [case.number]
    assert found.open_items["callbacks"] == [called.number]
    page = login("operator").get("/handover/").content.decode()
    assert "13900000001" not in page
    assert "等待签收" in page
    login("operator").post(f"/handover/{found.pk}/sign/")
    assert Handover.objects.unsigned().exists()
    login("dispatcher").post(f"/handover/{found.pk}/sign/")
    found.refresh_from_db()
    assert found.signed_by == town.people["dispatcher"]
    assert "已接班" in login("operator").get("/handover/").content.decode()


def test_a_handover_is_signed_once_and_by_another(town: Town) -> None:
    written = hand_over(by=town.people["operator"], words="", at=NOW, operation=uuid.uuid4())
    with pytest.raises(HandoverError):
        take_over(written, by=town.people["operator"], at=NOW)
    take_over(written, by=town.people["dispatcher"], at=NOW)
    with pytest.raises(HandoverError):
        take_over(written, by=town.people["shift_lead"], at=NOW)


def test_a_place_without_shifts_has_no_roster(town: Town, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    none = msgspec.structs.replace(profile(), roster=Roster(shifts=()))
    for module in ("desks.views.roster", "desks.rosterforms", "dispatch.rosters"):
        monkeypatch.setattr(f"{module}.profile", lambda: none)
    assert "没有设置班次" in login("shift_lead").get("/roster/").content.decode()
