"""Who answers: chooses among routing rules and says why. Pure; shared by single and bulk paths.

Order among the rules that match: the owner of the component, then the most exact class, then the smallest area, then
the lowest rule number; rules of 属地兜底 come last. Two rules can never tie: numbers are unique.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class RuleFact:
    """A routing rule as a value. `category_id` and `area_code` empty: any. `agency_id` empty: by owner."""

    pk: int
    number: str
    category_id: int | None
    area_code: str
    by_owner: bool
    agency_id: int | None
    fallback: bool


@dataclass(frozen=True)
class Question:
    """What has to be routed: class with its 大类, area code of the community, who answers for the component."""

    category_id: int | None
    major_id: int | None
    area_code: str
    owner_id: int | None = None
    owner_as: str = ""  # as what that agency answers: maintaining, owning, competent
    accused_id: int | None = None


@dataclass(frozen=True)
class Proposal:
    """The agency, the rule that decided, and what decided as (code, parameters), best reason first."""

    agency_id: int
    rule: RuleFact
    why: tuple[dict[str, str | int], ...]


def matches(rule: RuleFact, question: Question) -> bool:
    """Whether a rule applies; a rule for the accused unit never does."""
    if rule.category_id is not None and rule.category_id not in (question.category_id, question.major_id):
        return False
    if not question.area_code.startswith(rule.area_code):
        return False
    agency = question.owner_id if rule.by_owner else rule.agency_id
    return agency is not None and agency != question.accused_id


def _rank(rule: RuleFact, question: Question) -> tuple[bool, bool, int, int, str]:
    exact = 0
    if rule.category_id is not None:
        exact = 2 if rule.category_id == question.category_id else 1
    return (rule.fallback, not rule.by_owner, -exact, -len(rule.area_code), rule.number)


def propose(rules: Iterable[RuleFact], question: Question) -> Proposal | None:
    """The agency that the rules name, or None where no rule matches (a hole: `check_routing` lists them)."""
    matching = sorted((r for r in rules if matches(r, question)), key=lambda r: _rank(r, question))
    if not matching:
        return None
    best = matching[0]
    agency_id = question.owner_id if best.by_owner else best.agency_id
    if agency_id is None:
        return None
    first: dict[str, str | int] = {"code": _reason(best, question), "rule": best.number}
    if best.by_owner and question.owner_as:
        first["as"] = question.owner_as
    why = [first]
    why += [{"code": "lost", "rule": r.number, "to": best.number} for r in matching[1:4]]
    return Proposal(agency_id, best, tuple(why))


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
