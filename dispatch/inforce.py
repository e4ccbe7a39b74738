"""The profile in force: chosen by a row, remembered by each process for a few seconds.

A choice is taken up at once by the process that made it and within `SECONDS` by every other one, without a question to
the database on each page (ADR 25).
"""

import hashlib
import time
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import transaction

from dispatch.models import ProfileChoice
from dispatch.profile import PROFILES, ProfileError, read_profile
from people.changes import log
from people.models import User

SECONDS = 5.0
DEFAULT = "default"
_known: tuple[float, str] | None = None  # until when, and the name


def name_in_force() -> str:
    """The name of the profile in force, at most `SECONDS` old."""
    if _known is not None and time.monotonic() < _known[0]:
        return _known[1]
    newest = ProfileChoice.objects.values_list("name", flat=True).first()
    name: str = newest or settings.CITY.profile
    remember(name, SECONDS)
    return name


def remember(name: str, seconds: float) -> None:
    """Take a name as the one in force for so many seconds."""
    global _known  # noqa: PLW0603 - one name a process
    _known = (time.monotonic() + seconds, name)


def forget() -> None:
    """Ask the database again at the next question."""
    global _known  # noqa: PLW0603
    _known = None


def names() -> list[str]:
    """The profiles that there are, the default first."""
    found = sorted(path.stem for path in PROFILES.glob("*.toml"))
    return [DEFAULT, *(name for name in found if name != DEFAULT)]


def digest(name: str) -> str:
    """SHA-256 over every setting of a profile, those that it leaves out too."""
    return hashlib.sha256(msgspec.json.encode(read_profile(name), order="sorted")).hexdigest()


@transaction.atomic
def choose(name: str, *, by: User | None, at: datetime, reason: str) -> ProfileChoice:
    """Put a profile in force from now on; what runs keeps the limits that it was given.

    Raises ProfileError where there is no such profile or its file is wrong, ValueError without a reason.
    """
    if name not in names():
        raise ProfileError(f"no such profile: {name}; there are {', '.join(names())}")
    if not reason.strip():
        raise ValueError("a choice needs a reason")
    newest = ProfileChoice.objects.values_list("name", flat=True).first()
    before = {"name": newest or settings.CITY.profile}
    made = ProfileChoice.objects.create(
        name=name, chosen_by=by, chosen_at=at, reason=reason.strip(), digest=digest(name)
    )
    log(by=by, at=at, of=made, before=before, after={"name": name}, key="in-force", name=name, reason=made.reason)
    _set_hours(name, by=by, at=at, reason=reason)
    transaction.on_commit(forget)
    return made


def _set_hours(name: str, *, by: User | None, at: datetime, reason: str) -> None:
    """Give the calendar in force the hours of the profile, where it names some; open clocks are planned anew."""
    from dispatch import recompute
    from dispatch.models import Calendar

    clocks, day = read_profile(name).clocks, at.astimezone(settings.CITY.zone).date()
    calendar = Calendar.objects.on(day).first()
    if calendar is None or not (clocks.hours or clocks.workdays):
        return
    periods = [list(period) for period in clocks.periods] or calendar.periods
    workdays = clocks.workdays or calendar.workdays
    if (periods, workdays) == (calendar.periods, calendar.workdays):
        return

    def change(found: Calendar) -> None:
        found.periods, found.workdays = periods, workdays

    what = f"{' '.join(clocks.hours)} {clocks.workdays}".strip()
    recompute.edit(calendar, change, what=f"{name}: {what}", why=reason, by=by, at=at)
