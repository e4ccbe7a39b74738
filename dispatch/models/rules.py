"""Rules as data: case conditions with their limits, and who answers for what."""

from datetime import date
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from dispatch.clocks import Unit
from dispatch.models.report import RequestType
from gridmap.models import Area


class Condition(models.Model):
    """立案条件 of a class, with its own limit and measure. Never changed in place: a new edition has new rows."""

    category = models.ForeignKey("gridmap.Category", models.PROTECT, related_name="conditions", verbose_name=_("类别"))
    number = models.SmallIntegerField(_("序号"))
    text = models.CharField(_("立案条件"), max_length=200, blank=True)
    limit_amount = models.IntegerField(_("时限"))
    limit_unit = models.CharField(_("时限单位"), max_length=12, choices=Unit.choices)
    measure = models.CharField(_("处置要求"), max_length=200, blank=True)
    evidence = models.CharField(_("结案证据"), max_length=200, blank=True)
    # words that point to this condition in a resident's sentence: 丢失, 被偷, 没了
    words = ArrayField(models.CharField(max_length=20), verbose_name=_("关键词"), default=list, blank=True)
    # whose reputation would suffer: the accused unit never sees it
    confidential = models.BooleanField(_("保密"), default=False)

    class Meta:
        verbose_name = _("立案条件")
        verbose_name_plural = _("立案条件")
        ordering = ["category", "number"]
        constraints = [
            models.UniqueConstraint(name="condition_number_once", fields=["category", "number"]),
            models.CheckConstraint(name="condition_limit_positive", condition=Q(limit_amount__gt=0)),
        ]

    def __str__(self) -> str:
        return self.text or str(_("第 %(number)s 条") % {"number": self.number})

    @property
    def limit_text(self) -> str:
        """The limit in words: 2 紧急工作时."""
        return Unit(self.limit_unit).told(self.limit_amount)


class ConditionLimit(models.Model):
    """Another limit of a condition in areas of one class (UNI: EventCondition.region); without a row its own counts."""

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="area_limits")
    area_class = models.CharField(_("区域类别"), max_length=4)
    limit_amount = models.IntegerField(_("时限"))
    limit_unit = models.CharField(_("时限单位"), max_length=12, choices=Unit.choices)

    class Meta:
        verbose_name = _("分区域时限")
        verbose_name_plural = _("分区域时限")
        ordering = ["condition", "area_class"]
        constraints = [
            models.UniqueConstraint(name="area_limit_once", fields=["condition", "area_class"]),
            models.CheckConstraint(name="area_limit_positive", condition=Q(limit_amount__gt=0) & ~Q(area_class="")),
        ]

    def __str__(self) -> str:
        return f"{self.condition_id} {self.area_class}"

    @property
    def limit_text(self) -> str:
        """The limit in words: 2 紧急工作时."""
        return Unit(self.limit_unit).told(self.limit_amount)


class RoutingRuleQuerySet(models.QuerySet["RoutingRule"]):
    def active(self, on: date) -> Self:
        """Rules in force on a day; one that was withdrawn before it began never is."""
        begun = self.filter(withdrawn=False, valid_from__lte=on)
        return begun.filter(Q(valid_to=None) | Q(valid_to__gte=on))

    def with_facts(self) -> Self:
        """All that rulebook.py reads of a rule, in this one query."""
        partners = RulePartner.objects.filter(rule=OuterRef("pk")).order_by("position")
        return self.select_related("agency", "category__dictionary", "channel").annotate(
            area_known=Exists(Area.objects.filter(code=OuterRef("area_code"))),
            partner_ids=ArraySubquery(partners.values("agency")),
            partners_from=Subquery(partners.order_by("-agency__valid_from").values("agency__valid_from")[:1]),
            partners_to=Subquery(
                partners.exclude(agency__valid_to=None).order_by("agency__valid_to").values("agency__valid_to")[:1]
            ),
        )


class RoutingRule(models.Model):
    """Who answers: class × area × channel × type × time → agency, or the owner of the component.

    Replaced by a new version, never edited in place (actions/ruling.py). Empty conditions mean any. Which of several
    matching rules wins is decided in routing.py, what makes one unreadable in rulebook.py.
    """

    number = models.CharField(_("规则编号"), max_length=20)
    version = models.IntegerField(_("版本"), default=1)
    category = models.ForeignKey(
        "gridmap.Category", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("类别")
    )
    # prefix of area codes; empty: the whole city
    area_code = models.CharField(_("行政区域编码"), max_length=16, blank=True)
    channel = models.ForeignKey(
        "dispatch.Channel", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("来源渠道")
    )
    request_type = models.CharField(_("诉求类型"), max_length=12, choices=RequestType.choices, blank=True, default="")
    # spans of local time, as windows.py reads them: 18:00-06:00
    hours = models.CharField(_("时段"), max_length=60, blank=True, default="")
    weekdays = ArrayField(models.SmallIntegerField(), verbose_name=_("星期"), default=list, blank=True)
    months = ArrayField(models.SmallIntegerField(), verbose_name=_("月份"), default=list, blank=True)
    by_owner = models.BooleanField(_("按部件权属单位"), default=False)
    agency = models.ForeignKey(
        "people.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主办单位")
    )
    # 不出网格: on which level the case is tried first
    level = models.CharField(_("处置层级"), max_length=12, choices=Area.Level.choices, blank=True, default="")
    partners = models.ManyToManyField("people.Agency", through="dispatch.RulePartner", related_name="+")
    fallback = models.BooleanField(_("属地兜底"), default=False)
    valid_from = models.DateField(_("生效日期"), default=date(2000, 1, 1))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)
    # replaced or ended before its first day: kept, but never in force
    withdrawn = models.BooleanField(_("未生效即撤回"), default=False)
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    reason = models.CharField(_("修改理由"), max_length=200, blank=True, default="")
    made_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("制定人")
    )
    made_at = models.DateTimeField(_("制定时间"), null=True, blank=True)
    ended_by = models.ForeignKey(
        "people.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("停用人")
    )
    ended_at = models.DateTimeField(_("停用操作时间"), null=True, blank=True)
    end_reason = models.CharField(_("停用理由"), max_length=200, blank=True, default="")

    objects = RoutingRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("派遣规则")
        verbose_name_plural = _("派遣规则")
        ordering = ["number", "version"]
        constraints = [
            models.UniqueConstraint(name="rule_version_once", fields=["number", "version"]),
            models.CheckConstraint(
                name="rule_names_agency_or_owner",
                condition=Q(by_owner=True, agency=None) | Q(by_owner=False, agency__isnull=False),
            ),
            models.CheckConstraint(
                name="rule_ends_after_start", condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from"))
            ),
        ]
        indexes = [
            # the one query of a question: rules of its classes, and those of any class
            models.Index(name="rule_category", fields=["category", "valid_from"], condition=Q(withdrawn=False)),
        ]

    def __str__(self) -> str:
        return self.number


class RulePartner(models.Model):
    """协同单位 of a rule, in the order in which they are asked."""

    rule = models.ForeignKey(RoutingRule, models.CASCADE, related_name="partner_rows")
    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="+")
    position = models.SmallIntegerField(_("次序"), default=1)

    class Meta:
        verbose_name = _("规则协同单位")
        verbose_name_plural = _("规则协同单位")
        ordering = ["rule", "position"]
        constraints = [models.UniqueConstraint(name="rule_partner_once", fields=["rule", "agency"])]

    def __str__(self) -> str:
        return f"{self.rule_id}/{self.agency_id}"
