"""轨迹: consent to it, what is kept of the positions that a phone sends, and when it goes again (ADR 40)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import LineString
from django.db import connection, transaction
from django.db.models import QuerySet

from dispatch.profile import profile
from inspectors import positions
from inspectors.duty import spans
from inspectors.dutyrules import Span
from inspectors.models import CellPass, Message, Track, TrackBatch, TrackConsent
from inspectors.positions import Fix
from inspectors.trackthinning import GAP_S, Spot, length_m, pieces
from people.models import User

# of the text that an inspector is shown; another text wants another consent
CONSENT_VERSION = "2026-11"
# of what is not a track any more: when a cell was seen, whom a message reached
KEPT_DAYS = 400


def consent_of(user: User) -> TrackConsent | None:
    """The consent to the text of today that has not been withdrawn."""
    mine = TrackConsent.objects.filter(inspector=user, version=CONSENT_VERSION, withdrawn_at=None)
    return mine.first()


@transaction.atomic
def consent(user: User, *, given: bool, at: datetime, operation: UUID) -> TrackConsent | None:
    """Give or withdraw consent; the one that is in force afterwards. What an older text was agreed to ends here."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)
    if TrackConsent.objects.filter(operation=operation).exists():
        return consent_of(user)
    known = TrackConsent.objects.filter(inspector=user, withdrawn_at=None)
    if given and (now := known.filter(version=CONSENT_VERSION).first()):
        return now
    known.update(withdrawn_at=at)
    if not given:
        return None
    return TrackConsent.objects.create(inspector=user, version=CONSENT_VERSION, accepted_at=at, operation=operation)


@transaction.atomic
def record(fixes: Sequence[Fix], *, by: User, at: datetime, operation: UUID) -> TrackBatch:
    """Keep what a phone measured: with consent, on duty, thinned; the same operation is taken once.

    Without consent or off duty nothing is kept and the batch says so: a phone that was offline is not at fault.
    """
    batch, made = TrackBatch.objects.get_or_create(
        operation=operation, defaults={"inspector": by, "received_at": at, "sent": len(fixes)}
    )
    if not made or not fixes or consent_of(by) is None:
        return batch
    fixes = sorted(fixes, key=lambda fix: fix.taken_at)
    allowed = _allowed(by, fixes[0].taken_at, fixes[-1].taken_at)
    rules = profile().patrol
    kept: list[Track] = []
    for span, inside in allowed.items():
        mine = [fix for fix in fixes if span[0] <= fix.taken_at < span[1] and not _known(inside, fix.taken_at)]
        if not mine:
            continue
        spots = [_spot(fix, span[0]) for fix in mine]
        link = _link(by, span[0], mine[0].taken_at)
        found = pieces([*link, *spots], every_s=rules.track_every_s, tolerance_m=rules.track_tolerance_m)
        kept += [_track(piece, span[0], batch) for piece in found if [piece[-1]] != link]
    Track.objects.bulk_create(kept)
    batch.kept = sum(len(track.seconds) for track in kept)
    batch.save(update_fields=["kept"])
    _add_metres(by, kept)
    positions.note(by, fixes[-1], at)
    return batch


def _allowed(user: User, first: datetime, last: datetime) -> dict[Span, list[Span]]:
    """Spans on duty, each with what of it is known from another phone or another tab already."""
    known = Track.objects.filter(inspector=user, ends_at__gte=first, starts_at__lte=last)
    taken = sorted(known.values_list("starts_at", "ends_at"))
    # from a little earlier on, so that a piece that ended just before can be gone on with
    begin, end = first - timedelta(seconds=GAP_S), last + timedelta(microseconds=1)
    return {span: [each for each in taken if each[1] >= span[0]] for span in spans(user, begin, end)}


def _spot(fix: Fix, since: datetime) -> Spot:
    return Spot(fix.point.x, fix.point.y, fix.accuracy_m, (fix.taken_at - since).total_seconds())


def _link(user: User, since: datetime, first: datetime) -> list[Spot]:
    """The end of the piece before, so that a way sent in batches has no holes; none where it is too long ago."""
    earliest = max(since, first - timedelta(seconds=GAP_S))
    before = Track.objects.filter(inspector=user, ends_at__gte=earliest, ends_at__lt=first).order_by("-ends_at").first()
    if before is None:
        return []
    x, y = before.line.coords[-1]
    return [Spot(x, y, 0.0, (before.ends_at - since).total_seconds())]


def _known(taken: list[Span], at: datetime) -> bool:
    return any(start <= at <= end for start, end in taken[: bisect_right(taken, at, key=lambda span: span[0])])


def _track(piece: list[Spot], since: datetime, batch: TrackBatch) -> Track:
    first = piece[0].second
    return Track(
        batch=batch,
        inspector_id=batch.inspector_id,
        starts_at=since + timedelta(seconds=first),
        ends_at=since + timedelta(seconds=piece[-1].second),
        line=LineString([(spot.x, spot.y) for spot in piece], srid=settings.CITY.srid),
        seconds=[round(spot.second - first) for spot in piece],
        metres=length_m(piece),
    )


_METRES = """
    INSERT INTO inspectors_patrolday (inspector_id, day, metres) VALUES (%s, %s, %s)
    ON CONFLICT (inspector_id, day) DO UPDATE SET metres = inspectors_patrolday.metres + excluded.metres
"""


def _add_metres(user: User, tracks: Sequence[Track]) -> None:
    days: dict[date, float] = defaultdict(float)
    for track in tracks:
        days[track.ends_at.astimezone(settings.CITY.zone).date()] += track.metres
    with connection.cursor() as cursor:
        cursor.executemany(_METRES, [(user.pk, day, metres) for day, metres in sorted(days.items())])


class Day(NamedTuple):
    """The span of one day of the city."""

    first: datetime
    last: datetime


def day_of(at: datetime) -> Day:
    """The day of the city in which a moment lies."""
    first = at.astimezone(settings.CITY.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return Day(first, first + timedelta(days=1))


def of_today(inspector: User, at: datetime) -> "QuerySet[Track]":
    """The way of an inspector today: no other day is ever shown to anybody else."""
    return Track.objects.filter(inspector=inspector).of_day(*day_of(at))


def sweep(at: datetime) -> int:
    """Delete tracks after the days of the profile, and what they left behind after more than a year."""
    before = at - timedelta(days=profile().patrol.track_days)
    with transaction.atomic():
        gone, _each = Track.objects.filter(ends_at__lt=before).delete()
        TrackBatch.objects.filter(received_at__lt=before, pieces=None).delete()
        old = at - timedelta(days=KEPT_DAYS)
        CellPass.objects.filter(day__lt=old.date()).delete()
        Message.objects.filter(sent_at__lt=old).delete()
    return gone


def sweep_due() -> str:
    """The worker's daily task."""
    from django.utils import timezone

    return f"{sweep(timezone.now())} pieces of tracks"
