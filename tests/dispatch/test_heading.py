"""Heads of a table are found below a title and over merged cells, and a row of data is never taken for them."""

import io

import openpyxl
import pytest

from dispatch.orders.columns import guess
from dispatch.orders.heading import find_heading
from dispatch.orders.tables import OrdersError, read_table

ROW = ["Y-1", "路灯不亮", "中山路", "张三", "139", "2026-12-09"]


@pytest.mark.parametrize(
    ("lines", "heads", "above", "taken"),
    [
        ([["编号", "内容"], ["1", "路灯不亮"]], ["编号", "内容"], 0, 1),
        ([["甲", "乙"], ["1", "路灯不亮"]], ["甲", "乙"], 0, 1),
        ([["工单明细表"], [], ["编号", "内容"], ["1", "路灯不亮"]], ["编号", "内容"], 2, 1),
        ([["诉求人", "类型", "来源"], ["王", "企业", "电话"]], ["诉求人", "类型", "来源"], 0, 1),
        ([["甲", "乙", "丙"], ["王", "企业", "电话"]], ["甲", "乙", "丙"], 0, 1),
        ([[], ["", ""]], [], 0, 0),
    ],
)
def test_heads_stand_where_they_are_named(lines: list[list[str]], heads: list[str], above: int, taken: int) -> None:
    assert find_heading(lines) == (heads, above, taken)


def test_merged_cells_over_two_lines_make_one_head_a_column() -> None:
    upper, lower = ["工单编号", "诉求", "", "诉求人", "", "办理时限"], ["", "内容", "地址", "姓名", "电话", ""]
    found = find_heading([["工单明细表"], upper, lower, ROW])
    assert found.heads == ["工单编号", "诉求 内容", "诉求 地址", "诉求人 姓名", "诉求人 电话", "办理时限"]
    assert (found.above, found.lines) == (1, 2)
    named = {head: field for field, head in guess(found.heads, {}).items()}
    assert [named[head] for head in found.heads] == ["ref", "text", "address", "name", "phone", "upper_due"]


def test_a_title_is_kept_and_rows_have_the_numbers_of_the_sheet() -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in (["工单明细表"], ["编号", "内容"], ["1", "井盖"], [], ["2", "路灯"]):
        book.active.append(line)  # type: ignore[union-attr]
    book.save(out)
    table = read_table("a.xlsx", out.getvalue())
    assert table.above == ((1, "工单明细表"),)
    assert table.rows == [(3, {"编号": "1", "内容": "井盖"}), (5, {"编号": "2", "内容": "路灯"})]
    csv = read_table("a.csv", "工单明细表\n编号;内容\n1;井盖\n".encode())
    assert (csv.above, csv.rows) == (table.above, table.rows[:1])


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xls", b"\xd0\xcf", "另存为 XLSX"),
        ("a.json", b'{"a": [\n1,', "第 2 行第 3 个字符"),
        ("a.jsonl", '{"内容": "井盖"}\n{"内容": \n'.encode(), "第 2 行第"),
        ("a.xlsx", b"PK nothing", "另存为 XLSX"),
    ],
)
def test_a_refusal_says_where_or_what_to_do(name: str, data: bytes, said: str) -> None:
    with pytest.raises(OrdersError, match=said):
        read_table(name, data)
