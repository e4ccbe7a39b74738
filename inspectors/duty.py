"""值勤: clocking in and out, breaks, and the spans of time for which somebody was on duty.

Each operation takes a UUID and is done once; the second time it answers with the row that it made.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from dispatch.models import Event
from dispatch.profile import profile
from inspectors.dutyrefusals import DutyError, OutsideError
from inspectors.dutyrules import Presence, Span, rest_left
from inspectors.models import Attendance, Break, DutyZone, Shift
from inspectors.positions import Fix
from inspectors.presence import judge
from inspectors.zones import cells_of
from people.models import User

# a clocking out that comes so long after the end of the shift still ends it: work went on
LATE_OUT = timedelta(hours=6)


def outside_m(zone: DutyZone, point: Point, day: date) -> float:
    """Metres from a point to the zone, 0 inside; 0 too for a zone that has no ground yet."""
    found = cells_of([zone.pk], day).aggregate(nearest=Min(Distance("geom", point)))["nearest"]
    return found.m if found is not None else 0.0


def shift_to_begin(user: User, at: datetime) -> Shift | None:
    """The user's shift that runs, or that begins within the minutes of the profile; the earlier one first."""
    soon = at + timedelta(minutes=profile().on_duty.early_minutes)
    mine = Shift.objects.filter(inspector=user, starts_at__lte=soon, ends_at__gt=at)
    return mine.select_related("zone").order_by("starts_at", "pk").first()


def open_attendance(user: User, at: datetime) -> Attendance | None:
    """The attendance that the user has begun and not ended, of a shift that runs or has just ended."""
    mine = Attendance.objects.filter(shift__inspector=user, out_at=None, shift__ends_at__gt=at - LATE_OUT)
    return mine.select_related("shift__zone").order_by("-in_at").first()


def _judged(zone: DutyZone, fix: Fix, reason: str, end: str) -> dict[str, Any]:
    """The columns of one end of an attendance; raises OutsideError where a reason is missing."""
    metres = outside_m(zone, fix.point, timezone.localdate(fix.taken_at))
    far = judge(metres, fix.accuracy_m, None).far
    if far and not reason.strip():
        raise OutsideError(metres)
    facts = {"point": fix.point, "accuracy_m": fix.accuracy_m, "outside_m": metres, "far": far}
    return {f"{end}_{name}": value for name, value in facts.items()} | {f"{end}_reason": reason.strip() if far else ""}


