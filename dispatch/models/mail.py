"""单位信箱: messages of the fixed mailbox that units answer to (P2.12, P2.19)."""

from typing import Self

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from people.models import User


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    def waiting(self) -> Self:
        return self.filter(state=InboundMail.State.WAITING)

    def visible_to(self, user: User) -> Self:
        """Messages about cases that the user may see, and those that name none."""
        from dispatch.models.case import Case

        return self.filter(models.Q(case=None) | models.Q(case__in=Case.objects.visible_to(user).values("pk")))


class InboundMail(models.Model):
    """One message. It is a reply of a part where it names the case and comes from the mailbox of the part's unit."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待处理")
        USED = "used", _("已采用")
        DISMISSED = "dismissed", _("不采用")

    message_id = models.CharField(max_length=300, unique=True)
    sender = models.CharField(_("发件人"), max_length=200)
    subject = models.CharField(_("主题"), max_length=300, blank=True)
    text = models.TextField(_("内容"), blank=True)
    received_at = models.DateTimeField(_("收到时间"))
    fetched_at = models.DateTimeField(_("读取时间"))
    case = models.ForeignKey("dispatch.Case", models.PROTECT, null=True, blank=True, related_name="mails")
    # the part whose unit has sent it; empty: somebody has to find out
    part = models.ForeignKey("dispatch.Part", models.PROTECT, null=True, blank=True, related_name="mails")
    photos = models.ManyToManyField("dispatch.Evidence", related_name="mails", blank=True)
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.WAITING)
    step = models.OneToOneField("dispatch.Step", models.PROTECT, null=True, blank=True, related_name="mail")
    sorted_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    sorted_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("来信")
        verbose_name_plural = _("来信")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="mail_used_iff_step",
                condition=models.Q(state="used", step__isnull=False) | (~models.Q(state="used") & models.Q(step=None)),
            )
        ]
        indexes = [models.Index(name="mail_waiting", fields=["received_at"], condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return self.subject or self.message_id


class MailboxRead(models.Model):
    """The mailbox was read: when, and how many new messages; the page says when nobody could read it for a day."""

    day = models.DateField(_("日期"), unique=True)
    read_at = models.DateTimeField(_("最近读取"))
    messages = models.IntegerField(_("新来信"), default=0)
    error = models.CharField(_("错误"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("信箱读取")
        verbose_name_plural = _("信箱读取")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%F}"
