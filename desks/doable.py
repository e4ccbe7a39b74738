"""What can be done with a case now by whoever looks at it, and what helps to decide: the dearer half of its page.

A panel beside a list reads it in a second request, so that the case itself is there at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch

from desks.besides import DECIDE
from desks.heldback import held_back
from desks.near import Around, read_around
from desks.stepforms import StepForm
from desks.steps import open_actions, step_forms
from dispatch.explain import agency_sentences, limit_sentences, upper_sentences
from dispatch.models import Case, FieldTask, Report
from dispatch.placing import propose_agency
from dispatch.transitions import Action, Flow
from inspectors.arrival import Offer, offers
from inspectors.models import Assignment
from inspectors.wording import why_words
from people.access import scope_of
from people.models import User
from people.permissions import CENTRE, may

# the choice that is open already when the page comes: what somebody most likely came for
FIRST = (
    DECIDE, Action.ORDER_VERIFY, Action.SUBMIT_REVIEW, Action.FILE, Action.REVIEW, Action.DISPATCH, Action.SIGN,
    Action.HANDLED, Action.ACCEPT_REPLY, Action.CLOSE, Action.FOLLOW_UP,
    Action.CALLBACK, Action.RESUME, Action.REPORT_BACK,
)  # fmt: skip


@dataclass(frozen=True)
class TaskLine:
    """An open field task with why its inspector has it, and who has had it before."""

    task: FieldTask
    why: list[str]
    history: list[Assignment] = field(default_factory=list)


@dataclass(frozen=True)
class Doable:
    """Steps with their forms, the one that stands open, likely repeats, the agency proposed, and who could go."""

    may: frozenset[str] = frozenset()
    forms: list[StepForm] = field(default_factory=list)
    opened: str = ""
    around: Around = field(default_factory=lambda: Around([], [], []))
    proposal: list[str] = field(default_factory=list)
    tasks: list[TaskLine] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)


def read_doable(
    case: Case, user: User, at: datetime, reports: list[Report], *, bound: StepForm | None = None, wished: str = ""
) -> Doable:
    """`bound` is a form that was refused and stands in for its fresh one; `wished` the step that is to stand open."""
    actions = open_actions(case, user)
    held = held_back(case, user, actions)
    tasks = _tasks(case, user)
    going = tasks and any(line.task.kind in (FieldTask.Kind.VERIFY, FieldTask.Kind.CHECK) for line in tasks)
    hand = may(scope_of(user).roles, "tasks.hand") and case.flow == Flow.STREET
    undispatched = case.is_open and case.dispatched_at is None and Action.DISPATCH not in actions
    return Doable(
        may=frozenset(actions),
        forms=step_forms(actions, case, user, at, held=held, bound=bound),
        opened=bound.action if bound else _opened(wished, actions, held, reports),
        around=read_around(case, user, at),
        proposal=_proposal(case, at) if undispatched else [],
        tasks=tasks,
        offers=offers(case, at) if hand and (going or Action.ORDER_VERIFY in actions) else [],
    )


def _opened(wished: str, actions: list[str], held: Mapping[str, str], reports: list[Report]) -> str:
    """The step that stands open: the one that was asked for, else the next on the road that waits for this user."""
    called = not any(report.callback_since for report in reports)
    ready = [a for a in actions if a not in held and not (a == Action.CALLBACK and called and a != wished)]
    return next((a for a in (wished, *FIRST) if a in ready), "")


def _tasks(case: Case, user: User) -> list[TaskLine]:
    """For the seats of the centre: what is to be seen on the street, and who goes."""
    if case.flow != Flow.STREET or not case.is_open or not scope_of(user).roles & CENTRE:
        return []
    found = FieldTask.objects.open().filter(case=case).select_related("inspector").order_by("due_at")
    given = Prefetch("assignments", Assignment.objects.select_related("inspector", "before", "by").order_by("pk"))
    return [TaskLine(task, why_words(task.why), _history(task)) for task in found.prefetch_related(given)]


def _history(task: FieldTask) -> list[Assignment]:
    """All who have had a task, the newest first; nothing where it is still with the first one."""
    given = list(task.assignments.all())
    return given[::-1] if len(given) > 1 else []


def _proposal(case: Case, at: datetime) -> list[str]:
    found = propose_agency(case, at)
    agency = agency_sentences(
        found.why,
        agency=found.agency,
        category=case.category,
        community=case.community,
        component=str(case.component or ""),
    )
    return [*agency, *limit_sentences(case), *upper_sentences(case, at)]
