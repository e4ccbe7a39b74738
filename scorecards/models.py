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


class ExcellentCase(models.Model):
    """优秀办件: a case told for others to learn from, by the template of the bulletins (P2.8)."""

    case = models.OneToOneField("dispatch.Case", models.PROTECT, related_name="excellent")
    title = models.CharField(_("标题"), max_length=80)
    units = models.CharField(_("办理单位"), max_length=120)
    situation = models.TextField(_("基本情况"), max_length=3000)
    course = models.TextField(_("处理过程"), max_length=5000)
    thoughts = models.TextField(_("工作感悟"), max_length=3000)
    written_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("编写时间"))

    class Meta:
        verbose_name = _("优秀办件")
        verbose_name_plural = _("优秀办件")
        ordering = ["-written_at"]

    def __str__(self) -> str:
        return self.title


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    def published(self) -> Self:
        return self.exclude(published_at=None)


class Bulletin(models.Model):
    """简报: the period's figures in four sections; numbered in its year and through all years (P2.6, P2.7).

    Until it is published its figures are those of the moment; then they are kept as they were printed.
    """

    year = models.IntegerField(_("年份"))
    number = models.IntegerField(_("期号"))
    running = models.IntegerField(_("总期号"), unique=True)
    issuer = models.CharField(_("编发单位"), max_length=80)
    first = models.DateField(_("起"))
    last = models.DateField(_("止"))
    work = models.TextField(_("热线工作动态"), max_length=8000, blank=True)
    hot = models.TextField(_("热点内容介绍"), max_length=8000, blank=True)
    cases = models.ManyToManyField(ExcellentCase, related_name="bulletins", blank=True)
    made_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("编写时间"))
    figures = models.JSONField(_("指标"), default=dict, blank=True)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    published_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("简报")
        verbose_name_plural = _("简报")
        ordering = ["-running"]
        constraints = [
            models.UniqueConstraint(name="bulletin_number_once", fields=["year", "number"]),
            models.CheckConstraint(name="bulletin_days_in_order", condition=models.Q(last__gte=models.F("first"))),
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"
