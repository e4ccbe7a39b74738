"""What is shown of cases around an inspector, in the list and before a finding is sent."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch.models import Attachment, Case
from gridmap.datums import lonlat
from gridmap.models import Place
from gridmap.placekeys import place_row
from inspectors.models import DutyZone
from people.models import RoleGrant, User
from tests.inspectors.conftest import on_duty
from tests.inspectors.envelopes import operate
from tests.inspectors.test_found import sheet
from tests.inspectors.test_nearby import here, tasks_at
from tests.town import Town, at


def ask(phone: Client, x: float = 55, **more: Any) -> Any:
    lon, lat = lonlat(at(x, 50))
    return phone.post("/field/around/", {"lon": lon, "lat": lat} | more)


def read(browser: Client, address: str) -> int:
    """The status of a photo, which is read to its end: that closes its file."""
    response = browser.get(address)
    if response.streaming:
        b"".join(response)
    return response.status_code


def others(town: Town, *xs: float, **fields: Any) -> list[Case]:
    """Cases that are nobody's task."""
    return [town.report(point=at(x, 50), address=f"测试路 {x:g} 号", **fields) for x in xs]


def test_all_shows_open_cases_around_by_distance_and_my_zone_only_its_own(
    town: Town, phone: Client, zones: list[DutyZone]
) -> None:
    on_duty(town.people["inspector"], zones[0])
    others(town, 30, 130, 330)
    text = phone.post("/field/?show=all", here(140)).content.decode()
    places = [text.index(f"测试路 {x} 号") for x in (130, 30, 330)]
    assert places == sorted(places)
    assert [word in text for word in ("110 米", "190 米", "正西", "正东")] == [True] * 4
    text = phone.post("/field/?show=zone", here(140)).content.decode()
    assert "测试路 130 号" in text
    assert "测试路 330 号" not in text


def test_by_urgency_what_is_urgent_stands_first(town: Town, phone: Client) -> None:
    others(town, 150)
    others(town, 390, urgent=True)
    text = phone.post("/field/?show=all&by=due", here(140)).content.decode()
    assert text.index("测试路 390 号") < text.index("测试路 150 号")
    text = phone.post("/field/?show=all&by=near", here(140)).content.decode()
    assert text.index("测试路 150 号") < text.index("测试路 390 号")


def test_my_tasks_by_urgency(town: Town, phone: Client) -> None:
    _near, far = tasks_at(town, 150, 390)
    Case.objects.filter(pk=far.case_id).update(urgent=True)
    text = phone.post("/field/?by=due", here(140)).content.decode()
    assert text.index("测试路 390 号") < text.index("测试路 150 号")


def test_nothing_a_caller_said_is_shown_and_nothing_confidential(town: Town, phone: Client) -> None:
    case = others(town, 30)[0]
    Case.objects.filter(pk=case.pk).update(text="楼上王女士说的 13900000001", address="")
    hidden = others(town, 60)[0]
    Case.objects.filter(pk=hidden.pk).update(confidential=True)
    ended = others(town, 90)[0]
    Case.objects.filter(pk=ended.pk).update(state="closed", closed_at=timezone.now())
    text = phone.post("/field/?show=all", here(40)).content.decode()
    assert "王女士" not in text
    assert "139" not in text
    assert "甲社区" in text
    assert "测试路 60 号" not in text
    assert "测试路 90 号" not in text


def test_an_inspector_of_one_community_sees_the_cases_of_that_one(town: Town, phone: Client) -> None:
    RoleGrant.objects.filter(user=town.people["inspector"]).update(area_code=town.communities[1].code)
    others(town, 30, 330)
    text = phone.post("/field/?show=all", here(140)).content.decode()
    assert "测试路 330 号" in text
    assert "测试路 30 号" not in text


def test_without_a_position_the_page_says_what_is_missing(town: Town, phone: Client) -> None:
    others(town, 30)
    assert "还不知道您在哪里" in phone.get("/field/?show=all").content.decode()
    assert "现在没有您的责任网格" in phone.get("/field/?show=zone").content.decode()


def test_a_view_that_nobody_knows_is_the_own_one(town: Town, phone: Client) -> None:
    assert "我的任务" in phone.get("/field/?show=secret&by=luck").content.decode()


@pytest.mark.parametrize("show", ["mine", "zone", "all"])
def test_the_board_takes_as_many_queries_for_thirty_cases_as_for_three(
    town: Town, phone: Client, zones: list[DutyZone], show: str
) -> None:
    on_duty(town.people["inspector"], zones[0])
    others(town, 10, 20, 30)
    phone.post(f"/field/?show={show}", here(50))
    with CaptureQueriesContext(connection) as few:
        phone.post(f"/field/?show={show}", here(50))
    others(town, *range(40, 67))
    with CaptureQueriesContext(connection) as many:
        text = phone.post(f"/field/?show={show}", here(50)).content.decode()
    assert len(few) == len(many)
    assert show == "mine" or text.count("data-key") == 30


