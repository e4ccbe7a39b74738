"""Who could be there soonest, and how that is told."""

from datetime import timedelta

import numpy as np
import pytest

from inspectors.arrival import offers
from inspectors.assigning import assign, hand
from inspectors.assignment import told
from inspectors.models import DutyZone, Position, Shift
from inspectors.travel import RIDING_M_A_MINUTE, Straight
from people.models import RoleGrant, User
from tests.town import NOW, Town, at


@pytest.fixture
def street(town: Town) -> list[User]:
    """Three on duty: near, far, and one of whom nobody knows where he is."""
    zone = DutyZone.objects.create(name="西片")
    zone.communities.add(town.communities[0])
    people = []
    for name, x in (("近", 150), ("远", 390), ("不知", None)):
        person = User.objects.create(username=name, full_name=name)
        RoleGrant.objects.create(user=person, role="inspector")
        times = {"starts_at": NOW - timedelta(hours=1), "ends_at": NOW + timedelta(hours=7)}
        Shift.objects.create(inspector=person, zone=zone, **times)
        if x is not None:
            Position.objects.create(inspector=person, point=at(x, 50), accuracy_m=8, seen_at=NOW)
        people.append(person)
    return people


def test_the_first_offer_is_whom_the_assignment_chooses(town: Town, street: list[User]) -> None:
    case = town.to_state("verifying", when=NOW - timedelta(minutes=30))
    task = town.task(case, "verify")
    first = offers(case, NOW)[0]
    task.inspector = None
    task.save()
    assert assign(task, at=NOW)
    task.refresh_from_db()
    assert task.inspector == first.inspector == street[0]


def test_offers_say_distance_time_and_load(town: Town, street: list[User]) -> None:
    near, far, unknown = offers(town.report(), NOW)
    assert [near.inspector, far.inspector, unknown.inspector] == street
    assert (near.minutes, far.minutes, unknown.minutes) == (1, 2, None)
    assert near.why == ["本责任网格", "直线 100 米", "手上 0 项任务"]
    assert "没有最近的位置" in unknown.why


def test_minutes_grow_with_the_way() -> None:
    ways = Straight().metres(np.array([[0.0, 0.0]]), np.array([[metres, 0.0] for metres in (0, 200, 1000, 3000)]))
    assert [told(metres / RIDING_M_A_MINUTE) for metres in ways[0]] == [1, 1, 5, 16]


def test_a_task_in_hand_can_be_given_to_somebody_else_but_not_a_done_one(town: Town, street: list[User]) -> None:
    task = town.task(town.to_state("verifying"), "verify")
    assert hand(task, street[1], by=town.people["dispatcher"], at=NOW)
    task.refresh_from_db()
    assert task.inspector == street[1]
    task.done_at, task.result = NOW, "confirmed"
    task.save()
    assert not hand(task, street[0], by=town.people["dispatcher"], at=NOW)


def test_a_case_without_a_place_has_no_offers(town: Town, street: list[User]) -> None:
    assert offers(town.matter(), NOW) == []
