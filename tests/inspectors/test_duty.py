"""Clocking in and out, breaks, and who counts as on duty."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Event
from dispatch.profile import Profile, read_profile
from dispatch.profileparts import OnDuty
from inspectors import duty
from inspectors.dutyrefusals import DutyError, OutsideError
from inspectors.dutyrules import Presence
from inspectors.models import Attendance, Break, DutyZone, Shift
from inspectors.positions import Fix
from people.models import User
from tests.inspectors.conftest import on_duty
from tests.inspectors.envelopes import operate
from tests.town import Town, at

START = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def minute(number: float) -> datetime:
    return START + timedelta(minutes=number)


def fix(x: float = 50, when: datetime = START, accuracy: float = 8.0) -> Fix:
    return Fix(at(x, 50), accuracy, when)


@pytest.fixture
def inspector(town: Town) -> User:
    return town.people["inspector"]


@pytest.fixture
def shift(inspector: User, zones: list[DutyZone]) -> Shift:
    """甲区 from an hour before START until seven hours later."""
    return Shift.objects.create(inspector=inspector, zone=zones[0], starts_at=minute(-60), ends_at=minute(420))


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place where nobody counts as on duty before clocking in."""
    other = Profile(on_duty=OnDuty(clock_in="required"))
    for module in ("inspectors.duty", "inspectors.dutymodels"):
        monkeypatch.setattr(f"{module}.profile", lambda: other)


def enter(user: User, when: datetime = START, *, operation: UUID | None = None) -> Attendance:
    return duty.clock_in(fix(when=when), "", by=user, at=when, operation=operation or uuid4())


def leave(user: User, when: datetime, *, x: float = 50, reason: str = "") -> Attendance:
    return duty.clock_out(fix(x, when), reason, by=user, at=when, operation=uuid4())


def rest(user: User, when: datetime) -> Break:
    return duty.break_start(when, by=user, at=when, operation=uuid4())


def there(when: datetime) -> bool:
    return Shift.objects.on_duty(when).exists()


def test_a_planned_shift_counts_until_clocked_out_and_a_break_does_not(inspector: User, shift: Shift) -> None:
    assert there(minute(-60))
    assert there(minute(-1))
    enter(inspector)
    rest(inspector, minute(30))
    assert [there(minute(m)) for m in (29, 30, 89, 90)] == [True, False, False, True]
    leave(inspector, minute(120))
    assert [there(minute(m)) for m in (119, 120, 419)] == [True, False, False]


def test_where_clocking_in_is_required_the_plan_alone_counts_for_nothing(
    inspector: User, shift: Shift, required: None
) -> None:
    assert not there(minute(10))
    enter(inspector, minute(20))
    assert [there(minute(m)) for m in (19, 20, 419, 420)] == [False, True, True, False]


def test_who_clocked_out_by_mistake_clocks_in_again(inspector: User, shift: Shift) -> None:
    enter(inspector)
    leave(inspector, minute(10))
    enter(inspector, minute(15))
    assert [there(minute(m)) for m in (9, 12, 15)] == [True, False, True]
    assert shift.attendances.count() == 2


def test_outside_the_zone_a_reason_is_asked_for_and_both_facts_are_kept(inspector: User, shift: Shift) -> None:
    # 甲区 ends at x = 200; 8 m of accuracy and 50 m of allowance explain 258, not 259
    with pytest.raises(OutsideError) as refused:
        duty.clock_in(fix(359), "  ", by=inspector, at=START, operation=uuid4())
    assert refused.value.outside_m == pytest.approx(159, abs=0.1)
    assert not Attendance.objects.exists()
    made = duty.clock_in(fix(359), "先去中心领设备", by=inspector, at=START, operation=uuid4())
    assert (made.in_far, made.in_reason) == (True, "先去中心领设备")
    assert made.in_outside_m == pytest.approx(159, abs=0.1)
    with pytest.raises(OutsideError):
        leave(inspector, minute(5), x=300)
    assert leave(inspector, minute(6), x=300, reason="送件").out_far


