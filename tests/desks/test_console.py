"""The console: one filter for list, map and numbers."""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from desks import points
from desks.counts import count_quick
from desks.filters import Filter
from desks.lights import Lights, read_lights
from desks.listing import read_page
from dispatch import clocks
from dispatch.explain import duration
from dispatch.models import Case, Clock
from people.models import RoleGrant
from tests.town import NOW, Town, at

Login = Callable[[str], Client]


def numbers(answer: Any) -> list[str]:
    """Case numbers of the rows, in order."""
    return re.findall(r'data-number="([^"]+)"', answer.content.decode())


@pytest.fixture
def many(town: Town) -> Callable[..., list[Case]]:
    """So many open cases with a running clock each, received a minute apart: X000000 is the newest."""

    def make(count: int, letter: str = "X") -> list[Case]:
        model = town.to_state("handling")
        part, clock = town.part(model), Clock.objects.get(case=model, kind="handle")
        facts = {f.attname: getattr(model, f.attname) for f in Case._meta.concrete_fields if f.name != "id"}
        cases = []
        for i in range(count):
            own = {"number": f"{letter}{i:06d}", "point": at(i % 400, 50), "received_at": NOW - timedelta(minutes=i)}
            case = Case.objects.create(**{**facts, **own})
            part.pk, part.case = None, case
            part.save(force_insert=True)
            clock.pk, clock.case, clock.part = None, case, part
            clock.save(force_insert=True)
            cases.append(case)
        return cases

    return make


@pytest.mark.parametrize("path", ["/console/", "/console/rows/", "/console/rows/?sort=due", "/console/points/"])
def test_a_hundred_cases_need_no_more_queries_than_ten(
    login: Login, many: Callable[..., list[Case]], path: str
) -> None:
    client = login("dispatcher")
    many(10)
    with CaptureQueriesContext(connection) as few:
        assert client.get(path).status_code == 200
    many(90, "Y")
    with CaptureQueriesContext(connection) as lots:
        assert client.get(path).status_code == 200
    assert len(lots) == len(few)


@pytest.mark.parametrize("sort", ["", "due"])
def test_pages_show_every_case_once_in_order(town: Town, many: Callable[..., list[Case]], sort: str) -> None:
    many(120)
    lights, choice = read_lights(NOW), Filter(sort=sort)
    found: list[str] = []
    after = ""
    while True:
        page = read_page(choice.apply(Case.objects.all(), lights), choice, lights, after)
        found += [row.case.number for row in page.rows]
        after = page.after
        if not after:
            break
    assert len(found) == len(set(found)) == 121
    if not sort:
        assert found[1:] == sorted(found[1:]) or found[:-1] == sorted(found[:-1])


def test_a_page_starts_again_when_its_cursor_is_nonsense(login: Login, town: Town) -> None:
    town.report()
    assert len(numbers(login("dispatcher").get("/console/rows/?after=nonsense~x"))) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"open", "urgent"}),
        ("stage=to_dispatch", {"urgent"}),
        ("stage=ended", {"closed"}),
        ("stage=all", {"open", "urgent", "closed"}),
        ("urgent=1", {"urgent"}),
        ("q=银春", {"open"}),
        ("q=银春 没有", set()),
        ("agency=no-number", {"open", "urgent"}),
        ("light=purple", {"open", "urgent"}),
    ],
)
def test_the_filter_leaves_what_it_says(town: Town, query: str, found: set[str]) -> None:
    cases = {
        "open": town.to_state("handling", town.report("银春旅馆前井盖丢失")),
        "urgent": town.to_state("to_dispatch"),
        "closed": town.to_state("closed"),
    }
    Case.objects.filter(pk=cases["urgent"].pk).update(urgent=True)
    left = Filter.read(QueryDict(query)).apply(Case.objects.all(), read_lights(NOW))
    assert {name for name, case in cases.items() if case in left} == found


def test_an_agency_finds_its_parts_and_what_is_proposed_for_it(town: Town) -> None:
    handling, waiting = town.to_state("handling"), town.to_state("to_dispatch")
    Case.objects.filter(pk=waiting.pk).update(proposed_agency=town.office)
    lights = read_lights(NOW)
    assert list(Filter(agency=town.water.pk).apply(Case.objects.all(), lights)) == [handling]
    assert list(Filter(agency=town.office.pk).apply(Case.objects.all(), lights)) == [waiting]


def test_a_filter_survives_its_own_url() -> None:
    choice = Filter(
        stage="handling", light="red", category=3, agency=4, area="3299", urgent=True, q="西仓 路", sort="due"
    )
    assert Filter.read(QueryDict(choice.query()[1:])) == choice


