"""Rows of the gazetteer, and that the database answers like memory."""

import pytest

from gridmap.gazetteer import DatabaseGazetteer, MemoryGazetteer, crossing_key, keys_of, place_row, settle_roads
from gridmap.geocode import locate
from gridmap.models import Area, Place
from gridmap.reverse import describe
from tests.gridmap.test_geocode import areas, rows
from tests.town import ORIGIN, at

TEXTS = (
    "西仓路14号",
    "西仓路18号",
    "王师傅家门口西仓路9号",
    "西仓路银春旅馆前有两个上水井盖丢失",
    "通答小区垃圾",
    "通达小区7号楼",
    "西仓路与海陵北路路口",
    "海陵北路十八畝50号",
    "中山路5号",
    "乙区中山路5号",
    "西仓路14巷3号",
    "连托村",
    "物业乱收费",
)


@pytest.fixture
def stored(db):
    for area in areas():
        if area.parent:
            area.parent = Area.objects.get(code=area.parent.code)
        area.save()
    Place.objects.bulk_create(rows())


@pytest.mark.parametrize(
    ("name", "kind"),
    [("大安街331號", "doorplate"), ("和善街與永和街口", "crossing"), ("安順國小", "poi"), ("8號", "poi")],
)
def test_a_row_without_kind_gets_it_from_its_name(name, kind):
    assert place_row(None, name, at(0, 0), source="t").kind == kind


def test_a_row_has_the_parts_of_its_address_as_keys():
    row = place_row("compound", "湖美名園社區", at(0, 0), source="t", address="臺南市中西區光賢街21巷2弄35-1號")
    assert (row.area_key, row.road_key, row.number, row.sub_number) == ("中西区", "光贤街21巷2弄", 35, 1)
    assert row.keys == ["湖美名园社区"]
    assert "湖美" in row.bigrams


def test_a_crossing_is_found_in_either_order_of_its_roads():
    assert crossing_key("和善街", "永和街") in keys_of("crossing", "永和街與和善街口")


def test_brackets_may_be_left_out_of_a_name_but_not_so_that_a_road_remains():
    assert "全家便利店" in keys_of("poi", "全家便利店(永康店)")
    assert keys_of("poi", "安北路(四季公園口)") == ["安北路四季公园口"]


def test_words_before_a_well_known_road_are_cut_from_road_keys():
    places = [place_row(None, f"中正南路{n}號", at(n, 0), source="t") for n in range(1, 5)]
    odd = place_row(None, "徐老師前中正南路205巷56號", at(0, 0), source="t")
    assert settle_roads([*places, odd]) == 1
    assert odd.road_key == "中正南路205巷"


@pytest.mark.parametrize("text", TEXTS)
def test_database_and_memory_give_the_same_answer(stored, text):
    one, other = locate(text, DatabaseGazetteer()), locate(text, MemoryGazetteer.from_database())
    assert (one.level, one.x, one.y, one.score, one.why) == (other.level, other.x, other.y, other.score, other.why)


@pytest.mark.parametrize("text", TEXTS)
def test_one_text_takes_at_most_seven_statements(stored, django_assert_max_num_queries, text):
    with django_assert_max_num_queries(7):
        locate(text, DatabaseGazetteer())


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (282, 104, "西仓路14号"),
        (330, 108, "西仓路14号附近"),
        (5, 55, "西仓路与海陵北路路口附近"),
        (510, 880, "通达小区附近"),
        (3000, 3000, ""),
    ],
)
def test_a_point_is_described_as_a_local_would(stored, x, y, words):
    for gazetteer in (DatabaseGazetteer(), MemoryGazetteer.from_database()):
        assert describe(ORIGIN[0] + x, ORIGIN[1] + y, gazetteer) == words


def test_a_building_without_a_name_describes_nothing(stored):
    Place.objects.create(kind="building", name="", source="t", point=at(510, 882))
    for gazetteer in (DatabaseGazetteer(), MemoryGazetteer.from_database()):
        assert describe(ORIGIN[0] + 510, ORIGIN[1] + 882, gazetteer) == "通达小区附近"
