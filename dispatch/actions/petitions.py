"""申请: one person asks, another one decides; what is granted happens in the same step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings

from dispatch import clocks, timers
from dispatch.actions import once
from dispatch.actions.filing import cancel_tasks
from dispatch.actions.handling import each_clock, live_parts, own_part, withdraw_parts
from dispatch.actions.statements import state_explanation
from dispatch.evidence import Photo, attach
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, move
from dispatch.models import Case, Clock, Decision, FieldTask, Part, Petition, Step
from dispatch.papers import require_papers
from dispatch.petitions import KINDS, Asking, PetitionRefused, check_asking, check_deciding
from dispatch.profile import profile
from dispatch.reasons import UNSOLVED, SystemReason
from dispatch.transitions import Action, IllegalStep, Need, State
from people.access import scope_of
from people.models import Agency, User
from people.permissions import Role


@dataclass(frozen=True)
class Wish:
    """What is asked for beside the words: more time, a date of review, another agency; and a stamped form."""

    reason_code: str = ""
    amount: int | None = None
    unit: str = ""
    review_on: date | None = None
    to_agency: Agency | None = None
    explanation: str = ""  # what the caller was told (P5.8)
    form: list[Photo] = field(default_factory=list)


def local_date(at: datetime) -> date:
    return at.astimezone(settings.CITY.zone).date()


@once
def ask(case: Case, doing: Doing, *, kind: str, wish: Wish) -> Step:
    """Ask for something that another person decides; the note is the reason.

    Raises PetitionRefused with the rule that speaks against it, and what move() raises.
    """
    action = KINDS[kind].ask
    if doing.by is None:
        raise NotAllowedError(f"case.{action}")
    part = part_of_asker(case, doing.by, kind)
    if Petition.objects.pending().filter(case=case, kind=kind, part=part).exists():
        raise PetitionRefused("pending")
    facts = {"petition": kind, "amount": wish.amount, "unit": wish.unit, "form": bool(wish.form)}
    step = move(case, action, doing, part=part, reason_code=wish.reason_code, facts=facts)
    check_asking(_asking(case, doing, kind, part, wish), profile().petitions)
    Petition.objects.create(
        case=case,
        part=part,
        kind=kind,
        step=step,
        asked_by=doing.by,
        asked_at=doing.at,
        reason_code=wish.reason_code,
        amount=wish.amount,
        unit=wish.unit,
        review_on=wish.review_on,
        to_agency=wish.to_agency,
        has_form=bool(wish.form),
    )
    attach(step, case, wish.form, "form")
    state_explanation(case, step, wish.explanation, doing)
    if kind == Petition.Kind.TRANSFER and profile().petitions.transfer.clock == "pause":
        each_clock(case, timers.pause, doing.at)
    return step


def part_of_asker(case: Case, user: User, kind: str) -> Part | None:
    """The part that a petition is about: the agency's own one; for somebody of the centre the leading one."""
    if not KINDS[kind].of_part:
        return None
    if Role.HANDLER in scope_of(user).roles:
        return own_part(case, user)
    return next((part for part in live_parts(case) if part.leads), None)


def handling_clock(part: Part | None) -> Clock | None:
    """The clock by which an agency is judged: the one that runs, else the last one that was judged."""
    if part is None:
        return None
    return part.clocks.filter(kind=Clock.Kind.HANDLE).select_related("calendar").order_by("-started_at", "-pk").first()


def _asking(case: Case, doing: Doing, kind: str, part: Part | None, wish: Wish) -> Asking:
    """What the rules have to know, read once."""
    if doing.by is None:
        raise NotAllowedError(f"case.{KINDS[kind].ask}")
    granted = Petition.objects.filter(case=case, kind=kind, part=part, state=Petition.State.GRANTED)
    known: dict[str, Any] = {
        "kind": kind,
        "today": local_date(doing.at),
        "roles": scope_of(doing.by).roles,
        "granted": granted.count(),
        "has_form": bool(wish.form),
        "complex": case.complexity == Case.Complexity.COMPLEX,
        "reason_code": wish.reason_code,
        "review_on": wish.review_on,
    }
    if kind in (Petition.Kind.EXTENSION, Petition.Kind.CONTEST):
        known |= _clock_facts(part, doing.at, wish, list(granted.values_list("amount", "unit")))
    if kind == Petition.Kind.BACK and part is not None:
        known["window_over"] = _window_over(part, doing.at, by_agency=Role.HANDLER in known["roles"])
    if kind == Petition.Kind.RENEWAL:
        known |= _suspension_facts(case)
    return Asking(**known)


def _clock_facts(part: Part | None, at: datetime, wish: Wish, granted: list[tuple[int | None, str]]) -> dict[str, Any]:
    clock = handling_clock(part)
    if clock is None:
        raise PetitionRefused("no_clock")
    work = clock.calendar.as_work_calendar()
    extended = sum(clocks.limit_seconds(amount or 0, unit, work) for amount, unit in granted if unit)
    return {
        "used": timers.used(clock, at, work),
        "limit": clock.limit_seconds - extended,
        "extended": extended,
        "asked": clocks.limit_seconds(wish.amount or 0, wish.unit, work) if wish.unit else 0.0,
        "overdue": timers.used(clock, at, work) > clock.limit_seconds,
    }


