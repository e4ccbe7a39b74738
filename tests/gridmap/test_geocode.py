"""The geocoder on a small town in memory.

y
900             通达小区 (小区)
100        10   14   18  22        even numbers of 西仓路, north side, 20 m for each number
 50   ─┼──────────── 西仓路 ────    海陵北路 crosses at x = 0; 银春旅馆 at (300, 60)
  0         9   13   17
"""

import math

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.utils import translation

from gridmap.gazetteer import MemoryGazetteer, place_row
from gridmap.geocode import Level, explain, locate
from gridmap.models import Area
from tests.town import ORIGIN, at, square

HERE = "甲区"
FEW_M = 6  # known numbers are weighed against each other, so a point between them may lie a few metres aside


def rows():
    doors = [(10, 200, 100), (14, 280, 100), (22, 440, 100), (9, 180, 0), (13, 260, 0), (17, 340, 0)]
    return [
        *(place_row(None, f"西仓路{n}号", at(x, y), source="t", area=HERE) for n, x, y in doors),
        place_row("road", "西仓路", at(300, 50), source="t", area=HERE, accuracy_m=300),
        place_row("poi", "银春旅馆", at(300, 60), source="t", address="西仓路", area=HERE),
        place_row("poi", "银春旅馆", at(5000, 60), source="t", address="东风路2号", area="乙区"),
        place_row("poi", "西仓路公厕", at(400, 40), source="t", area=HERE),
        place_row("district", "西仓", at(900, 1200), source="t", area=HERE),
        place_row("compound", "通达小区", at(500, 900), source="t", area=HERE, aliases=["通达新村"]),
        place_row("building", "通达小区7号楼", at(520, 910), source="t", area=HERE),
        place_row("crossing", "西仓路与海陵北路路口", at(0, 50), source="t", area=HERE),
        place_row(None, "海陵北路十八亩50号", at(20, 700), source="t", area=HERE),
        place_row(None, "海陵北路8号", at(10, 160), source="t", area=HERE),
        place_row(None, "中山路5号", at(700, 300), source="t", area=HERE),
        place_row(None, "中山路5号", at(9000, 300), source="t", area="乙区"),
        place_row(None, "东风路2号", at(4990, 50), source="t", area="乙区"),
    ]


def areas():
    here = Area(code="320001", name=HERE, level="district", geom=MultiPolygon(square(-500, -500, 2000, 2000)))
    there = Area(code="320002", name="乙区", level="district", geom=MultiPolygon(square(4000, -500, 6000, 2000)))
    village = Area(code="320001001001", name="连托村", level="community", parent=here, geom=MultiPolygon(square(0, 0)))
    return [here, there, village]


@pytest.fixture(scope="module")
def town_map():
    return MemoryGazetteer.load(rows(), areas())


def place(answer):
    return None if answer.x is None else (round(answer.x - ORIGIN[0]), round(answer.y - ORIGIN[1]))


def radius(answer):
    assert answer.uncertainty_m is not None
    return answer.uncertainty_m


def codes(answer):
    return [reason.code for reason in answer.why]


def without(town_map_rows, name):
    return MemoryGazetteer.load([row for row in town_map_rows if row.name != name], areas())


@pytest.mark.parametrize(
    ("text", "level", "where"),
    [
        ("西仓路14号路灯不亮", Level.DOORPLATE, (280, 100)),
        ("西倉路十四號", Level.DOORPLATE, (280, 100)),
        ("西仓路18号", Level.INTERPOLATED, (360, 100)),
        ("西仓路15号", Level.INTERPOLATED, (300, 0)),
        ("西仓路14-2号", Level.NEAR_NUMBER, (280, 100)),
        ("西仓路银春旅馆前有两个上水井盖丢失", Level.POI, (300, 60)),
        ("通达小区垃圾满溢", Level.COMPOUND, (500, 900)),
        ("通达新村垃圾满溢", Level.COMPOUND, (500, 900)),
        ("通达小区7号楼前", Level.BUILDING, (520, 910)),
        ("海陵北路、西仓路路口", Level.CROSSING, (0, 50)),
        ("西仓路和海陵北路交叉口", Level.CROSSING, (0, 50)),
        ("海陵北路十八畝50号门前", Level.DOORPLATE, (20, 700)),
        ("西仓路积水", Level.ROAD, (270, 50)),
        ("西仓路公厕堵塞", Level.POI, (400, 40)),
        ("西仓路14号楼东单元", Level.DOORPLATE, (280, 100)),
        ("连托村", Level.VILLAGE, (50, 50)),
        ("物业乱收费", Level.NONE, None),
        ("", Level.NONE, None),
    ],
)
def test_texts_are_found_at_their_level(town_map, text, level, where):
    answer = locate(text, town_map)
    assert answer.level == level
    assert place(answer) == (where and pytest.approx(where, abs=FEW_M))


