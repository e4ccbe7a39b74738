"""The app with its server stopped: a second load comes from the phone, and what was done meanwhile arrives once."""

import hashlib
import random
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from dispatch.evidence import original_path
from dispatch.models import Attachment, Case, FieldTask
from gridmap.datums import lonlat
from inspectors.models import DutyZone, Operation
from people.models import User
from tests.inspectors.conftest import on_duty
from tests.loop.browser import PHONE, photo
from tests.loop.servers import Servers
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FINDINGS = 10
# findings of a phone, put into its outbox as the page does it: (how many) → their UUIDs
FIND = """async ([count, category, user, place]) => {
  const source = [...document.scripts].find((one) => one.src.includes('frame')).src;
  const { enqueue } = await import(source.replace('frame', 'outbox'));
  const made = [];
  for (let n = 0; n < count; n++) {
    const canvas = new OffscreenCanvas(320, 240), pen = canvas.getContext('2d');
    for (let i = 0; i < 400; i++) {
      pen.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
      pen.fillRect(Math.random() * 320, Math.random() * 240, 20, 20);
    }
    const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
    const body = { ...place, category, spot: 'alone', note: `第${n}件` };
    const shots = [{ blob, fix: place }];
    made.push((await enqueue({ user, kind: 'found', title: '巡查上报', body, shots })).operation);
  }
  return made;
}"""
DIGESTS = """async () => {
  const request = indexedDB.open('field');
  const db = await new Promise((done) => (request.onsuccess = () => done(request.result)));
  const all = db.transaction('outbox').objectStore('outbox').getAll();
  const found = await new Promise((done) => (all.onsuccess = () => done(all.result)));
  db.close();
  return found.flatMap((one) => one.photos.map((photo) => photo.sha256));
}"""


@pytest.fixture
def servers(transactional_db: None, tmp_path: Path) -> Iterator[Servers]:
    """The development server: it serves pages and the shell's files, and can be killed."""
    found = Servers(tmp_path)
    found.environment["GRIDMAP_DEBUG"] = "1"
    found.commands = {"pages": ["manage.py", "runserver", "--noreload", f"127.0.0.1:{found.pages}"]}
    try:
        yield found
    finally:
        found.kill()


def start(servers: Servers) -> str:
    """Start the server and wait until it answers; its address, by the name that browsers trust."""
    servers.start()
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{servers.pages}/login/", timeout=5).close()
            return f"http://localhost:{servers.pages}"
        except OSError:
            assert time.monotonic() < until, (servers.folder / "pages.log").read_text()[-2000:]
            time.sleep(0.1)


def phone(chromium: Browser, url: str) -> Page:
    lon, lat = lonlat(at(55, 50))
    context = chromium.new_context(**PHONE, locale="zh-CN")
    context.grant_permissions(["geolocation"], origin=url)
    context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
    page = context.new_page()
    page.set_default_timeout(30_000)
    client = Client()  # the server knows other passwords' digests than the tests
    client.force_login(User.objects.get(username="inspector"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
    page.goto(f"{url}/field/")
    page.wait_for_function("navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)")
    page.goto(f"{url}/field/")
    return page


def a_day(town: Town) -> FieldTask:
    """On duty, with one task."""
    zone = DutyZone.objects.create(name="一号责任网格")
    zone.communities.set(town.communities)
    on_duty(town.people["inspector"], zone)
    return FieldTask.objects.get(case=town.to_state("verifying", when=timezone.now() - timedelta(hours=1)))


def test_the_second_load_comes_with_the_server_stopped_and_nothing_is_lost(
    servers: Servers, chromium: Browser, tmp_path: Path, chance: random.Random
) -> None:
    town = build_town()
    task = a_day(town)
    url = start(servers)
    page = phone(chromium, url)
    mine = f"/field/tasks/{task.pk}/"
    for path in (mine, "/field/outbox/"):
        page.wait_for_function("async (path) => (await caches.match(path)) !== undefined", arg=path)
    page.wait_for_load_state("networkidle")
    servers.kill()

    page.goto(f"{url}/field/")
    expect(page.locator("#offline")).to_contain_text("离线，显示的是")
    expect(page.locator(".task")).to_have_count(1)
    assert page.evaluate("[...document.styleSheets].every((sheet) => sheet.cssRules.length > 0)")
    expect(page.locator(".leaflet-container")).to_be_visible()
    page.goto(url + mine)
    page.set_input_files("#photo", photo(tmp_path, "red"))
    page.locator("label.result.confirmed").click()
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 1")

    lon, lat = lonlat(at(55, 50))
    place = {"lon": lon, "lat": lat, "accuracy": 8, "age": 1}
    made = page.evaluate(FIND, [FINDINGS, town.cover.pk, town.people["inspector"].pk, place])
    digests = set(page.evaluate(DIGESTS))
    assert len(digests) == FINDINGS + 1

    start(servers)
    dropped = drop_replies(page, chance)
    page.goto(f"{url}/field/outbox/")
    expect(page.locator("#outbox-state")).to_have_text(f"已完成 {FINDINGS + 1}", timeout=180_000)
    assert dropped, "no reply was dropped: nothing was tried"
    page.wait_for_load_state("networkidle")
    page.context.close()

    assert set(map(str, Operation.objects.filter(kind="found").values_list("uuid", flat=True))) == set(made)
    assert Operation.objects.count() == FINDINGS + 1
    assert Case.objects.count() == FINDINGS + 1  # the case of the task, and one of each finding
    found = set(Attachment.objects.exclude(phase="reported", case=task.case).values_list("evidence__sha256", flat=True))
    assert digests <= found
    for sha256 in digests:
        stored = servers.folder / "media" / original_path(sha256).relative_to(tmp_path / "media")
        assert sha_of(stored) == sha256


def drop_replies(page: Page, chance: random.Random) -> list[str]:
    """Let the server do what is asked and lose a third of its answers on the way back."""
    dropped: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "GET" or chance.random() > 0.34 or len(dropped) > 6:
            return route.continue_()
        route.fetch()
        dropped.append(route.request.url)
        return route.abort("connectionreset")

    page.context.route("**/field/operations/", answer)
    page.context.route("**/field/photos/**", answer)
    return dropped


def sha_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
