"""分办: an agency hands its part to somebody of its own, or to an agency below; it still answers for the part."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.access import scope_of
from people.models import User


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def open(self) -> Self:
        """Those in force: not ended, of a part that the agency still has."""
        return self.filter(ended_at=None, part__withdrawn_at=None)

    def to_me(self, user: User) -> Self:
        """What was handed to this person, or to the very agencies that they work for."""
        agencies = [agency.pk for agency in scope_of(user).agencies]
        return self.open().filter(Q(to_user=user) | Q(to_agency__in=agencies))


class Delegation(models.Model):
    """To whom a part was handed, by whom and when: a fact that is ended by the next one, never changed."""

    part = models.ForeignKey("dispatch.Part", models.PROTECT, related_name="delegations")
    to_user = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    to_agency = models.ForeignKey("people.Agency", models.PROTECT, null=True, blank=True, related_name="+")
    # a crew, or somebody without an account
    to_name = models.CharField(_("班组或人员"), max_length=30, blank=True)
    note = models.TextField(_("交办要求"), blank=True)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(_("分办时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    # doing it twice does it once
    operation = models.UUIDField(unique=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("分办")
        verbose_name_plural = _("分办")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="one_delegation_a_part", fields=["part"], condition=Q(ended_at=None)),
            models.CheckConstraint(
                name="delegation_names_one",
                condition=Q(to_user__isnull=False, to_agency=None, to_name="")
                | Q(to_user=None, to_agency__isnull=False, to_name="")
                | (Q(to_user=None, to_agency=None) & ~Q(to_name="")),
            ),
        ]
        indexes = [
            models.Index(name="delegation_user", fields=["to_user"], condition=Q(ended_at=None)),
            models.Index(name="delegation_agency", fields=["to_agency"], condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.at:%Y-%m-%d}"

    @property
    def whom(self) -> str:
        """Who has it now; needs `to_user` and `to_agency` selected."""
        return str(self.to_user or self.to_agency or self.to_name)