def test_beyond_the_last_known_number_the_street_goes_on(town_map):
    answer = locate("西仓路26号", town_map)
    assert answer.level == Level.NEAR_NUMBER
    assert 440 < place(answer)[0] < 520
    assert radius(answer) > radius(locate("西仓路18号", town_map))


def test_interpolation_stays_on_its_side_of_the_street(town_map):
    assert place(locate("西仓路16号", town_map))[1] == pytest.approx(100, abs=FEW_M)
    assert place(locate("西仓路11号", town_map))[1] == pytest.approx(0, abs=FEW_M)


def test_a_named_place_on_the_road_beats_the_road_alone(town_map):
    answer = locate("西仓路银春旅馆前", town_map)
    assert answer.level == Level.POI
    assert Level.ROAD in [candidate.level for candidate in answer.alternatives]


def test_of_two_places_with_one_name_the_road_decides_and_the_explanation_says_so(town_map):
    first, second = locate("西仓路银春旅馆", town_map), locate("东风路银春旅馆", town_map)
    assert (place(first)[0], place(second)[0]) == (300, 5000)
    assert dict(first.why[1].params) == {"road": "西仓路"}
    assert dict(second.why[1].params) == {"road": "东风路"}


def test_of_two_numbers_the_area_decides_and_the_explanation_changes_with_it(town_map):
    here, there = locate("甲区中山路5号", town_map), locate("乙区中山路5号", town_map)
    assert (place(here)[0], place(there)[0]) == (700, 9000)
    assert explain(here) != explain(there)
    assert place(locate("中山路5号", town_map, near_area="乙 區"))[0] == 9000


def test_without_an_area_equal_places_share_the_score_and_the_radius_holds_both(town_map):
    answer = locate("中山路5号", town_map)
    assert "ambiguous" in codes(answer)
    assert answer.score < 0.8
    assert answer.uncertainty_m == pytest.approx(8300, abs=1)
    assert len(answer.alternatives) == 1


def test_a_number_across_the_city_from_the_stated_district_is_not_taken(town_map):
    answer = locate("甲区东风路2号", town_map)
    assert answer.level == Level.DISTRICT


def test_taking_the_deciding_row_away_changes_answer_and_explanation():
    everything = rows()
    exact = locate("西仓路14号", MemoryGazetteer.load(everything, areas()))
    between = locate("西仓路14号", without(everything, "西仓路14号"))
    assert codes(exact)[0] == "exact"
    assert codes(between)[0] == "between"
    assert dict(between.why[0].params) == {"number": "14", "below": 10, "above": 22}


def test_a_learned_point_far_from_its_neighbours_is_not_believed():
    stray = place_row(None, "西仓路16号", at(1500, 1500), source="t", area=HERE, source_rank=3)
    surveyed = place_row(None, "西仓路16号", at(1500, 1500), source="t", area=HERE, source_rank=1)
    assert place(locate("西仓路16号", MemoryGazetteer.load([*rows(), stray]))) == pytest.approx((320, 100), abs=FEW_M)
    assert place(locate("西仓路16号", MemoryGazetteer.load([*rows(), surveyed]))) == (1500, 1500)


def test_a_lane_is_placed_at_the_number_of_its_mouth(town_map):
    answer = locate("西仓路14巷3号", town_map)
    assert answer.level == Level.LANE
    assert place(answer) == pytest.approx((280, 100), abs=FEW_M)
    assert codes(answer)[0] == "lane_mouth"


def lanes(*doors):
    return [place_row(None, f"西仓路{text}号", at(x, y), source="t", area=HERE) for text, x, y in doors]


def test_a_lane_is_sought_on_the_side_on_which_its_neighbours_go():
    north = lanes(("10巷8", 200, 180), ("10巷20", 200, 290), ("18巷9", 360, 190))
    alone = locate("西仓路14巷12号", MemoryGazetteer.load(rows(), areas()))
    beside = locate("西仓路14巷12号", MemoryGazetteer.load([*rows(), *north], areas()))
    assert place(beside)[1] > place(alone)[1] + 30
    assert radius(beside) < radius(alone)


