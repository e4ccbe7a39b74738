"""Frozen scorecards: figures of a period that never change again."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scorecard(models.Model):
    """评价: the figures of one agency and month as they were published, with formula versions and switches."""

    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="scorecards")
    month = models.DateField(_("月份"))  # its first day
    figures = models.JSONField(_("指标"))
    formulas = models.JSONField(_("公式版本"))
    switches = models.JSONField(_("统计口径"))
    frozen_at = models.DateTimeField(_("发布时间"))
    frozen_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")

    append_only = True

    class Meta:
        verbose_name = _("评价")
        verbose_name_plural = _("评价")
        ordering = ["-month", "agency"]
        constraints = [models.UniqueConstraint(name="scorecard_once", fields=["agency", "month"])]

    def __str__(self) -> str:
        return f"{self.agency} {self.month:%Y-%m}"
