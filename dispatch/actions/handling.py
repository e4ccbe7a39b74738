"""What agencies do with a case, and what the dispatcher does with them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from dispatch import stageclocks, timers
from dispatch.actions import once
from dispatch.actions.filing import cancel_tasks, open_task
from dispatch.actions.gathering import noticed
from dispatch.actions.statements import state
from dispatch.attempts import judge
from dispatch.evidence import Photo, attach
from dispatch.lifecycle import Doing, NotAllowedError, check, move
from dispatch.limits import handling_limit
from dispatch.models import (
    Calendar,
    Case,
    Clock,
    Contact,
    Delegation,
    FieldTask,
    InboundMail,
    Part,
    Report,
    RoutingRule,
    Statement,
    Step,
)
from dispatch.papers import contact_made, require_papers
from dispatch.profile import profile
from dispatch.transitions import Action, Flow, IllegalStep, Need, State
from people.access import scope_of
from people.models import Agency, User


@dataclass(frozen=True)
class Assignment:
    """One agency of a dispatch; the first of a list leads."""

    agency: Agency
    rule: RoutingRule | None = None
    why: list[dict[str, Any]] = field(default_factory=list)


def live_parts(case: Case) -> list[Part]:
    return list(case.parts.filter(withdrawn_at=None).select_related("agency"))


def own_part(case: Case, user: User) -> Part:
    """The part of a case that the user's agency (or one below it) handles, or was handed down to it.

    Raises NotAllowedError where there is none.
    """
    found = own_of(live_parts(case), user)
    if found is None:
        raise NotAllowedError("case.handled")
    return found


def own_of(parts: list[Part], user: User) -> Part | None:
    """The own part among live parts of one case; one query where none is the agency's."""
    units = scope_of(user).units
    for part in parts:
        if part.agency_id in units:
            return part
    handed = Delegation.objects.open().filter(part__in=parts, to_agency__in=units).values_list("part", flat=True)
    down = set(handed) if units and parts else set()
    return next((part for part in parts if part.pk in down), None)


def each_clock(case: Case, change: Any, at: datetime, parts: list[Part] | None = None) -> None:  # noqa: ANN401
    """Apply pause, resume, stop or drop to the unfinished clocks of agencies or of some parts: handle, sign, arrive."""
    kinds = (Clock.Kind.HANDLE, Clock.Kind.SIGN, Clock.Kind.ARRIVE)
    clocks = Clock.objects.unfinished().filter(case=case, kind__in=kinds).select_related("calendar")
    if parts is not None:
        clocks = clocks.filter(part__in=parts)
    works: dict[int, Any] = {}
    for clock in clocks:
        if clock.calendar_id not in works:
            works[clock.calendar_id] = clock.calendar.as_work_calendar()
        change(clock, at, works[clock.calendar_id]).save()


def withdraw_parts(case: Case, doing: Doing, parts: list[Part] | None = None) -> None:
    """Take the case, or some of its parts, back from the agencies, unjudged."""
    taken = live_parts(case) if parts is None else parts
    each_clock(case, timers.drop, doing.at, taken)
    case.parts.filter(pk__in=[part.pk for part in taken]).update(stage=Part.Stage.WITHDRAWN, withdrawn_at=doing.at)


@once
def dispatch_case(case: Case, doing: Doing, *, to: list[Assignment]) -> Step:
    """派遣: give the case to one or more agencies and start their clocks.

    Refused for the unit that a complaint is about.
    """
    if not to or any(a.agency.pk == case.accused_agency_id for a in to):
        raise IllegalStep(case.flow, Action.DISPATCH, case.state)
    step = move(
        case,
        Action.DISPATCH,
        doing,
        changes={"dispatched_at": doing.at, "handled_at": None},
        facts={
            "agencies": [a.agency.code for a in to],
            "rule": to[0].rule.number if to[0].rule else "",
            "rule_version": to[0].rule.version if to[0].rule else 0,
        },
    )
    cancel_tasks(case, doing)
    case.parts.filter(withdrawn_at=None).update(stage=Part.Stage.WITHDRAWN, withdrawn_at=doing.at)
    limit = handling_limit(case)
    calendar = Calendar.objects.at(doing.at)
    work = calendar.as_work_calendar()
    upper, parts = stageclocks.upper_due(case, doing.at), []
    latest = stageclocks.latest_for(upper, work) if upper else None
    for index, given in enumerate(to):
        part = Part.objects.create(
            case=case,
            agency=given.agency,
            leads=index == 0,
            rule=given.rule,
            why=given.why,
            dispatched_at=doing.at,
        )
        clock = timers.start(
            case=case,
            part=part,
            kind=Clock.Kind.HANDLE,
            amount=limit.amount,
            unit=limit.unit,
            condition=limit.condition,
            calendar=calendar,
            work=work,
            at=doing.at,
        )
        clock.why = limit.why
        timers.carry(clock, used_before(case, given.agency), work)
        if upper is not None and latest is not None and clock.due_at > latest:
            timers.cap(clock, latest, work)
            clock.why = limit.why | {"upper": upper.isoformat()}
        elif upper is None:
            noticed(case, clock)
        clock.save(force_insert=True)
        parts.append(part)
    stageclocks.start_signing(case, parts, doing.at, calendar, work)
    return step


