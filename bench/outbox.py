"""The fault run of the phones' outbox: many operations while servers are killed and replies are dropped.

The whole product runs (`bin/demo` on a database of its own). Browsers fill their outboxes; gunicorn and nginx are
killed with -9 and started again, one answer in five is lost on its way back. Afterwards every operation has to be
stored once, with every photo byte for byte. Also: what the first load of the field app weighs on the wire.
"""

import argparse
import gzip
import hashlib
import importlib
import json
import os
import random
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import report
import scratch
from console import PASSWORD, product
from hearing import PORT, URL

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "python bench/outbox.py --write"
BUDGET_KB = 250
DROPPED = 0.2
PATIENCE_S = 300
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
# one finding with a photo that no other has, put into the outbox as the page does it
FIND = """async ([category, user, place, note]) => {
  const source = [...document.scripts].find((one) => /frame[.\\w]*js$/.test(one.src)).src;
  const text = await (await fetch(source)).text();
  const outbox = new URL(text.match(/from\\s*"([^"]*outbox[.\\w]*js)"/)[1], source);
  const { enqueue, flush } = await import(outbox);
  const canvas = new OffscreenCanvas(1200, 900), pen = canvas.getContext('2d');
  for (let i = 0; i < 3000; i++) {
    pen.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
    pen.fillRect(Math.random() * 1200, Math.random() * 900, 60, 60);
  }
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
  const body = { ...place, category, spot: 'alone', note };
  const made = await enqueue({ user, kind: 'found', title: note, body, shots: [{ blob, fix: place }] });
  flush();
  return [made.operation, made.photos[0].sha256, made.photos[0].size];
}"""
STATES = """async () => {
  const request = indexedDB.open('field');
  const db = await new Promise((done) => (request.onsuccess = () => done(request.result)));
  const all = db.transaction('outbox').objectStore('outbox').getAll();
  const found = await new Promise((done) => (all.onsuccess = () => done(all.result)));
  db.close();
  return found.map((one) => one.state);
}"""


