"""坐席状态: what an operator is doing at the telephone, from when until when."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SittingQuerySet(models.QuerySet["Sitting"]):
    def now(self) -> Self:
        """What everybody is doing: one row a person at most."""
        return self.filter(until=None)


class Sitting(models.Model):
    """One state of one operator; the last one is open."""

    class State(models.TextChoices):
        READY = "ready", _("就绪")
        CALL = "call", _("通话中")
        WRAP_UP = "wrap_up", _("话后处理")
        AWAY = "away", _("小休")

    user = models.ForeignKey("people.User", models.PROTECT, related_name="sittings")
    state = models.CharField(_("坐席状态"), max_length=7, choices=State.choices)
    since = models.DateTimeField(_("状态开始"))
    until = models.DateTimeField(_("状态结束"), null=True, blank=True)

    objects = SittingQuerySet.as_manager()

    class Meta:
        verbose_name = _("坐席状态")
        verbose_name_plural = _("坐席状态")
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(name="one_sitting_at_a_time", fields=["user"], condition=Q(until=None)),
            models.CheckConstraint(name="sitting_ends_after_start", condition=Q(until=None) | Q(until__gte=F("since"))),
        ]
        indexes = [models.Index(name="sitting_since", fields=["user", "since"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"
