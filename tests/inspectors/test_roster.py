"""Holes and double bookings of the inspectors' roster, and substitutes."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dispatch.models import FieldTask
from inspectors.assigning import assign, assign_waiting
from inspectors.models import DutyZone, Shift, Takeover
from inspectors.rosterchecks import Watch, doubles, holes
from inspectors.rosters import TakeoverError, check, take_over
from people.models import User
from tests.inspectors.conftest import Colleague
from tests.town import NOW, Town, at

ZERO = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def watch(who: str, zone: str, start: float, end: float) -> Watch:
    return Watch(who, zone, ZERO + start * HOUR, ZERO + end * HOUR)


def gaps(*watches: Watch) -> list[tuple[float, float]]:
    """Holes of zone z between 0 and 24 h, in hours."""
    found = holes(["z"], watches, ZERO, ZERO + 24 * HOUR)
    return [((hole.starts_at - ZERO) / HOUR, (hole.ends_at - ZERO) / HOUR) for hole in found]


def test_a_zone_without_anybody_is_one_hole() -> None:
    assert gaps() == [(0, 24)]
    assert gaps(watch("a", "other", 0, 24)) == [(0, 24)]


def test_holes_are_before_between_and_after() -> None:
    assert gaps(watch("a", "z", 2, 8), watch("b", "z", 9, 20)) == [(0, 2), (8, 9), (20, 24)]


def test_shifts_that_touch_or_overlap_leave_no_hole() -> None:
    assert gaps(watch("a", "z", -4, 8), watch("b", "z", 8, 16), watch("c", "z", 15, 30)) == []
    assert gaps(watch("a", "z", 0, 24), watch("b", "z", 3, 5)) == []


def test_one_person_in_two_zones_is_found_for_the_time_of_both() -> None:
    found = doubles([watch("a", "z", 0, 8), watch("a", "y", 6, 12), watch("b", "z", 0, 24)], ZERO, ZERO + 24 * HOUR)
    assert [(one.inspector, set(one.zones)) for one in found] == [("a", {"z", "y"})]
    assert (found[0].starts_at, found[0].ends_at) == (ZERO + 6 * HOUR, ZERO + 8 * HOUR)
    assert doubles([watch("a", "z", 0, 8), watch("a", "y", 8, 12)], ZERO, ZERO + 24 * HOUR) == []


spans = st.lists(st.tuples(st.integers(-5, 24), st.integers(1, 12)), max_size=6)


@given(spans)
def test_every_hour_is_watched_or_in_a_hole_and_never_both(shifts: list[tuple[int, int]]) -> None:
    found = gaps(*(watch("a", "z", start, start + length) for start, length in shifts))
    for hour in range(24):
        watched = any(start <= hour < start + length for start, length in shifts)
        assert watched != any(start <= hour < end for start, end in found)


@pytest.fixture
def week(town: Town, zones: list[DutyZone]) -> list[Shift]:
    """Both zones watched by the inspector's colleagues round the clock for two days from NOW."""
    made = []
    for n, zone in enumerate(zones):
        user = User.objects.create_user(f"w{n}", full_name=f"值班{n}")
        for day in range(2):
            start = NOW + timedelta(days=day)
            made.append(Shift.objects.create(inspector=user, zone=zone, starts_at=start, ends_at=start + 24 * HOUR))
    return made


def test_the_roster_is_whole_until_a_shift_is_missing(town: Town, week: list[Shift]) -> None:
    until = NOW + timedelta(days=2)
    assert check(NOW, until).whole
    week[3].delete()
    (hole,) = check(NOW, until).holes
    assert (hole.zone, hole.starts_at, hole.ends_at) == ((week[2].zone_id,), NOW + timedelta(days=1), until)


def test_of_two_zones_with_one_community_either_fills_the_hole(town: Town, week: list[Shift]) -> None:
    week[2].zone.communities.add(town.communities[0])
    week[0].delete()
    assert check(NOW, NOW + timedelta(days=2)).whole


def test_a_cell_of_no_zone_is_told(town: Town, week: list[Shift]) -> None:
    week[2].zone.communities.clear()
    found = check(NOW, NOW + timedelta(days=2))
    assert found.orphans == [cell.code for cell in town.cells[2:]]
    assert not found.whole


