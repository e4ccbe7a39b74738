"""A shift in a phone's browser: clocking in inside and outside the zone, a break, consent, messages, a track."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gridmap.datums import lonlat
from inspectors import tracks
from inspectors.models import Attendance, Break, DutyZone, MessageCopy, Operation, Shift, Track, TrackConsent
from tests.inspectors.conftest import on_duty
from tests.inspectors.test_phone import SMALL, TARGETS
from tests.loop.browser import Office
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> Town:
    """The inspector has a shift in 甲区, which ends at x = 200."""
    town = build_town()
    zone = DutyZone.objects.create(name="甲区")
    zone.communities.add(town.communities[0])
    on_duty(town.people["inspector"], zone)
    return town


def duty_page(office: Office, x: float = 52, language: str = "zh-CN") -> Page:
    page = office.enter("inspector", place=(x, 50), language=language)
    page.goto(f"{office.url}/field/duty/")
    expect(page.locator("#fix")).to_contain_text("8")
    return page


def press(page: Page, words: str) -> None:
    """Press a button that stores something, and be back with what came of it."""
    with page.expect_navigation(wait_until="load"):
        page.get_by_role("button", name=words, exact=True).click()


OUTBOX = """() => new Promise((done) => {
  const opening = indexedDB.open("field");
  opening.onsuccess = () => {
    const all = opening.result.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => { opening.result.close(); done(all.result); };
  };
})"""


def tracks_in(page: Page) -> Any:
    """The parcels of a way in the phone's outbox."""
    return [one for one in page.evaluate(OUTBOX) if one["kind"] == "track"]


def until(page: Page, holds: Callable[[], object]) -> None:
    """Wait for something that no element shows."""
    for _ in range(250):
        if holds():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it has not come true")


def test_clocking_in_resting_and_clocking_out_inside_the_zone(city: Town, office: Office) -> None:
    page = duty_page(office)
    expect(page.locator(".standing h2")).to_have_text("还没有签到")
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    press(page, "签到上岗")
    expect(page.locator(".standing h2")).to_have_text("在岗")
    made = Attendance.objects.get()
    assert made.in_point.distance(at(52, 50)) < 0.1
    assert (made.in_accuracy_m, made.in_far) == (8, False)
    press(page, "开始休息")
    expect(page.locator(".standing h2")).to_have_text("休息中")
    assert not Shift.objects.on_duty(timezone.now()).exists()
    press(page, "结束休息")
    expect(page.locator(".standing h2")).to_have_text("在岗")
    assert Break.objects.get().ends_at is not None
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    press(page, "签退下班")
    expect(page.locator(".standing h2")).to_have_text("已签退")
    assert not Shift.objects.on_duty(timezone.now()).exists()


def test_outside_the_zone_the_reason_is_asked_for_and_nothing_is_lost(city: Town, office: Office) -> None:
    page = duty_page(office, x=900)
    page.get_by_role("button", name="签到上岗").click()
    expect(page.locator(".send-state:visible")).to_contain_text("700 米")
    expect(page.locator("[data-far]:visible")).to_have_count(1)
    assert not Attendance.objects.exists()
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    page.locator("[data-far]:visible input[name=reason]").fill("先去中心领设备")
    page.context.set_offline(True)
    page.get_by_role("button", name="签到上岗").click()
    expect(page.locator("#ahead")).to_contain_text("待上传：签到上岗")
    with page.expect_navigation(wait_until="load"):
        page.context.set_offline(False)
    expect(page.locator(".standing")).to_contain_text("先去中心领设备")
    made = Attendance.objects.get()
    assert made.in_far
    assert made.in_outside_m == pytest.approx(700, abs=1)


def test_without_a_position_nothing_is_sent(city: Town, office: Office) -> None:
    page = office.enter("inspector", place=(52, 50))
    page.context.clear_permissions()
    page.goto(f"{office.url}/field/duty/")
    page.get_by_role("button", name="签到上岗").click()
    expect(page.locator(".send-state:visible")).to_contain_text("没有现场位置")
    assert not Attendance.objects.exists()


def test_refused_consent_records_nothing_and_given_consent_can_be_withdrawn(city: Town, office: Office) -> None:
    page = duty_page(office)
    press(page, "不同意")
    assert not TrackConsent.objects.exists()
    expect(page.locator("#track")).to_have_count(0)
    press(page, "同意")
    assert tracks.consent_of(city.people["inspector"]) is not None
    expect(page.locator("#track")).to_have_count(1)
    press(page, "撤回同意")
    expect(page.locator("#track")).to_have_count(0)
    assert TrackConsent.objects.get().withdrawn_at is not None


def test_the_way_of_somebody_who_agreed_reaches_the_server_once(city: Town, office: Office) -> None:
    page = duty_page(office)
    press(page, "同意")
    expect(page.locator("#track")).to_have_count(1)
    until(page, lambda: Track.objects.exists() and not tracks_in(page))  # stored, and nobody's business any more
    first = Operation.objects.get(kind="track")
    # what was measured stays in the outbox until the server has named the operation, and nobody is told
    page.route("**/field/operations/", lambda route: route.abort())
    lon, lat = lonlat(at(120, 50))
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
    kept = f"JSON.parse(localStorage.getItem('track-{city.people['inspector'].pk}')).length"
    until(page, lambda: page.evaluate(kept) == 1)
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: tracks_in(page))
    found = tracks_in(page)
    told = [(one["kind"], one["quiet"], one["chain"], one["state"]) for one in found]
    assert told == [("track", True, "duty", "waiting")]
    expect(page.locator("#outbox-state")).not_to_contain_text("待上传 1")
    page.unroute("**/field/operations/")
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: not tracks_in(page))
    assert Operation.objects.filter(kind="track").exclude(pk=first.pk).get().uuid == UUID(found[0]["operation"])
    assert Track.objects.earliest("pk").line.coords[0] == pytest.approx(at(52, 50).coords, abs=0.1)


def test_a_message_is_read_with_a_tap(city: Town, office: Office) -> None:
    from uuid import uuid4

    from inspectors import messages

    now, lead = timezone.now(), city.people["shift_lead"]
    messages.send("下午有阵雨，留意积水。", by=lead, at=now, operation=uuid4(), urgent=True)
    page = office.enter("inspector", place=(52, 50), language="en-US")
    page.goto(f"{office.url}/field/")
    page.locator("a.unread").click()
    expect(page.locator(".message")).to_contain_text("下午有阵雨")
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    press(page, "Got it")
    expect(page.locator(".message")).to_have_count(0)
    assert MessageCopy.objects.get().read_at is not None
    expect(page.locator("a.unread")).to_have_count(0)