def test_before_sending_likely_repeats_are_told_with_distance_photo_and_state(town: Town, phone: Client) -> None:
    first = operate(phone, "found", sheet(town)).json()
    found = ask(phone, 67, category=town.cover.pk).json()
    (repeat,) = found["repeats"]
    assert repeat["number"] in first["sentence"]
    assert (repeat["metres"], repeat["distance"], repeat["state"]) == (12, "10 米", "待立案")
    assert read(phone, repeat["photo"]) == 200
    assert ask(phone, 390, category=town.cover.pk).json()["repeats"] == []
    assert ask(phone, 67).json()["repeats"] == []


def test_one_tap_adds_evidence_to_a_case_that_was_offered(town: Town, phone: Client) -> None:
    operate(phone, "found", sheet(town))
    number = ask(phone, 95, category=town.cover.pk).json()["repeats"][0]["number"]
    lon, lat = lonlat(at(95, 50))
    fields = sheet(town, lon=lon, lat=lat, spot=number)
    answer = operate(phone, "found", fields).json()
    assert answer["sentence"] == f"已补充到案件 {number}。"
    assert operate(phone, "found", fields).json() == answer
    case = Case.objects.get()
    assert (case.report_count, case.attachments.count()) == (2, 2)


def test_a_case_too_far_away_was_never_offered(town: Town, phone: Client) -> None:
    operate(phone, "found", sheet(town))
    lon, lat = lonlat(at(390, 50))
    operate(phone, "found", sheet(town, lon=lon, lat=lat, spot=Case.objects.get().number))
    assert Case.objects.count() == 2


def test_components_of_the_class_are_offered_nearest_first(town: Town, phone: Client) -> None:
    lon, lat = lonlat(town.component.geom)
    found = phone.post("/field/around/", {"lon": lon, "lat": lat, "category": town.cover.pk}).json()
    (row,) = found["components"]
    assert (row["id"], row["metres"], row["code"]) == (town.component.pk, 0, town.component.code)
    chosen = sheet(town, component=town.component.pk)
    assert operate(phone, "found", chosen).status_code == 200
    case = Case.objects.get()
    assert case.component == town.component
    assert case.point is not None
    assert case.point.distance(town.component.geom) < 0.05


def test_an_address_is_proposed_from_the_nearest_number(town: Town, phone: Client) -> None:
    assert ask(phone).json()["address"] == ""
    Place.objects.bulk_create([place_row(None, "测试路12号", at(57, 50), source="t")])
    assert ask(phone).json()["address"] == "测试路12号"


def test_a_photo_of_a_strange_case_is_seen_only_while_it_lies_on_the_street(town: Town, phone: Client) -> None:
    operate(phone, "found", sheet(town))
    case, other = Case.objects.get(), Client()
    stranger = User.objects.create_user("another", password="x")
    RoleGrant.objects.create(user=stranger, role="inspector")
    other.force_login(stranger)
    address = phone.post("/field/around/", _place(town)).json()["repeats"][0]["photo"]
    assert read(other, address) == 200
    Attachment.objects.update(phase="form")
    assert read(other, address) == 404
    Attachment.objects.update(phase="reported")
    Case.objects.filter(pk=case.pk).update(confidential=True)
    assert read(other, address) == 404


def _place(town: Town) -> dict[str, Any]:
    lon, lat = lonlat(at(55, 50))
    return {"lon": lon, "lat": lat, "category": town.cover.pk}


@pytest.mark.parametrize("wrong", [{"lon": "x"}, {"lon": 0, "lat": 0}, {"category": 0}])
def test_a_place_that_is_none_is_not_answered(town: Town, phone: Client, wrong: dict[str, Any]) -> None:
    assert ask(phone, **wrong).status_code == 422


def test_around_takes_as_many_queries_for_many_repeats_as_for_one(town: Town, phone: Client) -> None:
    operate(phone, "found", sheet(town))
    ask(phone, category=town.cover.pk)
    with CaptureQueriesContext(connection) as one:
        ask(phone, category=town.cover.pk)
    for _ in range(4):
        operate(phone, "found", sheet(town, spot="alone"))
    with CaptureQueriesContext(connection) as five:
        assert len(ask(phone, category=town.cover.pk).json()["repeats"]) == 5
    assert len(one) == len(five)
