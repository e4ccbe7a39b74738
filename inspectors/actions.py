"""What an inspector does on site: answer a task, report a finding."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce

from dispatch.actions import closing, filing, looking, repeating
from dispatch.actions.finding import report_found
from dispatch.actions.handling import waiting
from dispatch.evidence import Photo, attach
from dispatch.intake import Intake
from dispatch.lifecycle import Doing, StaleStepError, done_before
from dispatch.meant import COMPONENT_M
from dispatch.models import Case, Channel, Condition, Evidence, FieldTask, Step
from dispatch.profile import profile
from dispatch.transitions import Action
from gridmap.models import Category, Component
from inspectors import positions
from inspectors.models import Measure, Visit
from inspectors.positions import Fix
from inspectors.presence import Presence, judge
from people.models import User

Result = FieldTask.Result
# what each kind of task can be answered with
ANSWERS: dict[str, tuple[Result, ...]] = {
    FieldTask.Kind.VERIFY: (Result.CONFIRMED, Result.NOT_FOUND, Result.DIFFERENT, Result.SELF_HANDLED),
    FieldTask.Kind.CHECK: (Result.PASSED, Result.FAILED),
    FieldTask.Kind.SURVEY: (Result.SURVEYED,),
    FieldTask.Kind.RECHECK: (Result.STILL, Result.GONE),
}
CHANNEL = "inspector"


class FarAwayError(Exception):
    """The inspector seems not to be on site, or the phone cannot tell, and nobody has said why: nothing was stored."""

    def __init__(self, presence: Presence) -> None:
        super().__init__(f"{presence.distance_m:.0f} m away, {presence.allowed_m:.0f} m allowed")
        self.presence = presence


class UnsignedError(Exception):
    """This place asks for a signature with every answer; nothing was stored."""


@dataclass(frozen=True)
class Answer:
    """What the inspector says: the fix is from the moment of the photo; `version` is of the case as it was shown."""

    result: str
    fix: Fix
    version: int
    operation: UUID
    photos: Sequence[Evidence | Photo] = ()
    note: str = ""
    far_reason: str = ""
    correction: filing.Correction | None = None
    reclass: filing.Reclass | None = None
    component_state: str = ""
    measures: dict[str, float] = field(default_factory=dict)  # by kind, in its unit
    signature: Evidence | None = None
    failed: tuple[int, ...] = ()  # of several agencies those whose work is not done; empty: all


@dataclass(frozen=True)
class Finding:
    """What the inspector found; the place is where the pin stands, the fix is where the photo was taken."""

    category: Category
    fix: Fix
    place: filing.Correction
    operation: UUID
    photos: Sequence[Evidence | Photo] = ()
    condition: Condition | None = None
    note: str = ""
    address: str = ""
    urgent: bool = False
    mended: str = ""  # 自处理: what the inspector has done about it on the spot
    component: Component | None = None  # the surveyed object that the inspector has pointed at


def taken(photos: Sequence[Evidence | Photo], fix: Fix) -> list[Photo]:
    """Photos with the fix of the form, those left alone that bring one of their own."""
    return [
        photo if isinstance(photo, Photo) else Photo(photo, fix.point, fix.accuracy_m, fix.taken_at) for photo in photos
    ]


def answer_task(task: FieldTask, answer: Answer, *, by: User, at: datetime) -> Visit:
    """Store an answer with the visit that it proves; the same operation is stored once and answers with that visit.

    Raises FarAwayError, and whatever the step raises: StaleStepError, IllegalStep, MissingEvidenceError.
    """
    with transaction.atomic():
        case = Case.objects.select_related("category", "component").get(pk=task.case_id)
        before = done_before(answer.operation)
        if before is not None:
            return _visit_of(task, before, case)
        presence = presence_at(case, task, answer.fix)
        if presence.doubtful and not answer.far_reason.strip():
            raise FarAwayError(presence)
        if answer.signature is None and profile().field.signature:
            raise UnsignedError
        step = _step(task, case, answer, by, at)
        # two requests of one operation: the second has waited for the first in `_step` and finds its visit
        visit, made = Visit.objects.get_or_create(
            task=task,
            defaults={
                "inspector": by,
                "point": answer.fix.point,
                "accuracy_m": answer.fix.accuracy_m,
                # who has said before that he is there stays there until the answer
                "arrived_at": min(task.arrived_at or step.occurred_at, step.occurred_at),
                "distance_m": presence.distance_m,
                "far": presence.far,
                "far_reason": answer.far_reason.strip() if presence.doubtful else "",
            },
        )
        if made:
            _beside(task, step, visit, answer)
        positions.note(by, answer.fix, at)
    return visit


def _beside(task: FieldTask, step: Step, visit: Visit, answer: Answer) -> None:
    """What an answer brings beside its step: quantities, a signature, and that the inspector went and was there."""
    Measure.objects.bulk_create(Measure(visit=visit, kind=kind, amount=n) for kind, n in answer.measures.items())
    if answer.signature is not None:
        attach(step, step.case, taken([answer.signature], answer.fix), "signed")
    FieldTask.objects.filter(pk=task.pk).update(
        accepted_at=Coalesce("accepted_at", visit.arrived_at), arrived_at=Coalesce("arrived_at", visit.arrived_at)
    )


def presence_at(case: Case, task: FieldTask, fix: Fix) -> Presence:
    """How far the inspector is from the case, as it was placed until now."""
    return judge(fix.point.distance(case.point or task.point), fix.accuracy_m, case.uncertainty_m)


def _visit_of(task: FieldTask, step: Step, case: Case) -> Visit:
    """The visit that an operation stored before; an operation of something else is stale."""
    visit = Visit.objects.filter(task=task).first() if step.case_id == task.case_id else None
    if visit is None:
        raise StaleStepError(case)
    return visit


def _step(task: FieldTask, case: Case, answer: Answer, by: User, at: datetime) -> Step:
    doing = Doing(by, at, answer.version, answer.operation, answer.note, occurred_at=answer.fix.taken_at)
    photos, point = taken(answer.photos, answer.fix), answer.fix.point
    if task.done_at is not None or answer.result not in ANSWERS[task.kind]:
        raise StaleStepError(case)
    if task.kind == FieldTask.Kind.CHECK:
        passed = answer.result == Result.PASSED
        failed = [part for part in waiting(case) if part.pk in answer.failed]
        return closing.check_result(
            case,
            doing,
            task=task,
            passed=passed,
            photos=photos,
            point=point,
            component_state=answer.component_state,
            failed=failed or None,
        )
    if task.kind != FieldTask.Kind.VERIFY:
        return looking.look(case, doing, task=task, result=answer.result, photos=photos, point=point)
    if answer.result == Result.SELF_HANDLED:
        return looking.self_handled(case, doing, task=task, photos=photos, point=point)
    return filing.verify(
        case,
        doing,
        task=task,
        result=answer.result,
        photos=photos,
        point=point,
        correction=answer.correction,
        reclass=answer.reclass,
        component_state=answer.component_state,
    )


def found(finding: Finding, *, by: User, at: datetime) -> Case:
    """Store a finding (巡查上报) as a case that waits for filing; the same operation makes one."""
    intake = _intake(finding)
    photos = taken(finding.photos, finding.fix)
    case = report_found(
        intake,
        photos=photos,
        by=by,
        at=at,
        occurred_at=finding.fix.taken_at,
        operation=finding.operation,
        mended=finding.mended,
    )
    positions.note(by, finding.fix, at)
    return case


def _intake(finding: Finding) -> Intake:
    """What a finding says, as a report of the inspectors' own channel."""
    channel, _made = Channel.objects.get_or_create(
        key=CHANNEL, defaults={"name": "监督员上报", "public": False, "default_type": "other"}
    )
    return intake_of(finding, channel, _component(finding))


