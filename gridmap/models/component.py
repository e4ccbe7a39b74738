"""部件: surveyed objects of the street."""

from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _


class ComponentQuerySet(models.QuerySet["Component"]):
    def nearest(self, point: Point, within_m: float) -> Self:
        """Components within a distance of a point in the city's SRID, nearest first, with `distance_m`."""
        return (
            self.filter(geom__dwithin=(point, within_m))
            .annotate(distance_m=GeometryDistance("geom", point))
            .order_by("distance_m", "code")
        )


class Component(models.Model):
    """A manhole cover, lamp, grate, or a line of lamps or pipes, with the agencies that answer for it."""

    class State(models.TextChoices):
        INTACT = "intact", _("完好")
        DAMAGED = "damaged", _("破损")
        MISSING = "missing", _("丢失")
        MOVED = "moved", _("移位")
        ABANDONED = "abandoned", _("废弃")

    code = models.CharField(_("编码"), max_length=24, unique=True)
    category = models.ForeignKey("gridmap.Category", models.PROTECT, related_name="components")
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
    # A ±0.5 m, B ±1.0 m, C ±10 m
    accuracy_grade = models.CharField(_("精度等级"), max_length=1, blank=True)
    surveyed_on = models.DateField(_("普查日期"), null=True, blank=True)
    changed_on = models.DateField(_("变更日期"), null=True, blank=True)
    source = models.CharField(_("数据来源"), max_length=60, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        verbose_name = _("部件")
        verbose_name_plural = _("部件")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
