"""Calls at the telephone: numbers as they are written, what a call centre tells of a call, abandoned ones, counts.

A door for a call centre's machine needs nothing but `Ring` and `abandon`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from dispatch.models import Call, Channel, Person
from people.models import User

LINK_LONGEST = 500
LATE = timedelta(minutes=5)  # how far another machine's clock may be ahead of ours
_MOBILE = re.compile(r"(?:\+?86|0086)?(1\d{10})")


class BadLinkError(ValueError):
    """A recording's address that is not taken: "not_a_link", or "host", which is none of the configured ones."""


@dataclass(frozen=True)
class Ring:
    """What the call centre's screen pop says of a call beside the number; all of it may be unknown.

    `returns` is the abandoned call that is being called back.
    """

    external_ref: str = ""
    recording: str = ""
    started_at: datetime | None = None
    returns: Call | None = None


@dataclass(frozen=True)
class Day:
    """Calls of one day of the city's calendar, by telephone only."""

    day: date
    answered: int = 0
    abandoned: int = 0
    outgoing: int = 0

    @property
    def came(self) -> int:
        return self.answered + self.abandoned

    @property
    def share(self) -> int | None:
        """接通率 in per cent; None where nobody called."""
        return round(100 * self.answered / self.came) if self.came else None


def compact(phone: str) -> str:
    """A number without blanks and brackets, a mobile one without +86; other numbers keep their dash."""
    bare = re.sub(r"[\s()（）]", "", phone)
    mobile = _MOBILE.fullmatch(bare.replace("-", ""))
    return mobile[1] if mobile else bare


def written(phone: str) -> list[str]:
    """The ways in which one number may have been written down: 051484612345, 0514-84612345."""
    plain = compact(phone)
    digits = plain.replace("-", "")
    ways = {phone.strip(), plain, digits}
    if digits.startswith("0") and len(digits) >= 10:
        ways |= {f"{digits[:3]}-{digits[3:]}", f"{digits[:4]}-{digits[4:]}"}
    return sorted(ways - {""})


def recording_link(text: str, hosts: Iterable[str]) -> str:
    """The address of a recording on one of these hosts (or host:port), or BadLinkError; nothing stays nothing."""
    link = text.strip()
    if not link:
        return ""
    if len(link) > LINK_LONGEST or re.search(r"[\s\\\x00-\x1f\x7f]", link):
        raise BadLinkError("not_a_link")
    try:
        parts = urlsplit(link)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadLinkError("not_a_link") from error
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise BadLinkError("not_a_link")
    named = f"{host}:{port}" if port else host
    if named not in {each.lower() for each in hosts}:
        raise BadLinkError("host")
    return link


def taken(ring: Ring, *, channel: Channel, person: Person | None, by: User | None, at: datetime) -> Call:
    """The row of a call that somebody speaks on; one that the call centre has told of already is the same one."""
    outcome = Call.Outcome.OUTGOING if ring.returns else Call.Outcome.ANSWERED
    values: dict[str, Any] = {"person": person, "operator": by, "started_at": ring.started_at or at}
    values |= {"outcome": outcome, "recording": ring.recording}
    if not ring.external_ref:
        return Call.objects.create(channel=channel, **values)
    call, made = Call.objects.get_or_create(channel=channel, external_ref=ring.external_ref, defaults=values)
    if not made and call.outcome == Call.Outcome.ABANDONED:  # told as lost, and answered after all
        cleared = {"returned_at": None, "returned_how": "", "tries": 0, "tried_at": None, "ended_at": None}
        Call.objects.filter(pk=call.pk).update(**values | cleared)
        call.refresh_from_db()
    elif not made and ring.recording and not call.recording:
        Call.objects.filter(pk=call.pk).update(recording=ring.recording)
    return call


def spoken_to(call: Call, returns: Call | None, at: datetime) -> int:
    """Whoever has been spoken to waits for no call back any more, on any of their abandoned calls; how many waited."""
    if call.channel.kind != Channel.Kind.HOTLINE:
        return 0
    how = Call.Returned.REACHED if returns else Call.Returned.AGAIN
    phone = call.person.phone if call.person else ""
    mine = Q(pk=returns.pk) if returns else Q(pk=None)
    if phone:
        mine |= Q(person__phone__in=written(phone))
    return Call.objects.to_return().filter(mine).update(returned_at=at, returned_how=how)


@transaction.atomic
def abandon(
    *, channel: Channel, phone: str, started_at: datetime, ended_at: datetime, external_ref: str = "", at: datetime
) -> Call:
    """放弃来电: keep a call that ended before anybody answered it; told twice it is one call.

    It waits to be called back unless its number has been spoken to since, or is withheld (empty). Raises ValueError
    where it ends before it starts or has not ended yet.
    """
    if ended_at < started_at or ended_at > at + LATE:
        raise ValueError("an abandoned call has started, and has ended by now")
    person = _unnamed(compact(phone))
    told = Call.objects.filter(channel=channel)
    same = Q(external_ref=external_ref) if external_ref else Q(external_ref="", person=person, started_at=started_at)
    if known := told.filter(same).first():
        return known
    call = Call(channel=channel, person=person, started_at=started_at, ended_at=ended_at, external_ref=external_ref)
    call.outcome = Call.Outcome.ABANDONED
    spoken = Call.objects.exclude(outcome=Call.Outcome.ABANDONED).filter(started_at__gte=started_at)
    if person is None:
        call.returned_at, call.returned_how = at, Call.Returned.DROPPED
    elif spoken.of_number(written(phone)).exists():
        call.returned_at, call.returned_how = at, Call.Returned.AGAIN
    call.save(force_insert=True)
    return call


def _unnamed(phone: str) -> Person | None:
    """The row of a number of which nothing else is known."""
    if not phone:
        return None
    known = Person.objects.filter(phone=phone, name="", company="", kind=Person.Kind.RESIDENT).first()
    return known or Person.objects.create(phone=phone)


def tried(call: Call, *, before: int, at: datetime) -> bool:
    """Called back in vain, after so many attempts before; a second press of the same button counts nothing."""
    waiting = Call.objects.to_return().filter(pk=call.pk, tries=before)
    return bool(waiting.update(tries=before + 1, tried_at=at))


def drop(call: Call, at: datetime) -> bool:
    """不再回拨: it waits no longer."""
    waiting = Call.objects.to_return().filter(pk=call.pk)
    return bool(waiting.update(returned_at=at, returned_how=Call.Returned.DROPPED))


def per_day(first: date, last: date) -> list[Day]:
    """Calls of each day of a span, the newest first, days without any too; one statement by the index of the start."""
    zone = settings.CITY.zone
    begin, end = (datetime.combine(day, time(0), zone) for day in (first, last + timedelta(days=1)))
    found = Call.objects.filter(channel__kind=Channel.Kind.HOTLINE, started_at__gte=begin, started_at__lt=end)
    counts = {value: Count("pk", filter=Q(outcome=value)) for value in Call.Outcome.values}
    rows = found.order_by().annotate(day=TruncDate("started_at", tzinfo=zone)).values("day").annotate(**counts)
    days = {day: Day(day, *numbers) for day, *numbers in rows.values_list("day", *counts)}
    span = [last - timedelta(days=number) for number in range((last - first).days + 1)]
    return [days.get(day, Day(day)) for day in span]


def in_all(days: Iterable[Day], day: date) -> Day:
    """Several days added up, under the name of one."""
    found = list(days)
    return Day(day, *(sum(getattr(each, name) for each in found) for name in ("answered", "abandoned", "outgoing")))
