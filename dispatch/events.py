"""Readers of the outbox: each continues from its own cursor, so nothing is lost when a process dies in between."""

import time
from collections.abc import Callable

from django.db import connection, transaction

from dispatch.models import Cursor, Event

Handler = Callable[[Event], None]
_READERS: dict[str, Handler] = {}
BATCH = 500
# how long a delivery waits for transactions older than the newest event before it leaves them to the next run
WAIT_SECONDS = 3.0


def register(reader: str, handler: Handler) -> None:
    """A higher floor listens: its handler gets every event in order, again after a crash; it must be idempotent."""
    _READERS[reader] = handler


def _pending(cursor: Cursor) -> list[Event]:
    """Events after the cursor that no running transaction can still come before."""
    after = "(e.xid, e.id) > (%s, %s) AND e.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    return list(
        Event.objects.raw(
            f"SELECT e.* FROM dispatch_event e WHERE {after} ORDER BY e.xid, e.id LIMIT {BATCH}",  # noqa: S608
            [cursor.xid, cursor.event_id],
        )
    )


def deliver(reader: str, handler: Handler) -> int:
    """Hand a reader what it has not had; returns how many. Handler and cursor commit together."""
    Cursor.objects.get_or_create(reader=reader)
    delivered = 0
    while True:
        with transaction.atomic():
            cursor = Cursor.objects.select_for_update(skip_locked=True).filter(reader=reader).first()
            if cursor is None:  # another worker is at it
                return delivered
            events = _pending(cursor)
            for event in events:
                handler(event)
            if events:
                cursor.xid, cursor.event_id = events[-1].xid, events[-1].pk
                cursor.save()
        delivered += len(events)
        if len(events) < BATCH:
            return delivered


def waiting(reader: str) -> bool:
    """Whether events lie beyond the reader's cursor, also ones held back by a running transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM dispatch_event e, dispatch_cursor c WHERE c.reader = %s"
            " AND (e.xid, e.id) > (c.xid, c.event_id))",
            [reader],
        )
        return bool(cursor.fetchone()[0])


def deliver_all() -> int:
    """Run every reader; the task of the worker, started by each step and once a minute."""
    delivered = 0
    until = time.monotonic() + WAIT_SECONDS
    for reader, handler in _READERS.items():
        delivered += deliver(reader, handler)
        while waiting(reader) and time.monotonic() < until:
            time.sleep(0.1)
            delivered += deliver(reader, handler)
    return delivered
