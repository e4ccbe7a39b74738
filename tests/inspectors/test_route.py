"""The order of going: windows, urgent ones first, breaks; and the page."""

import itertools
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from dispatch.models import Event, FieldTask
from inspectors.dayroute import Pause, Question, Stop, plan, timetable, worth
from inspectors.models import DayRoute, DutyZone, Position
from inspectors.routes import on_event, plan_due, plan_for, route_of
from inspectors.travel import straight
from tests.inspectors.conftest import on_duty
from tests.town import Town, at


def ask(places: list[tuple[float, float]], due: list[float], **more: Any) -> Question:
    """Stops at places in metres, starting at (0, 0), 250 m a minute in a straight line, eight minutes each."""
    points = np.array([(0.0, 0.0), *places])
    urgent = more.pop("urgent", ())
    stops = [Stop(i + 1, due_in, urgent=i + 1 in urgent) for i, due_in in enumerate(due)]
    return Question(stops, straight(points, points), **more)


def order(question: Question) -> list[int]:
    return [leg.task_id for leg in plan(question, seconds=1.5)]


def test_with_time_enough_the_way_is_short() -> None:
    assert order(ask([(3000, 0), (1000, 0), (2000, 0)], [400, 400, 400])) == [2, 3, 1]


def test_a_task_that_is_due_first_is_gone_to_first_though_it_is_further() -> None:
    assert order(ask([(500, 0), (-1000, 0)], [60, 6])) == [2, 1]


def test_an_urgent_task_keeps_its_time_before_the_others() -> None:
    # both cannot be reached in time: 1 is nearer and due first, 2 is urgent
    question = ask([(500, 0), (2500, 0)], [4, 10], urgent={2})
    legs = plan(question, seconds=1.5)
    assert [leg.task_id for leg in legs] == [2, 1]
    assert legs[0].late == 0


def test_what_is_late_already_does_not_spoil_the_rest() -> None:
    legs = plan(ask([(250, 0), (500, 0), (5000, 0)], [-60, 12, 60]), seconds=1.5)
    assert [leg.task_id for leg in legs] == [1, 2, 3]
    assert legs[0].late == pytest.approx(61)
    assert [round(leg.late) for leg in legs[1:]] == [0, 0]


def test_times_are_ways_and_visits() -> None:
    legs = timetable(ask([(1000, 0), (1500, 0)], [30, 30]), [0, 1])
    assert [(leg.arrive, leg.leave, leg.metres) for leg in legs] == [(4, 12, 1000), (14, 22, 500)]


def test_a_break_is_waited_out() -> None:
    question = ask([(1000, 0), (1500, 0)], [90, 90], pauses=(Pause(6, 36),))
    legs = timetable(question, [0, 1])
    assert [(leg.arrive, leg.leave) for leg in legs] == [(4, 42), (44, 52)]
    whole = timetable(ask([(1000, 0)], [90], pauses=(Pause(0, 30),)), [0])
    assert whole[0].arrive == 34


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_is_as_good_as_the_best_of_all_orders(seed: int) -> None:
    random = np.random.default_rng(seed)
    places = [(float(x), float(y)) for x, y in random.uniform(-3000, 3000, (5, 2))]
    question = ask(places, [float(due) for due in random.uniform(60, 240, 5)])
    best = min(worth(question, list(one)) for one in itertools.permutations(range(5)))
    legs = plan(question, seconds=3)
    found = worth(question, [leg.task_id - 1 for leg in legs])
    assert found[:3] == best[:3]
    assert found[3] <= best[3] * 1.02


def test_the_plan_is_never_worse_than_going_by_due_time() -> None:
    random = np.random.default_rng(11)
    places = [(float(x), float(y)) for x, y in random.uniform(-4000, 4000, (12, 2))]
    question = ask(places, [float(due) for due in random.uniform(-20, 60, 12)], urgent={3, 7}, shift_ends=150.0)
    by_due = sorted(range(12), key=lambda i: question.stops[i].due_in)
    legs = plan(question, seconds=1.5)
    assert sorted(leg.task_id for leg in legs) == list(range(1, 13))
    assert worth(question, [leg.task_id - 1 for leg in legs]) <= worth(question, by_due)


