"""文书: typed papers of a case, 停工通知, 协议, 调解记录 and others, with the file (P4.9, P4.20, P2.14, P2.22)."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Document(models.Model):
    """One paper with number, date and both parties; the facts of a mediation are the words of its step.

    Names of parties and of those who signed are personal data: masked on pages, gone with the case's other words.
    """

    class Kind(models.TextChoices):
        STOP_WORK = "stop_work", _("停工通知")
        AGREEMENT = "agreement", _("协议")
        MEDIATION = "mediation", _("调解记录")
        RECTIFY = "rectify", _("整改通知")
        FEEDBACK = "feedback", _("处置反馈单")
        OTHER = "other", _("其他文书")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="documents")
    part = models.ForeignKey("dispatch.Part", models.PROTECT, null=True, blank=True, related_name="+")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="document")
    kind = models.CharField(_("文书种类"), max_length=9, choices=Kind.choices)
    number = models.CharField(_("文号"), max_length=60, blank=True)
    dated_on = models.DateField(_("日期"))
    party_a = models.CharField(_("甲方"), max_length=80, blank=True)
    party_b = models.CharField(_("乙方"), max_length=80, blank=True)
    agreement = models.TextField(_("协议内容"), blank=True)
    signed = models.CharField(_("签字人"), max_length=120, blank=True)
    evidence = models.ForeignKey("dispatch.Evidence", models.PROTECT, null=True, blank=True, related_name="documents")

    class Meta:
        verbose_name = _("文书")
        verbose_name_plural = _("文书")
        ordering = ["dated_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="document_has_file_or_is_mediation", condition=Q(kind="mediation") | Q(evidence__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"

    @property
    def names(self) -> list[str]:
        """Everybody who is named in it."""
        return [name for name in (self.party_a, self.party_b, *self.signed.replace("，", "、").split("、")) if name]
