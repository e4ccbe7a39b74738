"""Administrative areas, dated layouts of the grid, and unit cells."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import DateRange


class AreaQuerySet(models.QuerySet["Area"]):
    def level(self, level: str) -> Self:
        return self.filter(level=level)

    def covering(self, point: Point) -> Self:
        """Areas that cover a point in the city's SRID; on a shared edge both, lowest code first."""
        return self.filter(geom__covers=point).order_by("code")

    def below(self, code: str) -> Self:
        """The area of this code and everything inside it: codes of children start with the parent's."""
        return self.filter(code__startswith=code)


class Area(models.Model):
    """行政区域: city, district, subdistrict, community; a tree whose codes begin with the parent's code."""

    class Level(models.TextChoices):
        CITY = "city", _("市")
        DISTRICT = "district", _("区县")
        SUBDISTRICT = "subdistrict", _("街道/镇")
        COMMUNITY = "community", _("社区/村")

    code = models.CharField(_("编码"), max_length=16, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    level = models.CharField(_("层级"), max_length=12, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级区域")
    )
    geom = models.MultiPolygonField(_("范围"), srid=settings.CITY.srid)
    built_up = models.BooleanField(_("建成区"), default=True)
    # 区域类别, such as "1", "2", "3": limits and scores of a class of areas; empty: none of its own
    area_class = models.CharField(_("区域类别"), max_length=4, blank=True, default="")

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("行政区域")
        verbose_name_plural = _("行政区域")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Layout(models.Model):
    """网格版本: a dated generation of the grid; one active on any day."""

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        CHECKED = "checked", _("已检查")
        ACTIVE = "active", _("启用")
        RETIRED = "retired", _("停用")

    name = models.CharField(_("名称"), max_length=60, unique=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.DRAFT)
    active_from = models.DateField(_("启用日期"), null=True, blank=True)
    active_to = models.DateField(_("停用日期"), null=True, blank=True)
    # how the cells were drawn: rule version, target area, what could not be honoured
    report = models.JSONField(_("报告"), default=dict, blank=True)
    # one more with every change of its cells: who edits an older one is refused
    version = models.PositiveIntegerField(_("版本号"), default=0)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="drafts")

    class Meta:
        verbose_name = _("网格版本")
        verbose_name_plural = _("网格版本")
        ordering = ["-active_from", "name"]
        constraints = [
            models.CheckConstraint(
                name="layout_active_has_date", condition=~Q(state="active") | Q(active_from__isnull=False)
            ),
            ExclusionConstraint(
                name="one_active_layout_a_day",
                expressions=[(DateRange(F("active_from"), F("active_to")), RangeOperators.OVERLAPS)],
                condition=Q(state__in=["active", "retired"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CellQuerySet(models.QuerySet["Cell"]):
    def on(self, day: date) -> Self:
        """Cells of the layout in force on a day."""
        return self.filter(
            Q(layout__active_to=None) | Q(layout__active_to__gte=day),
            layout__state__in=[Layout.State.ACTIVE, Layout.State.RETIRED],
            layout__active_from__lte=day,
        )

    def covering(self, point: Point) -> Self:
        """Cells that cover a point in the city's SRID, lowest code first: on a shared edge the first one counts."""
        return self.filter(geom__covers=point).order_by("code")


class Cell(models.Model):
    """单元网格: a piece of one community of about 10,000 m² in one layout.

    A cell that goes on into the next layout keeps its code, and its ground; any other ground has another code, and
    the code of a cell that ended is never used again.
    """

    code = models.CharField(_("编码"), max_length=20, db_index=True)
    layout = models.ForeignKey(Layout, models.PROTECT, related_name="cells", verbose_name=_("网格版本"))
    community = models.ForeignKey(Area, models.PROTECT, related_name="cells", verbose_name=_("社区"))
    geom = models.PolygonField(_("范围"), srid=settings.CITY.srid)
    area_m2 = models.FloatField(_("面积（平方米）"))

    objects = CellQuerySet.as_manager()

    class Meta:
        verbose_name = _("单元网格")
        verbose_name_plural = _("单元网格")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["layout", "code"], name="cell_code_once_a_layout"),
            models.CheckConstraint(name="cell_has_area", condition=Q(area_m2__gt=0)),
        ]

    def __str__(self) -> str:
        return self.code
