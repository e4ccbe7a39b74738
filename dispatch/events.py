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


# The oldest transaction that may still add events here. Other databases of the cluster share the numbers but not the
# events: theirs do not count. One that cannot be told (it ends just now) counts, to be safe.
_HORIZON = """
    WITH s AS MATERIALIZED (SELECT pg_current_snapshot() AS snap), elsewhere AS (
        SELECT l.transactionid::text::bigint AS xid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'transactionid' AND l.granted AND l.mode = 'ExclusiveLock'
          AND a.datname <> current_database())
    SELECT coalesce(
        (SELECT min(x::text::bigint) FROM pg_snapshot_xip(s.snap) x
         WHERE x::text::bigint % 4294967296 NOT IN (SELECT xid FROM elsewhere)),
        pg_snapshot_xmax(s.snap)::text::bigint) FROM s
"""


def _pending(cursor: Cursor) -> list[Event]:
    """Events after the cursor that no running transaction can still come before.

    Two statements on purpose: the second sees everything that had ended when the first looked.
    """
    with connection.cursor() as statement:
        statement.execute(_HORIZON)
        (horizon,) = statement.fetchone()
    after = "(e.xid, e.id) > (%s, %s) AND e.xid < %s"
    return list(
        Event.objects.raw(
            f"SELECT e.* FROM dispatch_event e WHERE {after} ORDER BY e.xid, e.id LIMIT {BATCH}",  # noqa: S608
            [cursor.xid, cursor.event_id, horizon],
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


def skip_to(event_id: int) -> None:
    """Every reader goes on after an event of this transaction or of an earlier one: what was loaded is no news."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (xid,) = cursor.fetchone()
    for reader in _READERS:
        Cursor.objects.update_or_create(reader=reader, defaults={"xid": xid, "event_id": event_id})


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