@pytest.mark.parametrize(("unit", "hours"), [("urgent_hour", 2), ("work_hour", 4), ("work_day", 2)])
def test_lights_agree_with_the_rule_of_the_clocks(town: Town, chance: random.Random, unit: str, hours: int) -> None:
    work = town.calendar.as_work_calendar()
    seconds = clocks.limit_seconds(hours, unit, work)
    for _turn in range(200):
        start = NOW - timedelta(minutes=chance.randrange(0, 6000))
        due = clocks.due_after(start, seconds, unit, work)
        used = clocks.counted(start, NOW, unit, work)
        warn = clocks.due_after(start, seconds * 0.8, unit, work)
        assert Lights(NOW, work).of(due, warn) == clocks.light(used, seconds, 0.8)


def test_what_is_left_counts_working_time_only(town: Town) -> None:
    lights = Lights(NOW, town.calendar.as_work_calendar())
    tomorrow_ten = datetime.fromisoformat("2026-11-19T10:00:00+08:00")
    assert lights.words(tomorrow_ten, "work_hour") == "剩 1 个工作日 1 小时"
    assert lights.words(tomorrow_ten, "urgent_hour") == "剩 1 天 1 小时"
    assert lights.words(NOW - timedelta(minutes=5), "urgent_hour") == "超期 5 分钟"
    assert duration(3600 * 9, "work_hour", 8 * 3600) == "1 个工作日 1 小时"


@pytest.mark.parametrize(("minutes", "light"), [(30, "green"), (100, "yellow"), (130, "red")])
def test_numbers_and_list_agree_on_what_is_late(town: Town, minutes: int, light: str) -> None:
    case = town.to_state("handling")
    started = Clock.objects.get(case=case, kind="handle").started_at
    lights = read_lights(started + timedelta(minutes=minutes))
    counted = {item.quick.key: item.count for item in count_quick(Case.objects.all(), lights, Filter())}
    for name in ("red", "yellow"):
        assert counted[name] == Filter(light=name).apply(Case.objects.all(), lights).count() == int(name == light)
    page = read_page(Filter(light=light).apply(Case.objects.all(), lights), Filter(), lights)
    assert [row.light for row in page.rows] == [light]


def test_somebody_for_one_community_sees_only_its_cases(login: Login, town: Town) -> None:
    here, there = town.report(), town.report(point=at(350, 50))
    RoleGrant.objects.filter(role="dispatcher").update(area_code=town.communities[1].code)
    client = login("dispatcher")
    assert numbers(client.get("/console/")) == [there.number]
    assert [row[0] for row in client.get("/console/points/").json()["rows"]] == [there.number]
    assert numbers(client.get("/console/rows/?q=" + here.number)) == []


def test_the_map_gets_degrees_light_and_class(login: Login, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    case = town.to_state("handling")
    due = Clock.objects.get(case=case, kind="handle").due_at
    monkeypatch.setattr(timezone, "now", lambda: due + timedelta(seconds=1))
    data = login("dispatcher").get("/console/points/").json()
    (row,) = data["rows"]
    assert row[0] == case.number
    assert 119 < row[1] < 121
    assert 31 < row[2] < 33
    assert (data["states"][row[3]], row[4], data["classes"][row[7]]) == ("处置中", 3, "上水井盖")


def test_a_case_without_a_place_is_in_the_list_but_not_on_the_map(login: Login, town: Town) -> None:
    matter = town.matter()
    client = login("operator")
    assert numbers(client.get("/console/rows/")) == [matter.number]
    assert client.get("/console/points/").json()["rows"] == []


def test_too_many_cases_come_as_counted_squares(
    login: Login, many: Callable[..., list[Case]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "MOST", 10)
    many(40)
    client = login("dispatcher")
    far = client.get("/console/points/", {"box": "119.5,32.2,120.2,32.7", "zoom": "12"}).json()
    assert far["kind"] == "grid"
    assert sum(row[2] for row in far["rows"]) == 41
    lon, lat = far["rows"][0][:2]
    near = f"{lon - 0.00001},{lat - 0.001},{lon + 0.00001},{lat + 0.001}"
    assert client.get("/console/points/", {"box": near, "zoom": "19"}).json()["kind"] == "part"


def test_a_view_that_is_none_is_no_error(login: Login, many: Callable[..., list[Case]], monkeypatch: Any) -> None:
    monkeypatch.setattr(points, "MOST", 1)
    many(3)
    for box in ("", "1,2,3", "a,b,c,d", "0,91,1,95", "nan,nan,nan,nan"):
        assert login("dispatcher").get("/console/points/", {"box": box, "zoom": "x"}).status_code == 200


def test_words_of_residents_are_escaped(login: Login, town: Town) -> None:
    town.report("<script>alert(1)</script>井盖")
    assert "<script>alert" not in login("dispatcher").get("/console/rows/").content.decode()
