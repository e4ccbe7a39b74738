"""计时: limits that run, stored once in full so that SQL never has to redo working time."""

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from dispatch.clocks import Unit


class ClockQuerySet(models.QuerySet["Clock"]):
    def ticking(self) -> Self:
        """Every clock that counts now, also those beside the stage of their case."""
        return self.filter(stopped_at=None, paused_at=None)

    def running(self) -> Self:
        """Clocks that run for the stage a case is in: what lists show; those beside it (BESIDE) are asked for apart."""
        return self.ticking().exclude(kind__in=BESIDE)

    def running_each(self) -> Self:
        """`running`, for the clocks of some cases only.

        Says "neither paused nor stopped" in one expression: the index over running clocks, which the planner takes for
        smaller than it is, would be read whole; the index on the case has eight rows for each.
        """
        running = self.alias(ended_at=Coalesce("stopped_at", "paused_at")).filter(ended_at=None)
        return running.exclude(kind__in=BESIDE)

    def near_due(self, at: datetime) -> Self:
        """Clocks past the warning share of their limit and not yet due, by their stored instants."""
        return self.ticking().filter(warn_at__lte=at, due_at__gte=at)

    def unfinished(self) -> Self:
        return self.filter(stopped_at=None)

    def overdue(self, at: datetime) -> Self:
        return self.running().filter(due_at__lt=at)


# not of the stage that a case is in: signing, the callback after it, and the deadline of somebody above
BESIDE = ("sign", "call_back", "upper")


class Clock(models.Model):
    """One limit of one stage. While it runs, `due_at` is exact; paused, `due_at` is what it was at the pause."""

    class Kind(models.TextChoices):
        ACCEPT = "accept", _("受理")
        FILE = "file", _("立案审核")
        DISPATCH = "dispatch", _("派遣")
        SIGN = "sign", _("签收")
        SCREEN = "screen", _("反馈审核")
        CLOSE = "close", _("结案")
        CALL_BACK = "call_back", _("回访")
        UPPER = "upper", _("上级时限")
        VERIFY = "verify", _("核实")
        HANDLE = "handle", _("处置")
        CHECK = "check", _("核查")
        ARRIVE = "arrive", _("到场")

    class Verdict(models.TextChoices):
        ON_TIME = "on_time", _("按期")
        OVERDUE = "overdue", _("超期")
        DROPPED = "dropped", _("不计")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="clocks")
    part = models.ForeignKey("dispatch.Part", models.PROTECT, null=True, blank=True, related_name="clocks")
    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    condition = models.ForeignKey("dispatch.Condition", models.PROTECT, null=True, blank=True, related_name="+")
    calendar = models.ForeignKey("dispatch.Calendar", models.PROTECT, related_name="+")
    calendar_version = models.IntegerField()
    # a year whose holidays are not announced was used: recomputed when they are
    provisional = models.BooleanField(_("暂定"), default=False)
    limit_amount = models.IntegerField(_("时限"))
    limit_unit = models.CharField(_("时限单位"), max_length=12, choices=Unit.choices)
    limit_seconds = models.FloatField()
    started_at = models.DateTimeField(_("开始时间"))
    # start of the stretch that runs now, and what the finished stretches used
    running_since = models.DateTimeField()
    used_seconds = models.FloatField(default=0)
    due_at = models.DateTimeField(_("到期时间"))
    # what decided the limit, as a code with parameters (dispatch/limits.py), and the deadline from above that cut it
    why = models.JSONField(default=dict, blank=True)
    # when so much of the limit is used that somebody is warned; and when it was
    warn_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(_("结论"), max_length=8, choices=Verdict.choices, blank=True)
    # 超时豁免: not blamed for being late, after a contest; the verdict stays
    exempt_at = models.DateTimeField(_("豁免时间"), null=True, blank=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("计时")
        verbose_name_plural = _("计时")
        ordering = ["case", "started_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="clock_stopped_iff_verdict",
                condition=(Q(stopped_at=None) & Q(verdict="")) | (Q(stopped_at__isnull=False) & ~Q(verdict="")),
            ),
            models.UniqueConstraint(
                name="one_handling_clock_a_part",
                fields=["part"],
                condition=Q(kind="handle", stopped_at=None),
            ),
        ]
        indexes = [
            models.Index(
                name="clock_running_due",
                fields=["due_at"],
                condition=Q(stopped_at=None, paused_at=None),
            ),
            models.Index(
                name="clock_to_warn",
                fields=["warn_at"],
                condition=Q(stopped_at=None, paused_at=None, warned_at=None, warn_at__isnull=False),
            ),
            models.Index(name="clock_unfinished", fields=["calendar"], condition=Q(stopped_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"

    @property
    def limit_text(self) -> str:
        """The limit in words: 2 工作日."""
        return Unit(self.limit_unit).told(self.limit_amount)
