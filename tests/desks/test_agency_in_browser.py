"""At a phone and at a keyboard: a crew signs, hands on, replies with a photo; several cases are answered at once."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dispatch.models import Case, Delegation, TalkLine
from tests.loop.browser import Office, photo
from tests.town import Town, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> Town:
    return build_town()


@pytest.fixture
def phone(city: Town, office: Office) -> Page:
    """The handler with a phone of 390 × 844."""
    return office.enter("handler", place=(50, 50))


def open_step(page: Page, title: str) -> None:
    summary = page.locator("details.step > summary").filter(has_text=title).first
    if summary.locator("..").get_attribute("open") is None:
        summary.tap()


def fits(page: Page) -> bool:
    """Nothing hangs over the right edge of a phone."""
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide <= 390


def test_a_crew_signs_hands_on_and_replies_with_a_photo(
    city: Town, office: Office, phone: Page, tmp_path: Path
) -> None:
    case = city.to_state("handling")
    phone.goto(f"{office.url}/agency/")
    assert fits(phone)
    phone.locator(".row-link").first.tap()
    form = phone.locator("form[action$='/sign/']")
    button = form.locator("button[type=submit]")
    assert (button.bounding_box() or {"height": 0})["height"] >= 44
    button.tap()
    expect(phone.locator(".notice.success")).to_contain_text("签收")
    open_step(phone, "交给本单位人员")
    phone.locator("#delegate_crew").fill("抢修二班")
    phone.locator("form[action$='/delegate/'] button[type=submit]").tap()
    expect(phone.locator(".notice.success")).to_contain_text("已交给抢修二班")
    assert Delegation.objects.get().to_name == "抢修二班"
    open_step(phone, "处置反馈")
    form = phone.locator("form[action$='/handled/']")
    form.locator("[name=note]").fill("井盖已更换")
    form.locator("[name=photos]").set_input_files(photo(tmp_path, "green"))
    form.locator("button[type=submit]").tap()
    expect(phone.locator(".notice.success")).to_contain_text("处置反馈")
    assert fits(phone)
    case = Case.objects.get(pk=case.pk)
    assert case.state == "reply_review"
    assert case.attachments.filter(phase="after").count() == 1


def test_a_batch_tells_which_case_failed_and_takes_it_again(
    city: Town, office: Office, phone: Page, tmp_path: Path
) -> None:
    cases = [city.to_state("handling") for _number in range(2)]
    phone.goto(f"{office.url}/agency/")
    expect(phone.locator("#batch")).to_be_hidden()
    for pick in phone.locator(".row-pick").all():
        pick.tap()
    phone.locator("#batch button").tap()
    phone.wait_for_url("**/agency/batch/**")
    assert fits(phone)
    phone.locator("#batch_note").fill("都已更换")
    phone.locator(f"[name=photos_{cases[0].pk}]").set_input_files(photo(tmp_path, "green"))
    phone.get_by_role("button", name="逐件反馈").tap()
    expect(phone.locator("#outcomes")).to_contain_text("已反馈 1 / 2 件")
    failed = phone.locator(f"#outcomes .row[data-number='{cases[1].number}']")
    expect(failed).to_contain_text("还缺：照片")
    expect(phone.locator("#batch_note")).to_have_value("都已更换")
    phone.locator(f"[name=photos_{cases[1].pk}]").set_input_files(photo(tmp_path, "blue"))
    phone.get_by_role("button", name="逐件反馈").tap()
    expect(phone.locator("#outcomes")).to_contain_text("已反馈 1 / 1 件")
    assert set(Case.objects.values_list("state", flat=True)) == {"reply_review"}


def test_the_inbox_is_worked_by_keyboard_alone(city: Town, office: Office) -> None:
    case = city.to_state("handling")
    page = office.enter("handler")
    page.goto(f"{office.url}/agency/")
    pick = page.locator(".row-pick input")
    reach(page, ".row-pick input")
    page.keyboard.press("Space")
    expect(pick).to_be_checked()
    expect(page.locator("#batch")).to_be_visible()
    page.keyboard.press("Space")
    reach(page, ".row-link")
    page.keyboard.press("Enter")
    expect(page.locator("#desk-case .casefile")).to_be_visible()
    reach(page, ".talk-form textarea")
    page.keyboard.type("已派人去")
    reach(page, ".talk-form button")
    page.keyboard.press("Enter")
    expect(page.locator(".talk-lines .mine")).to_contain_text("已派人去")
    assert TalkLine.objects.get().part == city.part(case)


def reach(page: Page, selector: str, most: int = 80) -> None:
    """Press Tab until the focus is on what the selector names."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted)", selector):
            return
    raise AssertionError(selector)


def test_the_order_prints_on_one_sheet_without_the_bar(city: Town, office: Office, tmp_path: Path) -> None:
    case = city.to_state("reply_review")
    page = office.enter("handler")
    page.set_viewport_size({"width": 680, "height": 1000})  # as wide as A4 between its margins
    for name in ("order", "feedback"):
        page.goto(f"{office.url}/cases/{case.number}/{name}/")
        page.emulate_media(media="print")
        expect(page.locator(".bar")).to_be_hidden()
        expect(page.locator(".sheet-tools")).to_be_hidden()
        expect(page.locator(".sheet")).to_contain_text(case.number)
        assert page.evaluate("getComputedStyle(document.querySelector('.sheet-table tr')).display") == "table-row"
        pdf = page.pdf(path=str(tmp_path / f"{name}.pdf"), prefer_css_page_size=True)
        assert pdf.count(b"/Type /Page\n") == 1
