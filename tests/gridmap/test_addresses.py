"""The parser: mainland and Tainan addresses, alone and inside sentences."""

import pytest

from gridmap.addresses import known_from, parse

CASES = [
    ("臺南市永康區永大路二段128-1號", {"district": "永康区", "road": "永大路2段", "number": 128, "sub_number": 1}),
    ("安南區安和路四段36巷200弄60號", {"road": "安和路4段", "lane": "36", "alley": "200", "number": 60}),
    ("佳里區西庄里3鄰12號", {"district": "佳里区", "village": "西庄里", "neighbourhood": 3, "number": 12}),
    ("寮子廍12號", {"locality": "寮子廍", "number": 12}),
    ("鹽水區下林里蜈蜞坑36號", {"village": "下林里", "locality": "蜈蜞坑", "number": 36}),
    ("佳里區興化里571號之33號前", {"village": "兴化里", "number": 571, "sub_number": 33}),
    ("佳味香自助餐：港口里291-2號", {"locality": "港口里", "number": 291, "sub_number": 2}),
    ("海陵北路十八畝50号门前", {"road": "海陵北路", "locality": "十八亩", "number": 50}),
    ("永大路二段128或130號", {"road": "永大路2段", "number": 128}),
    ("中正路140幾號", {"road": "中正路", "number": 140}),
    ("永成路靠近86號", {"road": "永成路", "locality": "", "number": 86}),
    ("開山路76號到90號", {"road": "开山路", "number": 76, "number_to": 90}),
    ("文化中路56到62号", {"road": "文化中路", "number": 56, "number_to": 62}),
    ("文化中路62号楼东单元", {"road": "文化中路", "building": "62", "unit": "东", "number": None}),
    ("依海嘉园B6号楼", {"building": "b6", "number": None}),
    ("颐顺园小区7号楼302", {"building": "7", "number": None}),
    ("酱园1路尽头", {"road": "酱园1路"}),
    ("河口镇连托村村委会前的马路", {"subdistrict": "河口镇", "village": "连托村", "road": ""}),
    ("滨州街社区悦海小区门市房", {"village": "滨州街社区", "road": ""}),
    ("我家住在西仓路12号东侧20米处路灯不亮", {"road": "西仓路", "number": 12}),
    ("中西區和善街與永和街口", {"road": "和善街", "crossing": ("和善街", "永和街")}),
    ("海陵北路、西仓路交叉口", {"crossing": ("海陵北路", "西仓路")}),
    ("中西區府前路二段*府前二街口", {"crossing": ("府前路2段", "府前2街")}),
    ("歸仁二路&高鐵十路", {"crossing": ("归仁2路", "高铁10路")}),
    ("開山路，從樹林街到大埔街之間路段", {"road": "开山路", "between": ("树林街", "大埔街"), "crossing": None}),
    ("安平區建平十七街33號與建平路", {"road": "建平17街", "number": 33, "crossing": None}),
    ("五巷14号", {"lane": "5", "number": 14, "road": ""}),
    ("九江路660", {"road": "九江路", "number": 660}),
    ("11路区间;南新专线", {"road": ""}),
    ("五一路12号", {"road": "51路", "number": 12}),
    ("府前路与五一路交叉口", {"crossing": ("府前路", "51路")}),
    ("寺巷路路灯", {"road": "寺巷路"}),
    ("空氣汙染", {"road": "", "district": "", "number": None, "locality": ""}),
    ("人行道上的道路破损", {"road": ""}),
]


@pytest.mark.parametrize(("text", "parts"), CASES, ids=[text for text, _ in CASES])
def test_parts_are_found(text, parts):
    found = parse(text)
    assert {part: getattr(found, part) for part in parts} == parts


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("西仓路银春旅馆前有两个上水井盖丢失", "银春旅馆"),
        ("通达小区7号楼前垃圾", "通达小区"),
        ("钦村小学南墙外", "钦村小学"),
        ("滨州街社区悦海小区门市房", "悦海小区"),
    ],
)
def test_named_places_are_candidates(text, name):
    assert name in parse(text).names


@pytest.mark.parametrize(
    ("text", "word", "direction", "metres"),
    [
        ("西仓路12号门前", "门前", "", None),
        ("西仓路12号对面", "对面", "", None),
        ("钦村小学南墙外", "南墙外", "南", None),
        ("西仓路12号东侧20米", "东侧", "东", 20.0),
        ("酱园1路尽头", "尽头", "", None),
    ],
)
def test_relations_keep_word_direction_and_metres(text, word, direction, metres):
    relation = parse(text).relation
    assert relation is not None
    assert (relation.word, relation.direction, relation.offset_m) == (word, direction, metres)


def test_spans_point_into_the_original_text():
    text = "住在臺南市永康區永大路二段 １２８號旁"
    pieces = {span.part: text[span.start : span.end] for span in parse(text).spans}
    assert pieces["road"] == "永大路二段"
    assert pieces["number"] == "１２８號"


def test_known_roads_decide_where_a_name_begins():
    text = "王师傅家门口西仓路12号"
    assert parse(text).road != "西仓路"
    assert parse(text, known_from(["西仓路"])).road == "西仓路"


def test_a_known_road_does_not_cut_another_one_right_after_the_area():
    known = known_from(["安一街"], districts=["安南区"])
    assert parse("安南區開安一街8巷", known).road == "开安1街"


@pytest.mark.parametrize("text", ["", " ", "，，，", "号", "123", "路", "\x00", "区区区里里里路路路号号号" * 20])
def test_no_text_breaks_the_parser(text):
    assert parse(text).text == text
