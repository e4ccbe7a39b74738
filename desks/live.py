"""The stream of events (server-sent events): one listener for the process, one bounded queue for each open page.

The database wakes the listener (NOTIFY gridmap_events); what is sent comes from the Event table, so that nothing is
lost in between. A page that reconnects says which event it had last and gets what it missed, a few of them twice.
"""

import asyncio
import json
import logging
import os
import select
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse

from desks.changes import as_message, newest, read_after, seen_by
from desks.presence import Here, Presence, seen_only
from dispatch import fleeting
from dispatch.models import Event
from people.access import scope_of
from people.models import User
from people.permissions import may

log = logging.getLogger(__name__)
CHANNEL = "gridmap_events"
QUEUE = 200  # messages that may wait for one page; a page that is slower is cut off and comes back by itself
BEAT_SECONDS = 15.0
WAIT_SECONDS = 30.0  # between looks of the listener when nobody wakes it
REMEMBERED = 2_000  # numbers of events that were sent, so that the overlap sends nothing twice
Message = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(eq=False)
class Client:
    """One open page of a user; `queue` gets None when the page was too slow or the server stops."""

    user: User
    loop: asyncio.AbstractEventLoop
    console: bool = False  # hears where inspectors are and who looks at which case
    queue: asyncio.Queue[Message | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    cut: bool = False

    def put(self, messages: list[Message]) -> None:
        """Add messages, from the event loop's own thread."""
        for message in messages:
            if self.cut:
                return
            if self.queue.qsize() >= QUEUE - 1:
                self.cut = True
                self.queue.put_nowait(None)
                return
            self.queue.put_nowait(message)


class Hub:
    """Hands new events to the pages that are open; its thread runs while there is one."""

    def __init__(self) -> None:
        self.clients: set[Client] = set()
        self.presence = Presence()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake: tuple[int, int] | None = None
        # set once the listener knows where it begins: what a page reads as missed must not end before that
        self.ready = threading.Event()

    def join(self, client: Client) -> None:
        with self._lock:
            self.clients.add(client)
            if self._thread is None:
                self._wake = os.pipe()
                self._thread = threading.Thread(target=self._listen, args=(self._wake[0],), name="events", daemon=True)
                self._thread.start()

    def leave(self, client: Client) -> None:
        with self._lock:
            self.clients.discard(client)

    def stop(self) -> None:
        """End the thread and wait for it."""
        with self._lock:
            thread, wake, self._thread, self._wake = self._thread, self._wake, None, None
            self.ready.clear()
        if thread is not None and wake is not None:
            os.write(wake[1], b".")
            thread.join()
            os.close(wake[0])
            os.close(wake[1])

    def hand_out(self, events: list[Event]) -> None:
        """Give every page the events that its user may see; one query for each user, however many pages."""
        with self._lock:
            clients = list(self.clients)
        seen: dict[int, list[Message]] = {}
        for client in clients:
            if client.user.pk not in seen:
                seen[client.user.pk] = [as_message(event) for event in seen_by(client.user, events)]
            if seen[client.user.pk]:
                client.loop.call_soon_threadsafe(client.put, seen[client.user.pk])

    def pass_on(self, news: list[Here]) -> None:
        """Give every console what is worth nothing later; who looks at a case only to those who may see it."""
        with self._lock:
            clients = [client for client in self.clients if client.console]
        told = [one for one in news if one["kind"] != "here" or self.presence.note(one)] + self.presence.gone()
        seen: dict[int, list[Message]] = {}
        for client in clients if told else ():
            user = client.user
            if user.pk not in seen:
                here = [one for one in told if one["kind"] == "here" and one["user"] != user.pk]
                seen[user.pk] = [one for one in told if one["kind"] != "here"] + seen_only(user, here)
            if seen[user.pk]:
                client.loop.call_soon_threadsafe(client.put, seen[user.pk])

    def _listen(self, wake: int) -> None:
        sent: deque[int] = deque(maxlen=REMEMBERED)
        last: int | None = None
        while True:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(f"LISTEN {CHANNEL}; LISTEN {fleeting.CHANNEL}")
                if last is None:
                    last = newest()
                    sent.extend(event.pk for event in read_after(last))
                    self.ready.set()
                patience = 0.0  # after a lost connection there may be something at once
                while True:
                    stop, news = _woken(wake, patience)
                    if stop:
                        break
                    patience = WAIT_SECONDS
                    fresh = [event for event in read_after(last) if event.pk not in sent]
                    sent.extend(event.pk for event in fresh)
                    last = max([last, *(event.pk for event in fresh)])
                    if fresh:
                        self.hand_out(fresh)
                    self.pass_on(news)
                connection.close()
                return
            except (DatabaseError, InterfaceError):
                log.warning("lost the database; listening again", exc_info=True)
                connection.close()
                if select.select([wake], [], [], 1.0)[0]:
                    return


def _woken(wake: int, seconds: float) -> tuple[bool, list[Here]]:
    """Wait so long for a notice of the database: whether the hub stops, and the fleeting news.

    A notice that came along with the answer to a query has left the socket already and is in the list.
    """
    raw = connection.connection
    ready = select.select([raw, wake], [], [], 0.0 if raw.notifies else seconds)[0]
    if raw in ready:
        raw.poll()
    news = [json.loads(notice.payload) for notice in raw.notifies if notice.channel == fleeting.CHANNEL]
    raw.notifies.clear()
    return wake in ready, news


hub = Hub()


async def stream(request: HttpRequest) -> HttpResponseBase:
    """`/events/`: a text/event-stream of the cases that the user may see, while the login lasts.

    503 under WSGI, where an open stream would block a whole worker: pages then ask by themselves every few seconds.
    """
    user = await request.auser()
    if not isinstance(user, User):
        return HttpResponse(status=401)
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    if not await sync_to_async(_may_listen)(user):
        return HttpResponse(status=403)
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=503)
    last = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    session = request.session.session_key

    def still() -> User | None:
        fresh = User.objects.filter(pk=user.pk, is_active=True).first()
        return fresh if fresh and request.session.exists(session or "") and _may_listen(fresh) else None

    body = messages(user, int(last) if last.isdecimal() else None, still)
    response = StreamingHttpResponse(body, content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


stream.permissions = {"GET": "live"}  # type: ignore[attr-defined]  # as @allow leaves it, which cannot wrap a coroutine


def _may_listen(user: User) -> bool:
    return may(scope_of(user).roles, "live")


async def messages(user: User, last: int | None, still: Callable[[], User | None]) -> AsyncIterator[bytes]:
    """The stream's bytes: what was missed, then what comes, and a beat when nothing does.

    `still` reads the user again, with the rights of the moment; None ends the stream.
    """
    loop = asyncio.get_running_loop()
    client = Client(user, loop, await _asked(_at_console, user))
    hub.join(client)
    try:
        await asyncio.to_thread(hub.ready.wait, WAIT_SECONDS)
        missed = await _asked(_missed, user, last)
        here = await _asked(hub.presence.others, user) if client.console else []
        yield b"retry: 2000\n\n" + b"".join(map(_line, [*missed, *here]))
        looked = loop.time()
        while True:
            try:
                message = await asyncio.wait_for(client.queue.get(), BEAT_SECONDS)
                if message is None:
                    return
                yield _line(message)
            except TimeoutError:
                yield b"event: beat\ndata: {}\n\n"
            if loop.time() - looked >= BEAT_SECONDS:
                looked, now = loop.time(), await _asked(still)
                if now is None:
                    return
                client.user = now
    finally:
        hub.leave(client)


async def _asked(do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask the database in the request's own thread, and give its connection back: a stream lasts for hours.

    Otherwise each open page would hold one of the server's connections, and a hundred pages all of them.
    """

    def ask() -> T:
        try:
            return do(*args, **kwargs)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return await sync_to_async(ask)()


def _at_console(user: User) -> bool:
    return may(scope_of(user).roles, "console")


def _missed(user: User, last: int | None) -> list[Message]:
    return [] if last is None else [as_message(event) for event in seen_by(user, read_after(last))]


def _line(message: Message) -> bytes:
    number = f"id: {message['id']}\n" if "id" in message else ""  # fleeting news has none: nobody comes back to it
    return f"{number}data: {json.dumps(message, ensure_ascii=False)}\n\n".encode()
