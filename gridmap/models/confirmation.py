"""Positions that somebody gave for an address: what the gazetteer learns from."""

from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def valid(self) -> Self:
        """Those that nobody has revoked."""
        return self.filter(revoked_at=None)


class Confirmation(models.Model):
    """位置确认: an address as it was said, and the point that an operator, inspector or sender gave for it.

    `key` names the doorplate, crossing or named spot; confirmations with one key teach one place. A revoked one
    stays, with who revoked it and why.
    """

    class How(models.TextChoices):
        OPERATOR = "operator", _("受理员定位")
        INSPECTOR = "inspector", _("监督员现场定位")
        SENDER = "sender", _("来件坐标")

    key = models.CharField(max_length=200, db_index=True)
    address = models.CharField(_("地址"), max_length=300)
    area = models.CharField(_("区域"), max_length=60, blank=True)
    point = models.PointField(_("点位"), srid=settings.CITY.srid)
    accuracy_m = models.FloatField(_("精度（米）"), default=10)
    how = models.CharField(_("来源"), max_length=10, choices=How.choices)
    by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("时间"))
    # the case or report, as text: gridmap does not know them
    reference = models.CharField(_("案件"), max_length=60)
    place = models.ForeignKey(
        "gridmap.Place", models.SET_NULL, null=True, blank=True, related_name="confirmations", verbose_name=_("地名")
    )
    revoked_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    revoked_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    revoked_why = models.CharField(_("撤销原因"), max_length=200, blank=True)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("位置确认")
        verbose_name_plural = _("位置确认")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="confirmation_once", fields=["how", "reference"]),
            models.CheckConstraint(name="revoked_with_reason", condition=Q(revoked_at=None) | ~Q(revoked_why="")),
        ]
        indexes = [models.Index(name="confirmation_newest", fields=["-at", "-id"])]

    def __str__(self) -> str:
        return f"{self.address} ({self.reference})"
