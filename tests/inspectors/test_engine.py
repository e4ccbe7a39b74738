"""The engine over time: refused, late, off duty, urgent, by hand, and the history of all of it."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.gis.geos import LineString
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch.actions import filing
from dispatch.models import Case, Event, FieldTask
from gridmap.models import Place
from inspectors import duty
from inspectors.assigning import assign, assign_waiting, claim, hand, on_event, settle, take_back
from inspectors.models import Ability, Assignment, DutyZone, Position, Shift, SkillNeed
from inspectors.positions import Fix
from inspectors.situation import read
from inspectors.travelling import streets_mark, ways
from people.models import User
from tests.inspectors.conftest import Colleague, on_duty
from tests.town import Town, at

MINUTE = timedelta(minutes=1)


def order(town: Town, x: float = 50, *, urgent: bool = False) -> FieldTask:
    """A task to verify at (x, 50) that nobody has yet."""
    case = town.report(point=at(x, 50), urgent=urgent, when=timezone.now())
    filing.order_verify(case, town.doing(case, "operator", timezone.now()))
    return FieldTask.objects.select_related("case").get(case=case)


def stands(user: User, x: float) -> None:
    values = {"point": at(x, 50), "accuracy_m": 10, "seen_at": timezone.now()}
    Position.objects.update_or_create(inspector=user, defaults=values)


def causes(task: FieldTask) -> list[str]:
    return list(Assignment.objects.filter(task=task).values_list("cause", flat=True))


@pytest.fixture
def two(town: Town, zones: list[DutyZone], colleague: Colleague) -> tuple[User, User]:
    """甲 stands at 60 and 乙 at 380, both on duty in 甲区."""
    found = town.people["inspector"], colleague("乙")
    for user, x in zip(found, (60, 380), strict=True):
        on_duty(user, zones[0])
        stands(user, x)
    return found


def refuse(task: FieldTask, by: User) -> Event:
    """As the page of the task does it."""
    FieldTask.objects.filter(pk=task.pk).update(inspector=None, accepted_at=None)
    payload = {"task": task.pk, "inspector": by.pk, "reason": "太远"}
    return Event.objects.create(kind="task.refused", case_id=task.case_id, payload=payload, created_at=timezone.now())


def test_a_refused_task_goes_to_somebody_else_and_never_back(town: Town, two: tuple[User, User]) -> None:
    task = order(town)
    assert assign(task, at=timezone.now())
    event = refuse(task, two[0])
    assign_waiting()  # also where the minute's run comes before the outbox
    task.refresh_from_db()
    assert task.inspector == two[1]
    on_event(event)
    on_event(event)
    assert causes(task).count("refused") == 1
    on_event(refuse(task, two[1]))
    assert FieldTask.objects.get(pk=task.pk).inspector is None
    assert assign_waiting() == 0


def test_a_task_that_is_not_accepted_in_time_goes_to_somebody_else(town: Town, two: tuple[User, User]) -> None:
    task, now = order(town), timezone.now()
    assign(task, at=now)
    assert take_back(now + 9 * MINUTE) == 0
    assert take_back(now + 10 * MINUTE) == 1
    task.refresh_from_db()
    assert task.inspector is None
    assert {"code": "not_accepted", "who": str(two[0])} in task.why
    assert causes(task) == ["given", "not_accepted"]


def test_an_accepted_task_stays_until_it_is_due(town: Town, two: tuple[User, User]) -> None:
    task, now = order(town), timezone.now()
    assign(task, at=now)
    FieldTask.objects.filter(pk=task.pk).update(accepted_at=now)
    assert take_back(now + 29 * MINUTE) == 0
    assert take_back(now + 31 * MINUTE) == 1
    assert causes(task)[-1] == "not_arrived"


def test_who_has_arrived_keeps_the_task(town: Town, two: tuple[User, User]) -> None:
    task, now = order(town), timezone.now()
    assign(task, at=now)
    FieldTask.objects.filter(pk=task.pk).update(accepted_at=now, arrived_at=now)
    assert take_back(now + 60 * MINUTE) == 0


def test_when_the_shift_ends_the_task_goes_to_whoever_is_there(town: Town, two: tuple[User, User]) -> None:
    task, now = order(town), timezone.now()
    assign(task, at=now)
    Shift.objects.filter(inspector=two[0]).update(ends_at=now)
    assign_waiting()
    task.refresh_from_db()
    assert task.inspector == two[1]
    assert causes(task) == ["given", "off_duty", "given"]


def test_who_clocks_out_keeps_nothing_and_who_rests_keeps_what_was_accepted(town: Town, two: tuple[User, User]) -> None:
    task, now = order(town), timezone.now()
    assign(task, at=now)
    FieldTask.objects.filter(pk=task.pk).update(accepted_at=now)
    here = Fix(at(60, 50), 8.0, now)
    duty.clock_in(here, "", by=two[0], at=now, operation=uuid4())
    duty.break_start(now, by=two[0], at=now, operation=uuid4())
    assert take_back(now) == 0
    duty.clock_out(here, "", by=two[0], at=now, operation=uuid4())
    assert take_back(now) == 1
    assert causes(task) == ["given", "off_duty"]


def test_the_engine_gives_up_after_so_many_moves(town: Town, two: tuple[User, User]) -> None:
    task, now = order(town), timezone.now()
    for round_ in range(3):
        task = FieldTask.objects.select_related("case").get(pk=task.pk)
        assert settle([task], at=now + 20 * round_ * MINUTE)
        assert take_back(now + (20 * round_ + 15) * MINUTE) == 1
    task = FieldTask.objects.select_related("case").get(pk=task.pk)
    assert settle([task], at=now + 60 * MINUTE)
    for minutes in (90, 91):
        assert take_back(now + minutes * MINUTE) == 0
    assert Event.objects.filter(kind="task.stuck", case=task.case).count() == 1


def test_what_was_given_by_hand_stays_and_is_told_when_it_must_move(town: Town, two: tuple[User, User]) -> None:
    task, now = order(town), timezone.now()
    assert hand(task, two[1], by=town.people["dispatcher"], at=now)
    assert take_back(now + 60 * MINUTE) == 0
    settle([order(town, 370, urgent=True)], at=now)
    task.refresh_from_db()
    assert task.inspector == two[1]
    Shift.objects.filter(inspector=two[1]).update(ends_at=now)
    assert take_back(now + MINUTE) == 1
    event = Event.objects.get(kind="task.waiting", case=task.case)
    assert event.payload["by_hand"] is True
    task.refresh_from_db()
    assert {"code": "was_by_hand"} in task.why


def test_an_urgent_task_takes_the_near_inspector_from_one_not_accepted(
    town: Town, two: tuple[User, User], zones: list[DutyZone]
) -> None:
    stands(two[1], 5000)
    first = order(town, 70)
    assign(first, at=timezone.now())
    second = order(town, 60, urgent=True)
    assert assign(second, at=timezone.now())
    for task in (first, second):
        task.refresh_from_db()
    assert second.inspector == two[0]
    assert first.inspector in two
    accepted = order(town, 70)
    assign(accepted, at=timezone.now())
    FieldTask.objects.filter(pk=accepted.pk).update(accepted_at=timezone.now())
    accepted.refresh_from_db()
    before = accepted.inspector
    assign(order(town, 65, urgent=True), at=timezone.now())
    accepted.refresh_from_db()
    assert accepted.inspector == before


def test_one_moment_gives_each_the_task_at_his_door(town: Town, two: tuple[User, User]) -> None:
    tasks = [order(town, 370), order(town, 70)]
    assert assign_waiting() == 2
    for task in tasks:
        task.refresh_from_db()
    assert [task.inspector for task in tasks] == [two[1], two[0]]


def test_a_skill_counts_where_the_class_needs_it(town: Town, two: tuple[User, User]) -> None:
    major = town.cover.major
    assert major is not None
    SkillNeed.objects.create(category=major, skill="measure")
    Ability.objects.create(inspector=two[1], skills=["measure"])
    task = order(town)
    assign(task, at=timezone.now())
    task.refresh_from_db()
    assert task.inspector == two[1]
    assert {"code": "skilled"} in task.why


def test_who_walks_is_slower(town: Town, two: tuple[User, User]) -> None:
    Ability.objects.create(inspector=two[0], travel="walk")
    question = read([order(town)], timezone.now())
    walking, riding = (question.minutes[0, i] / question.metres[0, i] for i in (0, 1))  # type: ignore[index]
    assert walking == pytest.approx(riding * 250 / 75)


def test_a_claim_is_accepted_at_once_and_is_not_moved(town: Town, two: tuple[User, User]) -> None:
    task = order(town)
    claim(task, by=two[1], at=timezone.now())
    task.refresh_from_db()
    assert task.accepted_at is not None
    assert take_back(timezone.now() + 60 * MINUTE) == 0
    assert causes(task) == ["claimed"]


def test_minutes_follow_the_streets_of_the_gazetteer(town: Town, two: tuple[User, User]) -> None:
    task = order(town)
    line = read([task], timezone.now())
    assert line.along is False

    road = LineString(
        *[(at(x, y).x, at(x, y).y) for x, y in ((40, 50), (40, 300), (380, 300), (380, 50))], srid=at(0, 0).srid
    )
    Place.objects.create(kind="road", name="回头路", point=at(40, 50), geom=road, length_m=road.length, source="测试")
    assert streets_mark()[0] == 1
    question = read([task], timezone.now())
    assert question.along is True
    # from 380 back along three sides
    assert question.metres is not None
    assert question.metres[0, 1] == pytest.approx(250 + 340 + 250 + 10, abs=2)
    Place.objects.all().delete()
    assert ways().detour == pytest.approx(1.3)


def test_a_question_takes_as_many_queries_for_forty_tasks_as_for_one(
    town: Town, two: tuple[User, User], colleague: Colleague, zones: list[DutyZone]
) -> None:
    def asked(tasks: list[FieldTask]) -> int:
        loaded = list(
            FieldTask.objects.filter(pk__in=[t.pk for t in tasks]).select_related("case__category", "case__cell")
        )
        with CaptureQueriesContext(connection) as queries:
            read(loaded, timezone.now())
        return len(queries)

    one = asked([order(town)])
    for n in range(5):
        on_duty(colleague(f"人{n}"), zones[1])
    assert asked([order(town, 10 + 8 * n) for n in range(40)]) == one + 1  # the middles of zones without positions


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_give_a_task_once(town: Town, zones: list[DutyZone], colleague: Colleague) -> None:
    for n in range(4):
        on_duty(colleague(f"人{n}"), zones[0])
    tasks = [order(town, 20 + 10 * n) for n in range(6)]
    gate = threading.Barrier(2)

    def work() -> None:
        gate.wait()
        try:
            assign_waiting()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for task in tasks:
        assert causes(task)[0] == "given"
        assert causes(task).count("given") == 1
        assert Event.objects.filter(kind="task.assigned", payload__task=task.pk).count() == len(causes(task))
    assert Case.objects.count() == 6
