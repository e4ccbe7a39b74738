"""The workbook, read back."""

import io
from collections.abc import Callable
from datetime import datetime

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Case
from people.models import Agency
from scorecards.actions import freeze
from scorecards.cards import sheet_of
from scorecards.export import workbook
from scorecards.formulas import COUNT, RATE
from tests.scorecards import play
from tests.scorecards.play import NOVEMBER, question
from tests.scorecards.test_freezing import DECEMBER
from tests.town import Town


def read(town: Town, at: datetime = DECEMBER) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook(sheet_of(NOVEMBER, at), town.people["manager"])))


def table(book: openpyxl.Workbook, name: str) -> list[dict[str, object]]:
    heads, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


def test_the_workbook_has_the_figures_of_the_page(town: Town) -> None:
    play.everything(town)
    rows = table(read(town), "指标")
    card = next(card for card in sheet_of(NOVEMBER, DECEMBER).cards if card.agency == town.water)
    water = next(row for row in rows if row["承办单位"] == "自来水公司")
    for key, number in card.counts.items():
        assert water[str(COUNT[key].name)] == number
    assert water["按期处置率"] == pytest.approx(float(card.rates["on_time_rate"] or 0) / 100)
    assert water["综合得分"] == pytest.approx(float(card.score or 0))
    assert rows[-1]["承办单位"] == "合计"


def test_no_denominator_is_a_dash_in_the_workbook_too(town: Town) -> None:
    assert {row[str(rate.name)] for row in table(read(town), "指标") for rate in RATE.values()} == {"—"}


def test_the_rows_say_in_which_figures_they_count(town: Town) -> None:
    play.everything(town)
    rows = table(read(town), "案件明细")
    counts = {row["承办单位"]: row for row in table(read(town), "指标")}
    for agency in ("自来水公司", "测试街道办事处"):
        for name in (str(count.name) for count in COUNT.values()):
            inside = [row for row in rows if row["承办单位"] == agency and name in str(row["计入指标"]).split("、")]
            assert len(inside) == counts[agency][name], (agency, name)


def test_the_definitions_sheet_has_every_formula_and_the_switches(town: Town) -> None:
    said = {row["指标"]: row for row in table(read(town), "指标说明") if row["指标"]}
    assert {str(count.name) for count in COUNT.values()} | {str(rate.name) for rate in RATE.values()} <= set(said)
    assert said["按期处置率"]["说明"] == "按期处置数 ÷ 应处置数"
    assert said["挂账案件"]["说明"] == "挂账期间不计入应处置数"
    assert "尚未发布" in str(said["状态"]["说明"])


def test_a_text_that_looks_like_a_formula_stays_text(town: Town) -> None:
    evil = '=HYPERLINK("http://evil","x")'
    play.late(town)
    Case.objects.update(address=evil)
    Agency.objects.filter(pk=town.water.pk).update(name="+cmd|' /C calc'!A0")
    book = read(town)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert [cell.quotePrefix for cell in cells if cell.value == evil] == [True]
    assert not any(cell.hyperlink for cell in cells)


def test_times_are_those_of_the_city(town: Town) -> None:
    play.late(town)
    [row] = table(read(town), "案件明细")
    assert row["派遣时间"] == datetime(2026, 11, 18, 9, 40)  # noqa: DTZ001 - a sheet has no zones


def test_a_frozen_month_exports_as_it_was_frozen(town: Town) -> None:
    play.everything(town)
    before = table(read(town), "指标")
    freeze(question(DECEMBER), by=town.people["manager"])
    town.to_state("closed", Case.objects.filter(state="handling").order_by("-pk")[0], DECEMBER)
    book = read(town)
    assert table(book, "指标") == before
    assert "不再改动" in str(table(book, "指标说明")[-1]["说明"])


def test_the_export_page_sends_a_workbook(login: Callable[[str], Client]) -> None:
    answer = login("manager").get(reverse("scorecards:export") + "?month=2026-11")
    assert answer["Content-Disposition"] == 'attachment; filename="scorecard-2026-11.xlsx"'
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames == ["指标", "案件明细", "指标说明"]
