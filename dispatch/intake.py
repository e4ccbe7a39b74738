"""From a sentence to a case: what the product proposes, and what the operator accepts."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from dispatch import stageclocks
from dispatch.calls import Ring, spoken_to, taken
from dispatch.classhistory import Learned, learned
from dispatch.classify import Suggestion, suggest
from dispatch.dictionary import entries
from dispatch.flows import flow_for
from dispatch.lifecycle import Doing, NotAllowedError, begin, done_before, next_number
from dispatch.meant import SAME, components_meant
from dispatch.models import Call, Case, CaseQuerySet, Channel, Condition, Person, Report
from dispatch.models.report import RequestType
from dispatch.placing import AgencyProposal, PlaceFacts, place_facts, propose_agency
from dispatch.profile import profile
from dispatch.quantities import how_many
from dispatch.repeats import Asked, Repeat, repeats
from dispatch.transitions import Action, Flow, State, find
from gridmap.gazetteer import DatabaseGazetteer
from gridmap.geocode import GEOCODER, Answer, Candidate, locate
from gridmap.models import Category, Component
from gridmap.normalise import key
from people.access import scope_of
from people.models import User
from people.permissions import may

# how exactly a person puts a pin on the map
BY_HAND_M = 10.0
SAME_SPOT_M = 1.0


@dataclass(frozen=True)
class ClassChoice:
    """A suggested class with its rows."""

    category: Category
    condition: Condition | None
    suggestion: Suggestion


@dataclass(frozen=True)
class Analysis:
    """Everything that is proposed for a text; each proposal can say why, and none is applied silently.

    `answer` is the candidate that counts: the geocoder's first one, or the one that a person picked.
    """

    answer: Answer
    candidates: list[Candidate]
    point: Point | None
    uncertainty_m: float
    facts: PlaceFacts
    classes: list[ClassChoice]
    components: list[Component]
    proposal: AgencyProposal
    repeats: list[Repeat]
    category: Category | None = None
    condition: Condition | None = None
    component: Component | None = None
    learned: Learned = field(default_factory=Learned)  # what history says of the class: offered only
    count: int | None = None  # how many things the text speaks of, where it counts them


def _class_key(text: str, answer: Answer) -> str:
    """The text's matching key without the place: a 水厂路 says nothing about water."""
    chars = list(text)
    # spans count in the text that was searched: that may have been a separate address
    for span in answer.address.spans if answer.address and answer.text == text else ():
        chars[span.start : span.end] = " " * (span.end - span.start)
    return key("".join(chars))


def suggest_classes(text: str, answer: Answer, at: datetime) -> list[ClassChoice]:
    """Classes for a text, best first, with their rows."""
    found = suggest(_class_key(text, answer), entries(at.astimezone(settings.CITY.zone).date()))
    categories = Category.objects.select_related("major", "dictionary").in_bulk([s.category_id for s in found])
    conditions = Condition.objects.in_bulk([s.condition_id for s in found if s.condition_id])
    return [ClassChoice(categories[s.category_id], conditions.get(s.condition_id or 0), s) for s in found]


def candidates_of(answer: Answer) -> list[Candidate]:
    """Everything that the text may mean, the geocoder's choice first."""
    if answer.x is None or answer.y is None:
        return []
    first = Candidate(
        x=answer.x,
        y=answer.y,
        level=answer.level,
        score=answer.score,
        uncertainty_m=answer.uncertainty_m or 0.0,
        matched=answer.matched,
        place_id=answer.place_id,
        area="",
        why=answer.why,
    )
    return [first, *answer.alternatives]


def picked_from(answer: Answer, point: Point | None) -> Answer | None:
    """The candidate of an answer that lies at a point, as an answer of its own; None where the point is another."""
    for c in candidates_of(answer) if point is not None else ():
        if point is not None and c.point.distance(point) <= SAME_SPOT_M:
            return replace(
                answer,
                level=c.level,
                x=c.x,
                y=c.y,
                score=c.score,
                uncertainty_m=c.uncertainty_m,
                matched=c.matched,
                place_id=c.place_id,
                why=c.why,
            )
    return None


def _kin(component: Component) -> str:
    """How well the class of a proposed component fits: another class is offered, never chosen for the operator."""
    return str(getattr(component, "kin", ""))


def _came_by(draft: Case, channel: Channel | None, request_type: str) -> None:
    """The channel of a case that is not saved, and the type that was chosen or that usually comes this way."""
    if channel is not None:
        draft.channel = channel
    draft.request_type = request_type or (channel.default_type if channel else "")


