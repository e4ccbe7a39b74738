"""How soon news is on the screen: for bench/console.py, while the whole product runs.

Run by itself it is the other process: it takes reports at a steady pace and prints when each was committed.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from statistics import quantiles
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PORT = 8190
URL = f"http://127.0.0.1:{PORT}"
EVENTS, A_SECOND, LISTENERS = 400, 20, 99
WRITERS = 2  # one alone does not get through so many reports a second beside all the others


def hearing(page: Any, context: Any) -> list[str]:  # noqa: ANN401 - of the browser
    """Cases come in at a steady pace: when the list's button counts them, when the map has them, and by polling."""
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
    page.goto(f"{URL}/console/")
    page.wait_for_function("() => document.getElementById('live').dataset.state === 'on'", timeout=30_000)
    page.evaluate(
        "() => { window.counted = []; window.mapped = {}; const now = () => performance.timeOrigin + performance.now();"
        " new MutationObserver(() => window.counted.push([now(), parseInt(fresh.textContent, 10) || 0]))"
        ".observe(fresh, { childList: true, characterData: true, subtree: true });"
        " new PerformanceObserver((list) => { for (const one of list.getEntriesByName('cases-changed'))"
        " for (const number of one.detail) window.mapped[number] ??= now(); }).observe({ type: 'mark' }); }"
    )
    others = Listeners(cookie)
    others.start()
    polls = Polls(cookie)
    polls.start()
    time.sleep(3)
    writers = [subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE) for _each in range(WRITERS)]
    while any(writer.poll() is None for writer in writers):
        page.wait_for_timeout(200)
    written: dict[str, float] = {}
    for writer in writers:
        assert writer.stdout is not None
        written |= json.loads(writer.stdout.read())
    page.wait_for_timeout(7000)
    counted, mapped = page.evaluate("[window.counted, window.mapped]")
    polls.ended = others.ended = True
    in_order = sorted(written.values())
    seen = [next((at for at, n in counted if n > turn), None) for turn in range(len(in_order))]
    button = [at / 1000 - wrote for at, wrote in zip(seen, in_order, strict=True) if at]
    on_map = [mapped[number] / 1000 - wrote for number, wrote in written.items() if number in mapped]
    polled = [polls.heard[number] - wrote for number, wrote in written.items() if number in polls.heard]
    streamed = [at - written[number] for number, at in others.heard if number in written]
    rate = len(written) / (in_order[-1] - in_order[0])
    return [
        f"{len(written)} cases at {rate:.0f} a second, {LISTENERS} stream clients and one browser",
        spread("stream: the other clients", streamed),
        spread("stream: counted above the list", button),
        spread("stream: drawn on the map (those with a place)", on_map),
        spread("polling every 5 s", polled),
    ]


def spread(name: str, seconds: list[float]) -> str:
    if len(seconds) < 2:
        return f"{name:46} nothing heard"
    cuts = quantiles(seconds, n=100)
    told = f"median {cuts[49] * 1000:6.0f} ms   p95 {cuts[94] * 1000:6.0f} ms"
    return f"{name:46}{told}   most {max(seconds) * 1000:6.0f} ms   of {len(seconds)}"


class Listeners(threading.Thread):
    """Pages that are open elsewhere: each reads the stream to its end."""

    def __init__(self, cookie: str) -> None:
        super().__init__(daemon=True)
        self.cookie, self.heard, self.ended = cookie, [], False  # type: ignore[var-annotated]

    def run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        await asyncio.gather(*(self._one() for _each in range(LISTENERS)))

    async def _one(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(f"GET /events/ HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nCookie: {self.cookie}\r\n\r\n".encode())
        await writer.drain()
        while not self.ended:
            try:
                line = await asyncio.wait_for(reader.readline(), 1)
            except TimeoutError:
                continue
            if line.startswith(b"data: ") and b'"case.register"' in line:
                self.heard.append((json.loads(line[6:])["case"], time.time()))
        writer.close()


class Polls(threading.Thread):
    """A page that asks every five seconds."""

    def __init__(self, cookie: str) -> None:
        super().__init__(daemon=True)
        self.cookie, self.ended = cookie, False
        self.heard: dict[str, float] = {}

    def run(self) -> None:
        cursor = ""
        while not self.ended:
            request = urllib.request.Request(f"{URL}/console/changes/?after={cursor}", headers={"Cookie": self.cookie})
            with urllib.request.urlopen(request, timeout=10) as answer:
                found = json.load(answer)
            cursor = found["cursor"]
            for event in found["events"]:
                self.heard.setdefault(event["case"], time.time())
            time.sleep(5)


def write_cases() -> int:
    """Another process: reports at a steady pace; prints when each was committed."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from uuid import uuid4

    from django.utils import timezone

    from dispatch.intake import Caller, Intake, register
    from dispatch.models import Case, Channel
    from people.models import User

    by, channel = User.objects.get(username="operator"), Channel.objects.get(key="hotline")
    spots = [case.point for case in Case.objects.open().exclude(point=None).order_by("pk")[:EVENTS]]
    found: dict[str, float] = {}
    begins = time.perf_counter()
    for turn in range(EVENTS // WRITERS):
        time.sleep(max(0.0, begins + turn * WRITERS / A_SECOND - time.perf_counter()))
        caller = Caller("王女士", "10000001234")
        intake = Intake("门前井盖丢失", channel, caller, point=spots[turn % len(spots)])
        case = register(intake, by=by, at=timezone.now(), operation=uuid4())
        found[case.number] = time.time()
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(write_cases())
