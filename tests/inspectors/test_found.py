import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch.models import Attachment, Case, Clock, Condition, Report, Step
from gridmap.datums import lonlat
from gridmap.models import Category
from tests.inspectors.envelopes import operate
from tests.town import Town, at, jpeg


def sheet(town: Town, **more: Any) -> dict[str, Any]:
    lon, lat = lonlat(at(55, 50))
    values = {
        "category": town.cover.pk,
        "lon": lon,
        "lat": lat,
        "accuracy": 8,
        "age": 3,
        "operation": uuid.uuid4(),
        "photos": jpeg("orange"),
    } | more
    return {key: value for key, value in values.items() if value is not None}


def test_a_finding_goes_straight_to_filing(town: Town, phone: Client) -> None:
    response = operate(phone, "found", sheet(town, condition=town.missing.pk, note="井盖没了", urgent="on"))
    assert response.status_code == 200, response.content.decode()
    case = Case.objects.get()
    assert case.number in response.json()["sentence"]
    assert (case.state, case.flow, case.channel.key) == ("to_file", "street", "inspector")
    assert (case.category, case.condition, case.urgent, case.text) == (town.cover, town.missing, True, "井盖没了")
    assert (case.cell, case.community) == (town.cells[0], town.communities[0])
    assert case.proposed_agency == town.water
    step = Step.objects.get(case=case)
    assert (step.action, step.from_state, step.to_state, step.role) == ("report_found", "", "to_file", "inspector")
    report = Report.objects.get(case=case)
    assert (report.call, report.person, report.wants_callback, report.located_by) == (None, None, False, "inspector")
    shot = Attachment.objects.get(step=step)
    assert (shot.phase, shot.accuracy_m) == ("reported", 8)
    assert Clock.objects.get().kind == "file"


def test_without_words_the_class_and_its_condition_say_what_it_is(town: Town, phone: Client) -> None:
    operate(phone, "found", sheet(town, condition=town.missing.pk))
    assert Case.objects.get().text == "上水井盖，井盖缺失"


def test_the_place_is_the_pin_and_the_photo_keeps_where_it_was_taken(town: Town, phone: Client) -> None:
    lon, lat = lonlat(at(150, 50))
    operate(phone, "found", sheet(town, pin_lon=lon, pin_lat=lat))
    case, shot = Case.objects.get(), Attachment.objects.get()
    assert case.point is not None
    assert shot.point is not None
    assert case.point.distance(at(150, 50)) < 0.05
    assert shot.point.distance(at(55, 50)) < 0.05
    assert (case.cell, case.uncertainty_m) == (town.cells[1], 10)


def test_a_component_is_taken_only_where_the_pin_stands(town: Town, phone: Client) -> None:
    point = town.component.geom
    lon, lat = lonlat(point)
    operate(phone, "found", sheet(town, pin_lon=lon, pin_lat=lat))
    assert Case.objects.get().component == town.component
    lon, lat = lonlat(at(390, 90))
    operate(phone, "found", sheet(town, pin_lon=lon, pin_lat=lat))
    assert Case.objects.latest("pk").component is None


@pytest.mark.parametrize("gone", ["category", "photos", "lon"])
def test_class_photo_and_position_are_needed(town: Town, phone: Client, gone: str) -> None:
    response = operate(phone, "found", sheet(town, **{gone: None}))
    assert response.status_code == 422
    assert response.json()["sentence"].endswith("。")
    assert not Case.objects.exists()


def test_a_matter_is_not_found_on_the_street(town: Town, phone: Client) -> None:
    assert operate(phone, "found", sheet(town, category=town.fee.pk)).status_code == 422
    assert not Case.objects.exists()


def test_a_condition_of_another_class_is_dropped(town: Town, phone: Client) -> None:
    other = Category.objects.create(
        dictionary=town.cover.dictionary, kind="component", code="01-02", name="污水井盖", major=town.cover.major
    )
    strange = Condition.objects.create(category=other, number=1, text="缺失", limit_amount=2, limit_unit="work_hour")
    operate(phone, "found", sheet(town, condition=strange.pk))
    assert Case.objects.get().condition is None


def test_sending_twice_makes_one_case(town: Town, phone: Client) -> None:
    operation = uuid.uuid4()
    answers = [operate(phone, "found", sheet(town, operation=operation)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert (Case.objects.count(), Report.objects.count(), Attachment.objects.count()) == (1, 1, 1)


def test_the_page_offers_first_what_the_inspector_finds_most(town: Town, phone: Client) -> None:
    other = Category.objects.create(
        dictionary=town.cover.dictionary, kind="component", code="01-02", name="污水井盖", major=town.cover.major
    )
    for category in (town.cover, other, other):
        operate(phone, "found", sheet(town, category=category.pk, spot="alone"))
    page = phone.get("/field/found/")
    assert page.context["usual"] == [other.pk, town.cover.pk]
    assert {entry["name"] for entry in page.context["classes"]} == {"上水井盖", "污水井盖"}
    assert page.content.decode().count(Case.objects.latest("pk").number) == 1


def test_the_page_takes_as_many_queries_for_ten_findings_as_for_one(town: Town, phone: Client) -> None:
    operate(phone, "found", sheet(town))
    phone.get("/field/found/")
    with CaptureQueriesContext(connection) as one:
        phone.get("/field/found/")
    for _ in range(9):
        operate(phone, "found", sheet(town))
    with CaptureQueriesContext(connection) as ten:
        phone.get("/field/found/")
    assert len(one) == len(ten)


def test_only_inspectors_report_findings(login: Any, town: Town) -> None:
    for role in ("operator", "handler", "manager"):
        assert operate(login(role), "found", sheet(town)).status_code == 403
    assert not Case.objects.exists()


def test_a_finding_at_the_spot_of_an_open_case_asks_and_then_adds_to_it(phone: Client, town: Town) -> None:
    first = operate(phone, "found", sheet(town)).json()
    asked = operate(phone, "found", sheet(town))
    assert (asked.status_code, asked.json()["code"]) == (409, "spot")
    number = asked.json()["spot"]
    assert number in first["sentence"]
    fields = sheet(town, spot=number)
    answers = [operate(phone, "found", sheet(town, spot=number, operation=fields["operation"])).json() for _ in "ab"]
    assert answers[0] == answers[1]
    case = Case.objects.get()
    assert (case.report_count, case.reports.count(), case.attachments.count()) == (2, 2, 2)
    assert operate(phone, "found", sheet(town, spot="alone")).status_code == 200
    assert Case.objects.count() == 2


def test_what_was_put_right_on_the_spot_waits_for_the_audit(phone: Client, town: Town) -> None:
    operate(phone, "found", sheet(town, mended="已把井盖复位"))
    case = Case.objects.get()
    assert (case.state, case.steps.get().action) == ("to_close", "self_handled")
    assert case.steps.get().remark.text == "已把井盖复位"
