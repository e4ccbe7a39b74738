"""排班和交接班: who is on duty in which shift, extra seats in a surge, and what one shift leaves to the next."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.access import scope_of
from people.models import User
from people.permissions import CENTRE, Role


class Seat(models.TextChoices):
    """The two desks that are never empty."""

    OPERATOR = "operator", Role.OPERATOR.label
    DISPATCHER = "dispatcher", Role.DISPATCHER.label


class Duty(models.Model):
    """One person in one shift of a day; the day is the one on which the shift begins."""

    user = models.ForeignKey("people.User", models.PROTECT, related_name="duties")
    day = models.DateField(_("日期"))
    shift = models.CharField(_("班次"), max_length=12)
    seat = models.CharField(_("岗位"), max_length=10, choices=Seat.choices)

    class Meta:
        verbose_name = _("值班")
        verbose_name_plural = _("值班")
        ordering = ["day", "shift", "seat", "user"]
        constraints = [models.UniqueConstraint(name="one_seat_a_shift", fields=["user", "day", "shift"])]

    def __str__(self) -> str:
        return f"{self.day} {self.shift} {self.user_id}"


class Surge(models.Model):
    """增派: so many seats more than usual in one shift, and why (P3.7)."""

    day = models.DateField(_("日期"))
    shift = models.CharField(_("班次"), max_length=12)
    seat = models.CharField(_("岗位"), max_length=10, choices=Seat.choices)
    extra = models.PositiveSmallIntegerField(_("增派席位"))
    reason = models.CharField(_("原因"), max_length=200)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("增派计划")
        verbose_name_plural = _("增派计划")
        ordering = ["day", "shift", "seat"]
        constraints = [
            models.UniqueConstraint(name="one_surge_a_seat", fields=["day", "shift", "seat"]),
            models.CheckConstraint(name="surge_adds_seats", condition=Q(extra__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.shift} +{self.extra}"


class HandoverQuerySet(models.QuerySet["Handover"]):
    def unsigned(self) -> Self:
        return self.filter(signed_at=None)

    def visible_to(self, user: User) -> Self:
        """Those of the centre's own desks."""
        return self.all() if scope_of(user).roles & CENTRE else self.none()


class Handover(models.Model):
    """交接班: what the outgoing person leaves open, and who has taken it over.

    `open_items` is what the system listed at that moment: numbers of cases by kind.
    """

    day = models.DateField(_("日期"))
    shift = models.CharField(_("班次"), max_length=12)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("交班时间"), db_index=True)
    words = models.TextField(_("交班事项"), blank=True)
    open_items = models.JSONField(default=dict)
    signed_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(_("接班时间"), null=True, blank=True)
    operation = models.UUIDField(unique=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("交接班")
        verbose_name_plural = _("交接班")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="handover_signed_iff_by_somebody",
                condition=Q(signed_at=None, signed_by=None) | Q(signed_at__isnull=False, signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="handover_signed_by_another", condition=Q(signed_by=None) | ~Q(signed_by=models.F("by"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.shift}"
