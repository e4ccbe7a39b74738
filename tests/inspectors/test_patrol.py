"""Which cells were seen, which were not, what may have been missed, and places of campaigns."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch.actions import filing
from dispatch.models import Case, Event, Household, HouseholdVisit, Undertaking
from gridmap.models import Area
from inspectors import campaigns, messages, missed, patrol
from inspectors.dutyrefusals import DutyError
from inspectors.models import CellPass, DutyZone, Message, MessageCopy, PossibleMiss, Spot, Track
from inspectors.zones import cells_of
from people.models import Look, RoleGrant, User
from tests.inspectors.conftest import Colleague, on_duty
from tests.inspectors.test_nearby import here
from tests.inspectors.test_tracks import START, record, walk, walker
from tests.town import NOW, Town, at

__all__ = ["walker"]


def codes(rows: Any) -> list[str]:
    return [cell.code[-7:] for cell in rows]


def seen() -> set[str]:
    return set(CellPass.objects.values_list("cell_code", flat=True))


def test_a_cell_is_seen_when_a_track_passes_near_enough(town: Town, walker: User) -> None:
    # along y = 50 from the middle of the first cell to 29 m before the third: 30 m count
    record(walker, walk([50, 100, 171]))
    assert patrol.mark_seen() == 1
    assert seen() == {cell.code for cell in town.cells[:3]}
    assert patrol.mark_seen() == 0
    CellPass.objects.all().delete()
    Track.objects.update(read=False)
    record(walker, walk([50, 100, 169], since=START + timedelta(minutes=20)))
    Track.objects.filter(starts_at=START).update(read=True)
    patrol.mark_seen()
    assert seen() == {cell.code for cell in town.cells[:2]}


def test_reading_a_track_again_changes_nothing_and_the_latest_pass_of_a_day_counts(town: Town, walker: User) -> None:
    record(walker, walk([50, 60], since=START + timedelta(hours=1)))
    patrol.mark_seen()
    record(walker, walk([50, 60]))
    patrol.mark_seen()
    Track.objects.update(read=False)
    patrol.mark_seen()
    assert CellPass.objects.get().at == START + timedelta(hours=1, seconds=20)


def test_unseen_cells_are_those_of_so_many_days(town: Town, zones: list[DutyZone], walker: User) -> None:
    for cell, days in zip(town.cells[:3], (1, 7, 8), strict=True):
        when = START - timedelta(days=days)
        CellPass.objects.create(cell_code=cell.code, day=when.date(), at=when, inspector=walker)
    everything = cells_of(DutyZone.objects.all(), timezone.localdate(START))
    late = patrol.unseen(everything, START, 7)
    assert [cell.pk for cell in late] == [town.cells[3].pk, town.cells[2].pk]  # never, then eight days ago
    assert [cell.pk for cell in patrol.never_seen(everything)] == [town.cells[3].pk]


def test_the_inspector_sees_the_unseen_cells_of_the_own_zone_nearest_first(
    town: Town, zones: list[DutyZone], phone: Client
) -> None:
    assert "现在没有班次" in phone.get("/field/patrol/").content.decode()
    on_duty(town.people["inspector"], zones[0])
    text = phone.post("/field/patrol/", here(150)).content.decode()
    first, second, *others = (text.find(cell.code) for cell in town.cells)
    assert 0 < second < first
    assert others == [-1, -1]


def test_pages_take_as_many_queries_for_many_cells_as_for_few(town: Town, zones: list[DutyZone], login: Any) -> None:
    lead: Client = login("shift_lead")

    def queries(path: str) -> int:
        lead.get(path)
        with CaptureQueriesContext(connection) as found:
            assert lead.get(path).status_code == 200
        return len(found)

    def fill(number: int) -> None:
        DutyZone.objects.create(name=f"又{number}").communities.set(town.communities)
        case = town.report(point=at(50, 50))
        PossibleMiss.objects.create(
            case=case,
            report=case.reports.get(),
            cell_code="x",
            zone=zones[0],
            inspector=town.people["inspector"],
            reported_at=NOW,
        )
        sent = Message.objects.create(
            to="all", text="雨", sent_by=town.people["operator"], sent_at=NOW, operation=uuid4()
        )
        MessageCopy.objects.create(message=sent, inspector=town.people["inspector"])

    pages = ("/patrol/", "/patrol/cells/", "/misses/", "/messages/")
    fill(0)
    few = [queries(page) for page in pages]
    for number in range(1, 6):
        fill(number)
    assert [queries(page) for page in pages] == few


def test_the_map_has_the_unseen_cells_of_the_chosen_zone(town: Town, zones: list[DutyZone], login: Any) -> None:
    CellPass.objects.create(
        cell_code=town.cells[0].code, day=timezone.localdate(), at=timezone.now(), inspector=town.people["inspector"]
    )
    shapes = login("data_manager").get(f"/patrol/cells/?zone={zones[0].pk}").json()["features"]
    assert [(shape["properties"]["code"], shape["properties"]["days"]) for shape in shapes] == [
        (town.cells[1].code, None)
    ]
    page = login("data_manager").get("/patrol/?days=99999&zone=x").content.decode()
    assert "7 天未巡的单元网格 3 / 4" in page


# what may have been missed


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


# campaigns


@pytest.fixture
def campaign(town: Town) -> Undertaking:
    return Undertaking.objects.create(
        kind="campaign",
        title="井盖普查",
        why="逐个查看",
        begins_on=timezone.localdate() - timedelta(days=1),
        made_by=town.people["manager"],
        made_at=NOW,
        operation=uuid4(),
    )


def see(spot: Spot, user: User, result: str = "fine", **more: Any) -> Spot:
    when = timezone.now()
    return campaigns.see(spot.pk, result, by=user, at=when, seen_at=when, **({"operation": uuid4()} | more))


def test_a_campaign_gets_cells_or_components_once(town: Town, campaign: Undertaking) -> None:
    areas = Area.objects.filter(pk__in=[area.pk for area in town.communities])
    assert campaigns.plan_cells(campaign, areas, timezone.now()) == 4
    assert campaigns.plan_cells(campaign, areas, timezone.now()) == 0
    assert campaigns.plan_components(campaign, areas, town.cover) == 1
    spot = Spot.objects.exclude(component=None).get()
    assert spot.component == town.component
    for spot in Spot.objects.filter(component=None):
        cell = next(cell for cell in town.cells if cell.code == spot.cell_code)
        assert cell.geom.contains(spot.point)


def test_what_was_seen_is_stored_once_and_a_finding_joins_the_campaign(
    town: Town, campaign: Undertaking, colleague: Colleague
) -> None:
    campaigns.plan_cells(campaign, town.communities, timezone.now())
    first, second, *_others = Spot.objects.order_by("pk")
    user, operation = town.people["inspector"], uuid4()
    assert see(first, user, operation=operation) == see(first, user, "absent", operation=operation)
    with pytest.raises(DutyError, match="seen"):
        see(first, colleague("别人"))
    with pytest.raises(DutyError, match="other_case"):
        see(second, user, "found", number=town.report().number)
    second.refresh_from_db()
    assert second.done_at is None
    Undertaking.objects.filter(pk=campaign.pk).update(ended_on=timezone.localdate(), outcome="完")
    with pytest.raises(DutyError, match="gone"):
        see(second, user)


def test_a_finding_reported_from_a_place_of_a_campaign_belongs_to_it(
    town: Town, campaign: Undertaking, zones: list[DutyZone], phone: Client
) -> None:
    from tests.inspectors.test_found import sheet

    on_duty(town.people["inspector"], zones[0])
    campaigns.plan_cells(campaign, town.communities, timezone.now())
    spot = Spot.objects.order_by("pk")[0]
    assert f"survey={spot.pk}" in phone.get(f"/field/spots/{spot.pk}/").content.decode()
    assert f'name="survey" value="{spot.pk}"' in phone.get(f"/field/found/?survey={spot.pk}").content.decode()
    answer = phone.post("/field/found/", sheet(town, survey=spot.pk))
    assert answer.status_code == 200, answer.content
    case = Case.objects.get()
    spot.refresh_from_db()
    assert (spot.result, spot.case) == ("found", case)
    assert campaign.cases.get() == case


def test_places_are_listed_for_the_zone_on_duty_nearest_first(
    town: Town, campaign: Undertaking, zones: list[DutyZone], phone: Client
) -> None:
    campaigns.plan_cells(campaign, town.communities, timezone.now())
    assert "没有待查看的普查点" in phone.get("/field/spots/").content.decode()
    on_duty(town.people["inspector"], zones[0])
    text = phone.post("/field/spots/", here(150)).content.decode()
    first, second, *others = (text.find(cell.code) for cell in town.cells)
    assert 0 < second < first
    assert others == [-1, -1]


# messages and households


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
        return phone.post("/field/duty/message_read/", {"operation": str(uuid4()), "message": message.pk} | more)

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
    bare = phone.post("/field/duty/household_visit/", sent | {"met": ""})
    assert bare.json()["sentence"] == "没有见到人时，请写明情况。"
    for _twice in range(2):
        assert phone.post("/field/duty/household_visit/", sent).status_code == 200
    assert HouseholdVisit.objects.count() == 1
    assert "3号楼101" not in phone.get("/field/households/?tab=visit").content.decode()
    assert "3号楼101" in phone.get("/field/households/?tab=refresh").content.decode()


def test_a_household_of_another_area_is_not_there(town: Town, home: Household, phone: Client) -> None:
    grant = RoleGrant.objects.get(user=town.people["inspector"])
    RoleGrant.objects.filter(pk=grant.pk).update(area_code=town.communities[1].code)
    sent = {"operation": str(uuid4()), "household": home.pk, "on": timezone.localdate().isoformat(), "met": "on"}
    assert phone.post("/field/duty/household_visit/", sent).status_code == 404
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
    assert phone.post(f"/field/tasks/{task.pk}/", sheet(task)).status_code == 200
    text = phone.get("/field/month/").content.decode()
    assert "0 / 1" in text  # a quarter of an hour is more than ten minutes
    assert "1 / 1" in text
    assert phone.get("/field/month/?month=nonsense").status_code == 200