def _window_over(part: Part, at: datetime, *, by_agency: bool) -> bool:
    """Whether an agency that did not send a case back within its window has accepted it."""
    clock = handling_clock(part)
    if not by_agency or clock is None:
        return False
    window = profile().clocks.stages.return_by
    work = clock.calendar.as_work_calendar()
    seconds = clocks.limit_seconds(window.amount, window.unit, work)
    return clocks.counted(part.dispatched_at, at, window.unit, work) > seconds


def _suspension_facts(case: Case) -> dict[str, Any]:
    suspended = case.steps.filter(action=Action.SUSPEND).order_by("-version").first()
    since = suspended.recorded_at if suspended else case.state_since
    looked = FieldTask.objects.filter(
        case=case,
        kind=FieldTask.Kind.RECHECK,
        result=FieldTask.Result.STILL,
        done_at__gte=case_review_base(case, since),
    )
    return {"suspended_on": local_date(since), "rechecked": case.point is None or looked.exists()}


def case_review_base(case: Case, since: datetime) -> datetime:
    """From when on a look on site counts for the next renewal: after the last one, else after the suspension."""
    last = case.steps.filter(action=Action.RENEW, recorded_at__gte=since).order_by("-version").first()
    return last.recorded_at if last else since


@once
def decide(case: Case, doing: Doing, *, petition: Petition, agrees: bool) -> Step:
    """Agree or refuse on one level; the last agreement does what was asked for, in the same step.

    Raises PetitionRefused for a petition that is settled, or a person who may not decide it.
    """
    if doing.by is None:
        raise NotAllowedError("case.decide")
    if petition.state != Petition.State.PENDING or petition.case_id != case.pk:
        raise IllegalStep(case.flow, Action.AGREE, case.state)
    earlier = set(petition.decisions.values_list("by_id", flat=True))
    last = check_deciding(
        petition.kind,
        profile().petitions,
        level=petition.agreed,
        roles=scope_of(doing.by).roles,
        same_person=doing.by.pk in earlier | {petition.asked_by_id},
        apart=profile().duties.ask_apart_from_decide,
    )
    facts = {"petition": petition.kind, "level": petition.agreed + 1}
    given = {Need.PETITION}
    if agrees and last:
        require_papers(case, KINDS[petition.kind].grant)
        step = GRANTS[petition.kind](case, doing, petition, facts)
    else:
        action = Action.AGREE if agrees else Action.REFUSE
        step = move(case, action, doing, part=petition.part, given=given, facts=facts)
    Decision.objects.create(
        petition=petition, step=step, level=petition.agreed, agrees=agrees, by=doing.by, decided_at=doing.at
    )
    petition.agreed += agrees
    if not agrees:
        _settle(petition, Petition.State.REFUSED, doing)
    elif last:
        _settle(petition, Petition.State.GRANTED, doing)
    else:
        petition.save(update_fields=["agreed"])
    return step


@once
def withdraw(case: Case, doing: Doing, *, petition: Petition) -> Step:
    """撤回申请: only the one who asked, and only while nobody has settled it."""
    if petition.state != Petition.State.PENDING or petition.case_id != case.pk:
        raise IllegalStep(case.flow, Action.WITHDRAW, case.state)
    if doing.by is None or doing.by.pk != petition.asked_by_id:
        raise NotAllowedError("case.withdraw")
    step = move(case, Action.WITHDRAW, doing, part=petition.part, facts={"petition": petition.kind})
    _settle(petition, Petition.State.WITHDRAWN, doing)
    return step


def _settle(petition: Petition, state: str, doing: Doing) -> None:
    petition.state, petition.settled_at = state, doing.at
    petition.save(update_fields=["state", "settled_at", "agreed"])
    if petition.kind == Petition.Kind.TRANSFER and state != Petition.State.GRANTED:
        _clocks_go_on(petition.case, doing.at)


def _clocks_go_on(case: Case, at: datetime) -> None:
    """Parts that are still being handled count again, if the transfer's petition had stopped them."""
    waiting = [part for part in live_parts(case) if part.stage == Part.Stage.HANDLING]
    if case.state == State.HANDLING and waiting:
        each_clock(case, timers.resume, at, waiting)


def _grant_extension(case: Case, doing: Doing, petition: Petition, facts: dict[str, Any]) -> Step:
    part = petition.part
    clock = handling_clock(part)
    if part is None or clock is None or clock.stopped_at is not None:
        raise IllegalStep(case.flow, Action.EXTEND, case.state)
    work = clock.calendar.as_work_calendar()
    seconds = clocks.limit_seconds(petition.amount or 0, petition.unit, work)
    facts |= {"amount": petition.amount, "unit": petition.unit}
    step = move(case, Action.EXTEND, doing, part=part, given={Need.PETITION}, facts=facts)
    timers.extend(clock, seconds, work).save()
    return step


