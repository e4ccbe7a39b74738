"""People at browsers: each with a seat, a session and a language of their own."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gridmap.datums import lonlat
from tests.town import at

# never outside, no background traffic of its own
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-proxy-server", "--use-fake-device-for-media-stream",
]  # fmt: skip
CHROMIUM = "/usr/bin/chromium"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


# for a module at a time: while Playwright's loop runs in this thread, no other test could run async code in it
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # the tests' few queries between clicks are safe
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Office:
    """Opens browsers for people; every page is watched for errors and for addresses outside."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.troubles: list[str] = []
        self.contexts: list[BrowserContext] = []

    def visit(self, *, language: str = "zh-CN", place: tuple[float, float] | None = None, scripts: bool = True) -> Page:
        """Somebody without a login, with a phone, who may stand at a place of the town's picture."""
        context = self.browser.new_context(**PHONE, locale=language, java_script_enabled=scripts)
        if place:
            self._stand(context, place)
        return self._page(context, "visitor")

    def _stand(self, context: BrowserContext, place: tuple[float, float]) -> None:
        lon, lat = lonlat(at(*place))
        context.grant_permissions(["geolocation"], origin=self.url)
        context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})

    def _page(self, context: BrowserContext, who: str) -> Page:
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"{who}: {error}"))
        page.on("request", lambda request: self._inside(request.url))
        return page

    def enter(
        self, role: str, *, place: tuple[float, float] | None = None, language: str = "zh-CN", worker: bool = False
    ) -> Page:
        """Log somebody in at the login page; an inspector stands at a place of the town's picture, with a phone.

        Only with `worker` a page may start one: what goes through a service worker cannot be held up by a test.
        """
        options = PHONE if place else DESK
        workers: Any = "allow" if worker else "block"
        context = self.browser.new_context(**options, locale=language, service_workers=workers)
        if place:
            self._stand(context, place)
        page = self._page(context, role)
        sign_in(page, self.url, role)
        return page

    def _inside(self, url: str) -> None:
        if not url.startswith((self.url, "blob:", "data:")):
            self.troubles.append(f"asked outside: {url}")

    def leave(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def office(chromium: Browser, live_server: Any) -> Iterator[Office]:
    found = Office(chromium, live_server.url)
    yield found
    found.leave()
    assert not found.troubles, found.troubles


def sign_in(page: Page, url: str, name: str) -> None:
    """Log in at the login page."""
    page.goto(f"{url}/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", "town-password")
    page.click("button[type=submit]")
    page.wait_for_url(lambda found: "/login/" not in found)


def step(page: Page, title: str, **fields: str) -> None:
    """On a case page: open a step by its title, fill its fields by name, take it."""
    form = page.locator("details.step").filter(has=page.locator("summary", has_text=title)).first
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("button[type=submit]").last.click()


def photo(folder: Path, colour: str) -> str:
    """A photo file as a camera would leave it."""
    from tests.town import jpeg

    path = folder / f"{colour}.jpg"
    path.write_bytes(jpeg(colour, (640, 480)).getvalue())
    return str(path)
