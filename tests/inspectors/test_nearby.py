from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.actions import filing
from dispatch.models import FieldTask
from gridmap.datums import lonlat
from inspectors.models import DutyZone, Position
from people.models import User
from tests.inspectors.conftest import Colleague, on_duty
from tests.inspectors.envelopes import operate
from tests.town import Town, at


def tasks_at(town: Town, *xs: float, inspector: User | None = None) -> list[FieldTask]:
    """One task for each x, due in that order, the last one first."""
    made = []
    for minutes, x in enumerate(reversed(xs)):
        case = town.report(
            point=at(x, 50), address=f"测试路 {x:g} 号", when=timezone.now() + timedelta(minutes=minutes)
        )
        doing = town.doing(case, "operator", timezone.now() + timedelta(minutes=minutes))
        filing.order_verify(case, doing, inspector=inspector or town.people["inspector"])
        made.append(FieldTask.objects.get(case=case))
    return list(reversed(made))


def here(x: float, **more: Any) -> dict[str, Any]:
    lon, lat = lonlat(at(x, 50))
    return {"lon": lon, "lat": lat, "accuracy": 12, "age": 2} | more


def test_with_a_position_the_nearest_comes_first(town: Town, phone: Client) -> None:
    tasks_at(town, 30, 130, 230)
    text = phone.post("/field/", here(150)).content.decode()
    places = [text.index(f"测试路 {x} 号") for x in (130, 230, 30)]
    assert places == sorted(places)
    assert "20 米" in text
    assert "80 米" in text


def test_without_a_position_the_next_due_comes_first(town: Town, phone: Client) -> None:
    tasks_at(town, 30, 130)
    text = phone.get("/field/").content.decode()
    assert text.index("测试路 130 号") < text.index("测试路 30 号")
    assert "按到期时间" in text


def test_tasks_of_others_and_finished_ones_are_not_listed(town: Town, phone: Client, colleague: Colleague) -> None:
    tasks_at(town, 30, inspector=colleague("别人"))
    done = tasks_at(town, 130)[0]
    FieldTask.objects.filter(pk=done.pk).update(done_at=timezone.now(), result="cancelled")
    assert "现在没有您的任务" in phone.post("/field/", here(30)).content.decode()


def test_what_is_urgent_or_late_is_marked(town: Town, phone: Client) -> None:
    case = town.report(urgent=True)
    doing = town.doing(case, "operator", timezone.now() - timedelta(minutes=15))
    filing.order_verify(case, doing, inspector=town.people["inspector"])
    text = phone.get("/field/").content.decode()
    assert "紧急" in text
    assert "超时 5 分" in text


def test_the_position_is_kept_on_duty_only(town: Town, zones: list[DutyZone], phone: Client) -> None:
    phone.post("/field/", here(150))
    assert not Position.objects.exists()
    on_duty(town.people["inspector"], zones[0])
    phone.post("/field/", here(150, accuracy=17.5))
    kept = Position.objects.get()
    assert kept.point.distance(at(150, 50)) < 0.05
    assert kept.accuracy_m == 17.5


def test_an_older_fix_does_not_replace_a_newer_one(town: Town, zones: list[DutyZone], phone: Client) -> None:
    on_duty(town.people["inspector"], zones[0])
    phone.post("/field/", here(150, age=1))
    phone.post("/field/", here(300, age=600))
    assert Position.objects.get().point.distance(at(150, 50)) < 0.05


@pytest.mark.parametrize("wrong", [{"lon": 0, "lat": 0}, {"lat": 95}, {"accuracy": -1}, {"lon": "nan"}])
def test_an_impossible_position_is_not_kept_and_the_list_still_comes(
    town: Town, zones: list[DutyZone], phone: Client, wrong: dict[str, Any]
) -> None:
    on_duty(town.people["inspector"], zones[0])
    tasks_at(town, 30)
    response = phone.post("/field/", here(30, **wrong))
    assert response.status_code == 200
    assert "位置不可用" in response.content.decode()
    assert not Position.objects.exists()


def test_waiting_tasks_of_the_own_zone_can_be_claimed(
    town: Town, zones: list[DutyZone], phone: Client, colleague: Colleague
) -> None:
    on_duty(town.people["inspector"], zones[0])
    mine, other = tasks_at(town, 30, 330)
    FieldTask.objects.update(inspector=None)
    text = phone.get("/field/").content.decode()
    assert "测试路 30 号" in text
    assert "测试路 330 号" not in text
    refused = operate(phone, "claim", {}, other.pk)
    assert (refused.status_code, refused.json()["code"]) == (409, "taken")
    assert operate(phone, "claim", {}, mine.pk).json()["next"] == f"/field/tasks/{mine.pk}/"
    mine.refresh_from_db()
    assert mine.inspector == town.people["inspector"]


def test_waiting_tasks_are_not_shown_off_duty(town: Town, zones: list[DutyZone], phone: Client) -> None:
    tasks_at(town, 30)
    FieldTask.objects.update(inspector=None)
    assert "可领取" not in phone.get("/field/").content.decode()


@pytest.mark.parametrize("position", [True, False], ids=["by distance", "by due time"])
def test_the_list_takes_as_many_queries_for_ten_tasks_as_for_a_hundred(
    town: Town, zones: list[DutyZone], phone: Client, position: bool
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    on_duty(town.people["inspector"], zones[0])

    def ask() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            response = phone.post("/field/", here(150)) if position else phone.get("/field/")
        return len(queries), response.content.decode().count('class="task ')

    tasks_at(town, *range(10, 20))
    ask()
    ten, shown = ask()
    assert shown == 10
    tasks_at(town, *range(20, 110))
    FieldTask.objects.filter(pk__in=FieldTask.objects.order_by("pk").values("pk")[:30]).update(inspector=None)
    hundred, shown = ask()
    assert shown == 100
    assert hundred == ten
