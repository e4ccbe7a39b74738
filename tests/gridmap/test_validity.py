"""Former names, and places that were given up.

The street 新民路 was called 人民路 until 30 June 2001; its doors 2, 4 and 6 stand at x = 200, 240, 280.
"""

from datetime import date

import pytest
from django.contrib.admin import site

from gridmap.admin import PlaceAdmin
from gridmap.answers import explain
from gridmap.gazetteer import DatabaseGazetteer, MemoryGazetteer, place_row
from gridmap.geocode import locate
from gridmap.models import Place
from tests.town import ORIGIN, at

TODAY = date(2026, 11, 18)
BEFORE = date(2001, 6, 30)


def rows():
    doors = [place_row(None, f"新民路{n}号", at(160 + 20 * n, 50), source="t", area="甲区") for n in (2, 4, 6)]
    return [
        *doors,
        place_row("road", "新民路", at(240, 40), source="t", area="甲区", former_names={"人民路": "2001-06-30"}),
        place_row("poi", "和顺饭店", at(300, 60), source="t", area="甲区", former_names={"国营食堂": ""}),
        place_row("poi", "银春旅馆", at(500, 60), source="t", area="甲区", valid_to=date(2020, 3, 1)),
        place_row("poi", "金河饭店", at(700, 60), source="t", area="甲区", valid_to=date(2020, 3, 1)),
        place_row("poi", "金河饭店", at(900, 60), source="t", area="甲区"),
        place_row(None, "东风路3号", at(900, 500), source="t", area="甲区", valid_to=date(2020, 3, 1)),
    ]


@pytest.fixture(params=["memory", "database"])
def town_on(request, db):
    Place.objects.bulk_create(rows())

    def on(day):
        return DatabaseGazetteer(day) if request.param == "database" else MemoryGazetteer.from_database(day)

    return on


def codes(answer):
    return [reason.code for reason in answer.why]


def place(answer):
    return None if answer.x is None else (round(answer.x - ORIGIN[0]), round(answer.y - ORIGIN[1]))


def test_a_former_name_finds_the_place_and_says_so(town_on):
    answer = locate("国营食堂门口", town_on(TODAY))
    assert (place(answer), answer.matched, codes(answer)[0]) == ((300, 60), "和顺饭店", "former_name")
    assert explain(answer)[0] == "“国营食堂”是“和顺饭店”的曾用名。"


def test_a_number_on_a_street_of_a_former_name_is_found_on_the_street_of_today(town_on):
    answer = locate("人民路4号", town_on(TODAY))
    assert (place(answer), answer.level) == ((240, 50), "doorplate")
    assert "“人民路”是“新民路”的曾用名，用到2001-06-30。" in explain(answer)


def test_a_street_as_a_whole_is_found_by_its_former_name(town_on):
    answer = locate("人民路", town_on(TODAY))
    assert (answer.matched, codes(answer)[0]) == ("新民路", "former_name_until")


def test_a_name_is_not_former_before_its_last_day_is_over(town_on):
    assert codes(locate("人民路", town_on(BEFORE)))[0] == "road"


def test_a_place_called_so_today_goes_before_one_that_was_called_so(town_on):
    place_row("poi", "国营食堂", at(1500, 60), source="t", area="甲区").save()
    answer = locate("国营食堂", town_on(TODAY))
    assert (place(answer), [c.matched for c in answer.alternatives]) == ((1500, 60), ["和顺饭店"])


@pytest.mark.parametrize(("text", "found"), [("银春旅馆", (500, 60)), ("甲区东风路3号", (900, 500))])
def test_a_place_given_up_is_answered_with_a_reason_where_nothing_else_is_found(town_on, text, found):
    answer = locate(text, town_on(TODAY))
    assert (place(answer), codes(answer)[-1]) == (found, "closed")
    assert "已停用" in explain(answer)[-1]


def test_a_place_given_up_is_no_answer_beside_one_that_is_there(town_on):
    answer = locate("金河饭店", town_on(TODAY))
    assert (place(answer), answer.alternatives) == ((900, 60), ())
    assert [entry.x - ORIGIN[0] for entry, _ in town_on(TODAY).near(ORIGIN[0] + 700, ORIGIN[1] + 60, 300)] == [900]


@pytest.mark.parametrize("day", [date(2020, 3, 1), None])
def test_a_place_is_valid_on_its_last_day_and_for_who_asks_no_day(town_on, day):
    assert codes(locate("银春旅馆", town_on(day))) == ["name"]


def test_memory_and_database_know_the_same_of_a_day(db):
    Place.objects.bulk_create(rows())
    for day in (None, BEFORE, TODAY):
        for text in ("人民路4号", "人民路", "国营食堂", "银春旅馆", "金河饭店", "东风路3号", "东风路5号", "没有"):
            one, other = (locate(text, g) for g in (DatabaseGazetteer(day), MemoryGazetteer.from_database(day)))
            assert (one.level, one.x, one.score, one.why) == (other.level, other.x, other.score, other.why)


def test_a_day_costs_one_statement_more_where_nothing_was_given_up(db, django_assert_max_num_queries):
    Place.objects.bulk_create([row for row in rows() if row.valid_to is None])
    with django_assert_max_num_queries(8):
        locate("甲区银春旅馆", DatabaseGazetteer(TODAY))


def test_a_former_name_that_a_data_manager_writes_is_found_at_once(db, rf):
    inn = place_row("poi", "银春旅馆", at(500, 60), source="t", area="甲区", address="西仓路18号")
    inn.save()
    inn.former_names, inn.address = {"人民旅社": ""}, "西仓路20号"
    PlaceAdmin(Place, site).save_model(rf.post("/"), inn, None, change=True)
    for text in ("人民旅社", "西仓路20号"):
        assert locate(text, DatabaseGazetteer()).place_id == inn.pk
