"""News: the stream, what it leaves out, and polling."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import pytest
from asgiref.sync import ThreadSensitiveContext, async_to_sync
from django.db import connection
from django.test import AsyncClient, Client

from desks import live
from desks.changes import newest, read_changes
from desks.live import QUEUE, Hub, messages
from desks.live import Client as Page
from dispatch.models import Case, Event
from people.models import RoleGrant
from tests.town import NOW, Town, at

Login = Callable[[str], Client]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    fresh = Hub()
    monkeypatch.setattr(live, "hub", fresh)
    yield fresh
    fresh.stop()


def tell(case: Case, kind: str = "step") -> Event:
    return Event.objects.create(kind=kind, case=case, created_at=NOW)


async def heard(stream: AsyncIterator[bytes]) -> dict[str, Any]:
    """The next message of a stream, without beats and greetings."""
    while True:
        piece = await asyncio.wait_for(anext(stream), 20)
        for line in piece.decode().splitlines():
            if line.startswith("data: ") and line != "data: {}":
                message: dict[str, Any] = json.loads(line[6:])
                return message


def test_polling_tells_what_happened_after_the_cursor(login: Login, town: Town) -> None:
    client = login("dispatcher")
    start = client.get("/console/changes/").json()["cursor"]
    case = town.report()
    answer = client.get("/console/changes/", {"after": start}).json()
    assert {event["case"] for event in answer["events"]} == {case.number}
    assert answer["cursor"] == newest() > start


def test_a_page_says_which_news_it_already_shows(login: Login, town: Town) -> None:
    event = tell(town.report())
    page = login("dispatcher").get("/console/").content.decode()
    assert f'data-known="{event.pk},' in page


def test_polling_tells_only_about_cases_that_one_may_see(town: Town) -> None:
    RoleGrant.objects.filter(role="dispatcher").update(area_code=town.communities[1].code)
    town.report()
    there = town.report(point=at(350, 50))
    events, _cursor = read_changes(town.people["dispatcher"], "0")
    assert {event["case"] for event in events} == {there.number}


def test_news_carries_no_words_of_residents(town: Town) -> None:
    town.report("王女士说井盖丢失")
    events, _cursor = read_changes(town.people["dispatcher"], "0")
    assert events
    assert set(events[0]) == {"id", "kind", "case", "state", "urgent"}


def test_an_event_that_committed_late_is_still_told(town: Town) -> None:
    late = tell(town.report())
    shown, cursor = read_changes(town.people["dispatcher"], str(late.pk + 5))
    assert late.pk in {event["id"] for event in shown}
    assert cursor == late.pk + 5


def test_the_stream_is_refused_where_it_would_block_a_worker(login: Login) -> None:
    assert login("dispatcher").get("/events/").status_code == 503


def test_visitors_hear_nothing(client: Client, db: None) -> None:
    assert client.get("/events/").status_code == 401
    assert client.get("/console/changes/").status_code == 302


def test_a_page_that_is_too_slow_is_cut_off(town: Town) -> None:
    async def play() -> Page:
        page = Page(town.people["dispatcher"], asyncio.get_running_loop())
        page.put([{"id": number} for number in range(QUEUE * 2)])
        return page

    page = asyncio.run(play())
    assert page.cut
    assert page.queue.qsize() == QUEUE


@pytest.mark.django_db(transaction=True)
def test_an_event_reaches_the_pages_of_those_who_may_see_its_case(hub: Hub, town: Town) -> None:
    RoleGrant.objects.filter(role="operator").update(area_code=town.communities[1].code)
    here, there = town.report(), town.report(point=at(350, 50))

    async def play() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        all_ = messages(town.people["dispatcher"], None, lambda: town.people["dispatcher"])
        some = messages(town.people["operator"], None, lambda: town.people["operator"])
        await anext(all_), await anext(some)
        await asyncio.to_thread(in_thread, lambda: (tell(here), tell(there)))
        try:
            return [await heard(all_), await heard(all_)], await heard(some)
        finally:
            await all_.aclose()  # type: ignore[attr-defined]
            await some.aclose()  # type: ignore[attr-defined]

    both, one = async_to_sync(play)()
    assert [message["case"] for message in both] == [here.number, there.number]
    assert one["case"] == there.number
    assert not hub.clients


@pytest.mark.django_db(transaction=True)
def test_a_page_that_comes_back_gets_what_it_missed(hub: Hub, town: Town) -> None:
    case = town.report()
    last = newest()
    missed = tell(case)

    async def play() -> bytes:
        stream = messages(town.people["dispatcher"], last, lambda: None)
        try:
            return await anext(stream)
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    assert f"id: {missed.pk}\n".encode() in async_to_sync(play)()


@pytest.mark.django_db(transaction=True)
def test_the_stream_ends_with_the_login(hub: Hub, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_SECONDS", 0.01)

    async def play() -> list[bytes]:
        return [piece async for piece in messages(town.people["dispatcher"], None, lambda: None)]

    assert async_to_sync(play)()[-1].startswith(b"event: beat")


@pytest.mark.django_db(transaction=True)
def test_the_stream_is_an_event_stream(hub: Hub, town: Town) -> None:
    case = town.report()

    async def play() -> tuple[int, str, bytes]:
        client = AsyncClient()
        await client.aforce_login(town.people["dispatcher"])
        answer = await client.get("/events/?after=0")
        stream: Any = aiter(cast(Any, answer))
        first = await anext(stream)
        await stream.aclose()
        return answer.status_code, answer["Content-Type"], first

    status, kind, first = async_to_sync(play)()
    assert (status, kind) == (200, "text/event-stream")
    assert case.number.encode() in first


def in_thread(work: Callable[[], Any]) -> None:
    """Run database work in this thread, and close its connection."""
    from django.db import connection

    try:
        work()
    finally:
        connection.close()


def connections() -> int:
    """How many of the server's connections are open to this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_an_open_page_holds_no_connection_to_the_database(hub: Hub, town: Town) -> None:
    dispatcher, ended = town.people["dispatcher"], asyncio.Event()

    async def page(opened: asyncio.Event) -> None:
        async with ThreadSensitiveContext():  # as the server gives one to each request
            stream = messages(dispatcher, newest_known, lambda: dispatcher)
            await anext(stream)
            opened.set()
            await ended.wait()
            await stream.aclose()  # type: ignore[attr-defined]

    async def play() -> int:
        opened = [asyncio.Event() for _each in range(8)]
        pages = [asyncio.create_task(page(each)) for each in opened]
        for each in opened:
            await asyncio.wait_for(each.wait(), 20)
        number: list[int] = []
        await asyncio.to_thread(in_thread, lambda: number.append(connections()))
        ended.set()
        await asyncio.gather(*pages)
        return number[0]

    newest_known, before = newest(), connections()
    assert asyncio.run(play()) <= before + 2  # the listener, and who counts
