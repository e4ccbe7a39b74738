"""The console with a million cases: what a browser loads, draws and hears, each beside its reference in one run.

The whole product runs (nginx, pages, events, worker: `bin/demo` on a database of its own), a Chromium looks at it, and
what is compared is measured in the same process, one after the other. The database stays with `--keep`: growing it
takes longest.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import report
import scratch
from hearing import PORT, URL, hearing

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "demo-city-2026"
ROUNDS = 15
COMMAND = "python bench/console.py --write"


def main() -> int:
    """Grow, start, measure, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=20_000)
    parser.add_argument("--keep", action="store_true", help="leave the database for the next run")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    with scratch.database("console", keep=options.keep):
        from django.core.management import call_command

        from dispatch.models import Case

        if not Case.objects.exists():
            call_command("grow", cases=options.cases, months=12)
        open_up(options.open)
        text = "\n".join([*sizes(), *server_side()])
        print(text, flush=True)
        beside = "\n".join(with_product())
        print(beside)
    if options.write:
        told = "Chromium and the whole product on the same two cores"
        report.write("console", "The console", COMMAND, f"{text}\n{beside}", told)
    return 0


def open_up(wanted: int) -> None:
    """Let so many cases stand open, most of them handled: closed ones are opened again, with their clocks."""
    from django.db import connection

    from dispatch.models import Case

    more = wanted - Case.objects.open().count()
    if more <= 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE again AS SELECT c.id, p.id AS part FROM dispatch_case c JOIN dispatch_part p"
            " ON p.case_id = c.id AND p.withdrawn_at IS NULL AND p.leads WHERE c.state = 'closed' AND c.flow = 'street'"
            " AND c.point IS NOT NULL ORDER BY md5(c.id::text) LIMIT %s",
            [more],
        )
        cursor.execute(
            "UPDATE dispatch_case SET state = 'handling', closed_at = NULL WHERE id IN (SELECT id FROM again)"
        )
        cursor.execute(
            "UPDATE dispatch_clock SET stopped_at = NULL, paused_at = NULL, verdict = '',"
            " due_at = now() + (random() * 40 - 8) * interval '1 hour', warn_at = NULL"
            " WHERE kind = 'handle' AND part_id IN (SELECT part FROM again)"
        )
        cursor.execute("DROP TABLE again")
        cursor.execute("VACUUM ANALYZE dispatch_case, dispatch_clock")


def sizes() -> list[str]:
    from dispatch.models import Case
    from gridmap.models import Cell

    cases, opened = Case.objects.count(), Case.objects.open().count()
    return [f"{cases:,} cases, {opened:,} of them open; {Cell.objects.count():,} cells", ""]


# --- in the application, without a network


def server_side() -> list[str]:
    """Lists, panels and tiles: milliseconds, statements, and how many times the reference."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment

    from dispatch.models import Case
    from people.models import User

    client = Client(HTTP_HOST="localhost", HTTP_HX_REQUEST="true")
    client.force_login(User.objects.get(username="dispatcher"))
    trivial = milliseconds(lambda: client.get("/console/coordinates/wgs84/?lon=1&lat=1"))
    lines = [f"{'':44}{'ms':>9}{'reference':>11}{'times':>8}{'SQL':>6}"]
    number = Case.objects.filter(state="handling").exclude(point=None).order_by("-pk")[0].number
    for name, path in (("list of 100 cases", "/console/rows/"), ("panel of a case", f"/cases/{number}/")):
        setup_test_environment()  # the answer keeps the template and the context that made it
        client.get(path)
        with CaptureQueriesContext(connection) as found:
            answer = client.get(path)
        asked = len(found)
        teardown_test_environment()
        again = trivial + milliseconds(from_memory(answer))
        with CaptureQueriesContext(connection) as none:
            from_memory(answer)()
        assert not none, "the reference asks the database"
        took = milliseconds(lambda path=path: client.get(path))  # type: ignore[misc]
        lines.append(f"{name:44}{took:9.1f}{again:11.1f}{took / again:8.2f}{asked:6}")
    counts = milliseconds(lambda: client.get("/console/counts/"))
    lines.append(f"{'numbers of the quick filters':44}{counts:9.1f}{trivial:11.1f}{counts / trivial:8.2f}")
    return [
        *lines,
        "reference: an authenticated view that asks nothing, and the same template from memory",
        "",
        *tiles(),
    ]


def from_memory(answer: Any) -> Callable[[], object]:  # noqa: ANN401 - a test client's answer
    """The answer's template with the context that it had."""
    from django.template import Context

    template, flat = answer.templates[0], answer.context[0].flatten()
    for value in flat.values():
        if hasattr(value, "_fetch_all"):
            list(value)
    return lambda: template.render(Context(flat))


