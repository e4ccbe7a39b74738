"""列外单位: a body outside the list of agencies, asked by a link without an account."""

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, at: datetime) -> Self:
        """Links that can still be answered at an instant."""
        return self.filter(revoked_at=None, used_at=None, expires_at__gt=at)


class Invitation(models.Model):
    """A link that lets one body answer for one part, once. Only a digest of its secret is stored."""

    class Answer(models.TextChoices):
        DONE = "done", _("已处置")
        REFUSED = "refused", _("不予承接")

    part = models.ForeignKey("dispatch.Part", models.PROTECT, related_name="invitations")
    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="+")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="invitation")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # what the body is told to do, in the dispatcher's words: the text of the case may name its caller
    task = models.CharField(_("委托事项"), max_length=300)
    invited_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(_("发出时间"))
    expires_at = models.DateTimeField(_("有效期至"))
    revoked_at = models.DateTimeField(_("收回时间"), null=True, blank=True)
    used_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    answer = models.CharField(_("答复"), max_length=8, choices=Answer.choices, blank=True, default="")
    # the answer's step: what was refused, and why, stands there
    answer_step = models.OneToOneField(
        "dispatch.Step", models.PROTECT, null=True, blank=True, related_name="invitation_answered"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("列外单位邀请")
        verbose_name_plural = _("列外单位邀请")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_invitation_a_part", fields=["part"], condition=Q(revoked_at=None, used_at=None)
            ),
            models.CheckConstraint(
                name="invitation_used_iff_answer",
                condition=Q(used_at=None, answer="") | (Q(used_at__isnull=False) & ~Q(answer="")),
            ),
            models.CheckConstraint(name="invitation_expires_later", condition=Q(expires_at__gt=F("invited_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.agency_id}"
