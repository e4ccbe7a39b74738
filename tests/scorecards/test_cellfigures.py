"""Figures by cell: cases keep the cell of their day, and can be asked in the cells of another layout.

old layout ┌─001─┬─002─┐   new layout ┌────011────┐   both over a community of 200 m × 100 m
           │     │     │              ├────012────┤
           └─────┴─────┘              └───────────┘
"""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from gridmap.models import Cell, Layout
from scorecards.cellfigures import by_cell
from scorecards.figures import tally
from tests.scorecards.play import question
from tests.town import NOW, Town, at, square


@pytest.fixture
def new(town: Town) -> Layout:
    layout = Layout.objects.create(name="新版")
    community = town.communities[0]
    for number, y in ((11, 50), (12, 0)):
        code, ground = f"{community.code}{number:03}", square(0, y, 200, 50)
        Cell.objects.create(code=code, layout=layout, community=community, geom=ground, area_m2=10_000)
    return layout


@pytest.fixture
def _cases(town: Town) -> None:
    """Two cases below in the old cells 1 and 2, one above in cell 1, one outside the grid."""
    for x, y in ((50, 20), (150, 20), (50, 80), (1000, 20)):
        town.to_state("closed", town.report(point=at(x, y), when=NOW))


def due(found: dict[str, dict[str, int]]) -> dict[str, int]:
    return {code[-3:]: counts["due"] for code, counts in found.items()}


@pytest.mark.usefixtures("_cases")
def test_each_case_counts_in_the_cell_that_it_keeps(town: Town):
    assert due(by_cell(question())) == {"": 1, "001": 2, "002": 1}


@pytest.mark.usefixtures("_cases")
def test_the_same_month_can_be_asked_in_another_layout(town: Town, new: Layout):
    assert due(by_cell(question(), new)) == {"": 1, "011": 1, "012": 2}
    assert due(by_cell(question(), Layout.objects.get(name="测试网格"))) == {"": 1, "001": 2, "002": 1}


@pytest.mark.usefixtures("_cases")
def test_the_sum_over_cells_is_the_sum_over_agencies(town: Town, new: Layout):
    of_agencies = sum(counts["on_time"] for counts in tally(question()).values())
    assert of_agencies == 4
    for layout in (None, new):
        assert sum(counts["on_time"] for counts in by_cell(question(), layout).values()) == of_agencies


def test_a_matter_without_a_place_is_in_no_cell(town: Town, new: Layout):
    from tests.scorecards.play import matter

    matter(town)
    assert list(by_cell(question(), new)) == [""]
    assert list(by_cell(question())) == [""]


def test_a_month_without_cases_has_no_cells(town: Town, new: Layout):
    assert by_cell(question(), new) == {}


@pytest.mark.usefixtures("_cases")
def test_the_command_tells_both(town: Town, new: Layout):
    out, text = StringIO(), StringIO()
    call_command("cell_figures", "2026-11", "--layout", "新版", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["layout"], {code[-3:]: one["dispatched"] for code, one in told["cells"].items()}) == (
        "新版",
        {"": 1, "011": 1, "012": 2},
    )
    call_command("cell_figures", "2026-11", stdout=text)
    assert "outside" in text.getvalue()
    for words in (("2026-13",), ("2026-11", "--layout", "无")):
        with pytest.raises(CommandError):
            call_command("cell_figures", *words)