@pytest.mark.parametrize(("x", "far"), [(199, False), (257.9, False), (258.1, True)])
def test_accuracy_and_the_allowance_explain_some_metres(inspector: User, shift: Shift, x: float, far: bool) -> None:
    made = duty.clock_in(fix(x), "在边上", by=inspector, at=START, operation=uuid4())
    assert made.in_far is far
    assert made.in_reason == ("在边上" if far else "")


def test_the_same_operation_is_done_once_and_answers_the_same(inspector: User, shift: Shift) -> None:
    operation = uuid4()
    first = enter(inspector, operation=operation)
    assert enter(inspector, minute(5), operation=operation) == first
    out = uuid4()
    left = duty.clock_out(fix(when=minute(60)), "", by=inspector, at=minute(60), operation=out)
    assert duty.clock_out(fix(when=minute(90)), "", by=inspector, at=minute(90), operation=out).out_at == left.out_at
    assert Attendance.objects.count() == 1
    assert list(Event.objects.filter(kind__startswith="duty.").values_list("kind", flat=True)) == [
        "duty.in",
        "duty.out",
    ]


def test_another_clocking_in_is_refused_while_one_is_open(inspector: User, shift: Shift) -> None:
    enter(inspector)
    with pytest.raises(DutyError, match="here_already"):
        enter(inspector, minute(1))


@pytest.mark.parametrize(("early", "code"), [(91, "no_shift"), (90, "")])
def test_one_can_clock_in_half_an_hour_early_but_not_earlier(
    inspector: User, shift: Shift, early: int, code: str
) -> None:
    when = minute(-early)
    if code:
        with pytest.raises(DutyError, match=code):
            enter(inspector, when)
    else:
        assert enter(inspector, when).shift == shift
        assert not there(when)  # the plan still says when duty begins


def test_a_shift_of_somebody_else_is_none(shift: Shift, colleague: Any) -> None:
    with pytest.raises(DutyError, match="no_shift"):
        enter(colleague("别人"))


def test_breaks_end_by_themselves_and_are_counted(inspector: User, shift: Shift) -> None:
    enter(inspector)
    with pytest.raises(DutyError, match="not_resting"):
        duty.break_end(minute(1), by=inspector, at=minute(1), operation=uuid4())
    first = rest(inspector, minute(10))
    assert first.until_at == minute(70)
    with pytest.raises(DutyError, match="resting"):
        rest(inspector, minute(20))
    duty.break_end(minute(30), by=inspector, at=minute(30), operation=uuid4())
    second = rest(inspector, minute(100))
    assert second.until_at == minute(140)  # 40 of 60 minutes were left
    # nobody ended it: over after its time, and the third one is one too many
    with pytest.raises(DutyError, match="no_break_left"):
        rest(inspector, minute(200))
    assert there(minute(140))


def test_a_break_needs_an_attendance_and_ends_with_it(inspector: User, shift: Shift) -> None:
    with pytest.raises(DutyError, match="not_here"):
        rest(inspector, minute(10))
    enter(inspector)
    rest(inspector, minute(10))
    leave(inspector, minute(20))
    assert Break.objects.get().ends_at == minute(20)


def test_nobody_leaves_before_the_end_of_a_break_although_the_position_is_older(inspector: User, shift: Shift) -> None:
    enter(inspector)
    rest(inspector, minute(10))
    duty.break_end(minute(20), by=inspector, at=minute(20), operation=uuid4())
    made = duty.clock_out(fix(when=minute(5)), "", by=inspector, at=minute(21), operation=uuid4())
    assert made.out_at == minute(20)


def test_an_operation_of_a_break_is_done_once(inspector: User, shift: Shift) -> None:
    enter(inspector)
    operation = uuid4()
    made = duty.break_start(minute(1), by=inspector, at=minute(1), operation=operation)
    assert duty.break_start(minute(9), by=inspector, at=minute(9), operation=operation) == made
    end = uuid4()
    ended = duty.break_end(minute(5), by=inspector, at=minute(5), operation=end)
    assert duty.break_end(minute(50), by=inspector, at=minute(50), operation=end).ends_at == ended.ends_at


