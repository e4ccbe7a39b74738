"""Being on duty: attendance and breaks of a shift, consent to a track, tracks, and messages of the centre.

Points and lines are in metres of the city's reference system.
"""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dispatch.profile import profile
from people.models import User


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def at(self, at: datetime) -> Self:
        """Those that had begun and not ended at an instant."""
        return self.filter(Q(out_at=None) | Q(out_at__gt=at), in_at__lte=at)


class Attendance(models.Model):
    """考勤: from clocking in to clocking out in a shift; each end keeps where it was and why it was elsewhere.

    A shift can have several, one after the other: who clocked out by mistake clocks in again.
    """

    shift = models.ForeignKey("inspectors.Shift", models.PROTECT, related_name="attendances")
    in_at = models.DateTimeField(_("签到时间"))
    in_recorded_at = models.DateTimeField(_("签到记录时间"))
    in_point = models.PointField(_("签到位置"), srid=settings.CITY.srid, spatial_index=False)
    in_accuracy_m = models.FloatField(_("签到定位精度（米）"))
    # metres to the zone, 0 inside; `far` when accuracy does not explain them
    in_outside_m = models.FloatField(_("签到时距责任网格（米）"), default=0.0)
    in_far = models.BooleanField(_("在责任网格外签到"), default=False)
    in_reason = models.CharField(_("网格外签到原因"), max_length=200, blank=True)
    in_operation = models.UUIDField(unique=True)
    out_at = models.DateTimeField(_("签退时间"), null=True, blank=True)
    out_recorded_at = models.DateTimeField(_("签退记录时间"), null=True, blank=True)
    out_point = models.PointField(_("签退位置"), srid=settings.CITY.srid, null=True, blank=True, spatial_index=False)
    out_accuracy_m = models.FloatField(_("签退定位精度（米）"), null=True, blank=True)
    out_outside_m = models.FloatField(_("签退时距责任网格（米）"), default=0.0)
    out_far = models.BooleanField(_("在责任网格外签退"), default=False)
    out_reason = models.CharField(_("网格外签退原因"), max_length=200, blank=True)
    out_operation = models.UUIDField(unique=True, null=True, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("考勤")
        verbose_name_plural = _("考勤")
        ordering = ["in_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="one_open_attendance", fields=["shift"], condition=Q(out_at=None)),
            models.CheckConstraint(name="far_clock_in_has_reason", condition=Q(in_far=False) | ~Q(in_reason="")),
            models.CheckConstraint(name="far_clock_out_has_reason", condition=Q(out_far=False) | ~Q(out_reason="")),
            models.CheckConstraint(name="out_after_in", condition=Q(out_at=None) | Q(out_at__gte=F("in_at"))),
            models.CheckConstraint(
                name="clocked_out_iff_operation",
                condition=Q(out_at=None, out_operation=None, out_recorded_at=None)
                | Q(out_at__isnull=False, out_operation__isnull=False, out_recorded_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.in_at:%F %H:%M}"


class BreakQuerySet(models.QuerySet["Break"]):
    def at(self, at: datetime) -> Self:
        """Those that ran at an instant: a break that nobody ended is over when its time is used up."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at, until_at__gt=at)


class Break(models.Model):
    """休息: a pause in an attendance; at `until_at` it is over by itself."""

    attendance = models.ForeignKey(Attendance, models.PROTECT, related_name="breaks")
    starts_at = models.DateTimeField(_("开始时间"))
    until_at = models.DateTimeField(_("最迟结束时间"))
    ends_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    start_operation = models.UUIDField(unique=True)
    end_operation = models.UUIDField(unique=True, null=True, blank=True)

    objects = BreakQuerySet.as_manager()

    class Meta:
        verbose_name = _("休息")
        verbose_name_plural = _("休息")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(name="break_has_time", condition=Q(until_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="break_ends_after_start", condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at"))
            ),
            models.UniqueConstraint(name="one_open_break", fields=["attendance"], condition=Q(ends_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.attendance_id} {self.starts_at:%F %H:%M}"

    @property
    def over_at(self) -> datetime:
        """When it was over, or will be."""
        return min(self.ends_at or self.until_at, self.until_at)


def come(at: datetime) -> Q:
    """Which of the shifts that run at an instant have their people at work, on a break or not: not gone (ADR 39)."""
    mine = Attendance.objects.filter(shift=OuterRef("pk"))
    here = Q(Exists(mine.at(at)))
    if profile().on_duty.clock_in != "required":
        here |= ~Q(Exists(mine.filter(out_at__lte=at)))
    return here


def there(at: datetime) -> Q:
    """`come`, and not on a break."""
    resting = Break.objects.at(at).filter(attendance__shift=OuterRef("pk"))
    return come(at) & ~Q(Exists(resting))


class TrackConsent(models.Model):
    """轨迹告知同意: which text was accepted, when, and when it was withdrawn."""

    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="track_consents")
    version = models.CharField(_("文本版本"), max_length=20)
    accepted_at = models.DateTimeField(_("同意时间"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    operation = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("轨迹告知同意")
        verbose_name_plural = _("轨迹告知同意")
        ordering = ["-accepted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="one_track_consent", fields=["inspector"], condition=Q(withdrawn_at=None)),
            models.CheckConstraint(
                name="consent_withdrawn_later", condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("accepted_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspector_id} {self.version}"


class TrackBatch(models.Model):
    """One operation of a phone that brought positions: it is taken once, also when nothing of it was kept."""

    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    operation = models.UUIDField(unique=True)
    received_at = models.DateTimeField(db_index=True)
    sent = models.PositiveIntegerField()
    kept = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.inspector_id} {self.received_at:%F %H:%M}"


class TrackQuerySet(models.QuerySet["Track"]):
    def of_day(self, first: datetime, last: datetime) -> Self:
        """Pieces that ended in a span of time."""
        return self.filter(ends_at__gte=first, ends_at__lt=last).order_by("starts_at", "pk")

    def visible_to(self, user: User) -> Self:
        """Only the own one; the shift lead reads others' on a page that asks why and logs it."""
        return self.filter(inspector=user)


class Track(models.Model):
    """轨迹: a piece of the way of an inspector on duty, thinned; `seconds` of each corner after `starts_at`."""

    batch = models.ForeignKey(TrackBatch, models.CASCADE, related_name="pieces")
    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="tracks")
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))
    line = models.LineStringField(_("路线"), srid=settings.CITY.srid, spatial_index=False)
    seconds = ArrayField(models.IntegerField(), verbose_name=_("各点时刻（秒）"))
    metres = models.FloatField(_("长度（米）"))
    # whether the cells that it passed were marked as seen
    read = models.BooleanField(default=False)

    objects = TrackQuerySet.as_manager()

    class Meta:
        verbose_name = _("轨迹")
        verbose_name_plural = _("轨迹")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(name="track_of_inspector", fields=["inspector", "ends_at"]),
            models.Index(name="track_unread", fields=["id"], condition=Q(read=False)),
            models.Index(name="track_age", fields=["ends_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.inspector_id} {self.starts_at:%F %H:%M}"


class PatrolDay(models.Model):
    """How far an inspector went on a day, in metres; it stays when the track has gone."""

    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="patrol_days")
    day = models.DateField(_("日期"))
    metres = models.FloatField(_("巡查里程（米）"), default=0.0)

    class Meta:
        verbose_name = _("巡查里程")
        verbose_name_plural = _("巡查里程")
        constraints = [models.UniqueConstraint(name="patrol_day_once", fields=["inspector", "day"])]

    def __str__(self) -> str:
        return f"{self.inspector_id} {self.day:%F}"

    @classmethod
    def metres_between(cls, inspector: User, first: date, last: date) -> float:
        """Metres of an inspector on the days from `first` up to and with `last`."""
        rows = cls.objects.filter(inspector=inspector, day__gte=first, day__lte=last)
        return rows.aggregate(sum=models.Sum("metres"))["sum"] or 0.0


class Message(models.Model):
    """现场通知: what the centre tells one inspector, those of a zone, or all on duty; addressed when it is sent."""

    class To(models.TextChoices):
        ONE = "one", _("一名监督员")
        ZONE = "zone", _("责任网格当班人员")
        ALL = "all", _("全部当班人员")

    to = models.CharField(_("发给"), max_length=4, choices=To.choices)
    zone = models.ForeignKey("inspectors.DutyZone", models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(_("内容"), max_length=500)
    urgent = models.BooleanField(_("紧急"), default=False)
    sent_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("发送时间"), db_index=True)
    operation = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("现场通知")
        verbose_name_plural = _("现场通知")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="message_to_zone_names_it",
                condition=(Q(to="zone", zone__isnull=False) | (~Q(to="zone") & Q(zone=None))),
            )
        ]

    def __str__(self) -> str:
        return f"{self.sent_at:%F %H:%M}"


class MessageCopyQuerySet(models.QuerySet["MessageCopy"]):
    def visible_to(self, user: User) -> Self:
        """An inspector's own copies."""
        return self.filter(inspector=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class MessageCopy(models.Model):
    """One inspector's copy of a message, and when it was read."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="copies")
    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="message_copies")
    read_at = models.DateTimeField(_("阅读时间"), null=True, blank=True)
    operation = models.UUIDField(unique=True, null=True, blank=True)

    objects = MessageCopyQuerySet.as_manager()

    class Meta:
        verbose_name = _("通知回执")
        verbose_name_plural = _("通知回执")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="message_copy_once", fields=["message", "inspector"]),
            models.CheckConstraint(
                name="copy_read_iff_operation",
                condition=Q(read_at=None, operation=None) | Q(read_at__isnull=False, operation__isnull=False),
            ),
        ]
        indexes = [models.Index(name="copy_unread", fields=["inspector"], condition=Q(read_at=None))]

    def __str__(self) -> str:
        return f"{self.message_id}/{self.inspector_id}"
