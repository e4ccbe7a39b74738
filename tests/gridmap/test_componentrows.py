"""Files of components, row by row: what is taken, what is refused and why."""

from datetime import date
from pathlib import Path

import pytest
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from gridmap.componentcodes import PROBLEMS, Scheme
from gridmap.components.columns import Reading, date_of, grade_of, guess, state_of
from gridmap.components.rows import REASONS, Findings
from gridmap.layers import Row
from gridmap.loaders.components import examine, guessed, read_file
from gridmap.models import Category, Component
from tests.town import NOW, ORIGIN, Town

SCHEME = Scheme()


def test_a_code_of_the_standard_has_sixteen_digits_in_four_parts():
    code = "3205080101000001"
    assert SCHEME.problem(code, "01-01") == ""
    assert (SCHEME.district_of(code), SCHEME.class_of(code)) == ("320508", "0101")


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("", "no code"),
        ("32050801010O0001", "a code of other signs than digits"),
        ("３２０５０８０１０１００００１１", "a code of other signs than digits"),
        ("320508010100001", "a code of the wrong length"),
        ("3205080102000001", "a code of another class"),
    ],
)
def test_what_is_wrong_with_a_code_is_said(code: str, problem: str):
    assert SCHEME.problem(code, "01-01") == problem
    assert problem in PROBLEMS


def test_the_newer_variant_has_three_digits_for_the_minor_class():
    scheme = Scheme(6, 2, 3, 5)
    assert scheme.problem("3205080100100001", "01-01") == ""
    assert scheme.make(scheme.prefix("320508", "01-01"), 7) == "3205080100100007"


def test_a_scheme_without_room_for_numbers_is_no_scheme():
    with pytest.raises(ValueError, match="component_digits"):
        Scheme(6, 2, 2, 0)


def test_numbers_end_where_the_digits_end():
    with pytest.raises(OverflowError):
        Scheme(6, 2, 2, 1).make("3205080101", 10)


def test_columns_are_known_by_the_names_of_the_standard_in_both_scripts():
    chinese = guess(["标识码", "部件名称", "主管部门代码", "权属单位代码", "养护单位代码", "经度", "纬度", "备注 "])
    letters = guess(["OBJID", "ObjName", "DeptCode1", "DeptCode2", "DeptCode3", "X", "Y", "note"])
    assert list(chinese) == list(letters)
    assert guess(["颜色"]) == {}


@pytest.mark.parametrize(
    "word", ["2024-05-06", "2024/5/6", "20240506", "2024.5.6", "2024年5月6日", "2024-05-06T00:00:00"]
)
def test_a_day_may_be_written_in_many_ways(word: str):
    assert date_of(word) == date(2024, 5, 6)


@pytest.mark.parametrize("word", ["5月6日", "2024-13-01", "202456", "去年"])
def test_what_is_no_day_is_not_guessed(word: str):
    with pytest.raises(ValueError):
        date_of(word)


def test_states_and_grades_are_words_of_the_standard():
    assert [state_of(word) for word in ("完好", "缺失", "移位", "好的")] == ["intact", "missing", "moved", None]
    assert [grade_of(word) for word in ("A", "b级", "丙级", "", "D")] == ["A", "B", "C", "", None]


def test_a_long_note_of_a_shapefile_is_put_together_again():
    reading = Reading("city", {"note": "Note"})
    assert reading.value({"Note": "甲", "Note_3": "丙", "Note_2": "乙"}, "note") == "甲乙丙"


CODE = "3299110101{:06d}"
COLUMNS = guess(["ObjID", "ObjName", "DeptCode2", "DeptName3", "ObjState", "Grade", "ORDate", "CHDate", "Note"])


def judged(*rows: dict[str, str], shape: BaseGeometry | None = None, columns: dict[str, str] | None = None) -> Findings:
    """Rows as they would be judged, all at (50, 50) unless said otherwise."""
    place = Point(ORIGIN[0] + 50, ORIGIN[1] + 50) if shape is None else shape
    found = [Row(number, values, place) for number, values in enumerate(rows, 1)]
    return examine(found, Reading("city", columns or COLUMNS), at=NOW)


def test_a_good_row_becomes_a_new_component(town: Town):
    (row,) = judged(
        {
            "ObjID": CODE.format(2),
            "ObjName": "井盖",
            "DeptCode2": "water",
            "DeptName3": "自来水公司",
            "ORDate": "20240506",
        }
    ).accepted
    assert row.known is None
    assert (row.values["category_id"], row.values["owning_agency_id"]) == (town.cover.pk, town.water.pk)
    assert (row.values["maintaining_agency_id"], row.values["surveyed_on"]) == (town.water.pk, date(2024, 5, 6))
    assert row.values["state"] == "intact"


@pytest.mark.parametrize(
    ("values", "column", "reason"),
    [
        ({"ObjID": ""}, "ObjID", "no code"),
        ({"ObjID": "12"}, "ObjID", "a code of the wrong length"),
        ({"ObjID": "3299119999000001"}, "ObjID", "an unknown class"),
        ({"ObjID": "1101010101000001"}, "ObjID", "a code of no district of the city"),
        ({"DeptCode2": "nobody"}, "DeptCode2", "an unknown agency"),
        ({"DeptName3": "某公司"}, "DeptName3", "an unknown agency"),
        ({"ObjState": "不错"}, "ObjState", "an unknown state"),
        ({"Grade": "Z"}, "Grade", "an unknown grade"),
        ({"ORDate": "去年"}, "ORDate", "no date"),
        ({"ObjName": "长" * 61}, "ObjName", "too long"),
    ],
)
def test_a_row_that_cannot_be_taken_says_column_and_reason(
    town: Town, values: dict[str, str], column: str, reason: str
):
    found = judged({"ObjID": CODE.format(2)} | values)
    (note,) = found.refused
    assert (note.row, note.column, note.reason) == (1, column, reason)
    assert reason in REASONS
    assert found.read == len(found.accepted) + found.same + len(found.refused)


