"""Screens on walls: their secret addresses, and whether one still works."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from people.models import Screen, User

SEEN_EVERY = timedelta(minutes=1)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_screen(*, name: str, language: str, by: User, at: datetime) -> tuple[Screen, str]:
    """A new screen and its secret: 256 bits, told once and never stored."""
    token = secrets.token_urlsafe(32)
    values = {"name": name, "language": language, "token_hash": digest(token)}
    return Screen.objects.create(**values, made_by=by, made_at=at), token


def revoke_screen(screen: Screen, *, by: User, at: datetime) -> bool:
    """Let an address open nothing any more; False where it already did not."""
    return bool(Screen.objects.open().filter(pk=screen.pk).update(revoked_at=at, revoked_by=by))


def find_screen(token: str) -> Screen | None:
    """The screen of a secret, while its address works. One query."""
    return Screen.objects.open().filter(token_hash=digest(token)).first()


def note_seen(screen: Screen, at: datetime) -> None:
    """Remember that the display asked; at most one write a minute, however often it asks."""
    if screen.seen_at is None or screen.seen_at <= at - SEEN_EVERY:
        unseen = Q(seen_at=None) | Q(seen_at__lt=at)
        Screen.objects.filter(unseen, pk=screen.pk).update(seen_at=at)
