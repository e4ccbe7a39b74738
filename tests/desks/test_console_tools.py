"""The console's other tools: saved filters, layers, what lies under a click, coordinates, the next case, presence."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from desks.filters import Filter
from desks.lights import read_lights
from desks.nextcase import next_case
from desks.presence import FORGET_SECONDS, Presence
from dispatch.models import Case, Clock, FieldTask, RoutingRule, Undertaking
from gridmap.datums import Datum, from_wgs84, lonlat, to_wgs84
from inspectors.models import DutyZone, Position, Shift
from people.models import RoleGrant, SavedFilter
from tests.town import NOW, Town, at

Login = Callable[[str], Client]
HX = {"HX-Request": "true"}


# --- filters


@pytest.mark.parametrize(
    ("query", "found"),
    [("hard=1", {"hard"}), ("again=2", {"again"}), ("kind=help", {"help"}), ("again=7", {"hard", "again", "help"})],
)
def test_new_conditions_leave_what_they_say(town: Town, query: str, found: set[str]) -> None:
    cases = {"hard": town.report(), "again": town.report(), "help": town.report(request_type="help")}
    Case.objects.filter(pk=cases["hard"].pk).update(hard=True)
    Case.objects.filter(pk=cases["again"].pk).update(report_count=2)
    left = Filter.read(QueryDict(query)).apply(Case.objects.all(), read_lights(NOW))
    assert {name for name, case in cases.items() if case in left} == found


def test_channel_and_inspector(town: Town) -> None:
    case, other = town.to_state("verifying"), town.report()
    lights, inspector = read_lights(NOW), town.people["inspector"]
    assert list(Filter(inspector=inspector.pk).apply(Case.objects.all(), lights)) == [case]
    assert set(Filter(channel=town.channel.pk).apply(Case.objects.all(), lights)) == {case, other}
    assert not Filter(channel=town.channel.pk + 1).apply(Case.objects.all(), lights)


# --- saved filters


def test_a_filter_is_kept_found_again_and_dropped(login: Login, town: Town) -> None:
    client = login("dispatcher")
    client.post(reverse("desks:save_filter"), {"name": "急件", "query": "?urgent=1&nonsense=x"}, headers=HX)
    kept = SavedFilter.objects.get()
    assert (kept.query, kept.shared) == ("?urgent=1", False)
    assert "急件" in client.get("/console/").content.decode()
    client.post(reverse("desks:save_filter"), {"name": "急件", "query": "?hard=1", "shared": "1"}, headers=HX)
    assert [(one.query, one.shared) for one in SavedFilter.objects.all()] == [("?hard=1", True)]
    client.post(reverse("desks:drop_filter", args=[kept.pk]), headers=HX)
    assert not SavedFilter.objects.exists()


def test_others_see_only_what_is_shared_and_drop_nothing_of_it(login: Login, town: Town) -> None:
    mine = SavedFilter.objects.create(user=town.people["dispatcher"], name="自用", query="?urgent=1")
    ours = SavedFilter.objects.create(user=town.people["dispatcher"], name="共用", query="?hard=1", shared=True)
    lead = login("shift_lead")
    page = lead.get("/console/").content.decode()
    assert "共用" in page
    assert "自用" not in page
    for one in (mine, ours):
        assert lead.post(reverse("desks:drop_filter", args=[one.pk]), headers=HX).status_code == 404
    assert SavedFilter.objects.count() == 2


def test_a_filter_without_a_name_is_refused_in_words(login: Login, town: Town) -> None:
    answer = login("dispatcher").post(reverse("desks:save_filter"), {"name": "", "query": ""}, headers=HX)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


# --- layers and what lies under a click


@pytest.fixture
def zone(town: Town) -> DutyZone:
    found = DutyZone.objects.create(name="东西片")
    found.communities.set(town.communities)
    return found


def test_a_zone_is_one_shape_and_says_the_filter_that_chooses_it(login: Login, town: Town, zone: DutyZone) -> None:
    (row,) = login("dispatcher").get(reverse("desks:console_layer", args=["zones"])).json()["rows"]
    assert (row["title"], row["within"]) == ("东西片", f"zone:{zone.pk}")
    kinds = row["shape"]["type"], len(row["shape"]["coordinates"])
    assert kinds in {("Polygon", 1), ("MultiPolygon", 1)}  # the border between the communities is gone


def test_inspectors_on_duty_with_age_and_accuracy(login: Login, town: Town, zone: DutyZone) -> None:
    now, inspector = timezone.now(), town.people["inspector"]
    town.to_state("verifying", when=now - timedelta(hours=1))
    FieldTask.objects.update(inspector=inspector)
    times = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=7)}
    Shift.objects.create(inspector=inspector, zone=zone, **times)
    seen_at = now - timedelta(seconds=90)
    Position.objects.create(inspector=inspector, point=at(150, 50), accuracy_m=12.4, seen_at=seen_at)
    (row,) = login("dispatcher").get(reverse("desks:console_layer", args=["inspectors"])).json()["rows"]
    assert (row["id"], row["zone"], row["tasks"], row["accuracy"]) == (inspector.pk, "东西片", 1, 12)
    assert 90 <= row["age"] < 110
    lon, lat = lonlat(at(150, 50))
    assert (row["lon"], row["lat"]) == (pytest.approx(lon, abs=1e-6), pytest.approx(lat, abs=1e-6))


def test_served_areas_and_campaigns(login: Login, town: Town) -> None:
    rule = RoutingRule.objects.filter(pk=town.rules["cover"].pk)
    rule.update(area_code=town.communities[0].code, agency=town.office)
    client = login("dispatcher")
    served = client.get(reverse("desks:console_layer", args=["served"])).json()["rows"]
    assert [row["within"] for row in served] == [f"served:{town.office.pk}"]
    case = town.report()
    told = {"why": "整治", "begins_on": NOW.date(), "made_by": town.people["leader"], "made_at": NOW}
    campaign = Undertaking.objects.create(
        kind="campaign", title="井盖整治", operation="4" * 8 + "-0000-4000-8000-000000000000", **told
    )
    campaign.cases.add(case, town.matter())
    (row,) = client.get(reverse("desks:console_layer", args=["campaigns"])).json()["rows"]
    assert [one[0] for one in row["cases"]] == [case.number]  # a matter has no place
    assert client.get(reverse("desks:console_layer", args=["secrets"])).status_code == 404


def test_layers_take_as_many_queries_for_many_as_for_one(login: Login, town: Town, zone: DutyZone) -> None:
    client = login("dispatcher")

    def queries(layer: str) -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("desks:console_layer", args=[layer]))
        return len(found)

    few = [queries("zones"), queries("campaigns")]
    for number in range(4):
        other = DutyZone.objects.create(name=f"片{number}")
        other.communities.add(town.communities[number % 2])
    assert [queries("zones"), queries("campaigns")] == few


def test_a_click_offers_cell_areas_and_zone_and_keeps_the_filter(login: Login, town: Town, zone: DutyZone) -> None:
    lon, lat = lonlat(at(50, 50))
    asked = {"lon": f"{lon}", "lat": f"{lat}", "urgent": "1", "within": f"zone:{zone.pk}"}
    page = login("dispatcher").get(reverse("desks:console_under"), asked).content.decode()
    for words in (town.cells[0].code, "甲社区", "东西片", "urgent=1"):
        assert words in page
    assert f"within=cell%3A{town.cells[0].code}" in page
    assert "乙社区" not in page


def test_a_click_outside_the_city_or_without_a_place_is_told(login: Login, town: Town) -> None:
    client = login("dispatcher")
    for asked in ({"lon": "-60", "lat": "-30"}, {"lon": "x"}, {}):
        assert client.get(reverse("desks:console_under"), asked).status_code == 422


@pytest.mark.parametrize("datum", list(Datum))
def test_coordinates_are_told_in_every_datum(login: Login, town: Town, datum: str) -> None:
    lon, lat = lonlat(at(50, 50))
    words = (
        login("dispatcher")
        .get(reverse("desks:console_coordinates", args=[datum]), {"lon": f"{lon}", "lat": f"{lat}"})
        .json()
    )
    expected = from_wgs84(to_wgs84((lon, lat), Datum.WGS84), datum)[0]
    found = [float(part) for part in words["words"].split(",")]
    assert found == pytest.approx(list(expected), abs=0.06 if datum == Datum.CITY else 6e-7)


# --- the map's changes


def test_the_map_asks_for_what_changed_and_hears_what_is_gone(login: Login, town: Town) -> None:
    client, here, gone = login("dispatcher"), town.to_state("handling"), town.to_state("closed")
    asked = {"only": [here.number, gone.number, "X0"]}
    answer = client.get("/console/points/", asked).json()
    assert [row[0] for row in answer["rows"]] == [here.number]
    assert client.get("/console/points/", asked | {"stage": "received"}).json()["rows"] == []


def test_a_list_of_a_hundred_takes_six_statements_and_a_panel_ten(login: Login, town: Town) -> None:
    client, case = login("dispatcher"), town.to_state("handling")
    for path, most in (("/console/rows/", 6), (reverse("desks:case", args=[case.number]), 10)):
        with CaptureQueriesContext(connection) as found:
            assert client.get(path, headers=HX).status_code == 200
        assert len(found) <= most, path


# --- the next case


def test_next_is_urgent_first_then_what_ends_first(town: Town) -> None:
    user, lights = town.people["dispatcher"], read_lights(NOW)
    late, soon, urgent = (town.to_state("to_dispatch") for _turn in range(3))
    Case.objects.filter(pk=urgent.pk).update(urgent=True)
    for case, minutes in ((late, 90), (soon, 30), (urgent, 120)):
        Clock.objects.filter(case=case, kind="dispatch").update(due_at=NOW + timedelta(minutes=minutes))
    town.report()  # waits for an operator
    order: list[str] = []
    while found := next_case(user, lights, order):
        order.append(found.case.number)
    assert order == [urgent.number, soon.number, late.number]
    first = next_case(user, lights)
    assert first is not None
    assert first.why[0] == "紧急"
    assert first.why[-1] == "待派遣"


def test_a_seat_without_a_queue_is_told_that_nothing_waits(login: Login, town: Town) -> None:
    town.to_state("to_dispatch")
    assert login("manager").get(reverse("desks:next_case")).json() == {"case": ""}


# --- who is here


def here(user: int, case: str) -> dict[str, object]:
    return {"kind": "here", "user": user, "name": "何", "case": case}


def test_presence_tells_changes_only_and_forgets_the_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("desks.presence.monotonic", lambda: clock[0])
    presence = Presence()
    assert presence.note(here(1, "A"))
    assert not presence.note(here(1, "A"))
    assert presence.note(here(1, "B"))
    assert presence.gone() == []
    clock[0] += FORGET_SECONDS + 1
    assert [one["case"] for one in presence.gone()] == [""]
    assert not presence.told


def test_others_hear_nothing_of_a_case_that_they_may_not_see(town: Town) -> None:
    case, presence = town.report(), Presence()
    presence.note(here(town.people["operator"].pk, case.number))
    lead = town.people["shift_lead"]
    assert [one["case"] for one in presence.others(lead)] == [case.number]
    assert presence.others(town.people["operator"]) == []  # oneself is no company
    RoleGrant.objects.filter(role="shift_lead").update(area_code=town.communities[1].code)
    del lead._scope  # type: ignore[attr-defined]
    assert [one["case"] for one in presence.others(lead)] == [""]


def test_nobody_can_claim_to_look_at_what_they_may_not_see(login: Login, town: Town) -> None:
    case, client = town.report(), login("dispatcher")
    assert client.post(reverse("desks:here"), {"case": case.number}).status_code == 204
    RoleGrant.objects.filter(role="dispatcher").update(area_code=town.communities[1].code)
    assert client.post(reverse("desks:here"), {"case": case.number}).status_code == 404
