"""案件: one problem, and what each agency does about it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from dispatch.clocks import Unit
from dispatch.models.report import RequestType
from dispatch.profile import profile
from dispatch.reasons import UnsolvedReason, UrgentReason
from dispatch.transitions import ENDED, OPEN, Action, Flow, State
from people.access import Scope, of_agencies, scope_of
from people.models import User
from people.permissions import CENTRE, Role

# a confidential case is known to the centre and to leaders; to an agency only where the case is its own
CONFIDED = CENTRE | {Role.LEADER}
# what keeps a closed case from being closed at once
AGAIN = frozenset({Action.CHECK_FAIL, Action.REJECT_REPLY, Action.RETURN, Action.SEND_BACK, Action.REDO})
SEES_ALL = CENTRE | {Role.MANAGER, Role.LEADER, Role.ADMIN}


def _hidden(scope: Scope) -> Q:
    """What is kept from somebody: complaints about their agency, those above and below it, and what is not confided."""
    hidden = of_agencies(scope, "accused_agency")
    for agency in scope.agencies:
        hidden |= Q(accused_agency__code__in=[code for code in agency.path.split("/") if code])
    if not scope.roles & (CONFIDED | {Role.HANDLER}):
        hidden |= Q(confidential=True)
    return hidden


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> Self:
        """Cases that a user may see today: centre and managers by area, agencies their own, inspectors their tasks."""
        from dispatch.models.delegation import Delegation
        from dispatch.models.fieldtask import FieldTask
        from dispatch.models.whistle import WhistleCall

        scope = scope_of(user)
        seen = Q(pk=None)
        if scope.roles & SEES_ALL:
            for code in scope.area_codes:
                seen |= Q() if not code else Q(community__code__startswith=code)
            if "" in scope.area_codes and not scope.agencies:
                return self.all() if scope.roles & CONFIDED else self.filter(confidential=False)
        if scope.roles & {Role.HANDLER, Role.LEADER}:  # a leader's line
            # a confidential case is about the agency: the part's agency sees it only if it is not the accused
            mine = Part.objects.filter(of_agencies(scope), case=OuterRef("pk"), withdrawn_at=None)
            seen |= Q(Exists(mine))
        if Role.HANDLER in scope.roles:
            # what an agency above has handed down to this one
            seen |= Q(Exists(Delegation.objects.open().filter(part__case=OuterRef("pk"), to_agency__in=scope.units)))
        if Role.HANDLER in scope.roles:
            # a unit that was called to the site reads the case as long as the whistle is open
            seen |= Q(Exists(WhistleCall.objects.of(scope).filter(whistle__case=OuterRef("pk"))))
            if profile().first_receiver:
                seen |= of_agencies(scope, "owner") & Q(state__in=OPEN)
        if Role.INSPECTOR in scope.roles:
            seen |= Q(Exists(FieldTask.objects.filter(case=OuterRef("pk"), inspector=user)))
        return self.filter(seen).exclude(_hidden(scope))

    def on_street_of(self, user: User) -> Self:
        """Open street cases in an inspector's areas, whoever has them: so that nobody reports one thing twice.

        For lists of class, state and place only; the case itself opens for those of `visible_to`. What is confidential
        or kept from the user is not there.
        """
        scope = scope_of(user)
        if Role.INSPECTOR not in scope.roles:
            return self.none()
        street = self.open().filter(flow=Flow.STREET, point__isnull=False).exclude(_hidden(scope))
        if "" in scope.area_codes:
            return street
        areas = Q(pk=None)
        for code in scope.area_codes:
            areas |= Q(community__code__startswith=code)
        return street.filter(areas)

    def nearest(self, point: Point) -> Self:
        """Cases by true distance from a point in the city's SRID, with `distance_m`; open ones by their own index."""
        return self.annotate(distance_m=GeometryDistance("point", point)).order_by("distance_m")

    def not_hidden_from(self, user: User) -> Self:
        """Without what is kept from somebody: for cases that are theirs by another rule than `visible_to`."""
        return self.exclude(_hidden(scope_of(user)))

    def open(self) -> Self:
        return self.exclude(state__in=ENDED)

    def without_place(self) -> Self:
        """Open cases that somebody still has to put on the map."""
        from dispatch.models.report import Report

        return self.open().filter(pk__in=Report.objects.without_place().values("case"))

    def complained_again(self) -> Self:
        """Closed cases whose reporter said that it is not solved or not well done, and nobody chose what follows."""
        from dispatch.models.contact import Callback

        return self.filter(state=State.CLOSED, pk__in=Callback.objects.undecided().values("case"))

    def once(self) -> Self:
        """一次办结 (P4.16): closed with one dispatch, and nothing returned, sent back, reworked or done again."""
        from dispatch.models.log import Step

        steps = Step.objects.filter(case=OuterRef("pk"))
        back = Step.objects.filter(case=OuterRef("case"), version=OuterRef("version") + 1, action=Action.RECALL)
        twice = steps.filter(action=Action.DISPATCH).exclude(Exists(back)).order_by("version")[1:2]
        again = steps.filter(action__in=AGAIN)
        return self.filter(state=State.CLOSED).exclude(Exists(twice)).exclude(Exists(again))

    def hard(self) -> Self:
        """疑难: put on the list of cases that people have to sit down about."""
        return self.filter(hard=True)

    def near(self, point: Point, within_m: float) -> Self:
        """Cases within a distance of a point in the city's SRID, nearest first, with `distance_m`."""
        return (
            self.filter(point__dwithin=(point, within_m))
            .annotate(distance_m=GeometryDistance("point", point))
            .order_by("distance_m", "pk")
        )

    def held_by(self, scope: Scope) -> Self:
        """首问负责: open cases that a unit accepted last and has no part in any more, until another one accepts."""
        theirs = Part.objects.filter(of_agencies(scope), case=OuterRef("pk"), withdrawn_at=None)
        return self.open().filter(of_agencies(scope, "owner")).exclude(Exists(theirs))

    def with_beside(self) -> Self:
        """Adds `tracked` (an undertaking names the case), `handed` and `talked`: read only where there is something."""
        from dispatch.models.delegation import Delegation
        from dispatch.models.talk import TalkLine

        return self.annotate(
            tracked=Exists(Case.undertakings.through.objects.filter(case=OuterRef("pk"))),
            handed=Exists(Delegation.objects.filter(part__case=OuterRef("pk"))),
            talked=Exists(TalkLine.objects.filter(part__case=OuterRef("pk"))),
        )

    def with_due(self) -> Self:
        """Adds `due_at`: when the running clock that ends first ends; null where none runs."""
        from dispatch.models.clock import Clock

        running = Clock.objects.running().filter(case=OuterRef("pk"))
        return self.annotate(due_at=Subquery(running.order_by("due_at").values("due_at")[:1]))

    def overdue(self, at: datetime) -> Self:
        from dispatch.models.clock import Clock

        return self.filter(Exists(Clock.objects.overdue(at).filter(case=OuterRef("pk"))))


