"""申请 and 督办: what one person asks for and another one decides, and the pushes from above."""

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dispatch.clocks import Unit
from people.access import of_agencies, scope_of
from people.models import User


class PetitionQuerySet(models.QuerySet["Petition"]):
    def pending(self) -> Self:
        return self.filter(state=Petition.State.PENDING)

    def visible_to(self, user: User) -> Self:
        """Petitions of cases that the user may see; an agency sees its own, not those of the others in a case."""
        from dispatch.models.case import SEES_ALL, Case

        found = self.filter(case__in=Case.objects.visible_to(user).values("pk"))
        scope = scope_of(user)
        if scope.roles & SEES_ALL:
            return found
        return found.filter(Q(asked_by=user) | of_agencies(scope, "part__agency"))


class Petition(models.Model):
    """申请: its words are those of its steps; the rules stand in dispatch/petitions.py, who may in the profile."""

    class Kind(models.TextChoices):
        EXTENSION = "extension", _("延期")
        SUSPENSION = "suspension", _("挂账")
        RENEWAL = "renewal", _("续挂")
        BACK = "back", _("退单")
        VOID = "void", _("作废")
        CONTEST = "contest", _("考核申诉")
        TRANSFER = "transfer", _("移交")

    class State(models.TextChoices):
        PENDING = "pending", _("待审批")
        GRANTED = "granted", _("已同意")
        REFUSED = "refused", _("未同意")
        WITHDRAWN = "withdrawn", _("已撤回")
        LAPSED = "lapsed", _("已失效")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="petitions")
    part = models.ForeignKey("dispatch.Part", models.PROTECT, null=True, blank=True, related_name="petitions")
    kind = models.CharField(_("种类"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.PENDING)
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="petition")
    asked_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("申请时间"))
    reason_code = models.CharField(_("原因类别"), max_length=30, blank=True)
    # what is asked for: more time, a date of review, another agency
    amount = models.IntegerField(_("时限"), null=True, blank=True)
    unit = models.CharField(_("时限单位"), max_length=12, choices=Unit.choices, blank=True)
    review_on = models.DateField(_("复核日期"), null=True, blank=True)
    to_agency = models.ForeignKey("people.Agency", models.PROTECT, null=True, blank=True, related_name="+")
    has_form = models.BooleanField(_("附盖章表单"), default=False)
    # how many levels have agreed so far
    agreed = models.SmallIntegerField(_("已同意级数"), default=0)
    settled_at = models.DateTimeField(_("办结时间"), null=True, blank=True)

    objects = PetitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("申请")
        verbose_name_plural = _("申请")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_pending_petition",
                fields=["case", "part", "kind"],
                condition=Q(state="pending"),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="petition_settled_iff_date",
                condition=(Q(state="pending") & Q(settled_at=None))
                | (~Q(state="pending") & Q(settled_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="petition_extension_has_amount",
                condition=~Q(kind="extension") | (Q(amount__gt=0) & ~Q(unit="")),
            ),
            models.CheckConstraint(
                name="petition_suspension_has_review",
                condition=~Q(kind__in=["suspension", "renewal"]) | Q(review_on__isnull=False),
            ),
        ]
        indexes = [models.Index(name="petition_pending", fields=["asked_at"], condition=Q(state="pending"))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Decision(models.Model):
    """One level's word on a petition; the opinion is the words of its step."""

    petition = models.ForeignKey(Petition, models.PROTECT, related_name="decisions")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="decision")
    level = models.SmallIntegerField(_("级"))
    agrees = models.BooleanField(_("同意"))
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("审批时间"))

    class Meta:
        verbose_name = _("审批")
        verbose_name_plural = _("审批")
        ordering = ["petition", "level"]
        constraints = [models.UniqueConstraint(name="one_decision_a_level", fields=["petition", "level"])]

    def __str__(self) -> str:
        return f"{self.petition_id}/{self.level}"


class SupervisionQuerySet(models.QuerySet["Supervision"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def unanswered(self) -> Self:
        return self.open().filter(answered_at=None)

    def late(self, at: datetime) -> Self:
        """Not answered although the deadline has passed."""
        return self.unanswered().filter(due_at__lt=at)

    def visible_to(self, user: User) -> Self:
        """Pushes on cases that the user may see."""
        from dispatch.models.case import Case

        return self.filter(case__in=Case.objects.visible_to(user).values("pk"))


class Supervision(models.Model):
    """督办 and 批示: somebody above pushes; the unit reports back by a date; the one who pushed ends it."""

    class Kind(models.TextChoices):
        OVERDUE = "overdue", _("超时督办")
        REWORK = "rework", _("返工督办")
        LEADER = "leader", _("领导督办")
        KEY = "key", _("重点督办")
        INSTRUCTION = "instruction", _("领导批示")
        ARRIVAL = "arrival", _("到场超时督办")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="supervisions")
    # empty: the case as a whole, answered by the centre
    part = models.ForeignKey("dispatch.Part", models.PROTECT, null=True, blank=True, related_name="supervisions")
    kind = models.CharField(_("种类"), max_length=12, choices=Kind.choices)
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="supervision")
    by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")  # null: automatic
    opened_at = models.DateTimeField(_("督办时间"))
    due_at = models.DateTimeField(_("回复期限"), null=True, blank=True)
    answered_at = models.DateTimeField(_("回复时间"), null=True, blank=True)
    answer_step = models.OneToOneField(
        "dispatch.Step", models.PROTECT, null=True, blank=True, related_name="supervision_answered"
    )
    ended_at = models.DateTimeField(_("销号时间"), null=True, blank=True)

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("督办")
        verbose_name_plural = _("督办")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            # the job that supervises by itself does it once for each part
            models.UniqueConstraint(
                name="one_automatic_push_a_part",
                fields=["part", "kind"],
                condition=Q(kind__in=["overdue", "rework", "arrival"]),
            ),
            models.CheckConstraint(
                name="push_answered_iff_step",
                condition=Q(answered_at=None, answer_step=None)
                | Q(answered_at__isnull=False, answer_step__isnull=False),
            ),
        ]
        indexes = [models.Index(name="push_open", fields=["opened_at"], condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
