"""直播节目: a session on air, its guests, the questions and what was answered there (P3.15, P3.23)."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class LiveSession(models.Model):
    """One broadcast; what nobody has answered when it ends becomes reports."""

    title = models.CharField(_("节目名称"), max_length=80)
    starts_at = models.DateTimeField(_("播出时间"))
    host = models.CharField(_("主持人"), max_length=40)
    channel = models.ForeignKey("dispatch.Channel", models.PROTECT, related_name="+")
    made_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    operation = models.UUIDField(unique=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("直播节目")
        verbose_name_plural = _("直播节目")
        ordering = ["-starts_at", "-pk"]

    def __str__(self) -> str:
        return self.title


class LiveGuest(models.Model):
    """上线嘉宾: the head of a unit, or somebody of its sections."""

    session = models.ForeignKey(LiveSession, models.PROTECT, related_name="guests")
    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="+", verbose_name=_("单位"))
    name = models.CharField(_("姓名"), max_length=30)
    duty = models.CharField(_("职务"), max_length=40)

    class Meta:
        verbose_name = _("上线嘉宾")
        verbose_name_plural = _("上线嘉宾")
        ordering = ["session", "pk"]
        constraints = [models.UniqueConstraint(name="guest_once", fields=["session", "agency", "name"])]

    def __str__(self) -> str:
        return f"{self.agency} {self.name}"


class LiveQuestionQuerySet(models.QuerySet["LiveQuestion"]):
    def open(self) -> Self:
        """Neither answered on air nor taken on as a report."""
        return self.filter(answered_at=None, case=None)


class LiveQuestion(models.Model):
    """A question, in the order in which it came."""

    session = models.ForeignKey(LiveSession, models.PROTECT, related_name="questions")
    text = models.TextField(_("问题"), max_length=2000)
    asker = models.CharField(_("提问人"), max_length=40, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    asked_at = models.DateTimeField(_("提问时间"))
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    operation = models.UUIDField(unique=True)
    guest = models.ForeignKey(LiveGuest, models.PROTECT, null=True, blank=True, related_name="answers")
    answer = models.TextField(_("现场答复"), max_length=3000, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    case = models.ForeignKey("dispatch.Case", models.PROTECT, null=True, blank=True, related_name="live_questions")

    objects = LiveQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("直播提问")
        verbose_name_plural = _("直播提问")
        ordering = ["session", "asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="live_answer_is_whole",
                condition=Q(answered_at=None, answer="", guest=None)
                | (Q(answered_at__gte=F("asked_at"), guest__isnull=False) & ~Q(answer="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.pk}"
