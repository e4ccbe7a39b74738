"""月度审阅: a leader looks at every closed item of the line he answers for (P3.11)."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class Review(models.Model):
    """One look at one closing of a case; closed once more it is looked at once more."""

    class Verdict(models.TextChoices):
        SEEN = "seen", _("已审阅")
        AGAIN = "again", _("重新解决")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="reviews")
    closed_at = models.DateTimeField(_("结案时间"), db_index=True)
    verdict = models.CharField(_("审阅结论"), max_length=5, choices=Verdict.choices)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("审阅时间"))

    class Meta:
        verbose_name = _("月度审阅")
        verbose_name_plural = _("月度审阅")
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(name="one_review_a_closing", fields=["case", "closed_at"])]

    def __str__(self) -> str:
        return f"{self.case_id} {self.verdict}"
