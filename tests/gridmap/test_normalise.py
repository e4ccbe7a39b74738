"""One matching key for every spelling, and the way back to the original."""

import pytest

from gridmap.normalise import bigrams, clean, key, keyed, numeral


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("臺南市永康區永大路二段128-1號", "台南市永康区永大路2段128之1号"),
        ("北 區成功路５６０號", "北区成功路560号"),
        ("海陵北路十八畝50号", "海陵北路十八亩50号"),
        ("開(kāi)通公司", "开通公司"),
        ("開（kai）通公司", "开通公司"),
        ("空氣汙染", "空气污染"),
        ("建平十七街", "建平17街"),
        ("三十六巷二百弄", "36巷200弄"),
        ("西門路ㄧ段", "西门路一段"),
        ("五之一號", "5-1号"),
        ("第一小学", "第1小学"),
        ("府前路－段", "府前路-段"),
        ("通达小区（北区）", "通达小区北区"),
        ("12#楼", "12号楼"),
    ],
)
def test_two_spellings_have_one_key(one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize("name", ["十八亩", "三里河", "五里亭", "八德路", "四川路", "百乐门"])
def test_a_numeral_that_numbers_nothing_stays_a_name(name):
    assert key(name) == name


def test_numbers_apart_stay_apart_for_the_parser():
    assert keyed("安平路68 96号").text == "安平路68 96号"
    assert keyed("興化里571號 路燈").text == "兴化里571号,路灯"


@pytest.mark.parametrize(
    "text", ["臺南市永康區永大路二十三段１２８號", "開(kāi)通 北 區", "一百二十八号", "a\u200b路\x00灯"]
)
def test_every_character_of_a_key_knows_where_it_came_from(text):
    found = keyed(text)
    assert len(found.text) == len(found.offsets)
    assert list(found.offsets) == sorted(found.offsets)


def test_a_span_of_the_key_gives_the_span_of_the_original():
    text = "住在永大路二十三段旁"
    found = keyed(text)
    start = found.text.index("永大路23段")
    first, last = found.original(start, start + len("永大路23段"))
    assert text[first:last] == "永大路二十三段"


@pytest.mark.parametrize(
    ("text", "value"), [("二十一", 21), ("十", 10), ("百二十", 120), ("一二八", 128), ("一百零五", 105), ("亩", None)]
)
def test_numerals_have_values(text, value):
    assert numeral(text) == value


@pytest.mark.parametrize(
    ("dirty", "people"),
    [
        ("井盖丢失365bet官方网站", "井盖丢失"),
        ("见 http://444 井盖\x00丢失", "见 井盖丢失"),
        ("開(kāi)通热线", "開通热线"),
        ("一行\r\n　二行  ", "一行\n二行"),
        ("公司（KTV）扰民", "公司（KTV）扰民"),
    ],
)
def test_cleaning_removes_what_nobody_said_and_nothing_else(dirty, people):
    assert clean(dirty) == people


def test_bigrams_are_distinct_and_a_single_character_counts():
    assert bigrams("通达通达") == ["达通", "通达"]
    assert bigrams("庙") == ["庙"]
    assert bigrams("") == []