def intake_of(finding: Finding, channel: Channel, component: Component | None) -> Intake:
    """What a finding says, with the component that stands where the pin stands; no query."""
    place = finding.place
    return Intake(
        text=finding.note.strip() or _words(finding),
        channel=channel,
        address=finding.address.strip(),
        point=place.point,
        uncertainty_m=place.uncertainty_m,
        category=finding.category,
        condition=finding.condition,
        component=component,
        urgent=finding.urgent,
    )


def reach_of(finding: Finding) -> float:
    """How far from the pin the component may stand, in metres: only within the exactness of the pin."""
    return min(max(finding.place.uncertainty_m, 10.0), COMPONENT_M)


OFFERED_M = 60.0  # so far around a finding open cases of its class are shown as likely repeats
SPOT_M = 15.0  # two findings of one class so near each other are one spot (collection rule: ten stickers on one wall)


def at_the_spot(finding: Finding) -> Case | None:
    """The nearest open case of the same class at the spot of a finding: it wants evidence, not a second case."""
    reach = min(max(SPOT_M, finding.place.uncertainty_m), 50.0)
    near = Case.objects.open().near(finding.place.point, reach).filter(category=finding.category, flow="street")
    return near.first()


def offered(finding: Finding, number: str) -> Case | None:
    """The open case of the same class that the inspector was offered as a likely repeat, by its number."""
    near = Case.objects.open().near(finding.place.point, OFFERED_M).filter(category=finding.category, flow="street")
    return near.filter(number=number).first() if number else None


class SpotError(Exception):
    """An open case of the class lies at the very spot of a finding, and nobody has said yet whether it is the same."""

    def __init__(self, there: Case) -> None:
        super().__init__(there.number)
        self.there = there


def belongs_to(finding: Finding, said: str) -> Case | None:
    """The case that a finding is added to; None where it becomes one of its own. Raises SpotError.

    `said` is what the inspector said: the number of a case that was offered, "alone" for another problem, or nothing.
    An operation that was done before belongs where it went then.
    """
    before = done_before(finding.operation)
    if before is not None:
        return before.case if before.action == Action.ADD_FOUND else None
    repeat, there = offered(finding, said), at_the_spot(finding)
    if repeat is None and there is not None and said != "alone" and not finding.mended:
        raise SpotError(there)
    return repeat


def add_to(case: Case, finding: Finding, *, by: User, at: datetime) -> Case:
    """One spot, one case: the finding becomes another report of an open case; the same operation adds it once."""
    intake = _intake(finding)
    photos = taken(finding.photos, finding.fix)
    found_at = finding.fix.taken_at
    kept = repeating.add_found(
        case, intake, photos=photos, by=by, at=at, occurred_at=found_at, operation=finding.operation
    )
    positions.note(by, finding.fix, at)
    return kept


def _words(finding: Finding) -> str:
    """What the case says when the inspector wrote nothing: class and condition."""
    return "，".join(filter(None, [finding.category.name, finding.condition.text if finding.condition else ""]))


def _component(finding: Finding) -> Component | None:
    """The chosen one, else that of the class that stands where the pin stands, within the exactness of the pin."""
    if finding.component is not None:
        return finding.component
    if finding.category.kind != Category.Kind.COMPONENT:
        return None
    near = Component.objects.published().nearest(finding.place.point, reach_of(finding))
    return near.filter(category=finding.category).first()
