"""What patrols leave behind: cells that were seen, places that a campaign wants seen, and what may have been missed."""

from datetime import date, datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Count, Q
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dispatch.transitions import State
from people.access import scope_of
from people.models import User
from people.permissions import Role


class CellPass(models.Model):
    """巡查经过: that a cell was seen on a day, last when, and by whom.

    By the code of the cell: a cell that goes on into the next layout keeps its code and its ground.
    """

    cell_code = models.CharField(_("单元网格"), max_length=20)
    day = models.DateField(_("日期"))
    at = models.DateTimeField(_("最近经过"))
    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="+", verbose_name=_("监督员"))

    class Meta:
        verbose_name = _("巡查经过")
        verbose_name_plural = _("巡查经过")
        constraints = [models.UniqueConstraint(name="cell_pass_once_a_day", fields=["cell_code", "day"])]
        indexes = [models.Index(name="cell_pass_day", fields=["day"])]

    def __str__(self) -> str:
        return f"{self.cell_code} {self.day:%F}"


class PossibleMissQuerySet(models.QuerySet["PossibleMiss"]):
    def visible_to(self, user: User) -> Self:
        """The shift lead and the manager of scorecards see all, an inspector the confirmed ones of his own."""
        if scope_of(user).roles & {Role.SHIFT_LEAD, Role.MANAGER}:
            return self
        return self.filter(inspector=user).confirmed()

    def waiting(self) -> Self:
        return self.filter(state=PossibleMiss.State.OPEN)

    def confirmed(self) -> Self:
        return self.filter(state=PossibleMiss.State.CONFIRMED)

    def reported_between(self, first: datetime, last: datetime) -> Self:
        """Those whose report came in a span; a report exactly at its end belongs to the next one."""
        return self.filter(reported_at__gte=first, reported_at__lt=last)

    def counts(self) -> "models.QuerySet[Any, Any]":
        """How many there are of each inspector in each month of the city: `inspector`, `month`, `number`."""
        by_month = TruncMonth("reported_at", tzinfo=settings.CITY.zone)
        rows = self.order_by().annotate(month=by_month).values("inspector", "month")
        return rows.annotate(number=Count("pk")).order_by("inspector", "month")


class PossibleMiss(models.Model):
    """疑似漏报: a resident reported what the inspector on duty there has to collect; a person decides."""

    class State(models.TextChoices):
        OPEN = "open", _("待认定")
        CONFIRMED = "confirmed", _("认定漏报")
        DISMISSED = "dismissed", _("不算漏报")

    # one spot, one case: whoever calls about it later adds no second miss
    case = models.OneToOneField("dispatch.Case", models.PROTECT, related_name="+", verbose_name=_("案件"))
    report = models.OneToOneField("dispatch.Report", models.PROTECT, related_name="+", verbose_name=_("诉求"))
    cell_code = models.CharField(_("单元网格"), max_length=20)
    zone = models.ForeignKey("inspectors.DutyZone", models.PROTECT, related_name="+", verbose_name=_("责任网格"))
    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="+", verbose_name=_("当班监督员"))
    reported_at = models.DateTimeField(_("诉求时间"))
    # before the report; null: no track has ever passed
    last_seen_at = models.DateTimeField(_("最近巡查"), null=True, blank=True)
    state = models.CharField(_("认定"), max_length=9, choices=State.choices, default=State.OPEN)
    # null: the case turned out to be none
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("认定时间"), null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    operation = models.UUIDField(unique=True, null=True, blank=True)

    objects = PossibleMissQuerySet.as_manager()

    class Meta:
        verbose_name = _("疑似漏报")
        verbose_name_plural = _("疑似漏报")
        ordering = ["-reported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="miss_decided_with_reason",
                condition=Q(state="open", decided_at=None, reason="")
                | (~Q(state="open") & Q(decided_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="miss_confirmed_by_somebody", condition=~Q(state="confirmed") | Q(decided_by__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="miss_open", fields=["reported_at"], condition=Q(state="open")),
            models.Index(name="miss_of_inspector", fields=["inspector", "reported_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"

    @property
    def why(self) -> str:
        """Why it was decided so, in words: a mark that fell with its case says what became of the case."""
        if self.decided_by_id is None and self.reason:
            return gettext("案件%(state)s，自动撤销") % {"state": State(self.reason).label}
        return self.reason


class SpotQuerySet(models.QuerySet["Spot"]):
    def open(self) -> Self:
        """Not seen yet, of campaigns that go on."""
        return self.filter(done_at=None, campaign__ended_on=None)

    def begun(self, today: date) -> Self:
        return self.filter(campaign__begins_on__lte=today)


class Spot(models.Model):
    """普查点: a cell or a component that a campaign wants seen; what is found there becomes a case."""

    class Result(models.TextChoices):
        FINE = "fine", _("未发现问题")
        FOUND = "found", _("发现问题")
        ABSENT = "absent", _("无法查看")

    campaign = models.ForeignKey("dispatch.Undertaking", models.PROTECT, related_name="spots")
    cell_code = models.CharField(_("单元网格"), max_length=20, blank=True)
    component = models.ForeignKey("gridmap.Component", models.PROTECT, null=True, blank=True, related_name="+")
    community = models.ForeignKey("gridmap.Area", models.PROTECT, null=True, blank=True, related_name="+")
    point = models.PointField(_("位置"), srid=settings.CITY.srid)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    done_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    result = models.CharField(_("结果"), max_length=6, choices=Result.choices, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    case = models.ForeignKey("dispatch.Case", models.PROTECT, null=True, blank=True, related_name="+")
    operation = models.UUIDField(unique=True, null=True, blank=True)

    objects = SpotQuerySet.as_manager()

    class Meta:
        verbose_name = _("普查点")
        verbose_name_plural = _("普查点")
        ordering = ["campaign", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="spot_of_cell_once", fields=["campaign", "cell_code"], condition=~Q(cell_code="")
            ),
            models.UniqueConstraint(name="spot_of_component_once", fields=["campaign", "component"]),
            models.CheckConstraint(
                name="spot_is_cell_or_component",
                condition=Q(component=None) ^ Q(cell_code=""),
            ),
            models.CheckConstraint(
                name="spot_done_iff_result",
                condition=Q(done_at=None, done_by=None, operation=None, result="")
                | (Q(done_at__isnull=False, done_by__isnull=False, operation__isnull=False) & ~Q(result="")),
            ),
            models.CheckConstraint(name="spot_found_has_case", condition=~Q(result="found") | Q(case__isnull=False)),
        ]
        indexes = [models.Index(name="spot_open", fields=["community"], condition=Q(done_at=None))]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.cell_code or self.component_id}"
