"""From a point to cell, community and agency: one indexed query each."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db.models import Q

from dispatch.meant import Answering, answering, answering_agency
from dispatch.models import Case, RoutingRule
from dispatch.routing import Question, propose
from dispatch.rulebook import rule_fact
from gridmap.models import Area, Cell
from people.models import Agency


@dataclass(frozen=True)
class PlaceFacts:
    """Cell and community of a point; `outside` where no cell of the day covers it."""

    cell: Cell | None
    community: Area | None
    outside: bool


def place_facts(point: Point, at: datetime) -> PlaceFacts:
    """The cell of the layout in force, on a shared edge the lowest code; without one, the community that covers it."""
    day = at.astimezone(settings.CITY.zone).date()
    cell = Cell.objects.on(day).covering(point).select_related("community").first()
    if cell is not None:
        return PlaceFacts(cell, cell.community, outside=False)
    community = Area.objects.level(Area.Level.COMMUNITY).covering(point).first()
    return PlaceFacts(None, community, outside=True)


@dataclass(frozen=True)
class AgencyProposal:
    """The agency that the rules name for a case, or none; `partners` cooperate, `level` is where it is tried first."""

    agency: Agency | None
    rule: RoutingRule | None
    why: list[dict[str, Any]]
    partners: list[Agency] = field(default_factory=list)
    level: str = ""

    def columns(self) -> dict[str, Any]:
        """The case's columns that remember the proposal."""
        return {"proposed_agency": self.agency, "proposed_rule": self.rule}


def question_of(case: Case, at: datetime) -> Question:
    """What the rules have to know of a case at an instant; one query more where it has a component."""
    local = at.astimezone(settings.CITY.zone)
    owner, fault = Answering(None, ""), ""
    if case.component is not None:
        owner, agency = answering(case.component), answering_agency(case.component)
        fault = owner_fault(agency, local.date())
    return Question(
        category_id=case.category_id,
        major_id=case.category.major_id if case.category else None,
        area_code=case.community.code if case.community else "",
        owner_id=owner.agency_id,
        owner_as=owner.role,
        accused_id=case.accused_agency_id,
        channel_id=case.channel_id,
        request_type=case.request_type,
        local=local,
        owner_fault=fault,
    )


def owner_fault(agency: Agency | None, day: date) -> str:
    """Why nobody answers for a component on a day, or nothing."""
    if agency is None:
        return "owner_unknown"
    return "" if agency.valid_from <= day and (agency.valid_to is None or day <= agency.valid_to) else "owner_ended"


def propose_agency(case: Case, at: datetime) -> AgencyProposal:
    """Ask the rules in force: one query for all rules, one more for an owner and one for those who cooperate."""
    question = question_of(case, at)
    day = at.astimezone(settings.CITY.zone).date()
    classes = [pk for pk in (question.category_id, question.major_id) if pk is not None]
    asked = RoutingRule.objects.active(day).filter(Q(category=None) | Q(category__in=classes)).with_facts()
    rules = {rule.pk: rule for rule in asked}
    found = propose((rule_fact(rule, day) for rule in rules.values()), question)
    if found.rule is None:
        return AgencyProposal(None, None, list(found.why))
    rule = rules[found.rule.pk]
    agency = rule.agency
    if rule.by_owner and case.component is not None:
        agency = answering_agency(case.component)
    named = Agency.objects.in_bulk(found.partners) if found.partners else {}
    partners = [named[pk] for pk in found.partners]
    return AgencyProposal(agency, rule, list(found.why), partners, found.rule.level)
