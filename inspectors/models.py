"""People in the street: duty zones, shifts, positions and visits."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from inspectors.dutymodels import (
    Attendance,
    Break,
    Message,
    MessageCopy,
    PatrolDay,
    Track,
    TrackBatch,
    TrackConsent,
    there,
)
from inspectors.patrolmodels import CellPass, PossibleMiss, Spot

__all__ = [
    "Attendance",
    "Break",
    "CellPass",
    "DutyZone",
    "Message",
    "MessageCopy",
    "PatrolDay",
    "Position",
    "PossibleMiss",
    "Shift",
    "Spot",
    "Track",
    "TrackBatch",
    "TrackConsent",
    "Visit",
]


class DutyZone(models.Model):
    """责任网格: the communities that an inspector answers for while on duty."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    communities = models.ManyToManyField("gridmap.Area", related_name="+", verbose_name=_("社区"))

    class Meta:
        verbose_name = _("责任网格")
        verbose_name_plural = _("责任网格")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ShiftQuerySet(models.QuerySet["Shift"]):
    def planned(self, at: datetime) -> Self:
        """Shifts that run at an instant by the plan; at the moment of change only the next one does."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def on_duty(self, at: datetime) -> Self:
        """Planned shifts whose inspector is there: not clocked out, not on a break (ADR 39)."""
        return self.planned(at).filter(there(at))

    def covering(self, community_id: int | None) -> Self:
        """Adds `covers`: whether the shift's zone holds a community; no zone holds an unknown one."""
        known = [] if community_id is None else [community_id]
        return self.annotate(covers=Exists(DutyZone.objects.filter(pk=OuterRef("zone"), communities__in=known)))


class Shift(models.Model):
    """班次: one inspector on duty in one zone between two instants."""

    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="shifts", verbose_name=_("监督员"))
    zone = models.ForeignKey(DutyZone, models.PROTECT, related_name="shifts", verbose_name=_("责任网格"))
    starts_at = models.DateTimeField(_("开始时间"))
    ends_at = models.DateTimeField(_("结束时间"))

    objects = ShiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("班次")
        verbose_name_plural = _("班次")
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(name="shift_ends_after_start", condition=Q(ends_at__gt=F("starts_at")))]
        indexes = [models.Index(name="shift_time", fields=["starts_at", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.inspector_id} {self.starts_at:%F %H:%M}"


class Position(models.Model):
    """The latest known position of an inspector on duty, with its accuracy and age."""

    inspector = models.OneToOneField("people.User", models.CASCADE, related_name="position")
    point = models.PointField(_("位置"), srid=settings.CITY.srid)
    accuracy_m = models.FloatField(_("定位精度（米）"))
    seen_at = models.DateTimeField(_("定位时间"))

    class Meta:
        verbose_name = _("位置")
        verbose_name_plural = _("位置")

    def __str__(self) -> str:
        return f"{self.inspector_id}"


class Visit(models.Model):
    """到场: an inspector's stay at a place, answering a field task; presence is judged here, on the server."""

    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="visits")
    task = models.OneToOneField("dispatch.FieldTask", models.PROTECT, related_name="visit")
    point = models.PointField(_("位置"), srid=settings.CITY.srid)
    accuracy_m = models.FloatField(_("定位精度（米）"))
    arrived_at = models.DateTimeField(_("到场时间"))
    # metres between the inspector and the case as it was placed then
    distance_m = models.FloatField(_("距离（米）"))
    # further away than position accuracy and the case's uncertainty explain
    far = models.BooleanField(_("距离过远"), default=False)
    far_reason = models.CharField(_("远距原因"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("到场")
        verbose_name_plural = _("到场")
        constraints = [models.CheckConstraint(name="far_visit_has_reason", condition=Q(far=False) | ~Q(far_reason=""))]

    def __str__(self) -> str:
        return f"{self.inspector_id} {self.arrived_at:%F %H:%M}"
