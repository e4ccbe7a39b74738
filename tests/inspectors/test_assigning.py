from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from dispatch.actions import filing, handling
from dispatch.events import deliver
from dispatch.models import Case, Event, FieldTask
from inspectors.assigning import TakenError, assign, assign_waiting, claim, on_event
from inspectors.models import DutyZone, Position
from inspectors.schedules import ensure_schedules
from inspectors.situation import read
from people.models import User
from tests.inspectors.conftest import Colleague, on_duty
from tests.town import Town, at


def order(town: Town, x: float = 50) -> FieldTask:
    """A task to verify at (x, 50) that nobody has yet."""
    case = town.report(point=at(x, 50))
    filing.order_verify(case, town.doing(case, "operator"))
    return FieldTask.objects.get(case=case)


def seen(user: User, x: float, minutes_ago: float = 1) -> None:
    when = timezone.now() - timedelta(minutes=minutes_ago)
    Position.objects.create(inspector=user, point=at(x, 50), accuracy_m=10, seen_at=when)


def test_an_ordered_verification_gets_an_inspector_of_the_zone(
    town: Town, zones: list[DutyZone], colleague: Colleague
) -> None:
    on_duty(colleague("乙"), zones[1])
    on_duty(town.people["inspector"], zones[0])
    task = order(town)
    event = Event.objects.get(case=task.case, kind="case.order_verify")
    on_event(event)
    task.refresh_from_db()
    assert task.inspector == town.people["inspector"]
    assert {"code": "own_zone"} in task.why


def test_an_accepted_reply_gets_somebody_to_check_it(town: Town, zones: list[DutyZone]) -> None:
    on_duty(town.people["inspector"], zones[0])
    case = town.to_state("reply_review")
    handling.accept_reply(case, town.doing(case, "dispatcher", timezone.now()))
    on_event(Event.objects.get(case=case, kind="case.accept_reply"))
    assert FieldTask.objects.get(case=case, kind="check").inspector == town.people["inspector"]


def test_the_nearest_of_the_zone_goes_unless_the_position_is_old(
    town: Town, zones: list[DutyZone], colleague: Colleague
) -> None:
    far, near, gone = colleague("远"), colleague("近"), colleague("旧")
    for user in (far, near, gone):
        on_duty(user, zones[0])
    seen(far, 390)
    seen(near, 160)
    seen(gone, 50, minutes_ago=45)
    task = order(town)
    assert assign(task, at=timezone.now())
    task.refresh_from_db()
    assert task.inspector == near


def test_the_same_event_twice_assigns_once_and_announces_once(
    town: Town, zones: list[DutyZone], colleague: Colleague
) -> None:
    on_duty(town.people["inspector"], zones[0])
    task = order(town)
    event = Event.objects.get(case=task.case, kind="case.order_verify")
    on_event(event)
    on_duty(colleague("新"), zones[0])
    on_event(event)
    task.refresh_from_db()
    assert task.inspector == town.people["inspector"]
    assert Event.objects.filter(kind="task.assigned", case=task.case).count() == 1


def test_an_inspector_who_was_named_keeps_the_task(town: Town, zones: list[DutyZone], colleague: Colleague) -> None:
    on_duty(colleague("值班"), zones[0])
    case = town.to_state("verifying")
    for event in Event.objects.filter(case=case):
        on_event(event)
    assert FieldTask.objects.get(case=case).inspector == town.people["inspector"]


def test_nobody_on_duty_leaves_it_waiting_until_a_shift_begins(town: Town, zones: list[DutyZone]) -> None:
    task = order(town)
    assert assign_waiting() == 0
    on_duty(town.people["inspector"], zones[0])
    assert assign_waiting() == 1
    task.refresh_from_db()
    assert task.inspector == town.people["inspector"]


def test_a_case_in_no_community_is_in_nobodys_zone(town: Town, zones: list[DutyZone]) -> None:
    DutyZone.objects.create(name="空")
    on_duty(town.people["inspector"], DutyZone.objects.get(name="空"))
    task = order(town)
    Case.objects.filter(pk=task.case_id).update(community=None)
    task.case.refresh_from_db()
    assert read([task], timezone.now()).in_zone.tolist() == [[False]]


def test_two_shifts_at_once_are_one_person(town: Town, zones: list[DutyZone]) -> None:
    for zone in zones:
        on_duty(town.people["inspector"], zone)
    assert read([order(town)], timezone.now()).in_zone.tolist() == [[True]]


def test_what_somebody_has_cannot_be_claimed(town: Town, zones: list[DutyZone], colleague: Colleague) -> None:
    task = order(town)
    claim(task, by=town.people["inspector"], at=timezone.now())
    with pytest.raises(TakenError):
        claim(task, by=colleague("慢"), at=timezone.now())
    task.refresh_from_db()
    assert task.inspector == town.people["inspector"]


@pytest.mark.django_db(transaction=True)
def test_the_outbox_delivers_to_the_assignment(town: Town, zones: list[DutyZone]) -> None:
    on_duty(town.people["inspector"], zones[0])
    task = order(town)
    deliver("assignment", on_event)
    task.refresh_from_db()
    assert task.inspector == town.people["inspector"]


def test_schedules_are_made_once_and_what_was_changed_stays(db: None) -> None:
    Schedule.objects.all().delete()
    ensure_schedules()
    Schedule.objects.filter(name="assign waiting tasks").update(minutes=5)
    ensure_schedules()
    daily = set(Schedule.objects.filter(schedule_type=Schedule.DAILY).values_list("func", flat=True))
    assert daily == {
        "dispatch.sealing.seal_today",
        "dispatch.verifying.verify_daily",
        "dispatch.retention.anonymise_due",
        "inspectors.tracks.sweep_due",
        "inspectors.uploads.sweep_due",
    }
    assert sorted(Schedule.objects.filter(schedule_type=Schedule.MINUTES).values_list("func", "minutes")) == [
        ("dispatch.events.deliver_all", 1),
        ("dispatch.mailreading.read_due", 10),
        ("dispatch.texting.send_due", 1),
        ("dispatch.watch.watch", 1),
        ("inspectors.assigning.assign_waiting", 5),
        ("inspectors.patrol.mark_seen", 1),
        ("inspectors.routes.plan_due", 1),
    ]
