"""外业任务: what has to be seen on the street, and by when."""

from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.db.models import Q, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from people.models import User


class FieldTaskQuerySet(models.QuerySet["FieldTask"]):
    def open(self) -> Self:
        return self.filter(done_at=None)

    def nearest(self, point: Point) -> Self:
        """Tasks by true distance from a point in the city's SRID, with `distance_m`.

        The spatial index is read in that order; it covers the open tasks of one inspector, and the unassigned ones.
        """
        return self.annotate(distance_m=GeometryDistance("point", point)).order_by("distance_m")

    def unassigned(self) -> Self:
        """Tasks that wait for somebody on duty."""
        return self.filter(inspector=None)

    def visible_to(self, user: User) -> Self:
        """Tasks that this inspector was given."""
        # a number in SQL is an integer, and the spatial index compares only bigint with bigint
        return self.filter(inspector=Cast(Value(user.pk), models.BigIntegerField()))


class FieldTask(models.Model):
    """Look at a place: before filing 核实, after handling 核查, before a hard dispatch 勘查, while suspended 复核."""

    class Kind(models.TextChoices):
        VERIFY = "verify", _("核实")
        CHECK = "check", _("核查")
        SURVEY = "survey", _("勘查")
        RECHECK = "recheck", _("挂账复核")

    class Result(models.TextChoices):
        CONFIRMED = "confirmed", _("情况属实")
        NOT_FOUND = "not_found", _("未发现")
        DIFFERENT = "different", _("情况不符")
        PASSED = "passed", _("已解决")
        FAILED = "failed", _("未解决")
        SURVEYED = "surveyed", _("已勘查")
        STILL = "still", _("挂账原因仍在")
        GONE = "gone", _("挂账原因已消失")
        SELF_HANDLED = "self", _("已自行处置")
        CANCELLED = "cancelled", _("已取消")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="field_tasks")
    kind = models.CharField(_("类型"), max_length=8, choices=Kind.choices)
    # null until the assignment has found somebody on duty
    inspector = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="field_tasks")
    # why this inspector, as codes and parameters
    why = models.JSONField(default=list, blank=True)
    # only open tasks are asked for by place: their index is in the migrations
    point = models.PointField(_("位置"), srid=settings.CITY.srid, spatial_index=False)
    issued_at = models.DateTimeField(_("下达时间"))
    due_at = models.DateTimeField(_("到期时间"))
    # what the inspector who has it now has said: that he goes, and that he is there
    accepted_at = models.DateTimeField(_("接单时间"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("到场时间"), null=True, blank=True)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    result = models.CharField(_("结果"), max_length=10, choices=Result.choices, blank=True)

    objects = FieldTaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("核实核查任务")
        verbose_name_plural = _("核实核查任务")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="one_open_task_of_a_kind", fields=["case", "kind"], condition=Q(done_at=None)),
            models.CheckConstraint(
                name="task_done_iff_result",
                condition=(Q(done_at=None) & Q(result="")) | (Q(done_at__isnull=False) & ~Q(result="")),
            ),
        ]
        indexes = [
            models.Index(name="task_open_of_inspector", fields=["inspector", "due_at"], condition=Q(done_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
