"""The field app in a phone's browser: position, bad reception, somebody else's change, two presses."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from dispatch.actions import filing
from dispatch.models import Attachment, Case, FieldTask, Step
from inspectors.models import DutyZone, Position, Visit
from tests.inspectors.conftest import on_duty
from tests.loop.browser import Office, photo, sign_in
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TARGETS = "main a, main button, main textarea, main input:not([type=hidden]), main label, .field-foot button"
# what is too small for a thumb; the link of a task reaches over its whole row
SMALL = """(all) => all.filter((e) => e.offsetParent && !e.closest('.leaflet-container') && !e.closest('label input')
  && !(e.matches('input') && e.closest('label')) && !e.matches('.visually-hidden, .field > label, .task-what a'))
  .map((e) => [e.tagName + '.' + e.className, e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 47.5 || box.width < 47.5).map(([name]) => name)"""


@pytest.fixture
def city(transactional_db: None) -> Town:
    town = build_town()
    zone = DutyZone.objects.create(name="一号责任网格")
    zone.communities.set(town.communities)
    on_duty(town.people["inspector"], zone)
    return town


@pytest.fixture
def task(city: Town) -> FieldTask:
    """A case at (50, 50) to be verified."""
    case = city.to_state("verifying", when=timezone.now() - timedelta(minutes=20))
    return FieldTask.objects.get(case=case)


def filled(page: Page, url: str, picture: str) -> Page:
    """The task's page with a photo, an answer and words, ready to be sent."""
    page.goto(url)
    page.set_input_files("#photo", picture)
    expect(page.locator("#shots img")).to_have_count(1)
    page.locator("label.result.confirmed").click()
    page.fill("#note", "两个井盖都没了")
    return page


def stored(page: Page) -> None:
    """Send, and be back at the list, which has come in full: no request is left over for the next test."""
    page.click(".send")
    arrived(page)


def arrived(page: Page) -> None:
    page.wait_for_url("**/field/", timeout=60_000)
    page.wait_for_load_state("networkidle")


def kept(page: Page) -> None:
    """Everything that was typed is still there."""
    expect(page.locator("#note")).to_have_value("两个井盖都没了")
    expect(page.locator("#shots img")).to_have_count(1)
    expect(page.locator("input[value=confirmed]")).to_be_checked()


def test_the_list_follows_the_phone(city: Town, task: FieldTask, office: Office) -> None:
    other = city.report(point=at(350, 50), address="远处")
    filing.order_verify(other, city.doing(other, "operator", timezone.now()), inspector=city.people["inspector"])
    page = office.enter("inspector", place=(52, 50))
    page.goto(f"{office.url}/field/")
    expect(page.locator("#locate")).to_contain_text("8")
    expect(page.locator(".task .far")).to_have_text(["10 米", "300 米"])
    expect(page.locator(".task-pin")).to_have_count(2)
    assert Position.objects.get().point.distance(at(52, 50)) < 0.1
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert "lon=" not in page.url


def test_the_map_shows_me_and_the_target_together(city: Town, task: FieldTask, office: Office) -> None:
    page = office.enter("inspector", place=(700, 50))
    page.goto(f"{office.url}/field/tasks/{task.pk}/")
    expect(page.locator("#reach")).to_contain_text("650 米")
    for mark in ("#map .me", "#map .target"):
        box = page.locator(mark).bounding_box()
        assert box is not None
        assert 0 < box["x"] < 390 - box["width"]


def test_a_photo_is_made_smaller_and_carries_the_position_of_the_shutter(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    from tests.town import jpeg

    big = tmp_path / "big.jpg"
    big.write_bytes(jpeg("teal", (3200, 2400)).getvalue())
    page = filled(office.enter("inspector", place=(55, 50)), f"{office.url}/field/tasks/{task.pk}/", str(big))
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    page.context.set_geolocation({"longitude": 0, "latitude": 0, "accuracy": 5000})  # lost after the photo
    stored(page)
    shot = Attachment.objects.get(phase="before")
    assert (shot.evidence.width, shot.evidence.height) == (1600, 1200)
    assert shot.point is not None
    assert shot.point.distance(at(55, 50)) < 0.1


def test_a_photo_taken_before_the_script_has_come_is_not_lost(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    """With bad reception the button is there long before what listens to it."""
    page = office.enter("inspector", place=(52, 50))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/camera*.js", hold)
    page.goto(f"{office.url}/field/tasks/{task.pk}/", wait_until="commit")
    page.set_input_files("#photo", photo(tmp_path, "red"))
    expect(page.locator("#shots img")).to_have_count(0)
    for _ in range(250):
        if not held:
            page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.locator("#shots img")).to_have_count(1)


def test_no_network_says_so_keeps_everything_and_sends_by_itself(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    url = f"{office.url}/field/tasks/{task.pk}/"
    page = filled(office.enter("inspector", place=(55, 50)), url, photo(tmp_path, "red"))
    page.context.set_offline(True)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已存在手机里")
    expect(page.locator("#outbox-state")).to_have_text("待上传 1")
    kept(page)
    assert not Visit.objects.exists()
    page.context.set_offline(False)
    arrived(page)
    assert Visit.objects.count() == 1


def test_a_lost_reply_and_a_second_try_store_once(city: Town, task: FieldTask, office: Office, tmp_path: Path) -> None:
    url = f"{office.url}/field/tasks/{task.pk}/"
    page = filled(office.enter("inspector", place=(55, 50)), url, photo(tmp_path, "red"))
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or len(lost) == 2:  # the phone asks twice by itself before it gives up
            return route.continue_()
        route.fetch()  # the server has it; the phone never hears of it
        lost.append(route.request.url)
        return route.abort("connectionreset")

    page.route("**/field/operations/", lose)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已存在手机里")
    assert Visit.objects.count() == 1
    arrived(page)
    assert (Visit.objects.count(), Step.objects.filter(action="verify").count()) == (1, 1)


def test_a_page_that_is_no_receipt_is_no_success(city: Town, task: FieldTask, office: Office, tmp_path: Path) -> None:
    url = f"{office.url}/field/tasks/{task.pk}/"
    page = filled(office.enter("inspector", place=(55, 50)), url, photo(tmp_path, "red"))

    def not_a_receipt(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        return route.fulfill(status=200, content_type="text/html", body="<p>OK</p>")

    page.route("**/field/operations/", not_a_receipt)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("服务器出错")
    kept(page)
    page.unroute("**/field/operations/")
    page.context.clear_cookies(name="sessionid")  # the login has expired
    expect(page.locator("#state")).to_contain_text("登录已过期")
    kept(page)
    assert not Visit.objects.exists()
    other = page.context.new_page()
    sign_in(other, office.url, "inspector")
    other.close()
    arrived(page)
    assert Visit.objects.count() == 1


def test_a_change_by_somebody_else_is_shown_and_then_decided(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    url = f"{office.url}/field/tasks/{task.pk}/"
    page = filled(office.enter("inspector", place=(55, 50)), url, photo(tmp_path, "red"))
    case = Case.objects.get(pk=task.case_id)
    filing.classify(case, city.doing(case, "operator", timezone.now()), category=city.cover, urgent=True)
    expect(page.locator("#facts")).not_to_contain_text("紧急")
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("最新情况")
    expect(page.locator("#facts")).to_contain_text("紧急")
    kept(page)
    assert not Visit.objects.exists()
    stored(page)
    assert Visit.objects.count() == 1


def test_too_far_away_asks_and_a_corrected_pin_moves_the_case(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    url = f"{office.url}/field/tasks/{task.pk}/"
    page = filled(office.enter("inspector", place=(310, 50)), url, photo(tmp_path, "red"))
    page.locator("label:has(#wrong)").click()
    expect(page.locator("#pin-map .pin")).to_be_visible()
    page.click(".send")
    expect(page.locator("#far")).to_contain_text("请说明原因")
    kept(page)
    page.locator("#far label", has_text="案件定位不准确").click()
    stored(page)
    visit, case = Visit.objects.get(), Case.objects.get(pk=task.case_id)
    assert (visit.far, visit.far_reason) == (True, "案件定位不准确")
    assert case.point is not None
    assert case.point.distance(at(310, 50)) < 0.1


def test_a_finding_is_photo_class_place(city: Town, office: Office, tmp_path: Path) -> None:
    page = office.enter("inspector", place=(150, 50))
    page.goto(f"{office.url}/field/found/")
    expect(page.locator("#fix")).to_contain_text("8")
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("照片")
    page.set_input_files("#photo", photo(tmp_path, "orange"))
    expect(page.locator("#shots img")).to_have_count(1)
    page.fill("#class-search", "自来水")
    page.locator(".pick", has_text="上水井盖").click()
    page.locator(".pick", has_text="井盖缺失").click()
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已上报，案件编号")
    case = Case.objects.get()
    assert (case.state, case.category, case.condition) == ("to_file", city.cover, city.missing)
    assert case.point is not None
    assert case.point.distance(at(150, 50)) < 0.1


def test_without_leave_to_locate_the_page_says_what_to_do(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    page = office.enter("inspector", place=(55, 50))
    page.context.clear_permissions()
    page.goto(f"{office.url}/field/")
    expect(page.locator("#refused")).to_be_visible()
    expect(page.locator(".task")).to_have_count(1)
    filled(page, f"{office.url}/field/tasks/{task.pk}/", photo(tmp_path, "red")).click(".send")
    expect(page.locator("#state")).to_contain_text("没有现场位置")
