"""The hash chain of a case's log: each row holds a digest over itself and the digest of the row before it.

Pure. The form of what is hashed may never change: every stored digest, and every seal outside the database, was made
with it. It must say the same for a row in memory and for the row that PostgreSQL gives back years later.
"""

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

FORM = "gridmap-log-1"
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))


class Link(NamedTuple):
    """What of a step is hashed: codes, ids, times and digests, never the words of people."""

    version: int
    action: str
    from_state: str
    to_state: str
    part_id: int | None
    actor_id: int | None
    role: str
    agency_id: int | None
    reason_code: str
    facts: Any
    words: str  # digest_of_words, empty where nothing was said
    occurred_at: datetime
    recorded_at: datetime
    operation: UUID


def begin(number: str) -> str:
    """What the first row of a case follows: the case's number, so that no row fits into another case."""
    return hashlib.sha256(f"{FORM}\n{number}".encode()).hexdigest()


def follow(previous: str, link: Link) -> str:
    """The digest of a row that comes after a digest; 64 hexadecimal digits."""
    return hashlib.sha256(f"{previous}\n{canonical(link)}".encode()).hexdigest()


def canonical(link: Link) -> str:
    """A step as one line of ASCII: the same before and after it was stored.

    Times are UTC with microseconds, what `timestamptz` keeps. Keys of facts are sorted, and a number that is whole has
    no point, because jsonb keeps neither the order nor the notation. NaN and infinity are a ValueError, as in jsonb.
    """
    values = [
        int(link.version),
        str(link.action),
        str(link.from_state),
        str(link.to_state),
        link.part_id,
        link.actor_id,
        str(link.role),
        link.agency_id,
        str(link.reason_code),
        plain(link.facts),
        link.words,
        moment(link.occurred_at),
        moment(link.recorded_at),
        str(link.operation),
    ]
    return _ENCODER.encode(values)


def moment(at: datetime) -> str:
    """A time in UTC with microseconds; a time without zone is a ValueError, because it means nothing later."""
    if at.tzinfo is None:
        raise ValueError("a time of the log needs its zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """JSON as jsonb gives it back: keys are strings, tuples are lists, whole numbers have no point."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))  # jsonb keeps the decimal digits that were written, not the binary number
    return value


def new_salt() -> str:
    """Chance that is kept beside the words and goes with them: without it a short remark could be guessed."""
    return secrets.token_hex(16)


def digest_of_words(salt: str, text: str) -> str:
    """What the log knows of somebody's words: enough to see a change, nothing to read."""
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()
