"""电话通知部门: an urgent case is told to its agency by telephone at once (P3.5, P3.20)."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class NoticeQuerySet(models.QuerySet["Notice"]):
    def answered(self) -> Self:
        return self.filter(outcome=Notice.Outcome.ANSWERED)


class Notice(models.Model):
    """One call to an agency: which number, when, and who answered; the first answered one starts the arrival clock."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("已接听")
        NOBODY = "nobody", _("无人接听")
        BUSY = "busy", _("占线")

    part = models.ForeignKey("dispatch.Part", models.PROTECT, related_name="notices")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="notice")
    called_at = models.DateTimeField(_("通话时间"))
    whom = models.CharField(_("呼叫对象"), max_length=30)
    number = models.CharField(_("呼叫号码"), max_length=30)
    outcome = models.CharField(_("通话结果"), max_length=8, choices=Outcome.choices)
    answered_by = models.CharField(_("接听人"), max_length=30, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("电话通知")
        verbose_name_plural = _("电话通知")
        ordering = ["called_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="notice_answered_iff_by_somebody",
                condition=(Q(outcome="answered") & ~Q(answered_by="")) | (~Q(outcome="answered") & Q(answered_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.outcome}"
