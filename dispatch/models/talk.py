"""部门沟通: short messages between an agency and the centre about a part."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TalkLineQuerySet(models.QuerySet["TalkLine"]):
    def unread(self, *, by_centre: bool) -> Self:
        """What the other side has written and nobody of this side has opened yet."""
        return self.filter(read_at=None, from_centre=not by_centre, part__withdrawn_at=None)


class TalkLine(models.Model):
    """One message; read when somebody of the other side has had it on the screen."""

    part = models.ForeignKey("dispatch.Part", models.PROTECT, related_name="talk")
    from_centre = models.BooleanField(_("中心发出"))
    text = models.TextField(_("内容"))
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("时间"))
    read_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    read_at = models.DateTimeField(_("已读时间"), null=True, blank=True)
    # doing it twice does it once
    operation = models.UUIDField(unique=True)

    objects = TalkLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("部门沟通")
        verbose_name_plural = _("部门沟通")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="talk_read_iff_by_somebody",
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="talk_unread", fields=["part", "from_centre"], condition=Q(read_at=None))]

    def __str__(self) -> str:
        return f"{self.part_id} {self.at:%Y-%m-%d}"
