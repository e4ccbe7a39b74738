"""From the report to the agency's door: placing, classing, verifying, filing, and the ways out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import F

from dispatch import stageclocks, timers
from dispatch.actions import once
from dispatch.actions.statements import state
from dispatch.clocks import Unit
from dispatch.componentstate import Cause, write_state
from dispatch.evidence import Photo, attach
from dispatch.flows import flow_for
from dispatch.lifecycle import Doing, MissingEvidenceError, StaleStepError, move
from dispatch.limits import field_minutes
from dispatch.meant import COMPONENT_M, exact_m, spot_on
from dispatch.models import Article, Calendar, Case, Clock, Condition, FieldTask, Report, Statement, Step
from dispatch.placing import place_facts, propose_agency
from dispatch.reasons import UNSOLVED, UrgentReason
from dispatch.teaching import teach
from dispatch.transitions import Action, Flow, IllegalStep, Need, State
from gridmap.models import Category, Component, Confirmation
from people.models import User


def placed(
    case: Case, point: Point, uncertainty_m: float, component: Component | None, at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns of the case and facts of the step that follow from a new place; the case in memory has them already."""
    found = place_facts(point, at)
    case.point, case.component = point, component
    case.community, case.cell = found.community, found.cell
    changes = {
        "point": point,
        "uncertainty_m": uncertainty_m,
        "component": component,
        "cell": found.cell,
        "community": found.community,
        "outside_grid": found.outside,
        **propose_agency(case, at).columns(),
    }
    return changes, {"cell": found.cell.code if found.cell else "", "outside": found.outside}


def has_place(case: Case) -> None:
    """Nobody has to look for the place any more, and whoever is on the way to it walks to the new one."""
    Report.objects.filter(case=case).update(needs_placing=False)
    FieldTask.objects.open().filter(case=case).update(point=case.point)


@once
def place(case: Case, doing: Doing, *, point: Point, uncertainty_m: float, component: Component | None = None) -> Step:
    """A person says where it is: cell, community and proposed agency follow."""
    changes, facts = placed(case, point, uncertainty_m, component, doing.at)
    if component is not None:
        facts["component"] = component.code
    step = move(case, Action.PLACE, doing, changes=changes, facts=facts)
    has_place(case)
    if component is None:  # an object beside the address says nothing about the address
        teach(case, point, uncertainty_m, Confirmation.How.OPERATOR, doing)
    return step


@once
def choose_component(case: Case, doing: Doing, *, component: Component | None) -> Step:
    """关联部件: a person says which surveyed object is meant, or that it is none of them.

    The object's place becomes that of the case, as exactly as it was surveyed; cell, community and proposed agency
    follow. Without an object the place stays. A draft cannot be meant.
    """
    if component is None:
        case.component = None
        changes = {"component": None, **propose_agency(case, doing.at).columns()}
        return move(case, Action.COMPONENT, doing, changes=changes, facts={"component": ""})
    if component.draft:
        raise IllegalStep(case.flow, Action.COMPONENT, case.state)
    before, point = case.point, spot_on(component, case.point)
    changes, facts = placed(case, point, exact_m(component), component, doing.at)
    facts |= {"component": component.code, "moved_m": round(point.distance(before), 1) if before else None}
    step = move(case, Action.COMPONENT, doing, changes=changes, facts=facts)
    has_place(case)
    return step


def other_flow(case: Case, category: Category | None, request_type: str) -> dict[str, str]:
    """The flow that a case has to change to, as a column; {} where it stays, as it does after its first step."""
    flow = flow_for(category, request_type)
    return {"flow": str(flow)} if case.state == State.RECEIVED and flow != case.flow else {}


def needs_place(case: Case, turned: dict[str, str]) -> None:
    """A matter may do without a place; a street case has to be put on the map."""
    if turned:
        Report.objects.filter(case=case).update(needs_placing=case.flow == Flow.STREET and case.point is None)


