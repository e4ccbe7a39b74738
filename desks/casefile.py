"""Everything that the case page shows of one case, gathered in a fixed number of queries."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from desks.doable import Doable, read_doable
from desks.progressfile import told_lines
from desks.stepforms import StepForm
from desks.stepnotes import measured, notes
from desks.whistlelists import read_whistles
from dispatch.clocks import WorkCalendar
from dispatch.duties import relaxed
from dispatch.explain import (
    Face,
    agency_sentences,
    cell_sentences,
    face,
    stored_class,
    stored_place,
)
from dispatch.lifecycle import is_guest
from dispatch.masks import mask_name, mask_phone, mask_text
from dispatch.models import (
    Attachment,
    Callback,
    Case,
    Clock,
    Contact,
    Document,
    Invitation,
    LookBack,
    Part,
    Petition,
    Report,
    Statement,
    Step,
    Supervision,
    Whistle,
)
from dispatch.models.case import AGAIN
from dispatch.petitions import KIND_OF_ASK
from dispatch.petitionwords import petition_line
from dispatch.profile import profile
from dispatch.progress import Line
from dispatch.reasons import LABELS
from dispatch.signoff import Line as SigningLine
from dispatch.signoff import lines as signing_lines
from dispatch.transitions import Action, Flow, State
from gridmap.datums import lonlat
from people.access import scope_of
from people.models import User
from people.permissions import Role, may

PHASES = Attachment.Phase
BEFORE = (PHASES.REPORTED, PHASES.SURVEYED, PHASES.INQUIRY, PHASES.BEFORE)
STAGES = {
    Flow.STREET: (
        State.RECEIVED,
        State.VERIFYING,
        State.TO_FILE,
        State.TO_DISPATCH,
        State.HANDLING,
        State.REPLY_REVIEW,
        State.CHECKING,
        State.TO_CLOSE,
        State.CLOSED,
    ),
    Flow.MATTER: (
        State.RECEIVED,
        State.TO_REVIEW,
        State.TO_DISPATCH,
        State.HANDLING,
        State.REPLY_REVIEW,
        State.TO_CLOSE,
        State.CLOSED,
    ),
}
PLACED = frozenset({Action.PLACE, Action.VERIFY, Action.COMPONENT})
MAY_MOVE = frozenset({Action.VERIFY, Action.COMPONENT})
# steps by which a case gets rows beside its log
ASKED = frozenset(KIND_OF_ASK)
PUSHED = frozenset({Action.SUPERVISE, Action.INSTRUCT})


@dataclass(frozen=True)
class Stage:
    """A stage of the case's flow; `mark` is done, current or empty."""

    label: str
    mark: str


@dataclass(frozen=True)
class CallerLine:
    """One report of the case with its caller, masked unless `shown`."""

    report: Report
    name: str
    phone: str
    shown: bool
    hides: bool  # whether something of it is masked, in the words too
    told: list[Line] = field(default_factory=list)  # how the case goes, in words to read out


@dataclass(frozen=True)
class PartLine:
    """What one agency does, why it was chosen, and its clock."""

    part: Part
    why: list[str]
    faces: list[Face]


@dataclass(frozen=True)
class LogLine:
    """A step of the log with its words and what it did in words."""

    step: Step
    who: str  # the person, the body that answered by link, or the system
    role: str
    reason: str
    words: str
    notes: list[str]

    @property
    def late(self) -> bool:
        """Whether it came in later than it happened: done offline."""
        return (self.step.recorded_at - self.step.occurred_at).total_seconds() >= 60


@dataclass(frozen=True)
class Casefile:
    """The whole page as values."""

    case: Case
    stages: list[Stage]
    place: tuple[float, float] | None
    place_why: list[str]
    class_why: list[str]
    callers: list[CallerLine]
    parts: list[PartLine]
    clocks: list[Face]
    doable: Doable | None  # None: the panel asks for it by itself
    photos: list[Attachment]  # by phase
    log: list[LogLine]
    may_unmask: bool
    petitions: list[tuple[Petition, str]]
    pushes: list[Supervision]
    contacts: list[Contact]
    statements: list[Statement]
    callbacks: list[Callback]
    look_backs: list[LookBack]
    whistles: list[Whistle]
    documents: list[Document]
    tells_progress: bool
    provisional: bool
    relaxed: bool
    chains: list[SigningLine]
    shown: frozenset[int] = field(default_factory=frozenset)

    @property
    def now(self) -> Doable:
        """What can be done; nothing yet in a panel that asks for it by itself."""
        return self.doable or Doable()

    @property
    def sides(self) -> tuple[list[Attachment], list[Attachment]]:
        """Photos from before the work and from after it."""
        before = [row for row in self.photos if row.phase in BEFORE]
        return before, [row for row in self.photos if row.phase not in BEFORE]

    @property
    def once(self) -> bool:
        """一次办结: as `CaseQuerySet.once`, from the log that is here anyway (P4.16)."""
        done = [line.step.action for line in self.log]
        sent = done.count(Action.DISPATCH) - done.count(Action.RECALL)
        return self.case.state == State.CLOSED and sent <= 1 and AGAIN.isdisjoint(done)

    @property
    def decisions(self) -> list[LogLine]:
        """What meetings on hard cases decided, the newest first (P4.3)."""
        return [line for line in reversed(self.log) if line.step.action == Action.MEET]

    @property
    def names(self) -> list[str]:
        """The names of callers and of the parties of papers, which are masked in words too."""
        callers = [line.report.person.name for line in self.callers if line.report.person]
        return callers + [name for paper in self.documents for name in paper.names]


