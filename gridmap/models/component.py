"""部件: surveyed objects of the street, how they came in, and what happened to them."""

from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.componentcodes import PROBLEMS, configured
from people.access import scope_of
from people.models import User
from people.permissions import may


class ComponentQuerySet(models.QuerySet["Component"]):
    def published(self) -> Self:
        """What everybody works with; a draft is nobody's business but the data managers'."""
        return self.filter(draft=False)

    def drafts(self) -> Self:
        return self.filter(draft=True)

    def visible_to(self, user: User) -> Self:
        """Published ones for everybody; drafts for data managers, in the districts of their grants.

        A code begins with its district: a grant below a district reaches the whole of it.
        """
        scope = scope_of(user)
        if not may(scope.roles, "data"):
            return self.published()
        digits = configured().district
        seen = Q(pk=None)
        for code in scope.area_codes:
            seen |= Q(code__startswith=code[:digits])
        return self.filter(seen)

    def nearest(self, point: Point, within_m: float) -> Self:
        """Components within a distance of a point in the city's SRID, nearest first, with `distance_m`."""
        return (
            self.filter(geom__dwithin=(point, within_m))
            .annotate(distance_m=GeometryDistance("geom", point))
            .order_by("distance_m", "code")
        )


class Component(models.Model):
    """A manhole cover, lamp, grate, or a line of lamps or pipes, with the agencies that answer for it.

    A draft may stand beside the published row of its code: publishing moves what it says into that row, so that
    whatever points at the component keeps pointing at it.
    """

    class State(models.TextChoices):
        INTACT = "intact", _("完好")
        DAMAGED = "damaged", _("破损")
        MISSING = "missing", _("丢失")
        MOVED = "moved", _("移位")
        ABANDONED = "abandoned", _("废弃")

    class Grade(models.TextChoices):
        """How exactly it was surveyed (domain sheet A3)."""

        A = "A", _("A（±0.5 米）")
        B = "B", _("B（±1.0 米）")
        C = "C", _("C（±10 米）")

    code = models.CharField(_("编码"), max_length=24, db_index=True)
    category = models.ForeignKey("gridmap.Category", models.PROTECT, related_name="components", verbose_name=_("类别"))
    name = models.CharField(_("名称"), max_length=60, blank=True)
    geom = models.GeometryField(_("位置"), srid=settings.CITY.srid)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.INTACT)
    competent_agency = models.ForeignKey(
        "people.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主管部门")
    )
    owning_agency = models.ForeignKey(
        "people.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("权属单位")
    )
    maintaining_agency = models.ForeignKey(
        "people.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("养护单位")
    )
    accuracy_grade = models.CharField(_("精度等级"), max_length=1, choices=Grade.choices, blank=True)
    surveyed_on = models.DateField(_("普查日期"), null=True, blank=True)
    changed_on = models.DateField(_("变更日期"), null=True, blank=True)
    source = models.CharField(_("数据来源"), max_length=60, blank=True)
    # what the source itself calls it, where it has no code of the standard; found again by it at the next import
    source_id = models.CharField(_("来源编号"), max_length=60, blank=True, db_default="")
    note = models.CharField(_("备注"), max_length=200, blank=True)
    draft = models.BooleanField(_("草稿"), default=False, db_default=False)
    # the import that its present values come from
    batch = models.ForeignKey(
        "gridmap.ComponentBatch",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="components",
        verbose_name=_("导入批次"),
    )

    objects = ComponentQuerySet.as_manager()

    class Meta:
        verbose_name = _("部件")
        verbose_name_plural = _("部件")
        constraints = [
            models.UniqueConstraint(name="component_code_once", fields=["code", "draft"]),
            models.UniqueConstraint(
                name="component_source_id_once", fields=["source", "source_id", "draft"], condition=~Q(source_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        """A code that is typed by hand follows the city's scheme and names the class."""
        category = self.category.code if self.category_id else None
        problem = configured().problem(self.code, category)
        if problem:
            raise ValidationError({"code": str(PROBLEMS[problem])})


class ComponentBatch(models.Model):
    """导入批次: one file of components, from the check of it to its publication; nothing of it is lost on the way."""

    class Stage(models.TextChoices):
        CHECKED = "checked", _("待接收")
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        DISCARDED = "discarded", _("已放弃")

    name = models.CharField(_("文件"), max_length=200)
    # what is accepted is read again from it; kept as the origin of what was published, dropped when given up
    file = models.FileField(_("原始文件"), upload_to="components/", blank=True)
    datum = models.CharField(_("坐标基准"), max_length=60)
    source = models.CharField(_("数据来源"), max_length=60, blank=True)
    stage = models.CharField(_("阶段"), max_length=10, choices=Stage.choices, default=Stage.CHECKED)
    uploaded_at = models.DateTimeField(_("上传时间"))
    uploaded_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(_("接收时间"), null=True, blank=True)
    accepted_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    # of publication or of giving it up
    decided_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    rows_read = models.IntegerField(_("读入"), default=0)
    rows_new = models.IntegerField(_("新增"), default=0)
    rows_changed = models.IntegerField(_("更新"), default=0)
    rows_same = models.IntegerField(_("无变化"), default=0)
    rows_rejected = models.IntegerField(_("拒绝"), default=0)
    # {"columns": {what: column}, "unused": […], "fields": […], "rejects": […], "changes": […], "notes": […]}
    report = models.JSONField(_("报告"), default=dict, blank=True)

    class Meta:
        verbose_name = _("部件导入批次")
        verbose_name_plural = _("部件导入批次")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="batch_accepted_before_draft",
                condition=Q(stage__in=["checked", "discarded"]) | Q(accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="batch_rows_add_up",
                condition=Q(
                    rows_read=models.F("rows_new")
                    + models.F("rows_changed")
                    + models.F("rows_same")
                    + models.F("rows_rejected")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ComponentChange(models.Model):
    """变更历史: what happened to a published component, told once and never changed.

    `reference` names what caused it in plain words of a higher floor (a case number); no personal data is written here.
    """

    append_only = True

    class Cause(models.TextChoices):
        PUBLISHED = "published", _("导入发布")
        VERIFIED = "verified", _("现场核实")
        CHECKED = "checked", _("现场核查")
        CLOSED = "closed", _("结案认定")
        BY_HAND = "by_hand", _("人工变更")

    component = models.ForeignKey(Component, models.PROTECT, related_name="changes")
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    cause = models.CharField(_("原因"), max_length=10, choices=Cause.choices)
    from_state = models.CharField(max_length=10, choices=Component.State.choices, blank=True)
    to_state = models.CharField(max_length=10, choices=Component.State.choices)
    # metres between the old place and the new one; null where the geometry stayed
    moved_m = models.FloatField(_("移动（米）"), null=True, blank=True)
    geom_before = models.GeometryField(srid=settings.CITY.srid, null=True, blank=True, spatial_index=False)
    # {"field": [before, after]} of everything else
    values = models.JSONField(default=dict, blank=True)
    why = models.CharField(_("理由"), max_length=200, blank=True)
    reference = models.CharField(_("依据"), max_length=60, blank=True)
    batch = models.ForeignKey(ComponentBatch, models.PROTECT, null=True, blank=True, related_name="changes")

    class Meta:
        verbose_name = _("部件变更")
        verbose_name_plural = _("部件变更")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(name="change_of_component", fields=["component", "-at"])]

    def __str__(self) -> str:
        return f"{self.component_id} {self.from_state} → {self.to_state}"