def _grant_suspension(case: Case, doing: Doing, petition: Petition, facts: dict[str, Any]) -> Step:
    """挂账: clocks stand still; the case comes back on the date of review."""
    changes = {
        "suspended_from": case.state,
        "review_on": petition.review_on,
        "unsolved": UNSOLVED.get(petition.reason_code, ""),
    }
    facts |= {"review_on": f"{petition.review_on}"}
    step = move(
        case,
        Action.SUSPEND,
        doing,
        given={Need.PETITION},
        changes=changes,
        facts=facts,
        reason_code=petition.reason_code,
    )
    each_clock(case, timers.pause, doing.at)
    cancel_tasks(case, doing)
    return step


def _grant_renewal(case: Case, doing: Doing, petition: Petition, facts: dict[str, Any]) -> Step:
    facts |= {"review_on": f"{petition.review_on}"}
    changes = {"review_on": petition.review_on}
    return move(case, Action.RENEW, doing, given={Need.PETITION}, changes=changes, facts=facts)


def _grant_return(case: Case, doing: Doing, petition: Petition, facts: dict[str, Any]) -> Step:
    """退单: the leading agency's return takes the case back to dispatch; another one's only its own part."""
    part = petition.part
    if part is None or part.withdrawn_at is not None:
        raise IllegalStep(case.flow, Action.RETURN, case.state)
    others = [] if part.leads else [p for p in live_parts(case) if p.pk != part.pk]
    target = State.TO_DISPATCH
    if others:
        waiting = any(p.stage == Part.Stage.HANDLING for p in others)
        target = State.HANDLING if waiting else State.REPLY_REVIEW
    returns = case.returns + 1
    changes: dict[str, Any] = {"returns": returns}
    if returns >= profile().petitions.hard_after_returns:
        changes["hard"] = True
    if target == State.TO_DISPATCH:
        changes["dispatched_at"] = None
    if target == State.REPLY_REVIEW:
        changes["handled_at"] = doing.at
    facts |= {"agency": part.agency.code}
    step = move(
        case,
        Action.RETURN,
        doing,
        part=part,
        target=target,
        given={Need.PETITION},
        changes=changes,
        facts=facts,
        reason_code=petition.reason_code,
    )
    withdraw_parts(case, doing, [part] if others else None)
    return step


def _grant_void(case: Case, doing: Doing, petition: Petition, facts: dict[str, Any]) -> Step:
    """作废: ends from any open stage; clocks are not judged."""
    changes = {"suspended_from": "", "review_on": None}
    step = move(
        case,
        Action.VOID,
        doing,
        given={Need.PETITION},
        changes=changes,
        facts=facts,
        reason_code=petition.reason_code,
    )
    cancel_tasks(case, doing)
    withdraw_parts(case, doing)
    return step


def _grant_contest(case: Case, doing: Doing, petition: Petition, facts: dict[str, Any]) -> Step:
    """申诉成立: the agency is not blamed for being late; that it was late stays written."""
    clock = handling_clock(petition.part)
    if clock is None:
        raise IllegalStep(case.flow, Action.EXEMPT, case.state)
    step = move(case, Action.EXEMPT, doing, part=petition.part, given={Need.PETITION}, facts=facts)
    timers.exempt(clock, doing.at).save()
    return step


def _grant_transfer(case: Case, doing: Doing, petition: Petition, facts: dict[str, Any]) -> Step:
    """移交: another platform has taken it over; here it has ended, unjudged."""
    changes = {"unsolved": UNSOLVED.get(petition.reason_code, "")}
    step = move(
        case,
        Action.TRANSFER,
        doing,
        given={Need.PETITION},
        changes=changes,
        facts=facts,
        reason_code=petition.reason_code,
    )
    cancel_tasks(case, doing)
    withdraw_parts(case, doing)
    return step


GRANTS: dict[str, Callable[[Case, Doing, Petition, dict[str, Any]], Step]] = {
    Petition.Kind.EXTENSION: _grant_extension,
    Petition.Kind.SUSPENSION: _grant_suspension,
    Petition.Kind.RENEWAL: _grant_renewal,
    Petition.Kind.BACK: _grant_return,
    Petition.Kind.VOID: _grant_void,
    Petition.Kind.CONTEST: _grant_contest,
    Petition.Kind.TRANSFER: _grant_transfer,
}


@once
def resume(case: Case, doing: Doing, *, reason_code: str = "") -> Step:
    """Take a suspended case up again where it was left; the system does it on the date of review."""
    if not case.suspended_from:
        raise IllegalStep(case.flow, Action.RESUME, case.state)
    given = {Need.REASON} if reason_code == SystemReason.REVIEW_DUE else set()
    if not given and not doing.note.strip():
        raise MissingEvidenceError([Need.REASON])
    changes = {"suspended_from": "", "review_on": None, "unsolved": ""}
    step = move(
        case,
        Action.RESUME,
        doing,
        target=case.suspended_from,
        given=given,
        changes=changes,
        reason_code=reason_code,
    )
    cancel_tasks(case, doing)
    if step.to_state == State.HANDLING:
        each_clock(case, timers.resume, doing.at, [p for p in live_parts(case) if p.stage == Part.Stage.HANDLING])
    return step