def find_case(number: str, user: User) -> Case | None:
    """A case by number that the user may see, with everything that one row points at."""
    return (
        Case.objects.visible_to(user)
        # who is accused and into what it was merged is seldom there: read only then
        .select_related(
            "channel", "category__major", "condition", "cell", "community", "component", "proposed_agency", "owner",
            "category__authority",
        )
        .defer("cell__geom", "community__geom")
        .with_beside()
        .filter(number=number)
        .first()
    )  # fmt: skip


def read_casefile(
    case: Case,
    user: User,
    at: datetime,
    *,
    bound: StepForm | None = None,
    shown: Iterable[int] = (),
    wished: str = "",
    later: bool = False,
) -> Casefile:
    """Gather the page; `bound` is a form that was refused and stands in for its fresh one, `shown` unmasked reports.

    `wished` is the step that the list before was about: it is open already, where it is possible. With `later` what
    can be done is left to a second request. What a case has beside its log is only read where the log says so.
    """
    faces = _faces(case, at)
    reports = list(case.reports.select_related("person", "channel", "call").order_by("pk"))
    parts = list(case.parts.select_related("agency", "rule").order_by("withdrawn_at", "-leads", "pk"))
    log = _log(case, {p.agency.code: p.agency.name for p in parts})
    done = {line.step.action for line in log}
    why = reports[0].why if reports else {}
    visible = frozenset(shown)
    tells = may(scope_of(user).roles, "case.callback")
    told = _told(reports, [line.step for line in log], parts) if tells else {}
    return Casefile(
        case=case,
        stages=_stages(case, {line.step.to_state for line in log}),
        place=lonlat(case.point) if case.point else None,
        place_why=(_by_person(log, PLACED) or stored_place(why))
        + cell_sentences(placed=case.point is not None, cell=case.cell, community=case.community),
        class_why=_by_person(log, {Action.CLASSIFY}) or stored_class(why),
        callers=[_caller(report, report.pk in visible, told.get(report.pk, [])) for report in reports],
        parts=[PartLine(p, _why(case, p), [f for f in faces if f.clock.part_id == p.pk]) for p in parts],
        clocks=[f for f in faces if f.clock.part_id is None],
        doable=None if later else read_doable(case, user, at, reports, bound=bound, wished=wished),
        photos=_photos(case),
        log=log,
        petitions=_petitions(case, user) if done & ASKED else [],
        pushes=_pushes(case, user) if done & PUSHED else [],
        contacts=_contacts(case) if Action.CONTACT in done else [],
        statements=_statements(case),
        callbacks=_callbacks(case) if Action.CALLBACK in done else [],
        look_backs=_look_backs(case) if Action.LOOK_BACK in done else [],
        whistles=read_whistles(case, (line.step for line in log)),
        documents=_documents(case, log),
        tells_progress=tells,
        may_unmask=may(scope_of(user).roles, "person.unmask") and not is_guest(case, user),
        provisional=any(f.clock.provisional and not f.clock.stopped_at for f in faces),
        relaxed=relaxed(profile().duties),
        chains=signing_lines(case, [line.step for line in log]),
        shown=visible,
    )


def _faces(case: Case, at: datetime) -> list[Face]:
    works: dict[int, WorkCalendar] = {}
    found = []
    for clock in Clock.objects.filter(case=case).select_related("calendar", "condition").order_by("-started_at", "-pk"):
        work = works.get(clock.calendar_id) or works.setdefault(clock.calendar_id, clock.calendar.as_work_calendar())
        found.append(face(clock, at, work))
    return found


def _stages(case: Case, been: AbstractSet[str]) -> list[Stage]:
    """The road with how far the case is; an inspector's own finding has skipped what it was never in."""
    order = STAGES[Flow(case.flow)]
    now = case.suspended_from or case.state
    if now not in order:
        return []
    at = order.index(State(now))
    passed = ["done" if state in been else "skipped" for state in order]
    ahead = ["" for _state in order]
    marks = passed if now == State.CLOSED else [*passed[:at], "current", *ahead[at + 1 :]]
    return [Stage(str(state.label), mark) for state, mark in zip(order, marks, strict=True)]