def analyse(
    text: str,
    *,
    at: datetime,
    address: str = "",
    near_area: str | None = None,
    point: Point | None = None,
    category: Category | None = None,
    condition: Condition | None = None,
    accused_id: int | None = None,
    component_id: int | None = None,
    phone: str = "",
    placed: bool = True,
    among: CaseQuerySet | None = None,
    channel: Channel | None = None,
    request_type: str = "",
) -> Analysis:
    """Propose place, cell, class, component, agency and repeats for a text.

    `point` (dragged by a person) and `category` (chosen by a person) overrule what the text says; everything that
    follows from them is proposed anew. A `point` on a candidate of the text means that candidate, with its own
    uncertainty. `component_id` 0: none of the components nearby; None: the nearest one of the very class. Not
    `placed`: a person refused the place.
    Repeats are sought `among` the cases that the asker may see.
    """
    gazetteer = DatabaseGazetteer(at.astimezone(settings.CITY.zone).date())
    answer = locate(address.strip() or text, gazetteer, near_area=near_area)
    if address.strip() and not answer.found:
        answer = locate(text, gazetteer, near_area=near_area)
    classes = suggest_classes(text, answer, at)
    if category is None and classes:
        category, condition = classes[0].category, classes[0].condition
    candidates, picked = candidates_of(answer), picked_from(answer, point)
    answer = picked or answer
    where = point or (answer.point if placed else None)
    uncertainty = BY_HAND_M if point is not None and picked is None else (answer.uncertainty_m or 0.0)
    facts = place_facts(where, at) if where is not None else PlaceFacts(None, None, outside=False)
    nearby = components_meant(where, category, uncertainty)
    component = next((c for c in nearby if component_id == c.pk or (component_id is None and _kin(c) == SAME)), None)
    draft = Case(category=category, condition=condition, community=facts.community, component=component)
    draft.accused_agency_id = accused_id
    _came_by(draft, channel, request_type)
    return Analysis(
        answer=answer,
        candidates=candidates,
        point=where,
        uncertainty_m=uncertainty,
        facts=facts,
        classes=classes,
        components=nearby,
        proposal=propose_agency(draft, at),
        repeats=repeats(
            Asked(
                point=where,
                text=text,
                category_id=category.pk if category else None,
                uncertainty_m=uncertainty,
                component_id=component.pk if component else None,
                address=address,
                phone=phone,
            ),
            at,
            among=among,
        ),
        category=category,
        condition=condition,
        component=component,
        count=how_many(text),
        learned=learned(text, at.astimezone(settings.CITY.zone).date()),
    )


@dataclass(frozen=True)
class Caller:
    """Who reports; all of it may be unknown."""

    name: str = ""
    phone: str = ""
    kind: str = Person.Kind.RESIDENT
    company: str = ""
    credit_code: str = ""
    callback_phone: str = ""
    anonymous: bool = False
    wants_callback: bool = True


@dataclass(frozen=True)
class Intake:
    """What the operator saves: the text, and what was accepted or changed of the proposals."""

    text: str
    channel: Channel
    caller: Caller = field(default_factory=Caller)
    address: str = ""
    request_type: str = RequestType.COMPLAINT
    flow: str = ""  # empty: follows from the class
    point: Point | None = None
    uncertainty_m: float | None = None
    located_by: str = ""
    answer: Answer | None = None
    category: Category | None = None
    condition: Condition | None = None
    component: Component | None = None
    urgent: bool = False
    accused_agency_id: int | None = None
    external_ref: str = ""
    unit_involved: str = ""
    happened: str = ""
    clues: str = ""
    raw_text: str = ""
    urgent_reason: str = ""
    call: Call | None = None  # another matter of the same call
    ring: Ring = field(default_factory=Ring)  # what the call centre has told of a new one
    upper_due_at: datetime | None = None  # of an order from above, whose number is external_ref
    upper_body: str = ""
    urgent_code: str = ""
    callback_when: str = ""
    called_at: datetime | None = None  # when that was earlier than the registration
    why: dict[str, Any] = field(default_factory=dict)


def flow_of(intake: Intake) -> str:
    """The flow that somebody has named, or that follows from class and request type."""
    return intake.flow or flow_for(intake.category, intake.request_type)


