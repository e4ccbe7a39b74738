"""关联: what a person has said about two cases, whichever of them is asked."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Case as If
from django.db.models import F, Q, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CaseLinkQuerySet(models.QuerySet["CaseLink"]):
    def of(self, case: "models.Model") -> Self:
        """Every link of a case, with `other_id`, the case at its other end."""
        return self.filter(Q(first=case.pk) | Q(second=case.pk)).annotate(
            other_id=If(When(first=case.pk, then=F("second")), default=F("first"))
        )

    def others_of(self, case: "models.Model") -> "models.QuerySet[CaseLink, int]":
        """The keys of the cases that somebody has linked with this one or kept apart from it."""
        return self.of(case).values_list("other_id", flat=True)  # type: ignore[misc]  # annotated by of()


class CaseLink(models.Model):
    """Two cases and what they have to do with each other; one word a pair, the last one said.

    Who, when and why stand in the step that said it. The case with the lower key is `first`: the pair has no direction.
    """

    class Kind(models.TextChoices):
        LINKED = "linked", pgettext_lazy("case link", "相关案件")
        APART = "apart", _("确认不是同一问题")
        REPEAT = "repeat", _("重复诉求")

    first = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="+")
    second = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="+")
    kind = models.CharField(_("类型"), max_length=6, choices=Kind.choices)
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="link")

    objects = CaseLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件关联")
        verbose_name_plural = _("案件关联")
        constraints = [
            models.UniqueConstraint(name="case_pair_once", fields=["first", "second"]),
            models.CheckConstraint(name="case_pair_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}-{self.second_id} {self.kind}"
