"""Frozen scorecards: figures of a period that never change again, and the rows behind them."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from scorecards.periods import Month


class ScorecardQuerySet(models.QuerySet["Scorecard"]):
    def of_month(self, month: Month) -> Self:
        return self.filter(month=month.first)


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

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        verbose_name = _("评价")
        verbose_name_plural = _("评价")
        ordering = ["-month", "agency"]
        constraints = [models.UniqueConstraint(name="scorecard_once", fields=["agency", "month"])]

    def __str__(self) -> str:
        return f"{self.agency} {self.month:%Y-%m}"


class EntryQuerySet(models.QuerySet["Entry"]):
    def of_month(self, month: Month) -> Self:
        return self.filter(scorecard__month=month.first)

    def in_figure(self, key: str) -> Self:
        return self.filter(figures__contains=[key])


class Entry(models.Model):
    """计入明细: one clock (and callback) that a frozen scorecard counted, with the keys of the counts that it is in."""

    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="entries")
    clock = models.ForeignKey("dispatch.Clock", models.PROTECT, related_name="+")
    callback = models.ForeignKey("dispatch.Callback", models.PROTECT, null=True, related_name="+")
    figures = ArrayField(models.CharField(max_length=30), verbose_name=_("计入指标"))

    append_only = True

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("计入明细")
        verbose_name_plural = _("计入明细")
        ordering = ["scorecard", "pk"]
        constraints = [
            models.UniqueConstraint(name="entry_once", fields=["scorecard", "clock", "callback"], nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard_id}/{self.clock_id}"
