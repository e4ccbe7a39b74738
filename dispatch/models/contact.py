"""联系 and 回访: the agency's own contact with the resident, and the centre's later call."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", _("满意")
    FAIR = "fair", _("基本满意")
    DISSATISFIED = "dissatisfied", _("不满意")


class Contact(models.Model):
    """联系: the agency speaks to the resident; required evidence in the matter flow (P1.15)."""

    class Method(models.TextChoices):
        PHONE = "phone", _("电话")
        VISIT = "visit", _("上门")
        MESSAGE = "message", _("短信/微信")
        LETTER = "letter", _("书面")

    part = models.ForeignKey("dispatch.Part", models.PROTECT, related_name="contacts")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="contact")
    method = models.CharField(_("方式"), max_length=8, choices=Method.choices)
    contacted_at = models.DateTimeField(_("联系时间"))
    staff = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    reached = models.BooleanField(_("已联系上"), default=True)
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction.choices, blank=True)

    class Meta:
        verbose_name = _("联系记录")
        verbose_name_plural = _("联系记录")
        ordering = ["contacted_at"]

    def __str__(self) -> str:
        return f"{self.part_id} {self.method}"


class Callback(models.Model):
    """回访: one attempt of the centre; solved and satisfied are asked apart (办结 is not 解决)."""

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="callbacks")
    report = models.ForeignKey("dispatch.Report", models.PROTECT, related_name="callbacks")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="callback")
    called_at = models.DateTimeField(_("回访时间"))
    staff = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    reached = models.BooleanField(_("已接通"))
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction.choices, blank=True)
    solved = models.BooleanField(_("是否解决"), null=True, blank=True)
    # concrete reason, or the other channel that was advised; compulsory when dissatisfied (P1.16)
    reason = models.TextField(_("原因"), blank=True)

    class Meta:
        verbose_name = _("回访")
        verbose_name_plural = _("回访")
        ordering = ["called_at"]
        constraints = [
            models.CheckConstraint(
                name="callback_reached_has_answer",
                condition=Q(reached=False, satisfaction="", solved=None)
                | (Q(reached=True, solved__isnull=False) & ~Q(satisfaction="")),
            ),
            models.CheckConstraint(
                name="callback_dissatisfied_has_reason",
                condition=~Q(satisfaction="dissatisfied") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.satisfaction}"
