"""吹哨: somebody calls units to the site, they report there, and it is followed until it is solved (P4.7, P4.8)."""

from dataclasses import dataclass
from datetime import date, datetime

from dispatch.actions import once
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, move
from dispatch.models import Case, Step, Whistle, WhistleCall, WhistleCallQuerySet, WhistleEntry
from dispatch.profile import profile
from dispatch.transitions import Action, IllegalStep, Need
from dispatch.whistles import ENDING, Level, Outcome, levels_for
from people.access import scope_of
from people.models import Agency, User
from people.permissions import CENTRE, Role

# beside the one who called: they may say how it stands, and that a unit was there
ABOVE = (CENTRE | {Role.LEADER}) - {Role.OPERATOR}


@dataclass(frozen=True)
class Calling:
    """Which units have to come, where, and by when."""

    level: str
    agencies: list[Agency]
    place: str
    wanted_at: datetime


def open_whistle(case: Case) -> Whistle | None:
    """The whistle of the case that has not ended; there is one at most."""
    return Whistle.objects.open().filter(case=case).first()


def possible(case: Case, user: User) -> set[Action]:
    """What this person may do about whistles on the case now; one query, and another one for a called unit."""
    scope, now = scope_of(user), open_whistle(case)
    if now is None:
        return {Action.WHISTLE} if levels_for(scope.roles, profile().whistles) else set()
    found = {Action.WHISTLE_RESULT} if _may_follow(now, user) else set()
    if calls_of(now, user).exists():
        found.add(Action.WHISTLE_ANSWER)
    return found


def calls_of(whistle: Whistle, user: User) -> WhistleCallQuerySet:
    """The calls that this person may answer: those to the own unit; for somebody of the centre all."""
    waiting = WhistleCall.objects.unanswered().filter(whistle=whistle).select_related("agency")
    scope = scope_of(user)
    return waiting if scope.roles & ABOVE else waiting & WhistleCall.objects.of(scope)


def _may_follow(whistle: Whistle, user: User) -> bool:
    return whistle.by_id == user.pk or bool(scope_of(user).roles & ABOVE)


@once
def call(case: Case, doing: Doing, *, calling: Calling) -> Step:
    """吹哨: the note is the reason. NotAllowedError for a level that is not the caller's."""
    if doing.by is None or calling.level not in levels_for(scope_of(doing.by).roles, profile().whistles):
        raise NotAllowedError("case.whistle")
    accused = case.accused_agency_id
    units = [agency for agency in dict.fromkeys(calling.agencies) if agency.pk != accused]
    if not units or open_whistle(case) is not None:
        raise IllegalStep(case.flow, Action.WHISTLE, case.state)
    facts = {"level": calling.level, "units": [agency.code for agency in units]}
    step = move(case, Action.WHISTLE, doing, facts=facts)
    whistle = Whistle.objects.create(
        case=case,
        step=step,
        level=Level(calling.level),
        by=doing.by,
        called_at=doing.at,
        place=calling.place.strip(),
        wanted_at=calling.wanted_at,
    )
    WhistleCall.objects.bulk_create(WhistleCall(whistle=whistle, agency=agency) for agency in units)
    return step


@once
def answer(case: Case, doing: Doing, *, call: WhistleCall, person: str) -> Step:
    """报到: who was there, `occurred_at` when; the note is what was done. Only the called unit, or the centre."""
    whistle = open_whistle(case)
    if whistle is None or call.whistle_id != whistle.pk or call.step_id is not None:
        raise IllegalStep(case.flow, Action.WHISTLE_ANSWER, case.state)
    if doing.by is None or not calls_of(whistle, doing.by).filter(pk=call.pk).exists():
        raise NotAllowedError("case.whistle_answer")
    given = {Need.REPLY} if doing.note.strip() and person.strip() else set()
    step = move(case, Action.WHISTLE_ANSWER, doing, given=given, facts={"unit": call.agency.code})
    there = doing.occurred_at or doing.at
    WhistleCall.objects.filter(pk=call.pk).update(step=step, arrived_at=there, person=person.strip())
    return step


@once
def follow(case: Case, doing: Doing, *, outcome: str, look_on: date | None = None, rating: str = "") -> Step:
    """How it stands: in repair with the day of the next look, or ended; the rating counts from the caller alone."""
    whistle = open_whistle(case)
    if whistle is None:
        raise IllegalStep(case.flow, Action.WHISTLE_RESULT, case.state)
    if doing.by is None or not _may_follow(whistle, doing.by):
        raise NotAllowedError("case.whistle_result")
    ends = outcome in ENDING
    if not ends and look_on is None:
        raise MissingEvidenceError([Need.LOOK_DATE])
    step = move(case, Action.WHISTLE_RESULT, doing, facts={"outcome": outcome})
    next_look = None if ends else look_on
    WhistleEntry.objects.create(
        whistle=whistle, step=step, outcome=Outcome(outcome), look_on=next_look, by=doing.by, at=doing.at
    )
    Whistle.objects.filter(pk=whistle.pk).update(
        outcome=outcome,
        look_on=next_look,
        rating=rating if ends and whistle.by_id == doing.by.pk else "",
        ended_at=doing.at if ends else None,
    )
    return step
