"""In a browser: the wall screen says when it is old, comes back by itself, loads nothing from outside, and fits."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from desks.views import wall
from people.models import Screen
from people.screens import make_screen, revoke_screen
from tests.loop.browser import Office
from tests.town import Town, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ASKED, LATE, DAYS = 13_000, 60_000, 30 * 3_600_000
# what a wall shows must all be there: no part is cut off, nothing has to be scrolled
CUT_OFF = """() => [...document.querySelectorAll('html, body, .tile, .panel, .rows, .rate')]
    .filter((part) => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1)
    .map((part) => part.className || part.tagName)"""

OVERLAPPING = """() => [...document.querySelectorAll('.rows li + li, .urgent tr + tr')]
    .filter((row) => row.getBoundingClientRect().top < row.previousElementSibling.getBoundingClientRect().bottom - 1)
    .map((row) => row.textContent)"""

# the mark may hide neither a number nor the clock
COVERED = """() => {
    const mark = document.getElementById('stale').getBoundingClientRect();
    const [board, clock] = ['board', 'date'].map((id) => document.getElementById(id).getBoundingClientRect());
    return [mark.bottom > board.top, mark.right > clock.left];
}"""


@pytest.fixture
def city(transactional_db: None) -> Town:
    cache.clear()
    return build_town()


@pytest.fixture
def screen(city: Town) -> tuple[Screen, str]:
    return make_screen(name="大厅", language="zh-hans", by=city.people["admin"], at=timezone.now())


def display(office: Office, token: str, width: int = 1920, height: int = 1080) -> Page:
    """A display on a wall whose clock the test turns."""
    context = office.browser.new_context(viewport={"width": width, "height": height})
    page = office._page(context, "wall")
    page.clock.install()
    page.goto(office.url + reverse("desks:screen", args=[token]))
    return page


def received(page: Page) -> Any:
    return page.locator(".tile .big").first


def test_it_reads_by_itself_and_never_shows_old_numbers_as_new(
    city: Town, office: Office, screen: tuple[Screen, str]
) -> None:
    page = display(office, screen[1])
    stale = page.locator("#stale")
    expect(received(page)).to_have_text("0")
    city.report(when=timezone.now())
    page.clock.fast_forward(ASKED)
    expect(received(page)).to_have_text("1")
    expect(stale).to_be_hidden()
    # the network is gone
    page.context.set_offline(True)
    city.report(when=timezone.now())
    page.clock.fast_forward(LATE)
    expect(stale).to_be_visible()
    expect(stale).to_contain_text("数据已过时")
    assert page.evaluate(COVERED) == [False, False]
    expect(stale.locator("time")).to_have_text((page.locator("#fresh").text_content() or "").split()[-1])
    expect(received(page)).to_have_text("1")
    page.clock.fast_forward(DAYS)
    local = timezone.localtime()
    expect(stale.locator("time")).to_contain_text(local.strftime("%Y-%m-%d"))
    page.context.set_offline(False)
    page.clock.fast_forward(ASKED)
    expect(received(page)).to_have_text("2")
    expect(stale).to_be_hidden()


def test_a_server_in_trouble_makes_it_stale_until_it_answers_again(
    city: Town, office: Office, screen: tuple[Screen, str]
) -> None:
    page = display(office, screen[1])
    page.route("**/data/**", lambda route: route.fulfill(status=502, body="<main class='board'>Bad Gateway</main>"))
    with page.expect_response("**/data/**"):
        page.clock.fast_forward(LATE)
    with page.expect_response("**/data/**"):
        page.clock.fast_forward(ASKED)
    expect(page.locator("#stale")).to_be_visible()
    expect(received(page)).to_have_text("0")
    page.unroute("**/data/**")
    city.report(when=timezone.now())
    page.clock.fast_forward(ASKED)
    expect(page.locator("#stale")).to_be_hidden()
    expect(received(page)).to_have_text("1")


def test_an_answer_of_a_cache_on_the_way_is_not_taken_for_new(
    city: Town, office: Office, screen: tuple[Screen, str]
) -> None:
    page = display(office, screen[1])
    kept = page.request.get(office.url + reverse("desks:screen_data", args=[screen[1]])).text()
    city.report(when=timezone.now())
    page.clock.fast_forward(ASKED)
    expect(received(page)).to_have_text("1")
    page.route("**/data/**", lambda route: route.fulfill(status=200, body=kept, content_type="text/html"))
    with page.expect_response("**/data/**"):
        page.clock.fast_forward(LATE)
    with page.expect_response("**/data/**"):  # the next question: the first answer has been judged
        page.clock.fast_forward(ASKED)
    expect(page.locator("#stale")).to_be_visible()
    expect(received(page)).to_have_text("1")


def test_a_new_version_loads_the_page_anew_and_a_revoked_address_says_so(
    city: Town, office: Office, screen: tuple[Screen, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = display(office, screen[1])
    page.evaluate("window.before = true")
    page.clock.fast_forward(ASKED)
    assert page.evaluate("window.before")
    with monkeypatch.context() as patch:
        patch.setattr(wall, "VERSION", "deployed")
        page.clock.fast_forward(ASKED)
        expect(page.locator("body")).to_have_attribute("data-version", "deployed")
        assert page.evaluate("window.before === undefined")
        expect(page.locator("#clock")).not_to_be_empty()  # its module runs
        revoke_screen(screen[0], by=city.people["admin"], at=timezone.now())
        page.clock.fast_forward(ASKED)
        expect(page.get_by_role("heading", name="这个大屏地址不能使用")).to_be_visible()
    assert not page.context.cookies()


@pytest.mark.parametrize("size", [(1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_fits_without_scrolling_and_its_type_grows_with_the_wall(
    city: Town, office: Office, screen: tuple[Screen, str], size: tuple[int, int], language: str
) -> None:
    Screen.objects.update(language=language)
    for hour in range(8):
        city.report(when=timezone.now() - timedelta(minutes=hour), urgent=True, urgent_code="safety")
    page = display(office, screen[1], *size)
    expect(page.locator(".urgent tr")).to_have_count(5)
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(OVERLAPPING) == []
    assert page.evaluate("[scrollX, document.documentElement.scrollHeight - innerHeight]") == [0, 0]
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{size[0] // 120}px"
