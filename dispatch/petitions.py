"""What may be asked for, when and how often, and who decides: the rules of 申请. Pure.

Sources: domain sheet A4 (vanbayuk, SCG), P1.7 (extension inside the limit, at most twice, at most so long as the
limit), P5.8 and P5.12 (suspension with a reason and a re-check), Shandong (return within two working days).
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dispatch.profile import Extension, PetitionRule, Petitions, Suspension
from dispatch.transitions import Action
from people.permissions import Role


@dataclass(frozen=True)
class Kind:
    """How one kind of petition hangs together: its name in the profile, how it is asked for, what a grant does."""

    rule: str
    ask: Action
    grant: Action
    of_part: bool  # what one agency asks for its own part


KINDS: dict[str, Kind] = {
    "extension": Kind("extension", Action.ASK_EXTENSION, Action.EXTEND, of_part=True),
    "suspension": Kind("suspension", Action.ASK_SUSPEND, Action.SUSPEND, of_part=False),
    "renewal": Kind("renewal", Action.ASK_RENEW, Action.RENEW, of_part=False),
    "back": Kind("back", Action.ASK_RETURN, Action.RETURN, of_part=True),
    "void": Kind("void", Action.ASK_VOID, Action.VOID, of_part=False),
    "contest": Kind("contest", Action.ASK_CONTEST, Action.EXEMPT, of_part=True),
    "transfer": Kind("transfer", Action.ASK_TRANSFER, Action.TRANSFER, of_part=False),
}
KIND_OF_ASK = {kind.ask: name for name, kind in KINDS.items()}
KIND_OF_GRANT = {kind.grant: name for name, kind in KINDS.items()}
NO_FORM_NEEDED = "wrong_agency"  # the one reason of a return that speaks for itself


class PetitionRefused(Exception):
    """The petition is against a rule; nothing was changed. `code` and `params` become a sentence in explain.py."""

    def __init__(self, code: str, **params: Any) -> None:  # noqa: ANN401 - numbers and dates for the sentence
        super().__init__(f"{code} {params}")
        self.code, self.params = code, params


def rule_of(kind: str, petitions: Petitions) -> PetitionRule:
    """The profile's rule for a kind."""
    found: PetitionRule = getattr(petitions, KINDS[kind].rule)
    return found


@dataclass(frozen=True)
class Asking:
    """What the rules have to know of a petition that is being asked for.

    `used`, `limit` and `extended` are counted seconds of the part's clock: used until now, the limit that the agency
    was given at first, and what has been added to it; `asked` is what this petition would add. `window_over` says that
    the time for sending a case back has passed; `rechecked` that somebody has looked since it was suspended.
    """

    kind: str
    today: date
    roles: AbstractSet[Role] = field(default_factory=frozenset)
    granted: int = 0
    has_form: bool = False
    reason_code: str = ""
    used: float = 0.0
    limit: float = 0.0
    extended: float = 0.0
    asked: float = 0.0
    review_on: date | None = None
    suspended_on: date | None = None
    rechecked: bool = True
    window_over: bool = False
    overdue: bool = True
    complex: bool = False


def check_asking(asking: Asking, petitions: Petitions) -> None:
    """Raise PetitionRefused with the first rule that speaks against the petition; answer nothing where none does."""
    rule = rule_of(asking.kind, petitions)
    if not rule.on:
        raise PetitionRefused("off")
    if not asking.roles & frozenset(rule.ask):
        raise PetitionRefused("asker")
    if rule.most and asking.granted >= rule.most:
        raise PetitionRefused("too_often", most=rule.most)
    if _form_needed(asking, rule, petitions) and not asking.has_form:
        raise PetitionRefused("form")
    if isinstance(rule, Extension):
        _check_extension(asking, rule)
    elif isinstance(rule, Suspension):
        _check_suspension(asking, rule)
    elif asking.kind == "back" and asking.window_over:
        raise PetitionRefused("window")
    elif asking.kind == "contest" and not asking.overdue:
        raise PetitionRefused("on_time")


def _form_needed(asking: Asking, rule: PetitionRule, petitions: Petitions) -> bool:
    if rule.form_from and asking.granted + 1 >= rule.form_from:
        return True
    return asking.kind == "back" and petitions.form_unless_wrong_dispatch and asking.reason_code != NO_FORM_NEEDED


def _check_extension(asking: Asking, rule: Extension) -> None:
    """延期: asked inside the limit, and at most so long as the limit, each or all together (P1.7)."""
    if rule.complex_only and not asking.complex:
        raise PetitionRefused("simple")
    if rule.inside_only and asking.used > asking.limit + asking.extended:
        raise PetitionRefused("late")
    most = rule.share * asking.limit
    if rule.share_in_total:
        most -= asking.extended
    if asking.asked > most:
        raise PetitionRefused("too_long", seconds=max(most, 0.0), total=rule.share_in_total)


def _check_suspension(asking: Asking, rule: Suspension) -> None:
    """挂账: with a date on which somebody looks again, not longer than a year, renewed only after a look on site."""
    if asking.review_on is None or asking.review_on <= asking.today:
        raise PetitionRefused("review_past")
    since = asking.suspended_on or asking.today
    if (asking.review_on - since).days > rule.longest_days:
        raise PetitionRefused("review_far", days=rule.longest_days)
    if asking.kind == "renewal" and rule.recheck_before_renewal and not asking.rechecked:
        raise PetitionRefused("recheck")


def check_deciding(
    kind: str, petitions: Petitions, *, level: int, roles: AbstractSet[Role], same_person: bool, apart: bool
) -> bool:
    """Whether this decision is the last one that is needed; raises PetitionRefused for somebody who may not decide.

    `same_person`: the decider has asked, or has decided an earlier level; `apart`: the place keeps these apart.
    """
    levels = rule_of(kind, petitions).decide
    if same_person and apart:
        raise PetitionRefused("same_person")
    if not roles & frozenset(levels[min(level, len(levels) - 1)]):
        raise PetitionRefused("decider")
    return level + 1 >= len(levels)