@pytest.mark.parametrize("must", [False, True])
def test_the_pure_rule_says_the_same_as_the_database(
    inspector: User, shift: Shift, must: bool, chance: Random, request: pytest.FixtureRequest
) -> None:
    if must:
        request.getfixturevalue("required")
    enter(inspector, minute(5))
    rest(inspector, minute(20))
    duty.break_end(minute(33), by=inspector, at=minute(33), operation=uuid4())
    leave(inspector, minute(100))
    enter(inspector, minute(110))
    rest(inspector, minute(200))
    leave(inspector, minute(300))
    spans = duty.spans(inspector, minute(-100), minute(600))
    edges = [-60, 5, 20, 33, 100, 110, 200, 247, 300, 420]
    for number in [*edges, *(chance.uniform(-80, 450) for _ in range(40))]:
        when = minute(number)
        assert any(start <= when < end for start, end in spans) is there(when), number
    assert len(spans) == 4  # until the break, until the first end, until the second break, until the second end


def test_spans_are_cut_to_what_was_asked(inspector: User, shift: Shift) -> None:
    assert duty.spans(inspector, minute(0), minute(30)) == [(minute(0), minute(30))]
    assert duty.spans(inspector, minute(420), minute(500)) == []


def test_a_presence_without_anything_is_its_plan() -> None:
    planned = (minute(0), minute(60))
    assert Presence(planned).spans() == [planned]
    assert Presence(planned, must_clock_in=True).spans() == []


def test_every_profile_leaves_duty_as_it_was() -> None:
    for name in ("default", "taizhou", "gaoyou"):
        assert read_profile(name).on_duty.clock_in == "optional"


def send(phone: Client, kind: str, **values: Any) -> Any:
    from tests.inspectors.test_nearby import here

    given = {"operation": str(uuid4()), **here(values.pop("x", 50)), **values}
    return operate(phone, kind, given)


def test_the_phone_is_told_what_was_stored_and_what_was_not(town: Town, zones: list[DutyZone], phone: Client) -> None:
    refused = send(phone, "clock_in")
    assert (refused.status_code, refused.json()["code"]) == (422, "no_shift")
    on_duty(town.people["inspector"], zones[0])
    far = send(phone, "clock_in", x=600)
    assert (far.status_code, far.json()["code"]) == (422, "far")
    assert "400 米" in far.json()["sentence"]
    operation = str(uuid4())
    stored = send(phone, "clock_in", operation=operation)
    assert stored.json()["operation"] == operation
    assert send(phone, "clock_in", operation=operation).json() == stored.json()
    again = send(phone, "clock_in")
    assert (again.status_code, again.json()["sentence"]) == (409, "您已经签到，不用再签。")
    assert send(phone, "clock_out", lon="").json()["code"] == "position"


def test_the_page_says_where_the_shift_stands(town: Town, zones: list[DutyZone], phone: Client) -> None:
    def page() -> str:
        return phone.get("/field/duty/").content.decode()

    assert "现在没有班次" in page()
    on_duty(town.people["inspector"], zones[0])
    assert "还没有签到" in page()
    send(phone, "clock_in")
    assert "在岗" in page()
    assert "本班还可休息 2 次，共 60 分钟" in page()
    send(phone, "break_start", age=0)
    assert "休息中" in page()
    send(phone, "break_end")
    send(phone, "clock_out")
    assert "再次签到" in page()


def test_an_old_fix_counts_when_it_was_taken(town: Town, zones: list[DutyZone], phone: Client) -> None:
    on_duty(town.people["inspector"], zones[0])
    send(phone, "clock_in", age=3600)
    made = Attendance.objects.get()
    assert made.in_recorded_at - made.in_at == timedelta(hours=1)
    assert timezone.now() - made.in_recorded_at < timedelta(minutes=1)
