"""What a person says of two reports: the same, not the same, related, heard before, or a reason to begin again."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from django.db.models import F

from dispatch import stageclocks, timers
from dispatch.actions import once
from dispatch.actions.filing import cancel_tasks, hold_both, merge
from dispatch.actions.handling import each_clock, live_parts
from dispatch.evidence import Photo, attach
from dispatch.intake import Intake, new_report
from dispatch.lifecycle import Doing, MissingEvidenceError, done_before, move
from dispatch.models import Case, CaseLink, Part, Report, Step
from dispatch.reasons import DeclineReason
from dispatch.transitions import Action, IllegalStep, Need, State
from people.models import User

MERGEABLE = frozenset({State.RECEIVED, State.VERIFYING, State.TO_FILE, State.TO_REVIEW})


def _join(case: Case, other: Case, kind: str, step: Step) -> None:
    """Write the pair, over whatever was said of it before."""
    first, second = sorted((case.pk, other.pk))
    CaseLink.objects.update_or_create(first_id=first, second_id=second, defaults={"kind": kind, "step": step})


def _another(case: Case, other: Case, action: Action) -> None:
    if other.pk == case.pk:
        raise IllegalStep(case.flow, action, case.state)


@once
def link(case: Case, doing: Doing, *, other: Case) -> Step:
    """关联: the two have to do with each other, but each goes its own way."""
    _another(case, other, Action.LINK)
    step = move(case, Action.LINK, doing, facts={"other": other.number})
    _join(case, other, CaseLink.Kind.LINKED, step)
    return step


@once
def keep_apart(case: Case, doing: Doing, *, other: Case) -> Step:
    """A person has looked: not the same problem. The pair is never proposed again."""
    _another(case, other, Action.KEEP_APART)
    step = move(case, Action.KEEP_APART, doing, facts={"other": other.number})
    _join(case, other, CaseLink.Kind.APART, step)
    return step


@once
def repeat(case: Case, doing: Doing, *, first: Case) -> Step:
    """重复且无新情况: ended at once; the note is what the caller was told of the first case, whose state is kept."""
    _another(case, first, Action.REPEAT)
    facts = {"other": first.number, "told_state": first.state}
    step = move(case, Action.REPEAT, doing, facts=facts, reason_code=DeclineReason.NOTHING_NEW)
    cancel_tasks(case, doing)
    _join(case, first, CaseLink.Kind.REPEAT, step)
    return step


def holder_of(case: Case) -> Case:
    """The case that has the reports of a merged one now: it may have been merged on."""
    while case.merged_into is not None:
        case = case.merged_into
    return case


@once
def unmerge(case: Case, doing: Doing) -> Step:
    """撤销并案: they were not the same after all; the reports that came with the merge go back, and the counts."""
    merged = case.steps.filter(action=Action.MERGE).order_by("-version").first()
    holder = holder_of(case)
    if merged is None or holder.pk == case.pk:
        raise IllegalStep(case.flow, Action.UNMERGE, case.state)
    numbers = merged.facts.get("reports", [f"S{case.number}"])
    back = Report.objects.filter(case=holder, number__in=numbers)
    count = back.count()
    changes = {"merged_into": None, "report_count": count}
    step = move(case, Action.UNMERGE, doing, changes=changes, facts={"from": holder.number, "reports": count})
    stageclocks.hand_over(holder, case, [due for due in back.values_list("upper_due_at", flat=True) if due])
    back.update(case=case)
    Case.objects.filter(pk=holder.pk).update(report_count=F("report_count") - count)
    return step


@once
def reopen_with(case: Case, doing: Doing, *, old: Case) -> Step:
    """A new report at the place of a suspended case: that case is taken up again, and the report goes to it (P5.10).

    The two steps are one transaction. A case that is past filing stays on its own way and is linked. Raises
    StaleStepError where the old case is no longer as the caller has read it, IllegalStep where it is not suspended.
    """
    _another(case, old, Action.REOPEN)
    hold_both(case, old)
    if not old.suspended_from:
        raise IllegalStep(old.flow, Action.REOPEN, old.state)
    theirs = replace(doing, version=old.version, operation=uuid5(doing.operation, "reopen"))
    changes = {"suspended_from": "", "review_on": None, "unsolved": ""}
    step = move(
        old, Action.REOPEN, theirs, target=old.suspended_from, changes=changes, facts={"report_of": case.number}
    )
    if step.to_state == State.HANDLING:
        each_clock(old, timers.resume, doing.at, [p for p in live_parts(old) if p.stage == Part.Stage.HANDLING])
    if case.state in MERGEABLE:
        return merge(case, doing, into=old)
    return link(case, doing, other=old)


def join(case: Case, doing: Doing, *, into: Case) -> Step:
    """One problem, one case, whatever the other one's state: a suspended one is taken up again with it."""
    if into.state == State.SUSPENDED:
        return reopen_with(case, doing, old=into)
    return merge(case, doing, into=into)


def add_found(
    case: Case, intake: Intake, *, photos: list[Photo], by: User, at: datetime, occurred_at: datetime, operation: UUID
) -> Case:
    """One spot, one case: an inspector's finding becomes another report of an open case, with its photos.

    The same operation adds it once. Raises MissingEvidenceError, IllegalStep where the case has ended, NotAllowedError.
    """
    doing = Doing(by, at, case.version, operation, occurred_at=occurred_at)
    _add_found(case, doing, intake=intake, photos=photos)
    return done.case if (done := done_before(operation)) is not None else case


@once
def _add_found(case: Case, doing: Doing, *, intake: Intake, photos: list[Photo]) -> Step:
    here = intake.point is not None and any(photo.point is not None for photo in photos)
    given = {need for need, there in ((Need.PHOTO, photos), (Need.POSITION, here)) if there}
    if intake.point is None:
        raise MissingEvidenceError([Need.POSITION])
    number = f"{case.number}-{case.report_count + 1}"
    changes = {"report_count": case.report_count + 1}
    step = move(case, Action.ADD_FOUND, doing, given=given, changes=changes, facts={"report": f"S{number}"})
    report = new_report(intake, case, None, number, doing.at)
    report.wants_callback = False
    report.save(force_insert=True)
    attach(step, case, photos, "reported")
    return step
