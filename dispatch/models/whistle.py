"""吹哨: a call for other units to come to the site, their answers, and the matter followed until it is solved."""

from datetime import date, datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from dispatch.models.contact import Satisfaction
from dispatch.whistles import ENDING, Level, Outcome
from people.access import Scope, of_agencies
from people.models import User


class WhistleQuerySet(models.QuerySet["Whistle"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def tracked(self) -> Self:
        """Open ones where something is being repaired."""
        return self.open().filter(outcome=Outcome.REPAIRING)

    def late(self, at: datetime, today: date) -> Self:
        """Open ones where a unit has not come in time, or the day of the next look has passed."""
        waiting = WhistleCall.objects.unanswered().filter(whistle=OuterRef("pk"))
        return self.open().filter(Q(Exists(waiting), wanted_at__lt=at) | Q(look_on__lt=today))

    def visible_to(self, user: User) -> Self:
        """Whistles on cases that the user may see."""
        from dispatch.models.case import Case

        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))


class Whistle(models.Model):
    """One call on a case; its reason is the words of its step."""

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="whistles")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="whistle")
    level = models.CharField(_("级别"), max_length=9, choices=Level.choices)
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    called_at = models.DateTimeField(_("吹哨时间"))
    place = models.CharField(_("到场地点"), max_length=200)
    wanted_at = models.DateTimeField(_("要求到场时间"))
    # how it stands; empty until somebody has said it
    outcome = models.CharField(_("结果"), max_length=9, choices=Outcome.choices, blank=True)
    look_on = models.DateField(_("下次查看"), null=True, blank=True)
    rating = models.CharField(_("吹哨人评价"), max_length=12, choices=Satisfaction.choices, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    objects = WhistleQuerySet.as_manager()

    class Meta:
        verbose_name = _("吹哨")
        verbose_name_plural = _("吹哨")
        ordering = ["-called_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="one_open_whistle", fields=["case"], condition=Q(ended_at=None)),
            models.CheckConstraint(
                name="whistle_ended_iff_outcome",
                condition=Q(ended_at__isnull=False, outcome__in=sorted(ENDING))
                | (Q(ended_at=None) & ~Q(outcome__in=sorted(ENDING))),
            ),
            models.CheckConstraint(
                name="whistle_repair_has_look",
                condition=Q(outcome="repairing", look_on__isnull=False) | (~Q(outcome="repairing") & Q(look_on=None)),
            ),
        ]
        indexes = [models.Index(name="whistle_open", fields=["called_at"], condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.level}"


class WhistleCallQuerySet(models.QuerySet["WhistleCall"]):
    def unanswered(self) -> Self:
        return self.filter(step=None)

    def of(self, scope: Scope) -> Self:
        """Calls of open whistles to the agencies of a scope, and to those below them."""
        return self.filter(of_agencies(scope), whistle__ended_at=None)


class WhistleCall(models.Model):
    """One unit that has to come, and 报到: when it was there, who, and (words of the step) what was done."""

    whistle = models.ForeignKey(Whistle, models.PROTECT, related_name="calls")
    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="+")
    arrived_at = models.DateTimeField(_("到场时间"), null=True, blank=True)
    person = models.CharField(_("到场人员"), max_length=60, blank=True)
    step = models.OneToOneField("dispatch.Step", models.PROTECT, null=True, blank=True, related_name="whistle_call")

    objects = WhistleCallQuerySet.as_manager()

    class Meta:
        verbose_name = _("报到")
        verbose_name_plural = _("报到")
        ordering = ["whistle", "pk"]
        constraints = [
            models.UniqueConstraint(name="unit_called_once", fields=["whistle", "agency"]),
            models.CheckConstraint(
                name="whistle_answered_iff_there",
                condition=Q(step=None, arrived_at=None, person="")
                | (Q(step__isnull=False, arrived_at__isnull=False) & ~Q(person="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whistle_id}/{self.agency_id}"


class WhistleEntry(models.Model):
    """One look at how it stands: still in repair with the day of the next look, or the end."""

    whistle = models.ForeignKey(Whistle, models.PROTECT, related_name="entries")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="whistle_entry")
    outcome = models.CharField(_("结果"), max_length=9, choices=Outcome.choices)
    look_on = models.DateField(_("下次查看"), null=True, blank=True)
    by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("跟踪记录")
        verbose_name_plural = _("跟踪记录")
        ordering = ["whistle", "pk"]

    def __str__(self) -> str:
        return f"{self.whistle_id} {self.outcome}"