@once
def classify(
    case: Case, doing: Doing, *, category: Category, condition: Condition | None = None, urgent: bool | None = None
) -> Step:
    """Set class, condition and urgency; the proposed agency follows, before the first step the flow too."""
    case.category, case.condition = category, condition
    proposal = propose_agency(case, doing.at)
    turned = other_flow(case, category, case.request_type)
    urgency: dict[str, Any] = {}
    if urgent is not None and urgent != case.urgent:
        urgency = {"urgent": urgent, "urgent_reason": UrgentReason.OTHER if urgent else ""}
    confided = case.confidential or (condition is not None and condition.confidential)
    step = move(
        case,
        Action.CLASSIFY,
        doing,
        changes={
            "category": category,
            "condition": condition,
            "confidential": confided,
            **urgency,
            **turned,
            **proposal.columns(),
        },
        facts={"category": category.code, "condition": condition.number if condition else 0, **turned},
    )
    needs_place(case, turned)
    return step


def open_task(case: Case, kind: str, doing: Doing, inspector: User | None = None) -> FieldTask:
    """A task for the street, with its clock; the assignment finds the inspector where none is named."""
    if case.point is None:
        raise MissingEvidenceError([Need.PLACE])
    minutes = field_minutes(case, kind)
    task = FieldTask.objects.create(
        case=case,
        kind=kind,
        inspector=inspector,
        point=case.point,
        issued_at=doing.at,
        due_at=doing.at + timedelta(minutes=minutes),
    )
    calendar = Calendar.objects.at(doing.at)
    timers.start(
        case=case,
        part=None,
        kind=kind,
        amount=minutes,
        unit=Unit.MINUTE,
        calendar=calendar,
        work=calendar.as_work_calendar(),
        at=doing.at,
    ).save()
    return task


def finish_task(task: FieldTask, result: str, doing: Doing) -> None:
    """Close a task and its clock; being on site is what counts, so both end when it happened, not when it came in."""
    happened = doing.occurred_at or doing.at
    task.done_at, task.result = max(happened, task.issued_at), result
    task.save(update_fields=["done_at", "result"])
    for clock in Clock.objects.unfinished().filter(case=task.case_id, kind=task.kind).select_related("calendar"):
        work = clock.calendar.as_work_calendar()
        if result == FieldTask.Result.CANCELLED:
            timers.drop(clock, task.done_at, work).save()
        else:
            timers.stop(clock, task.done_at, work).save()


def cancel_tasks(case: Case, doing: Doing) -> None:
    """Nobody needs to look any more."""
    for task in FieldTask.objects.open().filter(case=case):
        finish_task(task, FieldTask.Result.CANCELLED, doing)


@once
def order_verify(case: Case, doing: Doing, *, inspector: User | None = None) -> Step:
    """Ask for somebody to look before filing (核实)."""
    step = move(case, Action.ORDER_VERIFY, doing)
    open_task(case, FieldTask.Kind.VERIFY, doing, inspector)
    return step


@dataclass(frozen=True)
class Correction:
    """Where the inspector says that it really is, in the city's SRID, and how exactly, in metres.

    `component` is the surveyed object that the inspector points at; without one, the place counts alone.
    """

    point: Point
    uncertainty_m: float
    component: Component | None = None


@dataclass(frozen=True)
class Reclass:
    """What the inspector says that it really is."""

    category: Category
    condition: Condition | None = None


@once
def verify(
    case: Case,
    doing: Doing,
    *,
    task: FieldTask,
    result: str,
    photos: list[Photo],
    point: Point | None,
    correction: Correction | None = None,
    reclass: Reclass | None = None,
    component_state: str = "",
) -> Step:
    """The inspector's answer from the street; a corrected position and class become the case's in the same step.

    `component_state` is what the inspector has seen of the case's component: empty where nothing was said.
    """
    given = {need for need, there in ((Need.PHOTO, photos), (Need.POSITION, point is not None)) if there}
    changes: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    if reclass is not None:
        changes, facts = _reclassed(case, reclass, doing.at)
    if correction is not None:
        moved, where = _corrected(case, correction, doing.at)
        changes, facts = changes | moved, facts | where
    step = move(case, Action.VERIFY, doing, given=given, reason_code=result, changes=changes, facts=facts)
    finish_task(task, result, doing)
    if correction is not None:
        has_place(case)
        if correction.component is None:
            teach(case, correction.point, correction.uncertainty_m, Confirmation.How.INSPECTOR, doing)
    write_state(case, component_state, doing, Cause.VERIFIED)
    attach(step, case, photos, "before")
    return step


