"""导入批次: files of orders, each row of which becomes a report or stays as a reject with its reason."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from people.access import scope_of
from people.models import User
from people.permissions import Role


class OrderFileQuerySet(models.QuerySet["OrderFile"]):
    def visible_to(self, user: User) -> Self:
        """Files that a user may open: rows hold names and numbers, so an operator sees those of their own."""
        if Role.SHIFT_LEAD in scope_of(user).roles:
            return self.all()
        return self.filter(uploaded_by=user)

    def with_counts(self) -> Self:
        """Adds how many rows wait, became reports, were there before, and were rejected or given up."""
        counts = {f"n_{state}": Count("rows", Q(rows__state=state)) for state in OrderRow.State.values}
        return self.annotate(**counts).order_by("-uploaded_at", "-pk")


class OrderFile(models.Model):
    """One file of orders of one channel, with the columns that were read from it."""

    class Stage(models.TextChoices):
        CHECKED = "checked", _("待确认")
        RUNNING = "running", _("登记中")
        DONE = "done", _("已完成")
        GIVEN_UP = "given_up", _("已放弃")

    channel = models.ForeignKey("dispatch.Channel", models.PROTECT, related_name="+")
    name = models.CharField(_("文件"), max_length=200)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField(_("上传时间"))
    stage = models.CharField(_("阶段"), max_length=8, choices=Stage.choices, default=Stage.CHECKED)
    # heads of the columns in the order of the file, and which of them means what
    heads = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    # most rows are written in traditional characters: they stay so
    traditional = models.BooleanField(_("保留繁体"), default=False)
    encoding = models.CharField(_("编码"), max_length=20, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    objects = OrderFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("诉求导入")
        verbose_name_plural = _("诉求导入")
        ordering = ["-uploaded_at", "-pk"]
        indexes = [models.Index(name="order_file_channel", fields=["channel", "-uploaded_at"])]

    def __str__(self) -> str:
        return self.name

    @property
    def sample(self) -> dict[str, str]:
        """The first row that still has its words, by head."""
        rows = self.rows.filter(state__in=["waiting", "rejected"]).order_by("number")
        return rows.values_list("values", flat=True).first() or {}


class OrderRow(models.Model):
    """A row of such a file. What it said is kept until it is a report: then names and numbers live in Person alone."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待登记")
        KEPT = "kept", _("已登记")
        KNOWN = "known", _("此前已登记")
        REJECTED = "rejected", _("未登记")
        DROPPED = "dropped", _("不再登记")

    file = models.ForeignKey(OrderFile, models.CASCADE, related_name="rows")
    number = models.IntegerField(_("行"))
    state = models.CharField(_("结果"), max_length=8, choices=State.choices, default=State.WAITING)
    # value by head as it came, and what a person has put in its place
    values = models.JSONField(default=dict)
    corrected = models.JSONField(default=dict, blank=True)
    # [field, code of the change, how often]: never the words themselves
    notes = models.JSONField(default=list, blank=True)
    field = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    report = models.ForeignKey("dispatch.Report", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("导入的行")
        verbose_name_plural = _("导入的行")
        ordering = ["file", "number"]
        constraints = [
            models.UniqueConstraint(name="order_row_once", fields=["file", "number"]),
            models.CheckConstraint(
                name="order_row_rejected_iff_reason",
                condition=(Q(state__in=["rejected", "dropped"]) & ~Q(reason=""))
                | (~Q(state__in=["rejected", "dropped"]) & Q(reason="")),
            ),
            models.CheckConstraint(
                name="order_row_kept_iff_report",
                condition=(Q(state__in=["kept", "known"]) & Q(report__isnull=False))
                | (~Q(state__in=["kept", "known"]) & Q(report=None)),
            ),
        ]
        indexes = [models.Index(name="order_row_state", fields=["file", "state", "number"])]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"