def test_a_house_between_lanes_is_found_where_the_street_itself_has_no_known_number():
    answer = locate("东明路24号", MemoryGazetteer.load([
        place_row(None, f"东明路{lane}巷3号", at(10 * lane, 60), source="t", area=HERE) for lane in (20, 28)
    ]))  # fmt: skip
    assert (answer.level, codes(answer)[0]) == (Level.NEAR_NUMBER, "beside")
    assert 200 < place(answer)[0] < 280


def test_a_house_of_a_lane_counts_for_its_lane_not_for_the_street():
    town = MemoryGazetteer.load([*rows(), *lanes(("14巷20", 285, 250))], areas())
    assert place(locate("西仓路20号", town)) == pytest.approx((400, 100), abs=FEW_M)
    assert locate("西仓路14巷20号", town).level == Level.DOORPLATE


def test_a_crossing_nobody_listed_lies_where_the_numbers_come_closest(town_map):
    bare = without(rows(), "西仓路与海陵北路路口")
    answer = locate("西仓路与海陵北路路口", bare)
    assert codes(answer)[0] == "closest"
    assert place(answer) == ((200 + 10) / 2, (100 + 160) / 2)


def test_the_relation_goes_into_explanation_and_radius_and_leaves_the_point(town_map):
    plain, aside = locate("西仓路14号", town_map), locate("西仓路14号东侧30米", town_map)
    assert place(plain) == place(aside)
    assert radius(aside) == radius(plain) + 30
    assert codes(aside)[-2:] == ["relation", "offset"]


@pytest.mark.parametrize("text", ["通小区", "通达小小区", "通大小区", "银春旅店"])
def test_a_name_with_one_wrong_character_is_among_the_first_three(town_map, text):
    answer = locate(text, town_map)
    assert {"通达小区", "银春旅馆"} & {answer.matched, *(c.matched for c in answer.alternatives[:2])}


@pytest.mark.parametrize("text", ["物业乱收费", "小孩上学难", "养老保险怎么交", "噪音扰民"])
def test_a_matter_without_a_place_is_not_placed(town_map, text):
    assert not locate(text, town_map).found


def test_a_mistyped_name_is_found_and_says_how_similar_it_is(town_map):
    answer = locate("通答小区垃圾", town_map)
    assert answer.matched == "通达小区"
    assert codes(answer)[0] == "similar"


def test_the_name_that_decided_is_marked_in_the_text(town_map):
    text = "西倉路銀春旅館前有兩個井蓋丟失"
    address = locate(text, town_map).address
    spans = {span.part: text[span.start : span.end] for span in address.spans} if address else {}
    assert spans["name"] == "銀春旅館"
    assert spans["road"] == "西倉路"


def test_radii_grow_from_sharp_to_vague(town_map):
    texts = ("西仓路14号", "西仓路26号", "西仓路")
    radii = [radius(locate(text, town_map)) for text in texts]
    assert radii == sorted(radii)
    assert len(set(radii)) == 3


def test_explanations_are_sentences_in_both_languages(town_map):
    for text in ("西仓路14号", "西仓路18号东侧30米", "物业乱收费", "甲区中山路5号", "不知路3号"):
        with translation.override("zh-hans"):
            assert all(sentence.endswith("。") for sentence in explain(locate(text, town_map)))


def test_the_same_question_gets_the_same_answer_in_any_order_of_rows(town_map, chance):
    shuffled = rows()
    chance.shuffle(shuffled)
    again = MemoryGazetteer.load(shuffled, areas())
    for text in ("中山路5号", "银春旅馆", "西仓路18号", "西仓路"):
        assert place(locate(text, town_map)) == place(locate(text, again))


@pytest.mark.parametrize(
    "text", ["号" * 500, "路" * 300, "%s%(a)s", "西仓路99999号", "西仓路0号", "\x00", "与与与路口"]
)
def test_no_text_raises(town_map, text):
    answer = locate(text, town_map)
    assert answer.uncertainty_m is None or math.isfinite(answer.uncertainty_m)
    assert explain(answer)


def test_a_road_is_no_alternative_to_itself(town_map):
    answer = locate("西仓路积水", town_map)
    assert [c.level for c in answer.alternatives].count(Level.ROAD) == 0


def test_a_surveyed_crossing_is_sharper_than_a_listed_one():
    def crossing(rank):
        row = place_row("crossing", "西仓路与海陵北路路口", at(0, 50), source="t", area=HERE, source_rank=rank)
        return locate("西仓路与海陵北路路口", MemoryGazetteer.load([row], areas()))

    assert radius(crossing(1)) < radius(crossing(2)) / 3
