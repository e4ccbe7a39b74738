"""Where inspectors are: kept only while they are on duty, and only the newest."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.geos import Point

from dispatch.fleeting import tell
from gridmap.datums import lonlat
from inspectors.models import Position, Shift
from people.models import User


@dataclass(frozen=True)
class Fix:
    """What a phone measured: point in the city's SRID, accuracy in metres (68 % radius), and when."""

    point: Point
    accuracy_m: float
    taken_at: datetime


def note(user: User, fix: Fix, at: datetime) -> bool:
    """Keep a position, if the user is on duty and it is not older than the one that is known; whether it was kept."""
    if not Shift.objects.on_duty(at).filter(inspector=user).exists():
        return False
    values = {"point": fix.point, "accuracy_m": fix.accuracy_m, "seen_at": fix.taken_at}
    position, made = Position.objects.get_or_create(inspector=user, defaults=values)
    kept = made or bool(Position.objects.filter(pk=position.pk, seen_at__lt=fix.taken_at).update(**values))
    if kept:
        lon, lat = lonlat(fix.point)
        place = {"lon": round(lon, 6), "lat": round(lat, 6), "accuracy": round(fix.accuracy_m)}
        tell("position", {"inspector": user.pk, **place, "at": fix.taken_at.isoformat()})
    return kept