def test_check_roster_lists_holes_and_fails(
    town: Town, zones: list[DutyZone], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        call_command("check_roster", "--days=1")
    assert stopped.value.code == 1
    out = capsys.readouterr().out
    assert "hole: 甲区" in out
    assert "2 holes" in out
    for n, zone in enumerate(zones):
        user = User.objects.create_user(f"d{n}")
        now = timezone.now()
        Shift.objects.create(inspector=user, zone=zone, starts_at=now - HOUR, ends_at=now + 30 * HOUR)
    call_command("check_roster", "--days=1")
    assert "0 holes" in capsys.readouterr().out


def over(shift: Shift, substitute: User, by: User, **more: Any) -> Takeover:
    values: dict[str, Any] = {"from_at": NOW + 2 * HOUR, "reason": "ill", "at": NOW, "operation": uuid.uuid4()} | more
    return take_over(shift, substitute, by=by, **values)


def test_a_shift_that_runs_is_cut_in_two(town: Town, week: list[Shift], colleague: Colleague) -> None:
    who = colleague("替班")
    done = over(week[0], who, town.people["shift_lead"])
    assert done.before == week[0].inspector
    at_change = Shift.objects.on_duty(NOW + 2 * HOUR).filter(zone=week[0].zone)
    assert [shift.inspector for shift in at_change] == [who]
    just_before = Shift.objects.on_duty(NOW + 2 * HOUR - timedelta(seconds=1)).filter(zone=week[0].zone)
    assert [shift.inspector for shift in just_before] == [week[0].inspector]
    assert check(NOW, NOW + timedelta(days=2)).whole


def test_a_shift_to_come_changes_hands_whole_and_the_same_operation_does_it_once(
    town: Town, week: list[Shift], colleague: Colleague
) -> None:
    who, operation = colleague("替班"), uuid.uuid4()
    for _ in range(2):
        over(week[1], who, town.people["shift_lead"], operation=operation)
    week[1].refresh_from_db()
    assert week[1].inspector == who
    assert Takeover.objects.count() == 1
    assert Shift.objects.count() == 4


def test_nobody_takes_over_twice_or_in_two_places(town: Town, week: list[Shift], colleague: Colleague) -> None:
    lead, who = town.people["shift_lead"], colleague("替班")
    with pytest.raises(TakeoverError, match="就是本班"):
        over(week[0], week[0].inspector, lead)
    with pytest.raises(TakeoverError, match="有班"):
        over(week[0], week[2].inspector, lead)
    with pytest.raises(TakeoverError, match="下班之后"):
        over(week[0], who, lead, from_at=NOW + 25 * HOUR)
    stale = Shift.objects.get(pk=week[0].pk)
    over(week[0], who, lead)
    with pytest.raises(TakeoverError, match="刚刚有了变化"):
        over(stale, colleague("又一人"), lead)
    assert Takeover.objects.count() == 1


def test_the_tasks_of_whoever_left_go_to_the_substitute(
    town: Town, zones: list[DutyZone], colleague: Colleague
) -> None:
    now, who = timezone.now(), colleague("替班")
    shift = Shift.objects.create(
        inspector=town.people["inspector"], zone=zones[0], starts_at=now - HOUR, ends_at=now + 5 * HOUR
    )
    case = town.report(when=now)
    due = {"issued_at": now, "due_at": now + HOUR}
    task = FieldTask.objects.create(case=case, kind="verify", point=at(50, 50), **due)
    assert assign(task, at=now)
    over(shift, who, town.people["shift_lead"], from_at=timezone.now() - timedelta(seconds=1), at=timezone.now())
    assign_waiting()
    task.refresh_from_db()
    assert task.inspector == who


def test_the_lead_arranges_a_substitute_on_the_page(
    town: Town, zones: list[DutyZone], colleague: Colleague, client: Client
) -> None:
    now, who = timezone.now(), colleague("替班")
    shift = Shift.objects.create(
        inspector=town.people["inspector"], zone=zones[0], starts_at=now - HOUR, ends_at=now + 5 * HOUR
    )
    client.force_login(town.people["shift_lead"])
    path = f"/shifts/{shift.pk}/takeover/"
    assert path in client.get("/shifts/").content.decode()
    assert "替班" in client.get(path).content.decode()
    form = {
        "substitute": who.pk,
        "from_at": f"{timezone.localtime(now):%Y-%m-%dT%H:%M}",
        "reason": "ill",
        "operation": str(uuid.uuid4()),
        "had": town.people["inspector"].pk,
    }
    refused = client.post(path, form | {"from_at": "明天", "substitute": ""})
    assert refused.status_code == 422
    assert "请填写日期和时间。" in refused.content.decode()
    assert client.post(path, form | {"had": who.pk}).status_code == 422
    assert client.post(path, form).status_code == 302
    text = client.get("/shifts/").content.decode()
    assert f"顶 {town.people['inspector']}（病假）" in text
    client.force_login(town.people["dispatcher"])
    assert path not in client.get("/shifts/").content.decode()
    assert client.post(path, form).status_code == 403


def test_the_page_takes_as_many_queries_for_thirty_shifts_as_for_three(
    town: Town, zones: list[DutyZone], client: Client
) -> None:
    client.force_login(town.people["shift_lead"])
    start = timezone.now() - HOUR

    def add(count: int) -> None:
        for n in range(count):
            user = User.objects.create_user(f"q{count}-{n}")
            Shift.objects.create(inspector=user, zone=zones[n % 2], starts_at=start, ends_at=start + 8 * HOUR)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/shifts/")
        return len(queries)

    add(3)
    asked()
    three = asked()
    add(30)
    assert asked() == three