def test_the_same_question_has_the_same_plan() -> None:
    question = ask([(3000, 500), (1000, 0), (2000, 900), (-400, 300)], [90, 80, 70, 60])
    assert plan(question, seconds=5) == plan(question, seconds=5)


@pytest.fixture
def tasks(town: Town, zones: list[DutyZone]) -> list[FieldTask]:
    """Three tasks of the inspector on duty at x = 350, 150, 250, who stands at 50; the first is due first."""
    on_duty(town.people["inspector"], zones[0])
    now = timezone.now()
    Position.objects.create(inspector=town.people["inspector"], point=at(50, 50), accuracy_m=8, seen_at=now)
    return [add(town, x, minutes) for x, minutes in ((350, 100), (150, 110), (250, 120))]


def add(town: Town, x: float, minutes: float) -> FieldTask:
    now = timezone.now()
    case = town.report(point=at(x, 50), address=f"测试路 {x:g} 号")
    who = town.people["inspector"]
    times = {"issued_at": now, "due_at": now + timedelta(minutes=minutes)}
    return FieldTask.objects.create(case=case, kind="verify", point=at(x, 50), inspector=who, **times)


def test_the_planned_order_is_on_the_page_with_times(town: Town, tasks: list[FieldTask], phone: Client) -> None:
    text = phone.get("/field/route/").content.decode()
    assert "尚未规划" in text
    assert text.index("测试路 350 号") < text.index("测试路 150 号")
    assert plan_due() == 1
    text = phone.get("/field/route/").content.decode()
    places = [text.index(f"测试路 {x} 号") for x in (150, 250, 350)]
    assert places == sorted(places)
    assert "3 项任务" in text
    assert "没有您的最近位置" not in text


def test_what_is_done_leaves_the_route_and_what_came_stands_at_its_end(town: Town, tasks: list[FieldTask]) -> None:
    plan_due()
    FieldTask.objects.filter(pk=tasks[1].pk).update(done_at=timezone.now(), result="confirmed")
    late = add(town, 60, 200)
    halts = route_of(town.people["inspector"], timezone.now()).halts
    assert [halt.task for halt in halts] == [tasks[2], tasks[0], late]


def test_a_route_is_planned_again_only_when_its_tasks_are_others(town: Town, tasks: list[FieldTask]) -> None:
    assert plan_due() == 1
    assert plan_due() == 0
    add(town, 60, 10)
    assert plan_due() == 1
    assert route_of(town.people["inspector"], timezone.now()).halts[0].task.due_at < tasks[0].due_at
    FieldTask.objects.update(done_at=timezone.now(), result="confirmed")
    assert not plan_for(town.people["inspector"].pk)
    assert not DayRoute.objects.exists()


def test_whoever_gets_or_loses_a_task_is_planned_anew_in_the_background(town: Town) -> None:
    case, one, other = town.report(), town.people["inspector"].pk, town.people["operator"].pk
    payload = {"task": 1, "inspector": one, "before": other}
    on_event(Event.objects.create(kind="task.assigned", case=case, payload=payload, created_at=timezone.now()))
    on_event(Event.objects.get(kind="case.register", case=case))
    queued = [task.task for task in OrmQ.objects.all()]
    assert sorted(task["args"][0] for task in queued if task["func"] == "inspectors.routes.plan_for") == sorted(
        [one, other]
    )


def test_an_empty_route_says_so(town: Town, phone: Client) -> None:
    assert "现在没有您的任务" in phone.get("/field/route/").content.decode()


def test_the_page_takes_as_many_queries_for_thirty_tasks_as_for_three(
    town: Town, tasks: list[FieldTask], phone: Client
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            phone.get("/field/route/")
        return len(queries)

    asked()
    three = asked()
    for n in range(27):
        add(town, 10 + 10 * n, 60 + n)
    assert asked() == three