def main() -> int:
    """Load, start, disturb, check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=200)
    parser.add_argument("--phones", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--keep", action="store_true", help="leave the database for the next run")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    with scratch.database("outbox", keep=options.keep):
        from django.core.management import call_command

        from dispatch.models import Case

        if not Case.objects.exists():
            call_command("load_demo", verbosity=0)
        run = Run(options.operations, options.phones, options.minutes * 60, random.Random(options.seed))
        good, lines = run.whole()
    text = "\n".join(lines)
    print(text)
    if options.write:
        report.write("outbox", "The outbox under faults", COMMAND, text, "Chromium and the whole product")
    return 0 if good else 1


@dataclass
class Run:
    """One fault run; `made` is what the phones have put into their outboxes: UUID → digest and size of its photo."""

    operations: int
    phones: int
    seconds: float
    chance: random.Random
    made: dict[str, tuple[str, int]] = field(default_factory=dict)
    dropped: int = 0
    kills: dict[str, int] = field(default_factory=lambda: {"pages": 0, "nginx": 0})

    def whole(self) -> tuple[bool, list[str]]:
        from playwright.sync_api import sync_playwright

        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
        with product(), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            weight, lines = first_load(browser)
            pages = [self.phone(browser, f"inspector{number + 1}") for number in range(self.phones)]
            took = self.disturbed(pages)
            waited = self.settled(pages)
            for page in pages:
                page.context.close()
            browser.close()
            good, found = self.checked()
        told = [
            f"{self.phones} browsers, {took:.0f} s; killed with -9: gunicorn {self.kills['pages']} times,"
            f" nginx {self.kills['nginx']} times; {self.dropped} replies dropped",
            f"the last receipt came {waited:.0f} s after the last fault",
            "",
        ]
        return good and weight <= BUDGET_KB, [*lines, "", *told, *found]

    def phone(self, browser: Any, name: str) -> Any:  # noqa: ANN401 - of the browser
        """A browser of an inspector whose answers get lost."""
        context = browser.new_context(**PHONE, locale="zh-CN")
        page = context.new_page()
        sign_in(page, name)
        page.goto(f"{URL}/field/")
        for path in ("**/field/operations/", "**/field/photos/**"):
            context.route(path, self.answer)
        return page

    def answer(self, route: Any) -> None:  # noqa: ANN401 - of the browser
        """Let the server do it, and lose its reply."""
        try:
            if self.chance.random() < DROPPED:
                route.fetch()
                self.dropped += 1
                route.abort("connectionreset")
            else:
                route.continue_()
        except Exception:
            route.abort("connectionreset")  # the server was away

    def disturbed(self, pages: list[Any]) -> float:
        """Findings are made and servers killed, until the time is over; seconds that it took."""
        from people.models import User

        users = [User.objects.get(username=f"inspector{n + 1}").pk for n in range(len(pages))]
        category, servers, began = a_class(), Servers(), time.monotonic()
        next_fault = began + 3
        while (passed := time.monotonic() - began) < self.seconds or len(self.made) < self.operations:
            wanted = min(self.operations, int(self.operations * passed / (self.seconds * 0.9)) + 1)
            if len(self.made) < wanted:
                turn = len(self.made) % len(pages)
                told = [category, users[turn], self.place(), f"故障演练第{len(self.made) + 1}件"]
                operation, digest, size = pages[turn].evaluate(FIND, told)
                self.made[operation] = (digest, size)
            if passed < self.seconds and time.monotonic() > next_fault:
                name = self.chance.choice(("pages", "pages", "nginx"))
                servers.kill(name)
                self.kills[name] += 1
                pages[0].wait_for_timeout(self.chance.uniform(500, 4000))
                servers.start()
                next_fault = time.monotonic() + self.chance.uniform(4, 12)
            pages[0].wait_for_timeout(50)
        return time.monotonic() - began

    def place(self) -> dict[str, float]:
        from django.conf import settings

        lon, lat = settings.CITY.centre
        shift = self.chance.uniform(-0.01, 0.01), self.chance.uniform(-0.008, 0.008)
        return {"lon": lon + shift[0], "lat": lat + shift[1], "accuracy": 8, "age": 1}

    def settled(self, pages: list[Any]) -> float:
        """Seconds until every phone has a receipt for everything; the patience, if some never get one."""
        began = time.monotonic()
        while (waited := time.monotonic() - began) < PATIENCE_S:
            if all(state == "done" for page in pages for state in page.evaluate(STATES)):
                return waited
            pages[0].wait_for_timeout(500)
        return PATIENCE_S

    def checked(self) -> tuple[bool, list[str]]:
        """What the database and the folder of originals say."""
        from dispatch.models import Attachment, Step
        from inspectors.models import Operation

        wanted = set(self.made)
        rows = [str(pk) for pk in Operation.objects.filter(uuid__in=wanted).values_list("uuid", flat=True)]
        steps = [str(pk) for pk in Step.objects.filter(operation__in=wanted).values_list("operation", flat=True)]
        cases = set(Step.objects.filter(operation__in=wanted).values_list("case_id", flat=True))
        shots = dict(
            Attachment.objects.filter(step__operation__in=wanted).values_list("step__operation", "evidence__sha256")
        )
        same = 0
        for operation, (digest, size) in self.made.items():
            data = original(digest)
            stored = next((sha for pk, sha in shots.items() if str(pk) == operation), "")
            same += stored == digest and len(data) == size and hashlib.sha256(data).hexdigest() == digest
        twice = len(steps) - len(set(steps)) + len(wanted) - len(cases)
        good = len(rows) == len(set(steps)) == same == len(wanted) == self.operations and not twice
        return good, [
            f"{'operations made on the phones':44}{len(wanted):6}",
            f"{'stored':44}{len(rows):6}",
            f"{'lost':44}{len(wanted - set(steps)):6}",
            f"{'stored twice':44}{twice:6}",
            f"{'photos byte for byte those of the phone':44}{same:6}",
        ]


class Servers:
    """The product's processes as `bin/demo` has started them: killed, and started again."""

    def __init__(self) -> None:
        services, found = part("services"), folders()
        self.keeper = services.Keeper(found, part("steps").Steps(found.log / "setup.log"))
        for name in ("GRIDMAP_MEDIA_ROOT", "GRIDMAP_SEAL_DIR"):
            os.environ.pop(name, None)
        os.environ["GRIDMAP_DB_ROLE"] = "app"
        self.code = services.code_fingerprint(ROOT)
        self.services: Callable[[], list[Any]] = lambda: services.all_services(
            self.keeper, os.environ["GRIDMAP_CITY"], PORT
        )

    def kill(self, name: str) -> None:
        for process in self.keeper.living(name):
            os.kill(process.pid, signal.SIGKILL)

    def start(self) -> None:
        for service in self.services():
            if service.name in ("pages", "nginx"):
                self.keeper.ensure(service, self.code)


