"""调查记录, 书面答复, 平台答复, 向诉求人说明: what is stated in a case, each record for itself (P1.27)."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Statement(models.Model):
    """One record in words. The words themselves are those of its step (Remark), kept apart from the log.

    `public` words are shown to the caller on the progress page; a report names the caller whom they are meant for.
    """

    class Kind(models.TextChoices):
        INVESTIGATION = "investigation", _("调查记录")
        WRITTEN_REPLY = "written_reply", _("书面答复")
        PLATFORM_REPLY = "platform_reply", _("平台答复")
        EXPLANATION = "explanation", _("向诉求人说明")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="statements")
    part = models.ForeignKey("dispatch.Part", models.PROTECT, null=True, blank=True, related_name="statements")
    step = models.ForeignKey("dispatch.Step", models.PROTECT, related_name="statements")
    kind = models.CharField(_("类型"), max_length=14, choices=Kind.choices)
    by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("时间"))
    report = models.ForeignKey("dispatch.Report", models.PROTECT, null=True, blank=True, related_name="statements")
    public = models.BooleanField(_("向诉求人公开"), default=False)
    # an explanation that came with another step (挂账, 作废) has words beside those of the step
    words = models.TextField(_("内容"), blank=True)
    # of an investigation: where, who was there (both parties, witnesses), and what was measured (P4.17)
    place = models.CharField(_("地点"), max_length=200, blank=True)
    present = models.CharField(_("在场人员"), max_length=200, blank=True)
    measured = models.CharField(_("测量数据"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("办理文书")
        verbose_name_plural = _("办理文书")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="statement_only_investigation_has_site",
                condition=Q(kind="investigation") | Q(place="", present="", measured=""),
            ),
            models.UniqueConstraint(name="statement_kind_once_a_step", fields=["step", "kind"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"

    @property
    def text(self) -> str:
        """What was stated; needs `step__remark` selected."""
        remark = getattr(self.step, "remark", None)
        return self.words or (remark.text if remark else "")
