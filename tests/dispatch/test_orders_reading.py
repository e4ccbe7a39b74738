"""Rows of order files as pure rules: dirty words, dates that are not guessed, heads, and that nothing is lost."""

import io
import json
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from dispatch.orders.cleaning import is_traditional, tidy
from dispatch.orders.columns import guess
from dispatch.orders.dates import moment
from dispatch.orders.reading import Fault, Order, Reason, Rules, made_ref, read_row
from dispatch.orders.tables import OrdersError, decoded, read_table
from tests.town import NOW

ZONE = settings.CITY.zone
COLUMNS = {"ref": "编号", "text": "内容", "upper_due": "时限", "received": "时间", "type": "类型", "phone": "电话"}


def rules(**changed: Any) -> Rules:
    usual: dict[str, Any] = {"zone": ZONE, "at": NOW, "default_type": "complaint", "needs_upper": False}
    return Rules(**(usual | {"simplify": True} | changed))


def read(values: dict[str, str], **changed: Any) -> Order | Fault:
    return read_row(values, COLUMNS, {}, rules(**changed))


def order(values: dict[str, str], **changed: Any) -> Order:
    found = read(values, **changed)
    assert isinstance(found, Order), found
    return found


@pytest.mark.parametrize(
    ("dirty", "text", "kinds"),
    [
        ("海陵北路開(kāi)通了吗", "海陵北路开通了吗", {"pinyin": 1, "traditional": 1}),
        ("井盖丢失 365bet官方网站", "井盖丢失", {"spam": 1}),
        ("井盖丢失365bet官方网站\n请处理", "井盖丢失\n请处理", {"spam": 1}),
        ("路灯不亮\nhttp://444", "路灯不亮", {"link": 1}),
        ("１２号楼Ａ座漏水", "12号楼A座漏水", {"wide": 3}),
        ("井\u200b盖\x00丢失", "井盖丢失", {"control": 2}),
        ("井盖\ufffd\ufffd失", "井盖□失", {"lost": 1}),
        ("西仓路井盖丢失", "西仓路井盖丢失", {}),
    ],
)
def test_dirty_words_are_cleaned_and_each_change_is_told(dirty: str, text: str, kinds: dict[str, int]) -> None:
    found = tidy(dirty, simplify=True)
    assert (found.text, dict(found.changes)) == (text, kinds)


def test_a_place_that_writes_traditional_characters_keeps_them() -> None:
    assert tidy("北門路路燈不亮", simplify=False).text == "北門路路燈不亮"
    assert is_traditional("北門路路燈不亮")
    assert not is_traditional("西仓路路灯不亮")


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2026-07-07 14:30", "2026-07-07 14:30"),
        ("2026/7/7", "2026-07-07 00:00"),
        ("2026年7月7日 下午2时30分", "2026-07-07 14:30"),
        ("２０２６年７月７日　１４：３０", "2026-07-07 14:30"),
        ("20260707143005", "2026-07-07 14:30"),
        ("2026-07-07T06:30:00Z", "2026-07-07 14:30"),
        ("2026-07-07T14:30:00.000+0800", "2026-07-07 14:30"),
        ("46210.604166667", "2026-07-07 14:30"),
        ("46210", "2026-07-07 00:00"),
    ],
)
def test_whole_dates_are_read_in_the_zone_of_the_city(text: str, local: str) -> None:
    found = moment(text, ZONE)
    assert found is not None
    assert f"{found.at.astimezone(ZONE):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    "text",
    [
        *("77日", "86日", "7月7日", "2026年77日", "2026-07-07 1430", "1430"),
        *("2026-02-30", "2026-13-01", "明天", "0", ""),
    ],
)
def test_a_date_that_has_lost_a_part_is_not_guessed(text: str) -> None:
    assert moment(text, ZONE) is None


def test_a_deadline_without_a_time_ends_its_day() -> None:
    found = moment("2026-07-07", ZONE, ends=True)
    assert found is not None
    assert (found.at, found.assumed) == (datetime(2026, 7, 7, 23, 59, tzinfo=ZONE), ("day_only",))


def test_a_call_whose_time_cannot_be_read_is_kept_with_its_words() -> None:
    found = order({"内容": "井盖丢失", "时间": "77日"})
    assert (found.called_at, found.words["happened"]) == (None, "77日")
    assert ("received", "bad_time", 1) in found.notes


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"编号": "1"}, "text", Reason.NO_WORDS),
        ({"编号": "1", "内容": "，。□□"}, "text", Reason.NO_WORDS),
        ({"编号": "1", "内容": "路灯", "时限": "77日"}, "upper_due", Reason.BAD_DUE),
        ({"编号": "1" * 61, "内容": "路灯"}, "ref", Reason.TOO_LONG),
        ({"编号": "1", "内容": "路灯", "电话": "1" * 31}, "phone", Reason.TOO_LONG),
        ({"编号": "1", "内容": "路灯", "…": "又一格"}, "", Reason.MORE_CELLS),
    ],
)
def test_what_cannot_be_a_report_names_field_and_reason(values: dict[str, str], field: str, reason: Reason) -> None:
    assert read(values) == Fault(field, reason)


def test_an_order_from_above_needs_number_and_deadline() -> None:
    assert read({"内容": "路灯", "时限": "2026-12-01"}, needs_upper=True) == Fault("ref", Reason.NO_REF)
    assert read({"编号": "SZ-1", "内容": "路灯"}, needs_upper=True) == Fault("upper_due", Reason.NO_DUE)
    assert order({"编号": "SZ-1", "内容": "路灯", "时限": "2026-12-01"}, needs_upper=True).upper_due_at is not None


