"""From a point to cell, community and agency: one indexed query each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db.models import Q

from dispatch.meant import Answering, answering
from dispatch.models import Case, RoutingRule
from dispatch.routing import Proposal, Question, RuleFact, propose
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
    """The agency that the rules name for a case, or none."""

    agency: Agency | None
    rule: RoutingRule | None
    why: list[dict[str, Any]]

    def columns(self) -> dict[str, Any]:
        """The case's columns that remember the proposal."""
        return {"proposed_agency": self.agency, "proposed_rule": self.rule}


def rule_fact(rule: RoutingRule) -> RuleFact:
    """A stored rule as the value that routing.py takes."""
    return RuleFact(
        rule.pk,
        rule.number,
        rule.category_id,
        rule.area_code,
        rule.by_owner,
        rule.agency_id,
        rule.fallback,
    )


def question_of(case: Case) -> Question:
    """What the rules have to know of a case."""
    owner = answering(case.component) if case.component is not None else Answering(None, "")
    return Question(
        category_id=case.category_id,
        major_id=case.category.major_id if case.category else None,
        area_code=case.community.code if case.community else "",
        owner_id=owner.agency_id,
        owner_as=owner.role,
        accused_id=case.accused_agency_id,
    )


def propose_agency(case: Case, at: datetime) -> AgencyProposal:
    """Ask the rules in force; two queries."""
    question = question_of(case)
    day = at.astimezone(settings.CITY.zone).date()
    classes = [pk for pk in (question.category_id, question.major_id) if pk is not None]
    rules = {
        rule.pk: rule for rule in RoutingRule.objects.active(day).filter(Q(category=None) | Q(category__in=classes))
    }
    found: Proposal | None = propose((rule_fact(rule) for rule in rules.values()), question)
    if found is None:
        return AgencyProposal(None, None, [{"code": "no_rule"}])
    agency = Agency.objects.filter(pk=found.agency_id).first()
    return AgencyProposal(agency, rules[found.rule.pk], list(found.why))