def _caller(report: Report, shown: bool, told: list[Line]) -> CallerLine:
    person = report.person
    name, phone = (person.name, person.phone) if person is not None else ("", "")
    hides = (bool(name or phone) and not report.anonymous) or mask_text(report.text) != report.text
    if shown:
        return CallerLine(report, name, phone, shown=True, hides=False, told=told)
    return CallerLine(report, mask_name(name), mask_phone(phone), shown=False, hides=hides, told=told)


def _told(reports: list[Report], steps: list[Step], parts: list[Part]) -> dict[int, list[Line]]:
    """The public words of the case for each of its callers, from the log that the page has read anyway."""
    names = {part.agency.code: part.agency.name for part in parts}
    first = min(reports, key=lambda report: (report.received_at, report.pk), default=None)
    return {report.pk: told_lines(report, steps, names, alone=report is first) for report in reports}


def _why(case: Case, part: Part) -> list[str]:
    return agency_sentences(
        part.why,
        agency=part.agency,
        category=case.category,
        community=case.community,
        component=str(case.component or ""),
    )


def _petitions(case: Case, user: User) -> list[tuple[Petition, str]]:
    """What has been asked for in this case, the pending first, each in one line."""
    rows = case.petitions.visible_to(user).select_related("asked_by", "part__agency", "to_agency", "step__remark")
    found = sorted(
        rows.prefetch_related("decisions__step__remark", "decisions__by"), key=lambda p: p.state != "pending"
    )
    return [(petition, petition_line(petition)) for petition in found]


def _pushes(case: Case, user: User) -> list[Supervision]:
    """Supervision and instructions, the newest first, with what was answered."""
    rows = Supervision.objects.visible_to(user).filter(case=case)
    return list(rows.select_related("by", "part__agency", "step__remark", "answer_step__remark"))


def _photos(case: Case) -> list[Attachment]:
    """Photos by phase: as reported, before, after, as checked."""
    order = list(Attachment.Phase.values)
    return sorted(
        case.attachments.select_related("evidence", "step").order_by("pk"), key=lambda row: order.index(row.phase)
    )


def _log(case: Case, names: dict[str, str]) -> list[LogLine]:
    rows = case.steps.select_related("actor", "agency", "remark", "contact", "callback", "notice", "part__agency")
    steps = list(rows.annotate(measured=measured()).order_by("version"))
    asked = any(step.action == Action.INVITE for step in steps)
    links = Invitation.objects.filter(part__case=case).select_related("agency") if asked else []
    invited = {link.pk: link.agency.name for link in links}
    names |= {link.agency.code: link.agency.name for link in links}
    return [
        LogLine(
            step,
            str(step.actor or invited.get(step.facts.get("invitation", 0)) or _("系统")),
            str(Role(step.role).label) if step.role else "",
            str(LABELS.get(step.reason_code, "")),
            _remark(step),
            notes(step, names, invited),
        )
        for step in steps
    ]


def _documents(case: Case, log: list[LogLine]) -> list[Document]:
    if not any(line.step.action in (Action.DOCUMENT, Action.MEDIATE) for line in log):
        return []
    return list(Document.objects.filter(case=case).select_related("evidence", "step__remark", "part__agency"))


def _statements(case: Case) -> list[Statement]:
    return list(case.statements.select_related("by", "part__agency", "step__remark").order_by("at", "pk"))


def _callbacks(case: Case) -> list[Callback]:
    return list(case.callbacks.select_related("staff").prefetch_related("follow_ups").order_by("called_at"))


def _look_backs(case: Case) -> list[LookBack]:
    return list(case.look_backs.select_related("staff", "step__remark"))


def _contacts(case: Case) -> list[Contact]:
    rows = Contact.objects.filter(part__case=case).select_related("staff", "part__agency", "step__remark")
    return list(rows.order_by("contacted_at", "pk"))


def _by_person(log: list[LogLine], actions: Iterable[str]) -> list[str]:
    """Who set it last where a later step overruled the text; an inspector's answer only if it moved the pin."""
    for line in reversed(log):
        step = line.step
        # answers of inspectors, and components: only those that moved the pin
        if step.action in actions and (step.action not in MAY_MOVE or "moved_m" in step.facts):
            told = {
                "who": str(step.actor or _("系统")),
                "time": f"{timezone.localtime(step.occurred_at):%m-%d %H:%M}",
                "action": step.get_action_display(),
            }
            return [_("由%(who)s在 %(time)s 以“%(action)s”确定。") % told]
    return []


def _remark(step: Step) -> str:
    remark = getattr(step, "remark", None)
    if remark is None:
        return ""
    return _("（说明已按保存年限匿名）") if remark.anonymised_at else remark.text