def tiles() -> list[str]:
    """History tiles over the middle of the city at each zoom: the largest answer, and how long a warm one takes."""
    from django.conf import settings
    from django.test import Client

    from people.models import User

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(username="dispatcher"))
    trivial = milliseconds(lambda: client.get("/console/coordinates/wgs84/?lon=1&lat=1"))
    lines = [f"{'history tile, zoom':44}{'KB':>9}{'ms':>11}{'times':>8}"]
    for zoom in (8, 10, 12, 13, 14, 15, 16, 17, 18):
        path = tile_path(*settings.CITY.centre, zoom)
        size = len(client.get(path).content) / 1000
        took = milliseconds(lambda path=path: client.get(path))  # type: ignore[misc]
        lines.append(f"{zoom:<44}{size:9.1f}{took:11.1f}{took / trivial:8.2f}")
    return [*lines, f"reference: an authenticated view that asks nothing, {trivial:.1f} ms", ""]


def tile_path(lon: float, lat: float, zoom: int) -> str:
    from math import asinh, pi, radians, tan

    n = 2**zoom
    row = int((1 - asinh(tan(radians(lat))) / pi) / 2 * n)
    return f"/console/history/{zoom}/{int((lon + 180) / 360 * n)}/{row}.json"


def milliseconds(do: Callable[[], object]) -> float:
    """The median of some rounds after two that warm up."""
    do(), do()
    took = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        do()
        took.append(time.perf_counter() - began)
    return median(took) * 1000


# --- the whole product and a browser


@contextmanager
def product() -> Iterator[None]:
    """bin/demo on the scratch database, ended afterwards."""
    from django.db import connection

    # the site runs as somebody else, who has to read the city's file; photos are its own
    Path(os.environ["GRIDMAP_CITY"]).parent.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if name not in ("GRIDMAP_MEDIA_ROOT", "GRIDMAP_SEAL_DIR")}
    env |= {"GRIDMAP_DB_ROLE": "app"}
    remembered = ROOT / ".local" / "port"
    port = remembered.read_text() if remembered.exists() else None
    connection.close()
    subprocess.run([ROOT / "bin/demo", "--port", str(PORT)], env=env, stdout=subprocess.DEVNULL, check=True)
    try:
        yield
    finally:
        connection.close()
        subprocess.run([ROOT / "bin/stop"], check=True, capture_output=True)
        if port is not None:
            remembered.write_text(port)
        # the cluster again, for whoever drops the database
        plain = {name: value for name, value in os.environ.items() if not name.startswith("GRIDMAP_")}
        subprocess.run([ROOT / "bin/demo", "--setup-only"], env=plain, check=True, capture_output=True)


def with_product() -> list[str]:
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
    with product(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(f"{URL}/login/")
        page.fill("[name=username]", "dispatcher")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(re.compile("console"))
        lines = [*first_load(context), *drawing(page), *hearing(page, context)]
        browser.close()
    return lines


def first_load(context: Any) -> list[str]:  # noqa: ANN401 - a browser context
    """Bytes over the wire with an empty cache, by what they are."""
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    sums = {"code": 0, "page": 0, "data": 0, "tiles": 0}

    def asked(event: dict[str, Any]) -> None:
        kind, url = event.get("type", ""), event["request"]["url"]
        found = {"Script": "code", "Stylesheet": "code", "Document": "page", "Image": "code"}.get(kind, "data")
        kinds[event["requestId"]] = "tiles" if ".mvt" in url else found

    def ended(event: dict[str, Any]) -> None:
        sums[kinds.get(event["requestId"], "data")] += event["encodedDataLength"]

    wire.on("Network.requestWillBeSent", asked)
    wire.on("Network.loadingFinished", ended)
    page.goto(f"{URL}/console/")
    page.wait_for_function("() => performance.getEntriesByName('cases-drawn').length > 0", timeout=60_000)
    page.wait_for_timeout(3000)
    page.close()
    told = "   ".join(f"{name} {size / 1000:.0f} KB" for name, size in sums.items())
    return [f"first load over the wire: {told}", ""]


def drawing(page: Any) -> list[str]:  # noqa: ANN401 - a browser page
    """From asking for the page to cases on the map, warm; and a redraw after a pan."""
    took = []
    for _round in range(5):
        page.goto(f"{URL}/console/")
        page.wait_for_function("() => performance.getEntriesByName('cases-drawn').length > 0", timeout=60_000)
        took.append(page.evaluate("performance.getEntriesByName('cases-drawn')[0].startTime"))
        page.wait_for_timeout(1500)
    page.evaluate(
        "() => { window.redraws = []; new PerformanceObserver((list) => window.redraws.push("
        "...list.getEntriesByName('cases-redrawn').map((one) => one.duration))).observe({ type: 'measure' }); }"
    )
    box = page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for turn in range(12):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + (260 if turn % 2 else -260), y + 40, steps=6)
        page.mouse.up()
        page.wait_for_timeout(900)
    redraws = page.evaluate("window.redraws")
    return [
        f"cases drawn after the page was asked for: {median(took):.0f} ms (median of 5)",
        f"redraw after a pan: {median(redraws):.0f} ms (median of {len(redraws)})",
        "",
    ]


if __name__ == "__main__":
    sys.exit(main())