def test_what_a_person_has_corrected_wins_over_the_file() -> None:
    values = {"编号": "1", "内容": "路灯", "时限": "77日", "…": "x"}
    found = read_row(values, COLUMNS, {"upper_due": "2026-07-07"}, rules())
    assert isinstance(found, Order)


def test_types_are_read_by_their_words_and_unknown_ones_are_the_channels() -> None:
    assert order({"内容": "谢谢", "类型": "表扬类"}).request_type == "praise"
    found = order({"内容": "路灯", "类型": "甲"}, default_type="help")
    assert (found.request_type, ("type", "other_type", 1) in found.notes) == ("help", True)


def test_the_raw_text_is_kept_only_where_it_was_changed() -> None:
    assert order({"内容": "井盖丢失"}).raw_text == ""
    assert order({"内容": "井盖丢失 365bet官方网站"}).raw_text == "井盖丢失 365bet官方网站"


def test_heads_are_guessed_by_their_words_and_remembered_for_the_channel() -> None:
    heads = ["工单编号", "来电时间", "联系电话", "诉求内容", "内容编码", "办理时限"]
    assert guess(heads, {}) == {
        "ref": "工单编号", "received": "来电时间", "phone": "联系电话", "text": "诉求内容", "upper_due": "办理时限",
    }  # fmt: skip
    assert guess(heads, {"text": "内容编码", "name": "没有"})["text"] == "内容编码"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_in_every_usual_encoding(encoding: str) -> None:
    table = read_table("a.csv", "编号,内容\n1,井盖丢失\n".encode(encoding))
    assert table.rows == [(2, {"编号": "1", "内容": "井盖丢失"})]


def test_one_lost_character_does_not_cost_the_file() -> None:
    data = "内容\n井盖丢失\n".encode() + b"\xe4\xba\n" + "路灯不亮\n".encode()
    text, encoding = decoded(data)
    assert encoding == "utf-8-sig"
    assert len(read_table("a.csv", data).rows) == 3
    assert "路灯不亮" in text


def test_separators_heads_and_odd_lines() -> None:
    table = read_table("a.csv", "编号;内容;内容;\n1;甲;乙\n;;;\n2;丙;丁;戊;己;庚\n".encode())
    assert table.heads == ["编号", "内容", "内容 (3)", "(4)"]
    assert [number for number, _row in table.rows] == [2, 4]
    assert table.rows[1][1]["…"] == "己 | 庚"


def test_json_comes_as_a_list_in_an_object_or_line_by_line() -> None:
    rows = [{"编号": 1, "内容": "井盖"}, {"内容": "路灯", "数": [1]}, "只有一句话"]
    for text in (json.dumps(rows), json.dumps({"code": 0, "data": rows}), "\n".join(map(json.dumps, rows))):
        table = read_table("a.json", text.encode())
        assert table.heads == ["编号", "内容", "数"]
        assert table.rows[1][1] == {"编号": "", "内容": "路灯", "数": "[1]"}
        assert table.rows[2][1]["…"] == "只有一句话"


def test_a_sheet_keeps_times_of_day_and_long_numbers() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in (
        ["编号", "时间", "日期", "内容"],
        [12345678, datetime.fromisoformat("2026-07-07 14:30"), datetime.fromisoformat("2026-07-07"), "井盖"],
        [],
    ):
        book.active.append(line)  # type: ignore[union-attr]
    book.save(out)
    (_number, row), *rest = read_table("a.xlsx", out.getvalue()).rows
    assert (row["编号"], row["时间"], row["日期"], rest) == (
        "12345678",
        "2026-07-07 14:30:00",
        "2026-07-07 00:00:00",
        [],
    )


@pytest.mark.parametrize(
    ("name", "data"), [("a.xlsx", b"PK nothing"), ("a.json", b"{"), ("a.csv", b""), ("a.pdf", b"x")]
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(name: str, data: bytes) -> None:
    with pytest.raises(OrdersError, match=r"[一-鿿]"):
        read_table(name, data)


def test_the_same_row_makes_the_same_number() -> None:
    assert made_ref({"a": "1", "b": "2"}, {}) == made_ref({"b": "2", "a": "1"}, {})
    assert made_ref({"a": "1"}, {}) != made_ref({"a": "2"}, {})


@examples(max_examples=150, deadline=None)
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.txt", "a.json", "a.jsonl"]))
def test_any_bytes_are_a_table_or_a_sentence(data: bytes, name: str) -> None:
    try:
        table = read_table(name, data)
    except OrdersError:
        return
    judged = [read_row(row, guess(table.heads, {}), {}, rules()) for _number, row in table.rows]
    assert len(judged) == len(table.rows)
    json.dumps([row for _number, row in table.rows], ensure_ascii=False).encode()  # no half characters
    assert not any("\x00" in word for _number, row in table.rows for word in row.values())


CELL = st.text(max_size=30)


@examples(max_examples=150, deadline=None)
@given(
    values=st.dictionaries(st.sampled_from([*COLUMNS.values(), "…"]), CELL | st.sampled_from(["77日", "2026-07-07"])),
    needs_upper=st.booleans(),
)
def test_any_row_is_an_order_or_a_fault_with_a_reason(values: dict[str, str], needs_upper: bool) -> None:
    found = read(values, needs_upper=needs_upper)
    if isinstance(found, Fault):
        assert found.reason in Reason
    else:
        assert found.text.strip()
        assert 0 < len(found.ref) <= 60
