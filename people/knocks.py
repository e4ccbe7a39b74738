"""How often somebody without a login may try: counted in windows of time, in the database, for all processes together.

Who knocks (an address, a phone number) is kept as a keyed digest only, and no longer than the window.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from people.models import Knock


@dataclass(frozen=True)
class Door:
    """Something that may be tried so often within a window."""

    name: str
    most: int
    within: timedelta


def knock(tries: Iterable[tuple[Door, str]], at: datetime) -> bool:
    """Count a try at each door by who tries; whether it is still among those allowed at all of them."""
    # all are counted, also after one is shut: who is refused learns nothing of the others
    counted = [_counted(door, who, at) <= door.most for door, who in tries]
    return all(counted)


def _counted(door: Door, who: str, at: datetime) -> int:
    length = int(door.within.total_seconds())
    ends_at = datetime.fromtimestamp((int(at.timestamp()) // length + 1) * length, UTC)
    key = salted_hmac("people.knocks", f"{door.name}:{who}", algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_knock (key, ends_at, count) VALUES (%s, %s, 1) "
            "ON CONFLICT (key, ends_at) DO UPDATE SET count = people_knock.count + 1 RETURNING count",
            [key, ends_at],
        )
        count: int = cursor.fetchone()[0]
    if count == 1:  # now and then is often enough to sweep
        Knock.objects.filter(ends_at__lt=at).delete()
    return count


def address_of(request: HttpRequest) -> str:
    """The visitor's network address; behind our own door it comes in a header that the door has written."""
    direct: str = request.META.get("REMOTE_ADDR", "")
    # only the door speaks through the socket, and it replaces what a client claims about itself
    return direct or request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
