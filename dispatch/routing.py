"""Who answers: chooses among routing rules and says why. Pure; shared by single and bulk paths.

Order among the rules that match: the owner of the component, then the most exact class, then the smallest area, then
a named channel, a named request type, named hours, weekdays or months, then the lowest level (community first,
不出网格), then the lowest rule number; rules of 属地兜底 come last. Two rules can never tie: numbers are unique.
A rule that cannot be evaluated never wins, and the proposal names it where it would have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dispatch.windows import ANY_TIME, Window

# community first; a rule without a level comes after all of them
LEVELS: Final = ("community", "subdistrict", "district", "city", "")
# what each place of a rank compares, in its order: the first that differs is why a rule lost
RANKS: Final = ("fallback", "owner", "class", "area", "channel", "type", "hours", "level", "number")
Why = dict[str, str | int]


@dataclass(frozen=True)
class RuleFact:
    """A routing rule as a value. `category_id` and `area_code` empty: any. `agency_id` empty: by owner.

    `fault` says why it cannot be evaluated (codes of rulebook.FAULTS); `window` of such a rule may be empty.
    """

    pk: int
    number: str
    category_id: int | None
    area_code: str
    by_owner: bool
    agency_id: int | None
    fallback: bool
    version: int = 1
    channel_id: int | None = None
    request_type: str = ""
    window: Window = ANY_TIME
    level: str = ""
    partner_ids: tuple[int, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Question:
    """What has to be routed: class with its 大类, area code of the community, who answers for the component.

    `local` is the instant in the city's time; without one, rules of certain hours do not apply. `owner_fault` says
    that there is a component, but nobody in force who answers for it.
    """

    category_id: int | None
    major_id: int | None
    area_code: str
    owner_id: int | None = None
    owner_as: str = ""  # as what that agency answers: maintaining, owning, competent
    accused_id: int | None = None
    channel_id: int | None = None
    request_type: str = ""
    local: datetime | None = None
    owner_fault: str = ""


@dataclass(frozen=True)
class Proposal:
    """The agency, the rule that decided, and what decided as (code, parameters), best reason first.

    Without a rule both are None and `why` begins with `no_rule`. `partners` cooperate, in the order of the rule;
    `lost` matched too, the nearest first, each with what it lost by; `broken` would have won if they could be read.
    """

    agency_id: int | None
    rule: RuleFact | None
    why: tuple[Why, ...]
    partners: tuple[int, ...] = ()
    lost: tuple[tuple[RuleFact, str], ...] = ()
    broken: tuple[tuple[RuleFact, str], ...] = ()


def applies(rule: RuleFact, question: Question) -> bool:
    """Whether class, area, channel, type and time of a rule fit, whoever answers by it."""
    if rule.category_id is not None and rule.category_id not in (question.category_id, question.major_id):
        return False
    if not question.area_code.startswith(rule.area_code):
        return False
    if rule.channel_id is not None and rule.channel_id != question.channel_id:
        return False
    if rule.request_type and rule.request_type != question.request_type:
        return False
    return not rule.window or (question.local is not None and rule.window.covers(question.local))


def matches(rule: RuleFact, question: Question) -> bool:
    """Whether a rule applies and names somebody; a rule for the accused unit never does."""
    agency = question.owner_id if rule.by_owner else rule.agency_id
    return agency is not None and agency != question.accused_id and applies(rule, question)


def fault_of(rule: RuleFact, question: Question) -> str:
    """Why a rule that applies cannot be followed, or nothing."""
    return rule.fault or (question.owner_fault if rule.by_owner else "")


def exactness(rule: RuleFact, question: Question) -> tuple[bool, bool, int, int, bool, bool, int, int]:
    """All of the rank but the number, smaller first: rules that are equal in it overlap."""
    exact = 0
    if rule.category_id is not None:
        exact = 2 if rule.category_id == question.category_id else 1
    return (
        rule.fallback,
        not rule.by_owner,
        -exact,
        -len(rule.area_code),
        rule.channel_id is None,
        not rule.request_type,
        -rule.window.named,
        LEVELS.index(rule.level) if rule.level in LEVELS else len(LEVELS),
    )


def _rank(rule: RuleFact, question: Question) -> tuple[object, ...]:
    return (*exactness(rule, question), rule.number, rule.pk)


def lost_by(loser: RuleFact, winner: RuleFact, question: Question) -> str:
    """The first thing in which the winner is better: one of RANKS."""
    pairs = zip(RANKS, _rank(winner, question), _rank(loser, question), strict=False)
    return next((name for name, best, other in pairs if best != other), "number")


def propose(rules: Iterable[RuleFact], question: Question) -> Proposal:
    """The agency that the rules name; a hole or a broken rule is an answer too, and says so."""
    fitting = sorted((r for r in rules if applies(r, question)), key=lambda r: _rank(r, question))
    broken = [(rule, fault) for rule in fitting if (fault := fault_of(rule, question))]
    sound = [rule for rule in fitting if not fault_of(rule, question) and matches(rule, question)]
    if not sound:
        return Proposal(None, None, ({"code": "no_rule"}, *map(_broken, broken)), broken=tuple(broken))
    best = sound[0]
    before = tuple(row for row in broken if _rank(row[0], question) < _rank(best, question))
    lost = tuple((rule, lost_by(rule, best, question)) for rule in sound[1:])
    first: Why = {"code": _reason(best, question), "rule": best.number}
    if best.by_owner and question.owner_as:
        first["as"] = question.owner_as
    why = [first, *_conditions(best), *map(_broken, before)]
    why += [{"code": "lost", "rule": r.number, "to": best.number, "by": by} for r, by in lost[:3]]
    agency_id = question.owner_id if best.by_owner else best.agency_id
    out = {agency_id, question.accused_id}
    partners = tuple(pk for pk in best.partner_ids if pk not in out)
    return Proposal(agency_id, best, tuple(why), partners, lost, before)


def _broken(row: tuple[RuleFact, str]) -> Why:
    return {"code": "broken", "rule": row[0].number, "fault": row[1]}


def _conditions(rule: RuleFact) -> list[Why]:
    """What else of the question decided, beside class and area: change it, and the answer changes."""
    found: list[Why] = []
    if rule.channel_id is not None:
        found.append({"code": "by_channel", "rule": rule.number})
    if rule.request_type:
        found.append({"code": "by_type", "rule": rule.number, "type": rule.request_type})
    if rule.window:
        found.append({"code": "by_hours", "rule": rule.number})
    if rule.level:
        found.append({"code": "level", "rule": rule.number, "level": rule.level})
    return found


def _reason(rule: RuleFact, question: Question) -> str:
    """Which input decided: change it, and this changes."""
    if rule.fallback:
        return "fallback"
    if rule.by_owner:
        return "owner"
    if rule.category_id is None:
        return "area" if rule.area_code else "any"
    kind = "class" if rule.category_id == question.category_id else "major"
    return f"{kind}_area" if rule.area_code else kind