def test_a_class_column_must_agree_with_the_code(town: Town):
    other = Category.objects.create(
        dictionary=town.cover.dictionary, kind="component", code="01-02", name="污水井盖", major=town.cover.major
    )
    columns = COLUMNS | {"class": "ClassCode"}
    (note,) = judged({"ObjID": CODE.format(2), "ClassCode": other.name}, columns=columns).refused
    assert (note.column, note.reason) == ("ObjID", "a code of another class")


def test_the_second_row_of_a_code_is_refused(town: Town):
    found = judged({"ObjID": CODE.format(2)}, {"ObjID": CODE.format(2)})
    assert [(note.row, note.reason) for note in found.refused] == [(2, "the code is twice in the file")]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (Point(), "no coordinates, or none that the stated datum can mean here"),
        (Point(ORIGIN[0] + 5000, ORIGIN[1]), "more than 2 km outside the city"),
    ],
)
def test_a_place_that_cannot_be_is_refused(town: Town, shape: BaseGeometry, reason: str):
    (note,) = judged({"ObjID": CODE.format(2)}, shape=shape).refused
    assert note.reason == reason


def test_a_known_code_is_an_update_and_an_equal_row_is_nothing(town: Town):
    code = town.component.code
    here = Point(ORIGIN[0] + 55, ORIGIN[1] + 50)
    columns = {"code": "ObjID", "owner": "DeptCode2", "note": "Note"}
    same = judged({"ObjID": code, "DeptCode2": "water", "Note": ""}, shape=here, columns=columns)
    assert (same.same, same.accepted) == (1, [])
    (row,) = judged({"ObjID": code, "DeptCode2": "", "Note": "新"}, shape=here, columns=columns).accepted
    # an empty column says "none"; a column that is not there says nothing
    assert (row.known, row.values["owning_agency_id"], row.values["note"]) == (town.component.pk, None, "新")
    (kept,) = judged({"ObjID": code, "Note": "新"}, shape=here, columns={"code": "ObjID", "note": "Note"}).accepted
    assert kept.values["owning_agency_id"] == town.water.pk


def test_codes_are_made_by_district_class_and_number_where_the_source_has_none(town: Town):
    columns = {"source_id": "fid", "class": "kind"}
    reading = Reading("city", columns, source="管线普查")
    line = LineString([(ORIGIN[0] + 10, ORIGIN[1] + 10), (ORIGIN[0] + 90, ORIGIN[1] + 10)])
    rows = [Row(n, {"fid": str(n), "kind": "上水井盖"}, line) for n in (1, 2)]
    found = examine(rows, reading, at=NOW)
    # number 1 is the town's own component
    assert [row.values["code"] for row in found.accepted] == [CODE.format(2), CODE.format(3)]
    assert found.made_codes == 2


def test_a_source_number_that_was_loaded_before_keeps_its_code(town: Town):
    Component.objects.filter(pk=town.component.pk).update(source="管线普查", source_id="7")
    reading = Reading("city", {"source_id": "fid", "class": "kind"}, source="管线普查")
    rows = [Row(1, {"fid": "7", "kind": "上水井盖"}, Point(ORIGIN[0] + 60, ORIGIN[1] + 50))]
    (row,) = examine(rows, reading, at=NOW).accepted
    assert (row.known, row.values["code"]) == (town.component.pk, town.component.code)


def test_a_data_manager_of_another_district_cannot_write_here(town: Town):
    rows = [Row(1, {"ObjID": CODE.format(2)}, Point(ORIGIN[0] + 50, ORIGIN[1] + 50))]
    (note,) = examine(rows, Reading("city", COLUMNS), at=NOW, allowed=("329922",)).refused
    assert note.reason == "a district that you do not look after"


def test_a_place_outside_the_district_of_its_code_is_noted(town: Town):
    found = judged({"ObjID": CODE.format(2), "ObjState": "完好"}, shape=Point(ORIGIN[0] - 100, ORIGIN[1]))
    assert [note.reason for note in found.changed] == ["outside the district of its code"]
    assert len(found.accepted) == 1


def test_a_table_in_gbk_is_read(tmp_path: Path, town: Town):
    path = tmp_path / "parts.csv"
    path.write_bytes(f"标识码,部件名称,经度,纬度\n{CODE.format(2)},上水井盖,119.92,32.45\n".encode("gb18030"))
    rows = read_file(path)
    assert rows[0].values["部件名称"] == "上水井盖"
    assert guessed(rows, "wgs84").columns["x"] == "经度"


def test_a_file_without_codes_says_what_was_expected(tmp_path: Path):
    from gridmap.layers import LayerError

    (tmp_path / "a.csv").write_text("颜色\n红\n")
    with pytest.raises(LayerError, match="ObjID"):
        guessed(read_file(tmp_path / "a.csv"), "wgs84")
