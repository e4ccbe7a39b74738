"""What may have been missed: marked by a rule, decided by a person."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from dispatch.actions import filing
from dispatch.models import Event
from inspectors import missed
from inspectors.models import CellPass, DutyZone, PossibleMiss
from people.models import User
from tests.inspectors.conftest import Colleague, on_duty
from tests.town import NOW, Town, at


@pytest.fixture
def guard(town: Town, zones: list[DutyZone]) -> User:
    """On duty in 甲区 at NOW."""
    user = town.people["inspector"]
    on_duty(user, zones[0], NOW)
    return user


def tell() -> None:
    """Everything that was announced, also what was told before: a reader gets events again after a crash."""
    for event in Event.objects.order_by("pk"):
        missed.on_event(event)


def test_what_inspectors_must_collect_and_a_resident_reported_is_marked(town: Town, guard: User) -> None:
    when = NOW - timedelta(hours=3)
    CellPass.objects.create(cell_code=town.cells[0].code, day=when.date(), at=when, inspector=guard)
    later = NOW + timedelta(hours=1)
    CellPass.objects.create(cell_code=town.cells[0].code, day=NOW.date() + timedelta(days=1), at=later, inspector=guard)
    case = town.report()
    tell()
    miss = PossibleMiss.objects.get()
    assert (miss.case, miss.inspector, miss.zone.name) == (case, guard, "甲区")
    assert (miss.cell_code, miss.reported_at, miss.last_seen_at) == (town.cells[0].code, NOW, when)
    missed.mark(case)
    assert PossibleMiss.objects.count() == 1


def test_a_cell_that_nobody_patrolled_counts_too(town: Town, guard: User) -> None:
    town.report()
    tell()
    assert PossibleMiss.objects.get().last_seen_at is None


@pytest.mark.parametrize("why", ["class", "matter", "nobody", "elsewhere", "channel", "no place", "on a break"])
def test_what_is_no_miss_is_not_marked(town: Town, guard: User, why: str) -> None:
    point, when = at(50, 50), NOW
    if why == "class":
        town.cover.must_collect = False
        town.cover.save()
    elif why == "nobody":
        when = NOW + timedelta(hours=5)
    elif why == "elsewhere":
        point = at(350, 50)
    elif why == "channel":
        town.channel.public = False
        town.channel.save()
    elif why == "on a break":
        from inspectors import duty
        from inspectors.positions import Fix

        duty.clock_in(Fix(at(50, 50), 8, NOW), "", by=guard, at=NOW, operation=uuid4())
        duty.clock_out(Fix(at(50, 50), 8, NOW), "", by=guard, at=NOW, operation=uuid4())
    if why == "matter":
        town.matter()
    elif why == "no place":
        town.report(point=None, uncertainty_m=None)
    else:
        town.report(point=point, when=when)
    tell()
    assert not PossibleMiss.objects.exists()


def test_a_place_given_later_is_judged_by_the_time_of_the_report(town: Town, guard: User) -> None:
    case = town.report(point=None, uncertainty_m=None)
    tell()
    doing = town.doing(case, "operator", NOW + timedelta(hours=6))
    filing.place(case, doing, point=at(50, 50), uncertainty_m=10.0)
    tell()
    assert PossibleMiss.objects.get().reported_at == NOW


def test_a_case_that_turned_out_to_be_none_takes_its_mark_with_it(town: Town, guard: User) -> None:
    case = town.report()
    tell()
    filing.decline(case, town.doing(case, "operator", NOW, "不属于受理范围"))
    tell()
    miss = PossibleMiss.objects.get()
    assert (miss.state, miss.decided_by, miss.why) == ("dismissed", None, "案件不予受理，自动撤销")


def marked(town: Town) -> PossibleMiss:
    town.report()
    tell()
    return PossibleMiss.objects.get()


def test_a_person_decides_once_with_a_reason(town: Town, guard: User, login: Any) -> None:
    miss, lead = marked(town), login("shift_lead")
    path, operation = f"/misses/{miss.pk}/", str(uuid4())
    bare = lead.post(path, {"operation": operation, "decision": "confirm", "reason": ""})
    assert bare.status_code == 422
    assert "请写明认定的理由" in bare.content.decode()
    said = {"operation": operation, "decision": "confirm", "reason": "主干道旁，已存在两天"}
    assert lead.post(path, said).status_code == 302
    assert lead.post(path, said).status_code == 302
    other = lead.post(path, said | {"operation": str(uuid4()), "decision": "dismiss"})
    assert other.status_code == 409
    assert "刚刚已有人认定" in other.content.decode()
    miss.refresh_from_db()
    assert (miss.state, miss.decided_by, miss.reason) == (
        "confirmed",
        town.people["shift_lead"],
        "主干道旁，已存在两天",
    )
    assert "主干道旁，已存在两天" in lead.get("/misses/?tab=confirmed").content.decode()
    # the mark of a person stays when the case falls
    assert missed.withdraw(miss.case, NOW) == 0


def test_confirmed_ones_are_counted_by_inspector_and_month(town: Town, guard: User, colleague: Colleague) -> None:
    zone, lead = DutyZone.objects.get(name="甲区"), town.people["shift_lead"]
    # the last evening of October in the city is still October, though it is November nowhere on the clock of UTC
    times = [NOW, NOW, NOW - timedelta(days=18), NOW - timedelta(days=18, hours=10)]
    for when, who in zip(times, (guard, guard, guard, colleague("别人")), strict=True):
        case = town.report(when=when)
        PossibleMiss.objects.filter(case=case).delete()
        miss = PossibleMiss.objects.create(
            case=case, report=case.reports.get(), cell_code="x", zone=zone, inspector=who, reported_at=when
        )
        missed.decide(miss, confirmed=True, reason="漏", by=lead, at=NOW, operation=uuid4())
    rows = PossibleMiss.objects.confirmed().counts()
    found = {(row["inspector"], row["month"].strftime("%Y-%m")): row["number"] for row in rows}
    other = User.objects.get(username="别人").pk
    assert found == {(guard.pk, "2026-11"): 2, (guard.pk, "2026-10"): 1, (other, "2026-10"): 1}


def test_an_inspector_sees_only_confirmed_ones_of_his_own(town: Town, guard: User, colleague: Colleague) -> None:
    miss = marked(town)
    assert not PossibleMiss.objects.visible_to(guard).exists()
    missed.decide(miss, confirmed=True, reason="漏", by=town.people["shift_lead"], at=NOW, operation=uuid4())
    assert PossibleMiss.objects.visible_to(guard).get() == miss
    assert not PossibleMiss.objects.visible_to(colleague("别人")).exists()
