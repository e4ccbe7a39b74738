"""A data manager at the layout map: cells are changed and undone, defects are shown, and nobody overwrites."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from gridmap.layouts import drafts
from gridmap.layouts.checklog import keep_check
from gridmap.layouts.drafts import Turn
from gridmap.loaders.layouts import check
from gridmap.models import Layout
from tests.loop.browser import Office
from tests.town import NOW, Town, build_town, square

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> Town:
    return build_town()


@pytest.fixture
def draft(city: Town) -> Layout:
    return drafts.copy_as_draft(Layout.objects.get(), "2027", city.people["data_manager"], NOW, "年度调整")


def enter(office: Office, layout: Layout, community: str) -> Page:
    """The map page of a layout with one community, and a reason already typed."""
    page = office.enter("data_manager")
    page.goto(f"{office.url}/layouts/{layout.pk}/?community={community}")
    expect(page.locator("#map[data-ready]")).to_be_attached()
    if page.locator("#why").count():
        page.fill("#why", "道路改线")
    return page


def label(page: Page, code: str) -> Locator:
    return page.locator(f".cell-label[data-code='{code}']")


def middle(page: Page, code: str) -> tuple[float, float]:
    """Where on the screen a cell has its number."""
    box: Any = label(page, code).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pick(page: Page, *codes: str) -> None:
    for code in codes:
        page.mouse.click(*middle(page, code))
        expect(page.locator("#chosen")).to_contain_text(code)


def codes(layout: Layout) -> list[str]:
    return list(layout.cells.order_by("code").values_list("code", flat=True))


def numbers(layout: Layout, town: Town) -> list[str]:
    """Running numbers of the first community."""
    prefix = town.communities[0].code
    return [code.removeprefix(prefix) for code in codes(layout) if code.startswith(prefix)]


def failing(layout: Layout) -> list[str]:
    return [defect.kind for defect in check(layout) if defect.severity == "fail"]


def test_a_line_across_a_cell_splits_it_and_undo_brings_it_back(city: Town, office: Office, draft: Layout) -> None:
    first, second = (cell.code for cell in city.cells[:2])
    page = enter(office, draft, city.communities[0].code)
    (x, y), (x2, _) = middle(page, first), middle(page, second)
    metres = (x2 - x) / 100
    pick(page, first)
    page.keyboard.press("s")
    page.mouse.click(x + 10 * metres, y - 60 * metres)
    page.mouse.click(x + 10 * metres, y + 60 * metres)
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_contain_text("拆分")
    assert numbers(draft, city) == ["002", "003", "004"]
    expect(label(page, f"{city.communities[0].code}003")).to_be_visible()
    expect(page.locator("#log")).to_contain_text("道路改线")
    assert failing(draft) == []
    page.keyboard.press("u")
    expect(page.locator("#done")).to_contain_text("撤销")
    assert numbers(draft, city) == ["001", "002"]
    expect(label(page, first)).to_be_visible()
    assert draft.edits.values_list("operation", "why", "by__username")[0] == ("undo", "道路改线", "data_manager")


def test_chosen_neighbours_are_merged_and_the_draft_is_checked_again(city: Town, office: Office, draft: Layout) -> None:
    Layout.objects.filter(pk=draft.pk).update(state="checked")
    page = enter(office, draft, city.communities[0].code)
    pick(page, *(cell.code for cell in city.cells[:2]))
    page.keyboard.press("m")
    expect(page.locator("#chosen")).to_contain_text(f"{city.communities[0].code}003")
    assert numbers(draft, city) == ["003"]
    assert failing(draft) == []
    page.click("#check-form button")
    expect(page.locator(".messages")).to_contain_text("通过检查")
    expect(page.locator("#state")).to_have_text("已检查")
    expect(page.locator("#community")).to_have_value(city.communities[0].code)


def test_a_dragged_corner_takes_the_neighbour_along(city: Town, office: Office, draft: Layout) -> None:
    first, second = (cell.code for cell in city.cells[:2])
    page = enter(office, draft, city.communities[0].code)
    metres = (middle(page, second)[0] - middle(page, first)[0]) / 100
    pick(page, first)
    page.keyboard.press("v")
    corners = page.locator(".corner")
    expect(corners).to_have_count(2)  # only where an edge of two cells ends; the other two are the border's
    box: Any = corners.first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12 * metres, y, steps=4)
    page.mouse.up()
    expect(page.locator("#done")).to_contain_text("移动边界")
    areas = sorted(round(cell.area_m2, -1) for cell in draft.cells.filter(community=city.communities[0]))
    assert areas == pytest.approx([9400, 10_600], abs=40)
    assert numbers(draft, city) == ["003", "004"]
    assert failing(draft) == []


def test_a_dragged_edge_moves_whole(city: Town, office: Office, draft: Layout) -> None:
    first, second = (cell.code for cell in city.cells[:2])
    page = enter(office, draft, city.communities[0].code)
    (x, y), (x2, _) = middle(page, first), middle(page, second)
    metres = (x2 - x) / 100
    pick(page, first)
    page.keyboard.press("v")
    expect(page.locator(".corner")).to_have_count(2)
    page.mouse.move(x + 50 * metres, y + 20 * metres)
    page.mouse.down()
    page.mouse.move(x + 40 * metres, y + 20 * metres, steps=4)
    page.mouse.up()
    expect(page.locator("#done")).to_contain_text("移动边界")
    areas = sorted(round(cell.area_m2, -1) for cell in draft.cells.filter(community=city.communities[0]))
    assert areas == pytest.approx([9000, 11_000], abs=60)
    assert failing(draft) == []


def test_a_corner_is_moved_with_the_keyboard_alone(city: Town, office: Office, draft: Layout) -> None:
    page = enter(office, draft, city.communities[0].code)
    page.fill("#pick", city.cells[0].code)
    page.press("#pick", "Enter")
    page.locator("[data-tool=move]").press("Enter")
    page.locator(".corner").first.focus()
    for key in ("Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#done")).to_contain_text("移动边界")
    assert draft.cells.get(code__endswith="003").area_m2 != pytest.approx(10_000, abs=10)


def test_a_refused_change_is_said_in_words_and_changes_nothing(city: Town, office: Office, draft: Layout) -> None:
    page = enter(office, draft, city.communities[0].code)
    before = codes(draft)
    pick(page, city.cells[0].code)
    page.keyboard.press("m")
    expect(page.locator("#problem")).to_contain_text("两个或更多")
    page.keyboard.press("s")
    x, y = middle(page, city.cells[0].code)
    page.mouse.click(x - 20, y)
    page.mouse.click(x + 20, y)
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_contain_text("停在网格内部")
    page.fill("#why", " ")
    page.keyboard.press("Tab")
    page.keyboard.press("u")
    expect(page.locator("#problem")).to_contain_text("原因")
    assert (codes(draft), draft.edits.count()) == (before, 1)


def test_the_second_of_two_editors_is_told_and_sees_the_newest_cells(city: Town, office: Office, draft: Layout) -> None:
    first, second = (cell.code for cell in city.cells[:2])
    page = enter(office, draft, city.communities[0].code)
    pick(page, first, second)
    drafts.merge_cells(draft, [cell.code for cell in city.cells[2:]], Turn(city.people["admin"], NOW, "先到", 0))
    page.keyboard.press("m")
    expect(page.locator("#problem")).to_contain_text("没有执行")
    assert numbers(draft, city) == ["001", "002"]
    page.keyboard.press("m")
    expect(page.locator("#done")).to_contain_text("合并")
    assert numbers(draft, city) == ["003"]


def test_each_defect_of_the_last_check_is_listed_and_on_the_map(city: Town, office: Office, draft: Layout) -> None:
    cell = city.cells[0]
    draft.cells.filter(code=cell.code).update(geom=square(0, 0, 110, 90), area_m2=9900)
    keep_check(draft, check(draft), city.people["data_manager"], NOW)
    page = enter(office, draft, "")
    rows = page.locator(".defect")
    expect(rows.filter(has_text="重叠")).to_contain_text(cell.code)
    expect(rows.filter(has_text="空隙")).to_contain_text("1,000")
    page.select_option("#kind", "gap")
    expect(rows).to_have_count(1)
    expect(page.locator(".leaflet-defects-pane path")).to_have_count(1)
    rows.first.click()
    expect(rows.first).to_have_attribute("aria-current", "true")
    # the map goes there in a movement of its own
    page.wait_for_function(
        "() => document.querySelector('.leaflet-defects-pane path').getBoundingClientRect().width > 100"
    )
    shape: Any = page.locator(".leaflet-defects-pane path").bounding_box()
    frame: Any = page.locator("#map").bounding_box()
    assert frame["x"] < shape["x"] + shape["width"] / 2 < frame["x"] + frame["width"]
    page.select_option("#community", city.communities[0].code)
    page.click("#mend")
    expect(page.locator("#done")).to_contain_text("修补")
    assert failing(draft) == []


def test_a_layout_in_force_shows_its_cells_without_an_editor(city: Town, office: Office) -> None:
    page = enter(office, city.cells[0].layout, city.communities[0].code)
    expect(label(page, city.cells[0].code)).to_be_visible()
    expect(page.locator("#why")).to_have_count(0)
    expect(page.locator("aside")).to_contain_text("不能修改")
