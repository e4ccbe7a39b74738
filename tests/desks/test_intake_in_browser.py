"""In a browser: a call from the screen pop to the next one without a mouse; keys that do nothing while one types."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dispatch.models import Call, Case, Diversion, Report, Sitting
from gridmap.gazetteer import place_row
from people.models import Look
from tests.loop.browser import Office
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINK = "https://rec.example.org/88.mp3"


@pytest.fixture
def city(transactional_db: None, settings: Any) -> Town:
    settings.RECORDING_HOSTS = ["rec.example.org"]
    town = build_town()
    place_row("poi", "银春旅馆", at(52, 40), address="西仓路18号", source="test").save()
    return town


@pytest.fixture
def desk(city: Town, office: Office) -> Page:
    page = office.enter("operator")
    page.goto(f"{office.url}/intake/")
    return page


def focus(page: Page) -> str:
    """The field, button or summary that has the focus, by its name."""
    return str(
        page.evaluate("document.activeElement.name || document.activeElement.id || document.activeElement.textContent")
    )


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_call_from_the_screen_pop_to_the_next_one_by_keyboard_only(city: Town, office: Office) -> None:
    earlier = city.report("银春旅馆前路灯不亮")
    page = office.enter("operator")
    page.goto(f"{office.url}/intake/?phone=13900000001&call_ref=C-88&recording={LINK}")
    # the phone rang: in call, the caller is known, the cursor waits for the first words
    expect(page.locator("#state-call")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#caller")).to_contain_text(earlier.number)
    expect(page.locator("#id_name")).to_have_value("王女士")
    assert focus(page) == "text"
    page.keyboard.type("银春旅馆前上水井盖丢失")
    expect(page.locator("#suggest")).to_contain_text("01-01 上水井盖")
    expect(page.locator("#words")).to_contain_text("您反映的是银春旅馆的上水井盖，对吗？")
    # on to the address and back; a field that is full is not lost
    press(page, "Tab")
    assert focus(page) == "address"
    press(page, "Alt+c")
    assert focus(page) == "text"
    # another class by arrows, and back in the text where one was
    press(page, "Alt+l")
    assert focus(page) == "q"
    page.keyboard.type("物业")
    expect(page.locator("#class-dialog .picker-list input")).to_have_count(1)
    press(page, "ArrowDown")
    assert focus(page) == "pick_category"
    assert page.locator("#id_category").input_value() == ""  # moving is not choosing
    press(page, "Enter")
    expect(page.locator("#suggest")).to_contain_text("类别由您选定")
    assert focus(page) == "text"
    expect(page.locator("#words")).to_contain_text("办理人员会与您联系并答复")
    press(page, "Alt+u")
    expect(page.locator("#id_urgent")).to_be_checked()
    press(page, "Alt+u")
    press(page, "Control+s")
    # the next call: an empty form, the number to read out, wrapping up
    expect(page.locator("#words")).to_contain_text("已为您登记，编号是")
    expect(page.locator("#id_text")).to_have_value("")
    expect(page.locator("#state-wrap_up")).to_have_attribute("aria-pressed", "true")
    assert focus(page) == "phone"
    assert page.evaluate("window.scrollY") == 0
    press(page, "Alt+n")
    assert focus(page) == "note"
    page.keyboard.type("已安抚")
    press(page, "Enter")
    expect(page.locator(".noted")).to_contain_text("已保存")
    press(page, "Alt+q")
    expect(page.locator("#state-ready")).to_have_attribute("aria-pressed", "true")
    press(page, "Alt+p")
    assert focus(page) == "phone"
    case = Case.objects.exclude(pk=earlier.pk).get()
    report, call = case.reports.get(), Call.objects.get(external_ref="C-88")
    assert (case.category, case.flow, case.urgent) == (city.fee, "matter", False)
    assert report.person is not None
    assert (report.text, report.person.phone, report.call) == ("银春旅馆前上水井盖丢失", "13900000001", call)
    assert (call.recording, call.note, call.operator) == (LINK, "已安抚", city.people["operator"])
    assert call.ended_at is not None
    assert list(Sitting.objects.order_by("since").values_list("state", flat=True)) == ["call", "wrap_up", "ready"]
    assert Look.objects.get().reason == "来电弹屏"


def test_single_keys_are_letters_while_one_types_and_open_the_sheet_outside(desk: Page) -> None:
    sheet = desk.locator("#keys-dialog")
    desk.focus("#id_text")
    desk.keyboard.type("什么?/j")
    expect(desk.locator("#id_text")).to_have_value("什么?/j")
    assert focus(desk) == "text"
    expect(sheet).not_to_be_visible()
    press(desk, "Control+/")  # with a modifier from anywhere
    expect(sheet).to_be_visible()
    press(desk, "Escape")
    assert focus(desk) == "text"
    desk.evaluate("document.activeElement.blur()")
    press(desk, "?")
    expect(sheet).to_be_visible()
    press(desk, "Control+s", "Alt+u")  # the sheet keeps them
    press(desk, "Escape", "/")
    assert focus(desk) == "phone"
    assert not Case.objects.exists()


def test_every_key_of_the_sheet_is_there_and_every_key_is_in_the_sheet(desk: Page) -> None:
    shown = desk.locator("#keys-dialog dt").all_text_contents()
    letters = {text.strip().removeprefix("Alt") for text in shown if text.strip().startswith("Alt")}
    assert letters == set("PCAWLGRKUNQM")


def test_enter_in_a_field_goes_on_and_registers_nothing(desk: Page) -> None:
    desk.focus("#id_phone")
    desk.keyboard.type("13900000005")
    press(desk, "Enter")
    assert focus(desk) == "name"
    press(desk, "Enter")
    assert focus(desk) == "kind"
    desk.focus("#id_address")
    press(desk, "Enter")
    assert focus(desk) == "urgent"
    assert not Report.objects.exists()
    assert not Diversion.objects.exists()


def test_a_name_is_filled_in_by_key_and_an_answer_or_a_repeat_is_reached_by_key(city: Town, desk: Page) -> None:
    old = city.report()
    desk.keyboard.type("13900000001")
    expect(desk.locator("[data-fill]")).to_be_visible()
    assert focus(desk) == "phone"  # what came in has not taken the cursor
    expect(desk.locator("#id_name")).to_have_value("")
    press(desk, "Alt+w")
    expect(desk.locator("#id_name")).to_have_value("王女士")
    assert Look.objects.count() == 1
    expect(desk.locator("#id_text")).to_be_focused()
    desk.keyboard.type("银春旅馆上水井盖丢失")
    expect(desk.locator("#suggest [data-repeats]")).to_contain_text(old.number)
    press(desk, "Alt+r", "Tab", "Enter")
    desk.wait_for_url(lambda url: old.number in url)
    old.refresh_from_db()
    assert old.report_count == 2


def test_merging_goes_on_to_the_next_call_too(city: Town, desk: Page) -> None:
    old = city.report()
    desk.focus("#id_text")
    desk.keyboard.type("银春旅馆上水井盖丢失")
    expect(desk.locator("#suggest [data-repeats]")).to_contain_text(old.number)
    press(desk, "Alt+r", "Tab", "Control+s")
    expect(desk.locator("#words")).to_contain_text(f"已在办理，编号是 {old.number}")
    assert focus(desk) == "phone"
    old.refresh_from_db()
    assert old.report_count == 2


def test_another_place_is_picked_by_key_and_the_cursor_stays(city: Town, desk: Page) -> None:
    place_row("poi", "银春旅馆", at(250, 40), address="东门路3号", source="test").save()
    desk.focus("#id_text")
    desk.keyboard.type("银春旅馆上水井盖丢失")
    expect(desk.locator("#spot-2")).to_be_visible()
    press(desk, "Alt+g", "Tab", "Enter")
    expect(desk.locator("#spot-2")).to_have_attribute("aria-pressed", "true")
    assert desk.evaluate("document.activeElement.id") == "spot-2"
    press(desk, "Control+s")
    expect(desk.locator("#words")).to_contain_text("已为您登记")
    assert Case.objects.get().cell == city.cells[2]


def test_what_is_missing_gets_the_cursor(desk: Page) -> None:
    desk.keyboard.type("13900000001")
    press(desk, "Control+s")
    expect(desk.get_by_text("还没有登记")).to_be_visible()
    assert focus(desk) == "text"
    expect(desk.locator("#id_phone")).to_have_value("13900000001")


def test_a_call_put_through_keeps_what_was_typed(desk: Page) -> None:
    desk.focus("#id_text")
    desk.keyboard.type("老人摔倒")
    desk.locator(".divert summary").press("Enter")
    desk.locator(".divert [value='120']").press("Enter")
    expect(desk.locator("#diverted")).to_contain_text("已记录转接120")
    expect(desk.locator("#id_text")).to_have_value("老人摔倒")
    assert Diversion.objects.get().service == "120"
