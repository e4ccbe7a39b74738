"""What was done to a layout, and what its checks found; both are only ever added to."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gridmap.models.area import Area, Layout
from people.models import User


class LayoutEditQuerySet(models.QuerySet["LayoutEdit"]):
    def standing(self) -> Self:
        """Changes of cells that were not undone, the newest first: the first one is what undo takes back."""
        return self.exclude(operation__in=LayoutEdit.NOT_UNDOABLE).filter(undone_by=None).order_by("-pk")


class LayoutEdit(models.Model):
    """网格编辑记录: one change of a draft's cells, with the cells before and after; undo is a change too."""

    class Operation(models.TextChoices):
        COPY = "copy", _("复制为新草稿")
        SPLIT = "split", _("拆分")
        MERGE = "merge", _("合并")
        MOVE = "move", _("移动边界")
        MEND = "mend", _("修补")
        UNDO = "undo", _("撤销")

    NOT_UNDOABLE = (Operation.COPY, Operation.UNDO)
    append_only = True

    layout = models.ForeignKey(Layout, models.PROTECT, related_name="edits")
    # the layout's version after this change
    version = models.PositiveIntegerField(_("版本号"))
    operation = models.CharField(_("操作"), max_length=10, choices=Operation.choices)
    community = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    why = models.CharField(_("原因"), max_length=200)
    at = models.DateTimeField(_("时间"))
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")
    # [{"code", "community", "area_m2", "wkb" (hex, the city's SRID), "touched" (it only gained a corner)}]
    before = models.JSONField(default=list, blank=True)
    after = models.JSONField(default=list, blank=True)

    objects = LayoutEditQuerySet.as_manager()

    class Meta:
        verbose_name = _("网格编辑记录")
        verbose_name_plural = _("网格编辑记录")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["layout", "version"], name="one_edit_a_version"),
            models.CheckConstraint(name="edit_says_why", condition=~Q(why="")),
            models.CheckConstraint(
                name="undo_says_what", condition=Q(operation="undo", undoes__isnull=False) | ~Q(operation="undo")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layout_id} {self.version} {self.operation}"

    def codes_before(self) -> list[str]:
        """Codes of cells that this change ended or moved; neighbours that only gained a corner are left out."""
        return sorted(row["code"] for row in self.before if not row.get("touched"))

    def codes_after(self) -> list[str]:
        """Codes of cells that this change made or moved."""
        return sorted(row["code"] for row in self.after if not row.get("touched"))


class LayoutCheck(models.Model):
    """网格检查: one check of one version of a layout with every defect that it found."""

    append_only = True
    KEPT = 5_000  # so many defects are kept for the map; `counts` counts all

    layout = models.ForeignKey(Layout, models.PROTECT, related_name="checks")
    version = models.PositiveIntegerField(_("版本号"))
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("时间"))
    counts = models.JSONField(_("缺陷数"), default=dict, blank=True)
    failing = models.PositiveIntegerField(_("必须处理的缺陷数"), default=0)
    # [{"kind", "code", "other", "m2", "severity", "where": GeoJSON geometry in WGS84 or null}]
    defects = models.JSONField(_("缺陷"), default=list, blank=True)

    class Meta:
        verbose_name = _("网格检查")
        verbose_name_plural = _("网格检查")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.layout_id} {self.version}: {self.failing}"
