"""kill -9 of every process in the middle of the work: what was acknowledged is there, what was announced arrives."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from dispatch.models import Case, Event, FieldTask, Step
from inspectors.models import DutyZone, Shift
from inspectors.schedules import ensure_schedules
from tests.loop.servers import Servers
from tests.town import Town, at, build_town

KILLS = 4


@pytest.fixture
def servers(transactional_db: None, tmp_path: Path) -> Iterator[Servers]:
    found = Servers(tmp_path)
    try:
        yield found
    finally:
        found.kill()


def on_duty(town: Town) -> None:
    """One inspector on duty in both communities, all day."""
    zone = DutyZone.objects.create(name="一号责任网格")
    zone.communities.set(town.communities)
    now = timezone.now()
    Shift.objects.create(
        inspector=town.people["inspector"],
        zone=zone,
        starts_at=now - timedelta(hours=4),
        ends_at=now + timedelta(hours=4),
    )


def work(servers: Servers, town: Town, cases: list[Case], done: list[uuid.UUID]) -> None:
    """Verify ordered; filed, urgency said and taken back, dispatched, signed: by its own person, each acknowledged."""
    for case in cases:
        path = f"/cases/{case.number}"
        steps: list[tuple[str, str, dict[str, Any]]] = (
            [("operator", "order_verify", {})]
            if case.state == "received"
            else [
                ("shift_lead", "file", {}),
                ("dispatcher", "urgency", {"note": "井口敞开", "reason_code": "traffic", "urgent": "yes"}),
                ("dispatcher", "urgency", {"note": "已有围挡", "urgent": "no"}),
                ("dispatcher", "dispatch", {"lead": town.water.pk}),
                ("handler", "sign", {}),
            ]
        )
        for version, (role, action, fields) in enumerate(steps, case.version):
            operation = uuid.uuid4()
            data = {"version": version, "operation": str(operation), **fields}
            assert servers.post(town.people[role], f"{path}/{action}/", data) == 200, (action, case.number)
            done.append(operation)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_nothing_acknowledged_is_lost_and_every_event_arrives(servers: Servers) -> None:
    town = build_town()
    on_duty(town)
    ensure_schedules()
    now = timezone.now()
    cases = [town.report(when=now, point=at(20 + 15 * n, 50)) for n in range(4)]
    cases += [town.to_state("to_file", town.report(when=now - timedelta(hours=2))) for _ in range(3)]
    before = Event.objects.count()
    servers.start()
    done: list[uuid.UUID] = []
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work, servers, town, cases, done)
        for _ in range(KILLS):
            # in the middle: after some more steps have been acknowledged
            wait_until(partial(enough, working, done, len(done) + 3), "steps go on")
            assert not working.done(), working.exception()
            servers.kill()
            servers.start()
        working.result(120)

    acknowledged = 4 * 1 + 3 * 5
    assert len(done) == acknowledged
    assert Step.objects.filter(operation__in=done).count() == acknowledged
    assert Event.objects.filter(step__operation__in=done).count() == acknowledged
    wait_until(lambda: not FieldTask.objects.open().filter(inspector=None).exists(), "every task has its inspector")
    told = servers.stream(town.people["dispatcher"], 0, Event.objects.count())
    assert {message["id"] for message in told} == set(Event.objects.values_list("pk", flat=True))
    assert len(told) > before + acknowledged  # the worker's own announcements too


def enough(working: Future[None], done: list[uuid.UUID], wanted: int) -> bool:
    return working.done() or len(done) >= wanted


def wait_until(true: Callable[[], bool], what: str, seconds: float = 75) -> None:
    """A schedule runs once a minute: that is the longest that a lost wake-up may take."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.05)
