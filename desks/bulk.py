"""One step for many cases: each by the form and the action of a single one, in a transaction of its own.

Nothing is done to a case that has moved since the page showed it; what was done and what was not, and why, is told
for each.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from desks.heldback import held_back
from desks.stepforms import StepForm
from desks.steps import open_actions, step_form
from dispatch.actions import undoing
from dispatch.actions.filing import order_verify
from dispatch.evidence import BadPhotoError
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, StaleStepError, done_before
from dispatch.models import Case, FieldTask, Step
from dispatch.petitions import PetitionRefused
from dispatch.petitionwords import refusal_sentence
from dispatch.transitions import Action, Flow, IllegalStep, Need, State
from inspectors.assigning import assign, hand
from people.access import scope_of
from people.models import User
from people.permissions import may

MOST = 200  # cases of one press


@dataclass(frozen=True)
class Wanted:
    """A case that was ticked, at the version that the page showed; 0: as it is now."""

    number: str
    version: int = 0


@dataclass(frozen=True)
class Outcome:
    """What happened to one case."""

    number: str
    done: bool
    words: str
    operation: UUID | None = None  # of the step, where it can be taken back for some seconds


Take = Callable[[Case, UUID], str]


def take_each(wanted: Iterable[Wanted], user: User, operation: UUID, take: Take) -> list[Outcome]:
    """Do something to each case; what is refused leaves that case as it is and the others untouched."""
    rows = list(wanted)[:MOST]
    seen = Case.objects.visible_to(user).filter(number__in=[row.number for row in rows])
    cases = {case.number: case for case in seen.select_related("category__major", "component", "community", "channel")}
    return [_one(row, cases.get(row.number), uuid5(operation, row.number), take) for row in rows]


def _one(row: Wanted, case: Case | None, operation: UUID, take: Take) -> Outcome:
    if case is None:
        return Outcome(row.number, done=False, words=_("没有这个案件，或您看不到它。"))
    try:
        if row.version and case.version != row.version and done_before(operation) is None:
            raise StaleStepError(case)
        words = take(case, operation)
    except Exception as error:
        told = sentence(error, case)
        if told is None:
            raise
        return Outcome(row.number, done=False, words=told)
    step = done_before(operation)
    undoable = step is not None and undoing.can_undo(step, timezone.now())
    return Outcome(row.number, done=True, words=words, operation=operation if undoable else None)


def sentence(error: Exception, case: Case) -> str | None:
    """Why a step was refused, for a person; None for an error that is none of the rules."""
    state = {"state": case.get_state_display()}
    match error:
        case RefusedError():
            return str(error)
        case StaleStepError():
            return _("刚刚有别人办理，现在是“%(state)s”，没有改动。") % {"state": error.case.get_state_display()}
        case IllegalStep():
            return _("现在是“%(state)s”，不能这样办。") % state
        case MissingEvidenceError():
            needs = "、".join(str(Need(need).label) for need in error.needs)
            return _("还缺：%(needs)s。") % {"needs": needs}
        case PetitionRefused():
            return refusal_sentence(error)
        case NotAllowedError():
            return str(error) if not str(error).startswith("case.") else _("您没有这一步的权限。")
        case BadPhotoError():
            return str(error)
    return None


class RefusedError(Exception):
    """A form that is not complete for this case; the text is a sentence."""


def by_form(action: str, user: User, at: datetime, given: Mapping[str, Any]) -> Take:
    """A step by its own form, filled with what it proposes for each case and then with what was given for all."""

    def take(case: Case, operation: UUID) -> str:
        if done_before(operation) is not None:
            return _("已完成")
        if action not in open_actions(case, user):
            raise IllegalStep(case.flow, action, case.state)
        blocked = held_back(case, user, [action]).get(action)
        if blocked:
            raise RefusedError(blocked)
        fresh = step_form(action, case, user, at)
        filled = {**_proposed(fresh), **given, "version": case.version, "operation": operation}
        form = step_form(action, case, user, at, filled)
        if not form.is_valid():
            raise RefusedError(next(str(error) for errors in form.errors.values() for error in errors))
        form.act()
        return _done(form)

    return take


def _proposed(form: StepForm) -> dict[str, Any]:
    """The form's own first values, as a browser would send them."""
    values = {name: form.initial.get(name) for name in form.fields}
    found = {name: getattr(value, "pk", value) for name, value in values.items()}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _done(form: StepForm) -> str:
    lead = form.cleaned_data.get("lead")
    return _("派往%(agency)s") % {"agency": lead} if lead else _("已完成")


def to_inspector(user: User, at: datetime, inspector: User | None) -> Take:
    """指派: a received street case is sent out to be looked at; an open task goes to this inspector, or to the best."""

    def take(case: Case, operation: UUID) -> str:
        tasks = FieldTask.objects.open().filter(case=case).select_related("case", "inspector")
        if not tasks and case.flow == Flow.STREET and case.state == State.RECEIVED:
            if not may(scope_of(user).roles, f"case.{Action.ORDER_VERIFY}"):
                raise NotAllowedError(f"case.{Action.ORDER_VERIFY}")
            order_verify(case, Doing(user, at, case.version, operation), inspector=inspector)
        elif not tasks:
            raise RefusedError(_("没有等人去看的现场任务。"))
        if not may(scope_of(user).roles, "tasks.hand"):
            raise NotAllowedError("tasks.hand")
        for task in tasks.all():
            if inspector is not None and task.inspector_id != inspector.pk:
                hand(task, inspector, by=user, at=at)
            elif inspector is None and task.inspector_id is None:
                assign(task, at=at)
        names = [str(task.inspector) for task in tasks.all() if task.inspector]
        return _("交给%(names)s") % {"names": "、".join(names)} if names else _("等待值班监督员")

    return take


def take_back(operations: Iterable[UUID], user: User, at: datetime) -> list[Outcome]:
    """Undo the steps that were made under these numbers, within their seconds."""
    found = []
    wanted = list(operations)[:MOST]
    steps = {step.operation: step for step in Step.objects.filter(operation__in=wanted, actor=user)}
    cases = {c.pk: c for c in Case.objects.visible_to(user).filter(pk__in=[s.case_id for s in steps.values()])}
    for operation in wanted:
        step = steps.get(operation)
        case = cases.get(step.case_id) if step else None
        if step is None or case is None:
            continue
        doing = Doing(user, at, case.version, uuid5(operation, "undo"), note=_("误操作，撤销。"))
        try:
            undoing.undo(case, doing, step=step)
        except (IllegalStep, StaleStepError, NotAllowedError) as error:
            words = sentence(error, case) or ""
            if isinstance(error, IllegalStep):
                words = _("时间已过，不能撤销。")
            found.append(Outcome(case.number, done=False, words=words))
        else:
            words = _("已撤销“%(action)s”。") % {"action": step.get_action_display()}
            found.append(Outcome(case.number, done=True, words=words))
    return found
