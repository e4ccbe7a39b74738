"""住户: who lives where, when the record was refreshed, who was met, who needs attention (P4.11–P4.13)."""

from datetime import date, timedelta
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dispatch.households import period_start
from dispatch.profile import profile
from people.access import of_agencies, scope_of
from people.models import User
from people.permissions import Role


class HouseholdQuerySet(models.QuerySet["Household"]):
    def visible_to(self, user: User) -> Self:
        """A unit sees the households that it looks after, an inspector and a lead those of their areas."""
        scope = scope_of(user)
        seen = Q(pk=None)
        if Role.HANDLER in scope.roles:
            seen |= of_agencies(scope)
        if scope.roles & {Role.INSPECTOR, Role.SHIFT_LEAD, Role.LEADER}:
            for code in scope.area_codes:
                seen |= Q(community__code__startswith=code) if code else Q()
            if "" in scope.area_codes:
                return self.all()
        return self.filter(seen)

    def living(self) -> Self:
        return self.filter(left_on=None)

    def due_for_refresh(self, today: date) -> Self:
        """Whose record was not refreshed in this period, those never refreshed first (每季更新)."""
        since = period_start(today, profile().households.refresh)
        late = self.living().filter(Q(refreshed_on=None) | Q(refreshed_on__lt=since))
        return late.order_by(models.F("refreshed_on").asc(nulls_first=True), "pk")

    def due_for_visit(self, today: date) -> Self:
        """Who was not met in this period, those never met first (每半年遍访)."""
        since = period_start(today, profile().households.visit)
        late = self.living().filter(Q(visited_on=None) | Q(visited_on__lt=since))
        return late.order_by(models.F("visited_on").asc(nulls_first=True), "pk")

    def cared_for(self) -> Self:
        """Households of people in daily attention."""
        return self.living().filter(Exists(HouseholdCare.objects.filter(household=OuterRef("pk"), ended_on=None)))

    def neglected(self, today: date) -> Self:
        """Those in daily attention whom nobody has spoken to for longer than the profile says."""
        since = today - timedelta(days=profile().households.care_days)
        recent = HouseholdVisit.objects.filter(household=OuterRef("pk"), on__gt=since)
        return self.cared_for().filter(~Exists(recent))


class Household(models.Model):
    """One household, and the unit that looks after it."""

    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="households", verbose_name=_("责任单位"))
    community = models.ForeignKey(
        "gridmap.Area", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所属社区")
    )
    address = models.CharField(_("住址"), max_length=120)
    head = models.CharField(_("户主"), max_length=40)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    people = models.PositiveSmallIntegerField(_("人口"), default=1)
    note = models.CharField(_("备注"), max_length=300, blank=True)
    refreshed_on = models.DateField(_("信息更新"), null=True, blank=True)
    visited_on = models.DateField(_("最近走访"), null=True, blank=True)
    left_on = models.DateField(_("迁出日期"), null=True, blank=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = _("住户")
        verbose_name_plural = _("住户")
        ordering = ["address", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="household_once", fields=["agency", "address", "head"], condition=Q(left_on=None)
            )
        ]
        indexes = [
            models.Index(name="household_refresh", fields=["refreshed_on"], condition=Q(left_on=None)),
            models.Index(name="household_visit", fields=["visited_on"], condition=Q(left_on=None)),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class HouseholdVisit(models.Model):
    """Somebody was there, or called: met them, refreshed the record, and what was asked for."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="visits")
    on = models.DateField(_("日期"))
    met = models.BooleanField(_("已走访"), default=True)
    refreshed = models.BooleanField(_("已更新信息"), default=False)
    words = models.CharField(_("走访情况"), max_length=500, blank=True)
    # what was asked for on the doorstep becomes a report like any other (P4.14)
    case = models.ForeignKey("dispatch.Case", models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("记录时间"))
    operation = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("走访记录")
        verbose_name_plural = _("走访记录")
        ordering = ["-on", "-pk"]
        indexes = [models.Index(name="household_visit_day", fields=["household", "on"])]

    def __str__(self) -> str:
        return f"{self.household_id} {self.on:%F}"


class HouseholdCareQuerySet(models.QuerySet["HouseholdCare"]):
    def visible_to(self, user: User) -> Self:
        """Only the unit that looks after the household, and leaders; every reading is logged by the pages."""
        scope = scope_of(user)
        seen = of_agencies(scope, "household__agency") if Role.HANDLER in scope.roles else Q(pk=None)
        if Role.LEADER in scope.roles and "" in scope.area_codes:
            return self.all()
        return self.filter(seen)


class HouseholdCare(models.Model):
    """特殊群体: why a household is in daily attention. Kept apart, so that no list shows it by chance (P4.13)."""

    class Kind(models.TextChoices):
        BEREAVED = "bereaved", _("失独家庭")
        ILL = "ill", _("重病")
        ELDERLY = "elderly", _("老年人")
        DISABLED = "disabled", _("残疾人")
        CHILD = "child", _("困境儿童")
        POOR = "poor", _("困难家庭")

    household = models.ForeignKey(Household, models.PROTECT, related_name="cares")
    kind = models.CharField(_("群体"), max_length=8, choices=Kind.choices)
    note = models.CharField(_("关注事项"), max_length=300, blank=True)
    since = models.DateField(_("起始日期"))
    ended_on = models.DateField(_("结束日期"), null=True, blank=True)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")

    objects = HouseholdCareQuerySet.as_manager()

    class Meta:
        verbose_name = _("特殊群体")
        verbose_name_plural = _("特殊群体")
        ordering = ["household", "pk"]
        constraints = [
            models.UniqueConstraint(name="care_once", fields=["household", "kind"], condition=Q(ended_on=None))
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.kind}"
