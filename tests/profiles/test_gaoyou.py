"""A hotline in three shifts: an urgent call, a reply signed three times, and a month looked through."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta

import msgspec
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dispatch.actions import filing, handling
from dispatch.actions.notifying import Phoned, arrive, telephone
from dispatch.actions.reviewing import mark_seen, solve_again
from dispatch.actions.signing import countersign
from dispatch.lifecycle import NotSignedError
from dispatch.models import Call, Case, Clock, Report
from dispatch.profile import Chain, Signatory, Signing, profile
from dispatch.reviews import progress
from dispatch.rosters import hand_over, take_over
from dispatch.shifts import Place, Turn, gaps, turn_at
from dispatch.transitions import Action
from people.permissions import Role
from tests.town import NOW, Town

SHIFTS = {"夜班": time(0), "早班": time(8), "中班": time(16)}
THREE = Chain(
    key="three",
    name="三级把关",
    before=Action.ACCEPT_REPLY,
    seats=(
        Signatory(role=Role.HANDLER, label="部门主要负责人"),
        Signatory(role=Role.MANAGER, label="市分管领导"),
        Signatory(role=Role.LEADER, label="市主要领导"),
    ),
)


def test_three_shifts_leave_no_hour_of_the_day_empty() -> None:
    day = NOW.astimezone(settings.CITY.zone).date()
    hours = [turn_at(datetime.combine(day, time(hour), settings.CITY.zone), SHIFTS) for hour in range(24)]
    assert [sum(turn == Turn(day, name) for turn in hours) for name in SHIFTS] == [8, 8, 8]


def test_a_surge_of_eight_operators_shows_who_is_missing() -> None:
    day = NOW.astimezone(settings.CITY.zone).date()
    place = Place(Turn(day, "早班"), "operator")
    (gap,) = gaps([day], {"早班": time(8)}, {"operator": 1}, [place] * 3, {place: 7})
    assert gap.missing == 5


def test_the_department_is_telephoned_and_comes_within_one_hour(town: Town) -> None:
    case = town.to_state("handling")
    Case.objects.filter(pk=case.pk).update(urgent=True)
    case.urgent, part, dispatched = True, town.part(case), case.state_since
    for minute, outcome, name in ((1, "busy", ""), (2, "answered", "李四")):
        doing = town.doing(case, "operator", dispatched + timedelta(minutes=minute), "请立即到场")
        telephone(case, doing, part=part, call=Phoned("李四", "0514-84600000", outcome, name))
    arrive(case, town.doing(case, "handler", dispatched + timedelta(minutes=50)), part=part)
    clock = Clock.objects.get(kind="arrive")
    assert (clock.due_at - clock.started_at, clock.verdict) == (timedelta(hours=1), "on_time")


def test_a_reply_passes_three_signatures(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    case = town.to_state("reply_review")
    place = msgspec.structs.replace(profile(), signing=Signing(chains=(THREE,)))
    monkeypatch.setattr("dispatch.signoff.profile", lambda: place)
    for role in ("handler", "manager", "leader"):
        with pytest.raises(NotSignedError):
            handling.accept_reply(case, town.doing(case, "dispatcher", case.state_since))
        countersign(case, town.doing(case, role, case.state_since, "同意"), chain="three", agrees=True)
    handling.accept_reply(case, town.doing(case, "dispatcher", case.state_since))
    assert case.state == "checking"


def test_a_leader_looks_at_every_item_of_the_month_and_sends_one_back(town: Town) -> None:
    good, poor = town.to_state("closed"), town.to_state("closed")
    leader, month = town.people["leader"], (NOW - timedelta(days=1), NOW + timedelta(days=30))
    mark_seen(good, by=leader, at=good.state_since)
    done = progress(leader, *month)
    assert (done.done, done.total) == (1, 2)
    solve_again(poor, town.doing(poor, "leader", poor.state_since, "请财政局会商"))
    done = progress(leader, *month)
    assert (poor.state, done.done, done.total) == ("to_dispatch", 2, 2)


def test_the_shift_hands_over_what_is_open(town: Town) -> None:
    case = town.to_state("handling")
    Case.objects.filter(pk=case.pk).update(urgent=True)
    written = hand_over(by=town.people["operator"], words="等待到场", at=NOW, operation=uuid.uuid4())
    take_over(written, by=town.people["dispatcher"], at=NOW + timedelta(minutes=5))
    written.refresh_from_db()
    assert (written.open_items["urgent"], written.signed_by) == ([case.number], town.people["dispatcher"])


def test_a_day_of_more_than_a_hundred_calls(town: Town, login: Callable[[str], Client]) -> None:
    """More than a hundred calls, seventy orders handed on; none is lost, and the lists take no more queries (P3.4)."""
    first = NOW.replace(hour=0, minute=30)  # half past eight in the morning
    done: Counter[str] = Counter()
    for number in range(104):
        when = first + timedelta(minutes=5 * number)
        case = town.matter(f"第{number}通：小区物业乱收费", when=when)
        if number % 3 == 2:
            filing.answer(case, town.doing(case, "operator", when, "按公示标准收取，依据收费办法"))
        else:
            filing.submit_review(case, town.doing(case, "operator", when))
            filing.review(case, town.doing(case, "shift_lead", when + timedelta(minutes=1)))
            to = [handling.Assignment(town.water if number % 2 else town.office)]
            handling.dispatch_case(case, town.doing(case, "dispatcher", when + timedelta(minutes=2)), to=to)
        done[case.state] += 1
    assert done == {"handling": 70, "answered": 34}
    assert Report.objects.count() == Call.objects.count() == 104
    lead, handler = login("shift_lead"), town.people["handler"]
    assert Case.objects.visible_to(handler).count() == 35
    for room in ("desks:console_rows", "desks:lead", "desks:callbacks"):
        with CaptureQueriesContext(connection) as asked:
            assert lead.get(reverse(room)).status_code == 200
        assert len(asked) <= 30, room
