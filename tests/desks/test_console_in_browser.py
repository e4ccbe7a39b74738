"""The console in a browser: by mouse and by keyboard, two people at once, and nothing from outside."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from dispatch.models import Case
from tests.loop.browser import Office
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> Town:
    return build_town()


@pytest.fixture
def waiting(city: Town) -> list[Case]:
    """Three to be dispatched: two in the first cell, one far to the east."""
    when = timezone.now() - timedelta(hours=1)
    places = [at(50, 50), at(60, 40), at(350, 50)]
    return [city.to_state("to_dispatch", city.report(point=place, when=when), when=when) for place in places]


def ready(page: Page) -> None:
    """The map has its cases and the list its rows."""
    page.wait_for_function("document.querySelector('canvas')")
    page.wait_for_load_state("networkidle")


def state(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def test_ticked_dispatched_and_taken_back_by_mouse(city: Town, waiting: list[Case], office: Office) -> None:
    page = office.enter("dispatcher")
    page.goto(f"{office.url}/console/?stage=to_dispatch")
    page.check("#tick-all")
    expect(page.locator("#ticked")).to_have_text("已选 3 件")
    page.locator("[data-tick]").first.uncheck()
    assert page.locator("#tick-all").evaluate("box => box.indeterminate")
    page.check("#tick-all")
    page.click("#bulk-menu summary")
    page.click("[data-bulk-what=dispatch]")
    page.click("#bulk-body button[type=submit]")
    expect(page.locator("#bulk-body [data-told]")).to_have_attribute("data-done", "3")
    assert [state(case) for case in waiting] == ["handling"] * 3
    page.click("#bulk-body [data-undo] button")
    expect(page.locator("#bulk-body")).to_contain_text("已撤销“派遣”")
    assert [state(case) for case in waiting] == ["to_dispatch"] * 3


def test_a_case_dispatched_in_the_panel_by_keyboard_alone(city: Town, waiting: list[Case], office: Office) -> None:
    page = office.enter("dispatcher")
    page.goto(f"{office.url}/console/?stage=to_dispatch")
    ready(page)
    keys = page.keyboard
    page.locator("#main").focus()
    keys.press("j")
    keys.press("Enter")
    expect(page.locator(".casefile .step.primary[open]")).to_be_visible()
    chosen = page.locator(".case-row[aria-current]").get_attribute("data-number")
    keys.press("a")
    keys.press("Shift+Tab")  # back to the summary and forward again: the form is in the tab order
    keys.press("Tab")
    page.locator(".steps details[open] button[type=submit]").focus()
    keys.press("Enter")
    expect(page.locator(".casefile .notice.success")).to_be_visible()
    assert state(Case.objects.get(number=chosen)) == "handling"
    keys.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    keys.press("?")
    expect(page.locator("#help")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_letters_do_nothing_where_somebody_types(city: Town, waiting: list[Case], office: Office) -> None:
    page = office.enter("dispatcher")
    page.goto(f"{office.url}/console/")
    ready(page)
    page.locator("#main").focus()
    page.keyboard.press("/")
    expect(page.locator("#filters [name=q]")).to_be_focused()
    page.keyboard.type("jkx?na")
    expect(page.locator("#filters [name=q]")).to_have_value("jkx?na")
    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator("#panel")).to_be_hidden()


def test_a_drawn_polygon_stands_in_the_url_and_opens_the_same_elsewhere(
    city: Town, waiting: list[Case], office: Office
) -> None:
    page = office.enter("dispatcher")
    page.goto(f"{office.url}/console/")
    ready(page)
    page.evaluate("document.querySelector('#map').scrollIntoView()")
    box = page.locator("#map").bounding_box()
    assert box
    page.click("[data-tool=polygon]")
    corners = [(0.02, 0.2), (0.98, 0.2), (0.98, 0.95), (0.02, 0.95), (0.02, 0.95)]
    for x, y in corners:  # all of the map: every placed case
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        page.wait_for_timeout(400)
    page.wait_for_url(re.compile("within=poly"))
    expect(page.locator(".chosen-shape")).to_contain_text("自绘范围")
    rows = page.locator(".case-row").count()
    other = office.enter("shift_lead")
    other.goto(page.url)
    ready(other)
    assert other.locator(".case-row").count() == rows
    expect(other.locator(".chosen-shape")).to_contain_text("自绘范围")
    page.click(".chosen-shape a")
    expect(page.locator(".chosen-shape")).to_have_count(0)


def test_the_url_holds_the_chosen_case_and_the_view(city: Town, waiting: list[Case], office: Office) -> None:
    page = office.enter("dispatcher")
    page.goto(f"{office.url}/console/")
    ready(page)
    page.click(f".case-row[data-number='{waiting[2].number}'] .row-link")
    page.wait_for_url(re.compile(f"case={waiting[2].number}"))
    page.wait_for_url(re.compile("at="))
    other = office.enter("shift_lead")
    other.goto(page.url)
    expect(other.locator(".casefile")).to_have_attribute("data-number", waiting[2].number)
    assert "at=" in other.url


def test_news_never_moves_the_rows_nor_what_somebody_types(city: Town, waiting: list[Case], office: Office) -> None:
    page = office.enter("dispatcher")
    page.goto(f"{office.url}/console/")
    ready(page)
    page.click(f".case-row[data-number='{waiting[0].number}'] .row-link")
    page.locator(".casefile [name=note]:visible").first.fill("正在写的理由")
    before = page.locator(".case-row").evaluate_all("rows => rows.map((row) => row.dataset.number)")
    city.report(when=timezone.now())
    expect(page.locator("#fresh")).to_be_visible(timeout=20_000)
    assert page.locator(".case-row").evaluate_all("rows => rows.map((row) => row.dataset.number)") == before
    expect(page.locator(".casefile [name=note]:visible").first).to_have_value("正在写的理由")
    page.click("#fresh")
    expect(page.locator(".case-row")).to_have_count(len(before) + 1)
    expect(page.locator(".casefile [name=note]:visible").first).to_have_value("正在写的理由")


def test_a_filter_is_saved_and_chosen_again(city: Town, waiting: list[Case], office: Office) -> None:
    page = office.enter("dispatcher")
    page.goto(f"{office.url}/console/?stage=to_dispatch")
    ready(page)
    page.click(".saved summary")
    page.fill("#saved-name", "我的待派")
    page.click(".save-filter button")
    expect(page.locator("#saved-filters")).to_contain_text("已保存")
    page.goto(f"{office.url}/console/?stage=checking")
    expect(page.locator(".case-row")).to_have_count(0)
    page.click(".saved summary")
    page.get_by_role("link", name="我的待派").click()
    expect(page.locator(".case-row")).to_have_count(3)
    assert "stage=to_dispatch" in page.url


def test_the_pointer_tells_its_place_in_the_chosen_datum(city: Town, waiting: list[Case], office: Office) -> None:
    page = office.enter("dispatcher")
    page.goto(f"{office.url}/console/")
    ready(page)
    box = page.locator("#map").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    told = page.locator("[data-coordinates]")
    expect(told).to_have_text(re.compile(r"^\d+\.\d{6}, \d+\.\d{6}$"))
    first = told.text_content()
    page.select_option("[data-datum]", "gcj02")
    expect(told).not_to_have_text(first or "")
    page.select_option("[data-datum]", "city")
    expect(told).to_have_text(re.compile(r"^\d+\.\d, \d+\.\d$"))
