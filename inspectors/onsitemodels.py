"""What inspectors do on site beside the answer: accept, refuse, arrive, measure, and the phrases that they use."""

from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import User


class TaskAct(models.Model):
    """接单、拒接、到场: what an inspector says of a task before the answer to it; each operation makes one row."""

    class Kind(models.TextChoices):
        ACCEPT = "accept", _("接单")
        REFUSE = "refuse", _("拒接")
        ARRIVE = "arrive", _("到场")

    task = models.ForeignKey("dispatch.FieldTask", models.PROTECT, related_name="acts", verbose_name=_("任务"))
    inspector = models.ForeignKey("people.User", models.PROTECT, related_name="task_acts", verbose_name=_("监督员"))
    kind = models.CharField(_("类型"), max_length=6, choices=Kind.choices)
    operation = models.UUIDField(unique=True, editable=False)
    # on site, maybe offline; and when the server heard of it
    happened_at = models.DateTimeField(_("发生时间"))
    recorded_at = models.DateTimeField(_("记录时间"))
    # why refused, or why far away or inaccurate
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    point = models.PointField(_("位置"), srid=settings.CITY.srid, null=True, blank=True)
    accuracy_m = models.FloatField(_("定位精度（米）"), null=True, blank=True)
    # metres between the inspector and the case as it was placed then
    distance_m = models.FloatField(_("距离（米）"), null=True, blank=True)
    # too far away, or too inaccurate to tell
    doubtful = models.BooleanField(_("到场存疑"), default=False)

    class Meta:
        verbose_name = _("现场操作")
        verbose_name_plural = _("现场操作")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="task_act_known", condition=Q(kind__in=["accept", "refuse", "arrive"])),
            models.CheckConstraint(
                name="task_act_has_reason", condition=(~Q(kind="refuse") & Q(doubtful=False)) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="arrival_has_position",
                condition=~Q(kind="arrive")
                | Q(point__isnull=False, accuracy_m__isnull=False, distance_m__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.kind}"


class Measure(models.Model):
    """测量: a quantity that an inspector has measured on site, one of a kind in a visit."""

    class Kind(models.TextChoices):
        LENGTH = "length", _("长度（米）")
        AREA = "area", _("面积（平方米）")
        DEPTH = "depth", _("深度（厘米）")
        COUNT = "count", _("数量（个）")

    visit = models.ForeignKey("inspectors.Visit", models.PROTECT, related_name="measures", verbose_name=_("到场"))
    kind = models.CharField(_("类型"), max_length=6, choices=Kind.choices)
    # in the unit of its kind: metres, square metres, centimetres, things
    amount = models.FloatField(_("数值"))

    class Meta:
        verbose_name = _("测量")
        verbose_name_plural = _("测量")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="measure_once", fields=["visit", "kind"]),
            models.CheckConstraint(name="measure_is_more_than_nothing", condition=Q(amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount:g}"


class PhraseQuerySet(models.QuerySet["Phrase"]):
    def visible_to(self, user: User) -> Self:
        """The user's own phrases first, then those for everybody."""
        return self.filter(Q(user=user) | Q(user=None)).order_by(F("user").asc(nulls_last=True), "pk")


class Phrase(models.Model):
    """常用语: words that go into a note with one tap; without a user they are for everybody."""

    user = models.ForeignKey(
        "people.User", models.CASCADE, null=True, blank=True, related_name="phrases", verbose_name=_("监督员")
    )
    text = models.CharField(_("常用语"), max_length=60)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = _("常用语")
        verbose_name_plural = _("常用语")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="phrase_once", fields=["user", "text"], nulls_distinct=False),
            models.CheckConstraint(name="phrase_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text