@transaction.atomic
def register(
    intake: Intake, *, by: User | None, at: datetime, operation: UUID, permission: str = "case.register"
) -> Case:
    """Make a call, a report and a case of it; the same operation makes one. A report without a place is still a report.

    Raises NotAllowedError; `permission` is another one for those who register as a part of other work.
    """
    before = done_before(operation)
    if before is not None:
        return before.case
    if by is not None and not may(scope_of(by).roles, permission):
        raise NotAllowedError(permission)
    number = next_number_of(at)
    case = new_case(intake, number, at)
    doing = Doing(by=by, at=at, version=1, operation=operation, note=intake.urgent_reason)
    facts = {"channel": intake.channel.key, "outside": case.outside_grid, "placed": case.point is not None}
    begin(case, Action.REGISTER, doing, find(case.flow, Action.REGISTER, None), facts)
    person = _person(intake.caller)
    call = intake.call or taken(intake.ring, channel=intake.channel, person=person, by=by, at=intake.called_at or at)
    if call.person is None and person is not None:  # put through first, and known only now
        Call.objects.filter(pk=call.pk).update(person=person)
        call.person = person
    spoken_to(call, intake.ring.returns, at)
    report = new_report(intake, case, call, number, at)
    report.person = None if intake.caller.anonymous else person or call.person
    report.save(force_insert=True)
    if intake.upper_due_at is not None:
        stageclocks.start_upper(case, intake.upper_due_at, at)
    return case


def next_number_of(at: datetime) -> str:
    """The next case number of the day."""
    return next_number(local_day(at))


def local_day(at: datetime) -> str:
    """The day of the city's calendar that a number begins with: 20261121."""
    return f"{timezone.localtime(at, settings.CITY.zone):%Y%m%d}"


def _person(caller: Caller) -> Person | None:
    """The row of a caller who said who they are; the same phone and name is the same person."""
    if caller.anonymous or not (caller.name or caller.phone or caller.company):
        return None
    if caller.phone:
        same = Person.objects.filter(phone=caller.phone, name=caller.name, kind=caller.kind, company=caller.company)
        known = same.first()
        if known is not None:
            more = {"credit_code": caller.credit_code, "callback_phone": caller.callback_phone}
            if told := {name: value for name, value in more.items() if value and value != getattr(known, name)}:
                same.filter(pk=known.pk).update(**told)
            return known
    return Person.objects.create(
        name=caller.name,
        phone=caller.phone,
        kind=caller.kind,
        company=caller.company,
        credit_code=caller.credit_code,
        callback_phone=caller.callback_phone,
    )


def new_case(intake: Intake, number: str, at: datetime, state: str = State.RECEIVED) -> Case:
    """The case that an intake makes, not yet saved, with cell, community and proposed agency."""
    facts = place_facts(intake.point, at) if intake.point else PlaceFacts(None, None, outside=False)
    case = case_at(facts, intake, number, at, state)
    proposal = propose_agency(case, at)
    case.proposed_agency, case.proposed_rule = proposal.agency, proposal.rule
    return case


def case_at(facts: PlaceFacts, intake: Intake, number: str, at: datetime, state: str) -> Case:
    """The case of an intake where its place is known already, without a proposed agency; no query."""
    case = Case(
        number=number,
        flow=flow_of(intake),
        state=state,
        state_since=at,
        channel=intake.channel,
        request_type=intake.request_type,
        urgent=intake.urgent,
        urgent_reason=intake.urgent_code if intake.urgent else "",
        text=intake.text,
        address=intake.address,
        category=intake.category,
        condition=intake.condition,
        point=intake.point,
        uncertainty_m=intake.uncertainty_m if intake.point else None,
        cell=facts.cell,
        community=facts.community,
        component=intake.component,
        outside_grid=facts.outside,
        received_at=at,
    )
    case.accused_agency_id = intake.accused_agency_id
    confided = intake.condition is not None and intake.condition.confidential
    accused = intake.accused_agency_id is not None
    case.confidential = accused or confided or profile().types[intake.request_type].confidential
    return case


def new_report(intake: Intake, case: Case, call: Call | None, number: str, at: datetime) -> Report:
    """The report that an intake makes, not yet saved; an inspector's own finding has no call."""
    answer = intake.answer
    return Report(
        number=f"S{number}",
        call=call,
        channel=intake.channel,
        person=call.person if call else None,
        case=case,
        external_ref=intake.external_ref,
        upper_due_at=intake.upper_due_at,
        upper_body=intake.upper_body,
        callback_when=intake.callback_when,
        unit_involved=intake.unit_involved,
        happened=intake.happened,
        clues=intake.clues,
        raw_text=intake.raw_text,
        request_type=intake.request_type,
        text=intake.text,
        address=intake.address,
        anonymous=intake.caller.anonymous,
        wants_callback=intake.caller.wants_callback,
        received_at=at,
        point=intake.point,
        level=str(answer.level) if answer else "",
        score=answer.score if answer else None,
        uncertainty_m=intake.uncertainty_m if intake.point else None,
        matched=answer.matched[:200] if answer else "",
        located_by=(intake.located_by or "geocoder") if intake.point else "",
        geocoder_version=GEOCODER if answer else "",
        why=intake.why,
        needs_placing=intake.point is None and case.flow == Flow.STREET,
    )