def part(name: str) -> Any:  # noqa: ANN401 - a module
    """A module of bin/setup, which is no package of the project's own."""
    if str(ROOT / "bin") not in sys.path:
        sys.path.insert(0, str(ROOT / "bin"))
    return importlib.import_module(f"setup.{name}")


def folders() -> Any:  # noqa: ANN401 - of bin/setup
    return part("folders").find(ROOT, uid=os.getuid())


def original(digest: str) -> bytes:
    """The original's bytes from the site's own folder, or none."""
    found = folders()
    media = Path(part("environment").read(found.env_file).get("GRIDMAP_MEDIA_ROOT") or found.media)
    path = media / "original" / digest[:2] / digest
    return path.read_bytes() if path.exists() else b""


def a_class() -> int:
    """A class that is seen on the street and names no component."""
    from django.utils import timezone

    from gridmap.models import Category

    return Category.objects.classes().on(timezone.localdate()).filter(kind=Category.Kind.EVENT).order_by("code")[0].pk


def sign_in(page: Any, name: str) -> None:  # noqa: ANN401 - a browser page
    page.goto(f"{URL}/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def first_load(browser: Any) -> tuple[float, list[str]]:  # noqa: ANN401 - of the browser
    """Kilobytes of code and page over the wire with an empty cache, data and tiles apart; and the whole kept shell."""
    context = browser.new_context(**PHONE, locale="zh-CN", service_workers="block")
    page = context.new_page()
    sign_in(page, "inspector1")
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    sums = {"app": 0.0, "data": 0.0, "tiles": 0.0}

    def asked(event: dict[str, Any]) -> None:
        app = event.get("type", "") in ("Script", "Stylesheet", "Document", "Image", "Manifest", "Font")
        kinds[event["requestId"]] = "tiles" if ".mvt" in event["request"]["url"] else "app" if app else "data"

    def ended(event: dict[str, Any]) -> None:
        sums[kinds.get(event["requestId"], "data")] += event["encodedDataLength"] / 1000

    wire.on("Network.requestWillBeSent", asked)
    wire.on("Network.loadingFinished", ended)
    page.goto(f"{URL}/field/")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)
    context.close()
    shell = whole_shell()
    return max(sums["app"], shell), [
        f"first load of /field/ over the wire: {sums['app']:.0f} KB"
        f"   data {sums['data']:.0f} KB   tiles {sums['tiles']:.0f} KB",
        f"everything that the worker keeps of the app, for every page: {shell:.0f} KB (budget {BUDGET_KB} KB)",
    ]


def whole_shell() -> float:
    """Kilobytes of all files of the shell as nginx sends them."""
    with urllib.request.urlopen(f"{URL}/field/sw.js", timeout=30) as answer:
        text = answer.read().decode()
    told = json.loads(text[text.index("start(") + 6 : text.rindex(")")])
    total = 0
    for address in [*told["files"], told["offline"]]:
        request = urllib.request.Request(f"{URL}{address}", headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            data = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            gzip.decompress(data)  # whole
        total += len(data)
    return total / 1000


if __name__ == "__main__":
    sys.exit(main())