def _lock(user: User) -> None:
    """Two operations of one inspector come one after the other, whatever they are about."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


@transaction.atomic
def clock_in(fix: Fix, reason: str, *, by: User, at: datetime, operation: UUID) -> Attendance:
    """签到 at the time of the fix; raises DutyError, OutsideError."""
    _lock(by)
    before = Attendance.objects.filter(in_operation=operation, shift__inspector=by).first()
    if before is not None:
        return before
    shift = shift_to_begin(by, fix.taken_at)
    if shift is None:
        raise DutyError("no_shift")
    if shift.attendances.filter(out_at=None).exists():
        raise DutyError("here_already")
    last = shift.attendances.order_by("-out_at").first()
    # an older operation that comes late must not lie inside an attendance that is known
    in_at = max(fix.taken_at, last.out_at) if last is not None and last.out_at else fix.taken_at
    judged = _judged(shift.zone, fix, reason, "in")
    made = Attendance.objects.create(shift=shift, in_at=in_at, in_recorded_at=at, in_operation=operation, **judged)
    _announce("duty.in", by, shift, at)
    return made


@transaction.atomic
def clock_out(fix: Fix, reason: str, *, by: User, at: datetime, operation: UUID) -> Attendance:
    """签退 at the time of the fix; a break that runs ends with it. Raises DutyError, OutsideError."""
    _lock(by)
    before = Attendance.objects.filter(out_operation=operation, shift__inspector=by).first()
    if before is not None:
        return before
    found = open_attendance(by, fix.taken_at)
    if found is None:
        raise DutyError("not_here")
    # the position may be older than the last break: who stands still is measured seldom
    out_at = max(fix.taken_at, found.in_at, *(rest.ends_at or rest.starts_at for rest in found.breaks.all()))
    facts = {"out_at": out_at, "out_recorded_at": at, "out_operation": operation}
    facts |= _judged(found.shift.zone, fix, reason, "out")
    for running in found.breaks.filter(ends_at=None):
        ended = max(min(out_at, running.until_at), running.starts_at)
        Break.objects.filter(pk=running.pk).update(ends_at=ended)
    for name, value in facts.items():
        setattr(found, name, value)
    found.save(update_fields=list(facts))
    _announce("duty.out", by, found.shift, at)
    return found


@transaction.atomic
def break_start(begins_at: datetime, *, by: User, at: datetime, operation: UUID) -> Break:
    """休息 from a moment on, for as long as the shift has minutes left; raises DutyError."""
    _lock(by)
    before = Break.objects.filter(start_operation=operation, attendance__shift__inspector=by).first()
    if before is not None:
        return before
    found = open_attendance(by, begins_at)
    if found is None:
        raise DutyError("not_here")
    rested = breaks_of(found.shift)
    begins_at = max([begins_at, found.in_at, *(each.ends_at for each in rested if each.ends_at)])
    if any(each.over_at > begins_at for each in rested):
        raise DutyError("resting")
    left = left_to_rest(rested)
    if len(rested) >= profile().on_duty.breaks or left <= timedelta():
        raise DutyError("no_break_left")
    # one that nobody ended and whose time is used up
    for forgotten in rested:
        if forgotten.ends_at is None:
            Break.objects.filter(pk=forgotten.pk).update(ends_at=forgotten.until_at)
    made = Break.objects.create(
        attendance=found, starts_at=begins_at, until_at=begins_at + left, start_operation=operation
    )
    _announce("duty.break", by, found.shift, at)
    return made


@transaction.atomic
def break_end(ends_at: datetime, *, by: User, at: datetime, operation: UUID) -> Break:
    """Back from a break; raises DutyError where none runs."""
    _lock(by)
    mine = Break.objects.filter(attendance__shift__inspector=by)
    before = mine.filter(end_operation=operation).first()
    if before is not None:
        return before
    running = mine.filter(ends_at=None).select_related("attendance__shift").order_by("-starts_at").first()
    if running is None:
        raise DutyError("not_resting")
    running.ends_at = min(max(ends_at, running.starts_at), running.until_at)
    running.end_operation = operation
    running.save(update_fields=["ends_at", "end_operation"])
    _announce("duty.back", by, running.attendance.shift, at)
    return running


def breaks_of(shift: Shift) -> list[Break]:
    """All breaks of a shift, in order."""
    return list(Break.objects.filter(attendance__shift=shift))


def left_to_rest(rested: Iterable[Break]) -> timedelta:
    """How much rest a shift has left."""
    spans = [(each.starts_at, each.over_at) for each in rested]
    return rest_left(spans, timedelta(minutes=profile().on_duty.break_minutes))


def spans(user: User, first: datetime, last: datetime) -> list[Span]:
    """When the user was on duty between two moments, in order; three queries."""
    shifts = Shift.objects.filter(inspector=user, starts_at__lt=last, ends_at__gt=first)
    found: list[Span] = []
    must = profile().on_duty.clock_in == "required"
    for shift in shifts.prefetch_related("attendances__breaks"):
        attended = shift.attendances.all()
        rested = [(rest.starts_at, rest.over_at) for each in attended for rest in each.breaks.all()]
        times = [(each.in_at, each.out_at) for each in attended]
        found += Presence((shift.starts_at, shift.ends_at), times, rested, must).spans()
    return sorted((max(start, first), min(end, last)) for start, end in found if start < last and end > first)


def _announce(kind: str, user: User, shift: Shift, at: datetime) -> None:
    """Tell whoever assigns tasks that somebody came or went."""
    payload = {"inspector": user.pk, "shift": shift.pk, "zone": shift.zone_id}
    Event.objects.create(kind=kind, payload=payload, created_at=at)