def used_before(case: Case, agency: Agency) -> float:
    """Counted seconds that a returned case has used already, where the place lets its time go on (SCG: same unit)."""
    rules = profile().clocks
    redone = case.steps.filter(action=Action.REDO).order_by("-version").values_list("recorded_at", flat=True).first()
    old = Clock.objects.filter(case=case, kind=Clock.Kind.HANDLE, verdict=Clock.Verdict.DROPPED)
    if redone is not None:
        old = old.filter(started_at__gte=redone)
    if rules.other_unit == "restart":
        old = old.filter(part__agency=agency)
    elif rules.same_unit == "restart":
        old = old.exclude(part__agency=agency)
    if rules.same_unit == "restart" and rules.other_unit == "restart":
        return 0.0
    return old.order_by("-started_at", "-pk").values_list("used_seconds", flat=True).first() or 0.0


@once
def sign(case: Case, doing: Doing, *, part: Part, reason_code: str = "") -> Step:
    """签收: the agency has seen it; silent beyond its window it counts as having signed (the system's own step)."""
    if part.signed_at is not None or part.stage != Part.Stage.HANDLING:
        raise IllegalStep(case.flow, Action.SIGN, case.state)
    owner = {"owner_id": part.agency_id} if part.leads else {}
    step = move(case, Action.SIGN, doing, part=part, reason_code=reason_code, changes=owner)
    Part.objects.filter(pk=part.pk).update(signed_at=doing.at)
    stageclocks.stop(case, Clock.Kind.SIGN, doing.at, parts=[part])
    return step


@once
def contact(
    case: Case,
    doing: Doing,
    *,
    part: Part,
    method: str,
    reached: bool,
    satisfaction: str = "",
    report: Report | None = None,
) -> Step:
    """联系: the agency has spoken (or tried to speak) to the resident; the note says about what.

    Attempts in vain are judged as those of the centre are (P1.17); `report` says which caller of several.
    """
    if doing.by is None:
        raise NotAllowedError("case.contact")
    step = move(case, Action.CONTACT, doing, part=part, facts={"method": method, "reached": reached})
    contacted_at = doing.occurred_at or doing.at
    earlier = part.contacts.filter(reached=False, report=report).values_list("contacted_at", flat=True)
    judged = judge(list(earlier), contacted_at, profile().callbacks.rule(settings.CITY.zone))
    Contact.objects.create(
        part=part,
        report=report,
        step=step,
        method=method,
        contacted_at=contacted_at,
        staff=doing.by,
        reached=reached,
        satisfaction=satisfaction if reached else "",
        counts=judged.counts and not reached,
        concludes=reached or judged.concludes,
    )
    return step


@once
def handled(
    case: Case,
    doing: Doing,
    *,
    part: Part,
    photos: list[Photo],
    public: bool = False,
    facts: dict[str, Any] | None = None,
) -> Step:
    """处置反馈: the agency reports its part done; the note is its written reply, `public` if the caller may read it.

    Refused without the records that the request type asks for (dispatch/papers.py). The case goes on to review when
    every agency has answered. The clock stands still from here.
    """
    return _reply(case, doing, Action.HANDLED, part, photos, public=public, facts=facts)


class HasAccountError(NotAllowedError):
    """The unit has people who log in: they answer themselves."""


