"""专项跟踪: what goes on beside single cases: key issues, follow-up measures and campaigns, with their progress.

A key issue is told of every month (P3.14, P3.25), a measure outlives the request that it came from (P3.17), a campaign
has days and a target for each unit (P4.11, P4.15). An event gathers the cases of a storm (domain sheet, daily needs).
"""

from datetime import date
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from dispatch.models.case import SEES_ALL
from dispatch.models.household import Household, HouseholdVisit
from people.access import of_agencies, scope_of
from people.models import User


class UndertakingQuerySet(models.QuerySet["Undertaking"]):
    def open(self) -> Self:
        return self.filter(ended_on=None)

    def events(self) -> Self:
        """突发事件 that go on: cases can be gathered under them."""
        return self.open().filter(kind=Undertaking.Kind.EVENT)

    def overdue(self, today: date) -> Self:
        """Open ones whose last day has passed."""
        return self.open().filter(due_on__lt=today)

    def lived_in(self, first: date, last: date) -> Self:
        """Those that had begun and not ended before some day of a span."""
        return self.filter(begins_on__lte=last).filter(Q(ended_on=None) | Q(ended_on__gte=first))

    def visible_to(self, user: User) -> Self:
        """The centre and leaders see all; a unit those that it takes part in."""
        scope = scope_of(user)
        if scope.roles & SEES_ALL:
            return self
        mine = UndertakingUnit.objects.filter(of_agencies(scope)).values("undertaking")
        return self.filter(pk__in=mine)


class Undertaking(models.Model):
    """One matter that is followed until somebody says how it ended."""

    class Kind(models.TextChoices):
        ISSUE = "issue", _("重点问题")
        MEASURE = "measure", _("长效措施")
        CAMPAIGN = "campaign", _("专项行动")
        EVENT = "event", _("突发事件")

    class Counts(models.TextChoices):
        HAND = "hand", _("各单位填报")
        VISITS = "visits", _("按走访户数")

    kind = models.CharField(_("种类"), max_length=8, choices=Kind.choices)
    title = models.CharField(_("名称"), max_length=80)
    why = models.TextField(_("缘由和要求"), max_length=2000)
    begins_on = models.DateField(_("开始日期"))
    due_on = models.DateField(_("完成期限"), null=True, blank=True)
    # what is counted, in which unit: 200 个 charging piles, households
    unit = models.CharField(_("计量单位"), max_length=10, blank=True)
    counts = models.CharField(_("进度来源"), max_length=6, choices=Counts.choices, default=Counts.HAND)
    cases = models.ManyToManyField("dispatch.Case", related_name="undertakings", blank=True)
    # of an event: what every caller is told, and until when a notice lets its cases take
    reply = models.TextField(_("统一答复"), max_length=1000, blank=True)
    limit_at = models.DateTimeField(_("通告时限"), null=True, blank=True)
    made_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("建立时间"))
    operation = models.UUIDField(unique=True)
    ended_on = models.DateField(_("结束日期"), null=True, blank=True)
    outcome = models.TextField(_("结果"), max_length=2000, blank=True)

    objects = UndertakingQuerySet.as_manager()

    class Meta:
        verbose_name = _("专项跟踪")
        verbose_name_plural = _("专项跟踪")
        ordering = ["-begins_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="undertaking_due_after_start", condition=Q(due_on=None) | Q(due_on__gte=F("begins_on"))
            ),
            models.CheckConstraint(
                name="only_events_have_reply_and_limit", condition=Q(kind="event") | Q(reply="", limit_at=None)
            ),
            models.CheckConstraint(
                name="undertaking_ended_with_outcome",
                condition=Q(ended_on=None, outcome="") | (Q(ended_on__gte=F("begins_on")) & ~Q(outcome="")),
            ),
        ]
        indexes = [models.Index(name="undertaking_open", fields=["kind"], condition=Q(ended_on=None))]

    def __str__(self) -> str:
        return self.title


def _where(counted: Q, rows: models.QuerySet[Household]) -> Case:
    """How many rows of a subquery there are, asked only where they count."""
    number = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("*")).values("n")
    return Case(When(counted, then=Coalesce(Subquery(number), 0)), default=0)


class UndertakingUnitQuerySet(models.QuerySet["UndertakingUnit"]):
    def with_done(self) -> Self:
        """Adds `reported`, the sum of what the unit has reported, and for a campaign of visits `met` and `homes`.

        `homes` are the households of the unit and those below it, `met` those of them that were met in its days.
        """
        below = Concat(OuterRef("agency__path"), OuterRef("agency__code"), Value("/"))
        theirs = Q(agency=OuterRef("agency")) | Q(agency__path__startswith=below)
        homes = Household.objects.living().filter(theirs)
        inside = HouseholdVisit.objects.filter(
            household=OuterRef("pk"),
            met=True,
            on__gte=OuterRef(OuterRef("undertaking__begins_on")),
            on__lte=Coalesce(OuterRef(OuterRef("undertaking__ended_on")), Value(date.max)),
        )
        counted = Q(undertaking__counts=Undertaking.Counts.VISITS)
        return self.annotate(
            reported=Coalesce(Sum("entries__quantity"), 0),
            homes=_where(counted, homes),
            met=_where(counted, homes.filter(Exists(inside))),
        )


class UndertakingUnit(models.Model):
    """A unit that takes part, and how much is asked of it; the first one leads."""

    undertaking = models.ForeignKey(Undertaking, models.PROTECT, related_name="units")
    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="+")
    target = models.PositiveIntegerField(_("目标数量"), null=True, blank=True)

    objects = UndertakingUnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("参加单位")
        verbose_name_plural = _("参加单位")
        ordering = ["undertaking", "pk"]
        constraints = [models.UniqueConstraint(name="unit_once_in_undertaking", fields=["undertaking", "agency"])]

    def __str__(self) -> str:
        return f"{self.undertaking_id}/{self.agency_id}"


class UndertakingEntry(models.Model):
    """What a unit has done since its last entry. Append-only: a wrong quantity is taken back by a negative one."""

    append_only = True

    unit = models.ForeignKey(UndertakingUnit, models.PROTECT, related_name="entries")
    on = models.DateField(_("日期"))
    quantity = models.IntegerField(_("本次完成数量"), default=0)
    words = models.CharField(_("进展情况"), max_length=500)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("填报时间"))
    operation = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("进展")
        verbose_name_plural = _("进展")
        ordering = ["-on", "-pk"]
        indexes = [models.Index(name="undertaking_entry_day", fields=["unit", "on"])]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.on:%F}"