class Case(models.Model):
    """One problem from filing to closing. `state` and `version` have one writer: dispatch/lifecycle.py."""

    class Complexity(models.TextChoices):
        SIMPLE = "simple", _("简单")
        COMPLEX = "complex", _("复杂")

    number = models.CharField(_("案件编号"), max_length=30, unique=True)
    flow = models.CharField(_("流程"), max_length=8, choices=Flow.choices)
    state = models.CharField(_("状态"), max_length=14, choices=State.choices, db_index=True)
    version = models.IntegerField(default=1)
    # digest of the last step: written with the version, by the same one writer
    head = models.CharField(max_length=64, blank=True, default="", editable=False)
    state_since = models.DateTimeField()
    channel = models.ForeignKey("dispatch.Channel", models.PROTECT, related_name="cases")
    request_type = models.CharField(
        _("诉求类型"), max_length=12, choices=RequestType.choices, default=RequestType.COMPLAINT
    )
    complexity = models.CharField(_("复杂程度"), max_length=8, choices=Complexity.choices, default=Complexity.SIMPLE)
    urgent = models.BooleanField(_("紧急"), default=False)
    # why; the words beside it are those of the step
    urgent_reason = models.CharField(_("紧急理由"), max_length=12, choices=UrgentReason.choices, blank=True)
    # 举报, conduct of officials: who may see it is narrower, the accused unit and its tree never do
    confidential = models.BooleanField(_("保密"), default=False)
    # a limit that somebody has set for this very case; it wins over those of class and type
    limit_amount = models.IntegerField(_("本案时限"), null=True, blank=True)
    limit_unit = models.CharField(_("时限单位"), max_length=12, choices=Unit.choices, blank=True)
    text = models.TextField(_("问题描述"))
    address = models.CharField(_("地址"), max_length=300, blank=True)
    category = models.ForeignKey("gridmap.Category", models.PROTECT, null=True, blank=True, related_name="+")
    condition = models.ForeignKey("dispatch.Condition", models.PROTECT, null=True, blank=True, related_name="+")
    point = models.PointField(_("位置"), srid=settings.CITY.srid, null=True, blank=True)
    uncertainty_m = models.FloatField(_("不确定度（米）"), null=True, blank=True)
    # the cell of its day; its layout is the version of the grid that decided
    cell = models.ForeignKey("gridmap.Cell", models.PROTECT, null=True, blank=True, related_name="+")
    community = models.ForeignKey("gridmap.Area", models.PROTECT, null=True, blank=True, related_name="+")
    component = models.ForeignKey("gridmap.Component", models.PROTECT, null=True, blank=True, related_name="+")
    outside_grid = models.BooleanField(_("网格外"), default=False)
    proposed_agency = models.ForeignKey("people.Agency", models.PROTECT, null=True, blank=True, related_name="+")
    proposed_rule = models.ForeignKey("dispatch.RoutingRule", models.PROTECT, null=True, blank=True, related_name="+")
    # a complaint about a unit's conduct is never shown to it
    accused_agency = models.ForeignKey("people.Agency", models.PROTECT, null=True, blank=True, related_name="+")
    # 首问负责 (P4.18): the unit that accepted last; before that, the centre
    owner = models.ForeignKey("people.Agency", models.PROTECT, null=True, blank=True, related_name="+")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_cases")
    suspended_from = models.CharField(max_length=14, blank=True)
    # when somebody looks again at why it is suspended; on that day it comes back by itself
    review_on = models.DateField(_("复核日期"), null=True, blank=True)
    # 疑难: returned too often, or put on the list by a person
    hard = models.BooleanField(_("疑难"), default=False)
    # why it ended, or waits, without being solved (P5.3, P5.20); empty: nothing stays unsolved
    unsolved = models.CharField(_("未解决原因"), max_length=14, choices=UnsolvedReason.choices, blank=True)
    received_at = models.DateTimeField(_("受理时间"), db_index=True)
    filed_at = models.DateTimeField(_("立案时间"), null=True, blank=True)
    dispatched_at = models.DateTimeField(_("派遣时间"), null=True, blank=True)
    handled_at = models.DateTimeField(_("处置时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("结案时间"), null=True, blank=True)
    report_count = models.IntegerField(_("诉求件次"), default=1)
    reworks = models.IntegerField(_("返工次数"), default=0)
    redos = models.IntegerField(_("重办次数"), default=0)
    returns = models.IntegerField(_("退单次数"), default=0)
    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件")
        verbose_name_plural = _("案件")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="case_closed_iff_date",
                condition=(Q(state=State.CLOSED) & Q(closed_at__isnull=False))
                | (~Q(state=State.CLOSED) & Q(closed_at=None)),
            ),
            models.CheckConstraint(
                name="case_merged_iff_target",
                condition=(Q(state=State.MERGED) & Q(merged_into__isnull=False))
                | (~Q(state=State.MERGED) & Q(merged_into=None)),
            ),
            models.CheckConstraint(
                name="case_suspended_iff_origin",
                condition=(Q(state=State.SUSPENDED) & ~Q(suspended_from=""))
                | (~Q(state=State.SUSPENDED) & Q(suspended_from="")),
            ),
            models.CheckConstraint(
                name="case_own_limit_is_whole",
                condition=Q(limit_amount=None, limit_unit="") | (Q(limit_amount__gt=0) & ~Q(limit_unit="")),
            ),
            models.CheckConstraint(name="case_reason_only_urgent", condition=Q(urgent=True) | Q(urgent_reason="")),
            models.CheckConstraint(
                name="case_review_only_suspended", condition=Q(review_on=None) | Q(state=State.SUSPENDED)
            ),
            models.CheckConstraint(name="case_outside_has_no_cell", condition=Q(outside_grid=False) | Q(cell=None)),
        ]
        indexes = [
            models.Index(name="case_state_since", fields=["state", "state_since"]),
            models.Index(name="case_category", fields=["category", "received_at"]),
            models.Index(name="case_community", fields=["community", "received_at"]),
            models.Index(name="case_owner", fields=["owner"], condition=~Q(state__in=sorted(ENDED))),
            models.Index(name="case_hard", fields=["received_at"], condition=Q(hard=True)),
            models.Index(name="case_unsolved", fields=["unsolved", "received_at"], condition=~Q(unsolved="")),
            models.Index(name="case_to_anonymise", fields=["state_since"], condition=Q(anonymised_at=None)),
            # open cases are few and asked for all day: their own small spatial index (migration 0002)
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED


class Part(models.Model):
    """承办分项: what one agency does in a case, with its own stage and clock; exactly one leads (牵头单位)."""

    class Stage(models.TextChoices):
        HANDLING = "handling", _("处置中")
        REPLIED = "replied", _("已反馈")
        REVIEWED = "reviewed", _("反馈已审")
        ACCEPTED = "accepted", _("已认可")
        WITHDRAWN = "withdrawn", _("已收回")

    case = models.ForeignKey(Case, models.PROTECT, related_name="parts")
    agency = models.ForeignKey("people.Agency", models.PROTECT, related_name="parts")
    leads = models.BooleanField(_("牵头"), default=True)
    stage = models.CharField(_("阶段"), max_length=10, choices=Stage.choices, default=Stage.HANDLING)
    rule = models.ForeignKey("dispatch.RoutingRule", models.PROTECT, null=True, blank=True, related_name="+")
    # why this agency: rule, others that matched, overruled by whom; as codes and parameters
    why = models.JSONField(default=list, blank=True)
    dispatched_at = models.DateTimeField(_("派遣时间"))
    signed_at = models.DateTimeField(_("签收时间"), null=True, blank=True)
    handled_at = models.DateTimeField(_("处置时间"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("收回时间"), null=True, blank=True)
    reply = models.TextField(_("处置结果"), blank=True)
    reworks = models.IntegerField(_("返工次数"), default=0)

    class Meta:
        verbose_name = _("承办分项")
        verbose_name_plural = _("承办分项")
        ordering = ["case", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_leading_part", fields=["case"], condition=Q(leads=True, withdrawn_at=None)
            ),
            models.UniqueConstraint(
                name="agency_once_in_case", fields=["case", "agency"], condition=Q(withdrawn_at=None)
            ),
            models.CheckConstraint(
                name="part_withdrawn_iff_date",
                condition=(Q(stage="withdrawn") & Q(withdrawn_at__isnull=False))
                | (~Q(stage="withdrawn") & Q(withdrawn_at=None)),
            ),
            models.CheckConstraint(
                name="part_handled_after_dispatch",
                condition=Q(handled_at=None) | Q(handled_at__gte=F("dispatched_at")),
            ),
        ]
        indexes = [
            models.Index(name="part_agency_stage", fields=["agency", "stage"]),
            models.Index(name="part_of_ledger", fields=["agency", "-dispatched_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.agency_id}"