@once
def enter_result(
    case: Case,
    doing: Doing,
    *,
    part: Part,
    source: str,
    photos: list[Photo] | None = None,
    public: bool = False,
    mail: InboundMail | None = None,
) -> Step:
    """代录处置结果: somebody of the centre enters what a unit without an account has told, or has written (P2.19).

    A message from the unit's own mailbox counts for a unit with an account too. Raises HasAccountError.
    """
    mute = Agency.objects.without_account(timezone.localdate(doing.at)).filter(pk=part.agency_id)
    if (mail is None or mail.part_id != part.pk) and not mute.exists():
        raise HasAccountError("case.enter_result")
    facts: dict[str, Any] = {"source": source} | ({"mail": mail.pk} if mail else {})
    step = _reply(case, doing, Action.ENTER_RESULT, part, photos or [], public=public, facts=facts)
    if mail is not None:
        sorted_out = {"state": InboundMail.State.USED, "step": step, "sorted_by": doing.by, "sorted_at": doing.at}
        if not InboundMail.objects.waiting().filter(pk=mail.pk).update(**sorted_out):
            raise IllegalStep(case.flow, Action.ENTER_RESULT, case.state)
    return step


def _reply(
    case: Case,
    doing: Doing,
    action: Action,
    part: Part,
    photos: list[Photo],
    *,
    public: bool,
    facts: dict[str, Any] | None,
) -> Step:
    """The part is done: its clock stands still, and the case goes on when every agency has answered."""
    if part.stage != Part.Stage.HANDLING or part.case_id != case.pk:
        raise IllegalStep(case.flow, action, case.state)
    given = {need for need, there in ((Need.REPLY, doing.note.strip()), (Need.PHOTO, photos)) if there}
    if contact_made(case, part):
        given.add(Need.CONTACT)
    others = [p for p in live_parts(case) if p.pk != part.pk and p.stage == Part.Stage.HANDLING]
    target = State.HANDLING if others else State.REPLY_REVIEW
    changes = {} if others else {"handled_at": doing.at}
    check(case, action, doing, given, target)
    require_papers(case, action, part, given)
    step = move(case, action, doing, given=given, target=target, part=part, changes=changes, facts=facts)
    Part.objects.filter(pk=part.pk).update(stage=Part.Stage.REPLIED, handled_at=doing.at, reply=doing.note.strip())
    state(case, step, Statement.Kind.WRITTEN_REPLY, doing, part=part, public=public)
    for kind in (Clock.Kind.SIGN, Clock.Kind.ARRIVE):  # who has done it was there
        stageclocks.stop(case, kind, doing.at, parts=[part])
    if profile().clocks.pause_while_checking:
        each_clock(case, timers.pause, doing.at, [part])
    attach(step, case, photos, "after")
    return step


@once
def accept_reply(case: Case, doing: Doing, *, inspector: User | None = None) -> Step:
    """反馈通过: a street case is looked at now; a matter goes to closing and its clock gets a verdict."""
    step = move(case, Action.ACCEPT_REPLY, doing)
    if case.flow == Flow.STREET:
        case.parts.filter(pk__in=[part.pk for part in waiting(case)]).update(stage=Part.Stage.REVIEWED)
        open_task(case, FieldTask.Kind.CHECK, doing, inspector)
    else:
        accept_parts(case, doing)
    return step


def waiting(case: Case) -> list[Part]:
    """The live parts whose work is not accepted yet: a failed check leaves accepted ones alone."""
    return [part for part in live_parts(case) if part.stage != Part.Stage.ACCEPTED]


def accept_parts(case: Case, doing: Doing, parts: list[Part] | None = None) -> None:
    """What the agencies did stands; the clocks are judged by when they gave the reply that is accepted."""
    chosen = waiting(case) if parts is None else parts
    for part in chosen:
        # where clocks run on during the check, time after the accepted reply is not the agency's
        each_clock(case, timers.stop, part.handled_at or doing.at, [part])
    case.parts.filter(pk__in=[part.pk for part in chosen]).update(stage=Part.Stage.ACCEPTED)


def back_to_handling(case: Case, doing: Doing, parts: list[Part] | None = None) -> None:
    """The agencies, or some of them, have to go on; their clocks run again with what was left."""
    chosen = live_parts(case) if parts is None else parts
    case.parts.filter(pk__in=[p.pk for p in chosen]).update(stage=Part.Stage.HANDLING, handled_at=None)
    each_clock(case, timers.resume, doing.at, chosen)


@once
def reject_reply(case: Case, doing: Doing) -> Step:
    """反馈退回: the reply does not answer; with a reason."""
    step = move(case, Action.REJECT_REPLY, doing, changes={"handled_at": None})
    back_to_handling(case, doing, waiting(case))
    return step