def _corrected(case: Case, correction: Correction, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns and facts of a place that the inspector has put right, or of the object that is meant."""
    moved_m = round(correction.point.distance(case.point)) if case.point else None
    component = correction.component or _still_there(case.component, correction.point)
    changes, facts = placed(case, correction.point, correction.uncertainty_m, component, at)
    facts["moved_m"] = moved_m
    if correction.component is not None:
        facts["component"] = correction.component.code
    return changes, facts


def _reclassed(case: Case, reclass: Reclass, at: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns and facts of a class that the inspector has put right; the proposed agency follows."""
    before = case.category.code if case.category else ""
    case.category, case.condition = reclass.category, reclass.condition
    confided = case.confidential or (reclass.condition is not None and reclass.condition.confidential)
    changes = {"category": reclass.category, "condition": reclass.condition, "confidential": confided}
    number = reclass.condition.number if reclass.condition else 0
    facts = {"category": reclass.category.code, "condition": number, "category_before": before}
    return changes | propose_agency(case, at).columns(), facts


def _still_there(component: Component | None, point: Point) -> Component | None:
    """The component of a case, unless the corrected place is too far away for it to be the one that is meant."""
    if component is None:
        return None
    return Component.objects.nearest(point, COMPONENT_M).filter(pk=component.pk).first()


@once
def submit_review(case: Case, doing: Doing) -> Step:
    """Hand a matter to the shift lead; nobody goes to look."""
    return move(case, Action.SUBMIT_REVIEW, doing)


@once
def review(case: Case, doing: Doing, *, complexity: str = "") -> Step:
    """The shift lead accepts a matter for dispatch and says how complex it is (P3.21); it counts as filed."""
    facts = {"complexity": complexity} if complexity else {}
    changes = {"filed_at": doing.at, "complexity": complexity or case.complexity}
    return move(case, Action.REVIEW, doing, changes=changes, facts=facts)


@once
def file(case: Case, doing: Doing) -> Step:
    """立案: the shift lead opens the file."""
    return move(case, Action.FILE, doing, changes={"filed_at": doing.at})


@once
def answer(case: Case, doing: Doing, *, article: Article | None = None) -> Step:
    """Answered at once from what the centre knows; the note is the answer, with the article that it came from."""
    given = {Need.REPLY} if doing.note.strip() else set()
    facts = {"article": article.pk, "article_version": article.version} if article else {}
    step = move(case, Action.ANSWER, doing, given=given, facts=facts)
    state(case, step, Statement.Kind.WRITTEN_REPLY, doing, public=True)
    return step


@once
def decline(case: Case, doing: Doing, *, reason_code: str = "") -> Step:
    """不予受理/立案: ends with a reason."""
    step = move(
        case, Action.DECLINE, doing, reason_code=reason_code, changes={"unsolved": UNSOLVED.get(reason_code, "")}
    )
    cancel_tasks(case, doing)
    return step


def hold_both(case: Case, other: Case) -> Case:
    """Take two cases, always in the same order: nobody waits for who waits for him. Returns the other as it is now."""
    held = Case.objects.select_for_update().filter(pk__in=(case.pk, other.pk)).order_by("pk")
    return {row.pk: row for row in held}[other.pk]


@once
def merge(case: Case, doing: Doing, *, into: Case) -> Step:
    """One problem, one case: the reports move to the other case, whose callers all get an answer.

    Raises StaleStepError where that one has ended meanwhile: nobody would work on the reports, and of two people who
    merge a pair both ways at once each would lose them in the other's case.
    """
    if into.pk == case.pk:
        raise IllegalStep(case.flow, Action.MERGE, case.state)
    if not hold_both(case, into).is_open:
        raise StaleStepError(Case.objects.get(pk=case.pk))
    with_it = list(Report.objects.filter(case=case).order_by("pk").values_list("number", flat=True))
    # which reports moved is told, so that undoing the merge brings back those and no others
    facts = {"into": into.number, "reports": with_it}
    step = move(case, Action.MERGE, doing, changes={"merged_into": into}, facts=facts)
    cancel_tasks(case, doing)
    moved = Report.objects.filter(case=case).update(case=into)
    stageclocks.hand_over(case, into)
    # counts are not part of the state: no version is taken from whoever works on the other case
    Case.objects.filter(pk=into.pk).update(report_count=F("report_count") + moved)
    return step
