"""Drafts: copied with their codes, edited under new numbers, undone to the byte, and never by two at once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from shapely import LineString

from gridmap.layouts import drafts
from gridmap.layouts.checklog import keep_check
from gridmap.layouts.editing import EditError, Shift
from gridmap.layouts.generations import RefusedError
from gridmap.loaders.layouts import check
from gridmap.models import Cell, Layout, LayoutEdit
from tests.town import NOW, ORIGIN, Town, at, square

pytestmark = pytest.mark.django_db


def turn(town: Town, layout: Layout, why: str = "道路改线") -> drafts.Turn:
    return drafts.Turn(town.people["data_manager"], NOW, why, layout.version)


@pytest.fixture
def draft(town: Town) -> Layout:
    source = Layout.objects.get()
    return drafts.copy_as_draft(source, "2027", town.people["data_manager"], NOW, "年度调整")


def line(*corners: tuple[float, float]) -> LineString:
    return LineString([(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in corners])


def shift(start: tuple[float, float], end: tuple[float, float]) -> Shift:
    return Shift(*((ORIGIN[0] + x, ORIGIN[1] + y) for x, y in (start, end)))


def codes(layout: Layout) -> list[str]:
    return list(layout.cells.order_by("code").values_list("code", flat=True))


def failing(layout: Layout) -> list[str]:
    return [defect.kind for defect in check(layout) if defect.severity == "fail"]


def test_a_copy_has_the_same_cells_under_the_same_codes(town: Town, draft: Layout) -> None:
    assert codes(draft) == [cell.code for cell in town.cells]
    assert (draft.state, draft.based_on) == ("draft", town.cells[0].layout)
    assert draft.edits.get().operation == "copy"
    assert failing(draft) == []


def test_a_cell_in_two_layouts_is_found_by_the_one_in_force(town: Town, draft: Layout) -> None:
    assert Cell.objects.on(NOW.date()).covering(at(50, 50)).get() == town.cells[0]


def test_a_copy_under_a_name_that_is_taken_is_refused(town: Town, draft: Layout) -> None:
    with pytest.raises(RefusedError, match="2027"):
        drafts.copy_as_draft(draft, "2027", town.people["data_manager"], NOW, "再来一次")


def test_pieces_of_a_split_get_numbers_that_were_never_used(town: Town, draft: Layout) -> None:
    first, second = town.cells[:2]
    drafts.split_cell(draft, first.code, line((40, 110), (40, -10)), turn(town, draft))
    community = town.communities[0].code
    assert codes(draft)[:3] == [second.code, f"{community}003", f"{community}004"]
    assert failing(draft) == []
    assert codes(first.layout) == [cell.code for cell in town.cells]  # the layout in force is as it was


def test_a_number_that_was_undone_is_not_given_again(town: Town, draft: Layout) -> None:
    for _again in range(2):
        draft.refresh_from_db()
        drafts.split_cell(draft, town.cells[0].code, line((40, 110), (40, -10)), turn(town, draft))
        draft.refresh_from_db()
        made = codes(draft)[1:3]
        drafts.undo(draft, turn(town, draft))
    assert made == [f"{town.communities[0].code}{number:03d}" for number in (5, 6)]


def test_numbers_of_another_draft_are_not_given_either(town: Town, draft: Layout) -> None:
    other = drafts.copy_as_draft(town.cells[0].layout, "2028", town.people["data_manager"], NOW, "另一方案")
    drafts.split_cell(other, town.cells[0].code, line((40, 110), (40, -10)), turn(town, other))
    edit = drafts.merge_cells(draft, [cell.code for cell in town.cells[:2]], turn(town, draft))
    assert edit.codes_after() == [f"{town.communities[0].code}005"]


def test_a_moved_cell_of_an_older_layout_gets_a_new_code_and_one_of_this_draft_keeps_its_own(
    town: Town, draft: Layout
) -> None:
    edit = drafts.move_corners(draft, town.cells[0].code, [shift((100, 0), (120, 0))], turn(town, draft))
    community = town.communities[0].code
    assert edit.codes_after() == [f"{community}003", f"{community}004"]
    draft.refresh_from_db()
    again = drafts.move_corners(draft, f"{community}003", [shift((120, 0), (110, 0))], turn(town, draft))
    assert again.codes_before() == again.codes_after() == [f"{community}003", f"{community}004"]
    assert failing(draft) == []


def test_a_corner_on_the_border_of_another_community_is_shared_with_its_cell(town: Town, draft: Layout) -> None:
    cell = town.cells[1]
    edit = drafts.split_cell(draft, cell.code, line((90, 30), (210, 30)), turn(town, draft))
    neighbours = {town.cells[0].code, town.cells[2].code}
    assert {row["code"] for row in edit.after if row.get("touched")} == neighbours
    assert set(codes(draft)) >= neighbours
    assert failing(draft) == []


def test_a_code_that_is_other_ground_than_in_another_layout_is_a_defect(town: Town, draft: Layout) -> None:
    low, high = draft.cells.filter(community=town.communities[0]).order_by("code")
    for cell, x, width in ((low, 0, 90), (high, 90, 110)):
        draft.cells.filter(pk=cell.pk).update(geom=square(x, 0, width), area_m2=width * 100)
    assert set(failing(draft)) == {"code_reused"}


def test_undo_brings_back_every_cell_to_the_byte(town: Town, draft: Layout) -> None:
    def shapes() -> list[tuple[str, bytes, float]]:
        rows = draft.cells.order_by("code")
        return [(cell.code, bytes(cell.geom.wkb), cell.area_m2) for cell in rows]

    first = shapes()
    drafts.split_cell(draft, town.cells[1].code, line((90, 30.123), (210, 31.7)), turn(town, draft))
    draft.refresh_from_db()
    second = shapes()
    drafts.move_corners(draft, town.cells[0].code, [shift((100, 0), (97.3, 0))], turn(town, draft))
    for expected in (second, first):
        draft.refresh_from_db()
        drafts.undo(draft, turn(town, draft))
        assert shapes() == expected
    draft.refresh_from_db()
    with pytest.raises(RefusedError, match="没有可以撤销"):
        drafts.undo(draft, turn(town, draft))
    assert list(draft.edits.order_by("pk").values_list("operation", flat=True)) == [
        "copy", "split", "move", "undo", "undo",
    ]  # fmt: skip


def test_a_community_with_gaps_and_overlaps_is_mended_and_undone(town: Town, draft: Layout) -> None:
    first, second = (draft.cells.get(code=cell.code) for cell in town.cells[:2])
    draft.cells.filter(pk=first.pk).update(geom=square(0, 0, 110, 95))
    assert {"overlap", "gap"} <= set(failing(draft))
    edit = drafts.mend_community(draft, town.communities[0].code, turn(town, draft))
    assert set(edit.codes_before()) == {first.code, second.code}
    assert failing(draft) == []
    draft.refresh_from_db()
    drafts.undo(draft, turn(town, draft))
    assert draft.cells.get(code=first.code).geom.area == pytest.approx(110 * 95)


def test_sound_cells_are_not_mended(town: Town, draft: Layout) -> None:
    with pytest.raises(EditError):
        drafts.mend_community(draft, town.communities[0].code, turn(town, draft))


def test_the_second_of_two_editors_is_told_and_changes_nothing(town: Town, draft: Layout) -> None:
    seen = turn(town, draft)
    drafts.merge_cells(draft, [cell.code for cell in town.cells[:2]], seen)
    before = codes(draft)
    with pytest.raises(drafts.StaleEditError):
        drafts.merge_cells(draft, [cell.code for cell in town.cells[2:]], seen)
    assert codes(draft) == before


def test_a_refused_change_leaves_version_and_cells_alone(town: Town, draft: Layout) -> None:
    with pytest.raises(EditError):
        drafts.split_cell(draft, town.cells[0].code, line((0.2, 110), (0.2, -10)), turn(town, draft))
    draft.refresh_from_db()
    assert (draft.version, draft.edits.count()) == (0, 1)


def test_a_layout_in_force_is_not_edited(town: Town) -> None:
    layout = town.cells[0].layout
    with pytest.raises(RefusedError, match="启用"):
        drafts.merge_cells(layout, [cell.code for cell in town.cells[:2]], turn(town, layout))
    assert codes(layout) == [cell.code for cell in town.cells]


def test_a_change_without_a_reason_is_refused(town: Town, draft: Layout) -> None:
    with pytest.raises(RefusedError, match="原因"):
        drafts.merge_cells(draft, [cell.code for cell in town.cells[:2]], turn(town, draft, "  "))


def test_cells_of_two_communities_are_not_merged(town: Town, draft: Layout) -> None:
    with pytest.raises(RefusedError, match="同一个社区"):
        drafts.merge_cells(draft, [cell.code for cell in town.cells[1:3]], turn(town, draft))


def test_a_cell_that_is_gone_is_not_changed(town: Town, draft: Layout) -> None:
    with pytest.raises(RefusedError, match="刷新"):
        drafts.merge_cells(draft, [town.cells[0].code, "320000000000001"], turn(town, draft))


def test_an_edit_puts_a_checked_layout_back_to_draft(town: Town, draft: Layout) -> None:
    Layout.objects.filter(pk=draft.pk).update(state="checked")
    drafts.merge_cells(draft, [cell.code for cell in town.cells[:2]], turn(town, draft))
    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("draft", 1)


def test_the_log_of_changes_cannot_be_changed(town: Town, draft: Layout) -> None:
    for change in (
        lambda: LayoutEdit.objects.update(why="别的"),
        lambda: LayoutEdit.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()
    assert LayoutEdit.objects.get().why == "年度调整"


def test_a_check_keeps_each_defect_with_its_place_in_wgs84(town: Town, draft: Layout) -> None:
    draft.cells.filter(code=town.cells[0].code).update(geom=square(0, 0, 110))
    kept = keep_check(draft, check(draft), town.people["data_manager"], NOW + timedelta(hours=1))
    overlap = next(defect for defect in kept.defects if defect["kind"] == "overlap")
    assert (kept.counts["overlap"], overlap["severity"], overlap["m2"]) == (1, "fail", 1000)
    lon, lat = overlap["where"]["coordinates"][0][0]
    assert (lon, lat) == pytest.approx(settings.CITY.centre, abs=0.1)
    assert kept.failing == sum(defect["severity"] == "fail" for defect in kept.defects)


def test_a_copy_costs_the_same_few_statements_for_any_number_of_cells(
    town: Town, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(6):
        drafts.copy_as_draft(town.cells[0].layout, "2029", town.people["data_manager"], NOW, "试")
    assert connection.vendor == "postgresql"
