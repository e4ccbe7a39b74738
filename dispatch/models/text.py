"""短信: what units are told by SMS when a case is dispatched to them (P1.9); nothing of a resident stands in it."""

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class TextMessageQuerySet(models.QuerySet["TextMessage"]):
    def due(self, at: datetime) -> Self:
        """Queued ones whose next try has come."""
        return self.filter(state=TextMessage.State.QUEUED, next_try__lte=at).order_by("next_try", "pk")


class TextMessage(models.Model):
    """One message to one unit; `step` and agency make it once, however often the event is read."""

    class State(models.TextChoices):
        QUEUED = "queued", _("待发送")
        SENT = "sent", _("已发送")
        FAILED = "failed", _("发送失败")

    step = models.ForeignKey("dispatch.Step", models.PROTECT, related_name="texts")
    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="+")
    number = models.CharField(_("接收号码"), max_length=30)
    words = models.CharField(_("内容"), max_length=300)
    state = models.CharField(_("状态"), max_length=6, choices=State.choices, default=State.QUEUED)
    made_at = models.DateTimeField(_("生成时间"))
    next_try = models.DateTimeField(_("下次发送"))
    tries = models.IntegerField(_("发送次数"), default=0)
    error = models.CharField(_("错误"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("发送时间"), null=True, blank=True)

    objects = TextMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("短信")
        verbose_name_plural = _("短信")
        ordering = ["-made_at", "-pk"]
        constraints = [models.UniqueConstraint(name="text_once", fields=["step", "agency"])]
        indexes = [models.Index(name="text_queued", fields=["next_try"], condition=models.Q(state="queued"))]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.step_id}"
