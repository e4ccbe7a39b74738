"""People in the street: duty zones, shifts, positions, visits, and who had which task."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
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
from inspectors.onsitemodels import Measure, Phrase, TaskAct
from inspectors.patrolmodels import CellPass, PossibleMiss, Spot
from inspectors.phonemodels import Operation, Upload

__all__ = [
    "Ability",
    "Assignment",
    "Attendance",
    "Break",
    "CellPass",
    "DayRoute",
    "DutyZone",
    "Measure",
    "Message",
    "MessageCopy",
    "Operation",
    "PatrolDay",
    "Phrase",
    "Position",
    "PossibleMiss",
    "Shift",
    "Skill",
    "SkillNeed",
    "Spot",
    "Takeover",
    "TaskAct",
    "Track",
    "TrackBatch",
    "TrackConsent",
    "Upload",
    "Visit",
    "ZoneCell",
    "ZoneDrawing",
]


class DutyZone(models.Model):
    """责任网格: the ground that an inspector answers for while on duty.

    Cells that were drawn for it, and whole communities; a cell that is drawn for one zone is in no other one, whatever
    communities that has. Which zone answers for a case is decided in `inspectors.zones`.
    """

    name = models.CharField(_("名称"), max_length=60, unique=True)
    communities = models.ManyToManyField("gridmap.Area", related_name="+", verbose_name=_("社区"))

    class Meta:
        verbose_name = _("责任网格")
        verbose_name_plural = _("责任网格")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ZoneCell(models.Model):
    """A unit grid cell of a drawn zone, by its code: a cell that goes on into the next layout keeps both."""

    zone = models.ForeignKey(DutyZone, models.CASCADE, related_name="cells", verbose_name=_("责任网格"))
    code = models.CharField(_("网格编码"), max_length=20, unique=True)

    class Meta:
        verbose_name = _("责任网格的单元网格")
        verbose_name_plural = _("责任网格的单元网格")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class ZoneDrawing(models.Model):
    """Zones were drawn anew: from what, how well balanced, why and by whom; the ground of before stands in it."""

    append_only = True

    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+", verbose_name=_("操作人"))
    reason = models.CharField(_("原因"), max_length=200)
    # balance and compactness, seed, weights, zones → codes before and after
    report = models.JSONField(_("报告"))

    class Meta:
        verbose_name = _("划分责任网格")
        verbose_name_plural = _("划分责任网格")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%F %H:%M}"


class ShiftQuerySet(models.QuerySet["Shift"]):
    def planned(self, at: datetime) -> Self:
        """Shifts that run at an instant by the plan; at the moment of change only the next one does."""
        return self.filter(starts_at__lte=at, ends_at__gt=at)

    def on_duty(self, at: datetime) -> Self:
        """Planned shifts whose inspector is there: not clocked out, not on a break (ADR 39)."""
        return self.planned(at).filter(there(at))


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


class Takeover(models.Model):
    """顶班: a substitute took over a shift from an instant; who had it before stands here for good."""

    append_only = True

    class Reason(models.TextChoices):
        ILL = "ill", _("病假")
        LEAVE = "leave", _("事假")
        SWAP = "swap", _("调班")
        TRAINING = "training", _("培训")
        NO_SHOW = "no_show", _("未到岗")

    # the shift that the substitute has now; where one was cut in two, its second part
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="takeovers", verbose_name=_("班次"))
    before = models.ForeignKey("people.User", models.PROTECT, related_name="+", verbose_name=_("原监督员"))
    substitute = models.ForeignKey("people.User", models.PROTECT, related_name="+", verbose_name=_("顶班人"))
    from_at = models.DateTimeField(_("开始时间"))
    reason = models.CharField(_("原因"), max_length=10, choices=Reason.choices)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+", verbose_name=_("操作人"))
    at = models.DateTimeField(_("登记时间"))
    operation = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("顶班")
        verbose_name_plural = _("顶班")
        ordering = ["-at"]
        constraints = [models.CheckConstraint(name="takeover_by_another", condition=~Q(before=F("substitute")))]

    def __str__(self) -> str:
        return f"{self.substitute_id} {self.from_at:%F %H:%M}"


class Skill(models.TextChoices):
    """What not everybody can do."""

    MEASURE = "measure", _("部件测量")
    GAS = "gas", _("燃气检测")
    MEDIATE = "mediate", _("现场调解")


class Ability(models.Model):
    """How an inspector gets about, and what he can do; without a row: by electric bicycle, nothing special."""

    class Travel(models.TextChoices):
        EBIKE = "ebike", _("电动自行车")
        BICYCLE = "bicycle", _("自行车")
        WALK = "walk", _("步行")
        CAR = "car", _("汽车")

    inspector = models.OneToOneField("people.User", models.CASCADE, related_name="ability", verbose_name=_("监督员"))
    travel = models.CharField(_("出行方式"), max_length=8, choices=Travel.choices, default=Travel.EBIKE)
    skills = ArrayField(
        models.CharField(max_length=10, choices=Skill.choices), verbose_name=_("技能"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("监督员技能")
        verbose_name_plural = _("监督员技能")

    def __str__(self) -> str:
        return f"{self.inspector}"


class SkillNeed(models.Model):
    """A class (or all classes of a major one) whose tasks need a skill."""

    category = models.ForeignKey("gridmap.Category", models.CASCADE, related_name="+", verbose_name=_("类别"))
    skill = models.CharField(_("技能"), max_length=10, choices=Skill.choices)

    class Meta:
        verbose_name = _("类别所需技能")
        verbose_name_plural = _("类别所需技能")
        constraints = [models.UniqueConstraint(name="a_skill_once_a_class", fields=["category", "skill"])]

    def __str__(self) -> str:
        return f"{self.category} {self.get_skill_display()}"


class Assignment(models.Model):
    """派单记录: who has a task from an instant on, and why the one before has it no longer. Never changed."""

    append_only = True

    class Cause(models.TextChoices):
        GIVEN = "given", _("系统派单")
        CLAIMED = "claimed", _("本人领取")
        BY_HAND = "by_hand", _("人工指派")
        REFUSED = "refused", _("拒单")
        NOT_ACCEPTED = "not_accepted", _("未按时接单")
        NOT_ARRIVED = "not_arrived", _("未按时到场")
        OFF_DUTY = "off_duty", _("已下班或离岗")
        BETTER = "better", _("调整为更合适的人员")

    task = models.ForeignKey("dispatch.FieldTask", models.PROTECT, related_name="assignments")
    # nobody: it waits
    inspector = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    before = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    cause = models.CharField(_("缘由"), max_length=12, choices=Cause.choices)
    why = models.JSONField(default=list, blank=True)
    # who did it; nobody: the engine
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("派单记录")
        verbose_name_plural = _("派单记录")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.task_id} {self.cause}"


class DayRoute(models.Model):
    """An inspector's newest route: his open tasks in the order of going, with times; planned in the background."""

    inspector = models.OneToOneField("people.User", models.CASCADE, related_name="day_route")
    made_at = models.DateTimeField(_("规划时间"))
    # of what it was planned from: another one means that it has to be planned again
    basis = models.CharField(max_length=64)
    # in order: task, arrive and leave (ISO times), late and metres
    stops = models.JSONField(default=list)
    length_m = models.FloatField(_("路程（米）"), default=0)

    class Meta:
        verbose_name = _("当日路线")
        verbose_name_plural = _("当日路线")

    def __str__(self) -> str:
        return f"{self.inspector_id} {self.made_at:%F %H:%M}"


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
