"""How this installation works: limits, windows, who asks and who decides, switches. Values only; rules read them.

A profile is a TOML file in `fixtures/profiles/`; what it leaves out has the default that stands here. The city's file
names the one to begin with, a ProfileChoice another one. A word that nobody knows, or a value of the wrong kind, stops
the start and names file and key.
"""

from datetime import time
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from dispatch.attempts import Rule
from dispatch.clocks import Unit
from dispatch.profilebase import Limit, Settings, minutes, work_days
from dispatch.profileparts import (
    Assigning,
    Field,
    Figures,
    Households,
    OnDuty,
    Patrol,
    Progress,
    PublicMap,
    Repeats,
    Retention,
    Script,
)
from dispatch.transitions import Action, Flow
from people.permissions import Role

PROFILES = Path(__file__).resolve().parent.parent / "fixtures" / "profiles"


class ProfileError(Exception):
    """The profile's file is missing or says something impossible; the text names file, key and reason."""


class Stages(Settings, frozen=True, kw_only=True):
    """Limits of the centre's own stages and of the agency's signing (domain sheet A4)."""

    accept: Limit = minutes(15)
    verify: Limit = minutes(30)
    verify_urgent: Limit = minutes(10)  # P5.4
    file: Limit = minutes(30)
    dispatch: Limit = minutes(15)
    sign: Limit = Limit(amount=2, unit=Unit.WORK_HOUR)
    return_by: Limit = work_days(2)  # Shandong: a return within two working days, with a reason
    screen: Limit = Limit(amount=4, unit=Unit.WORK_HOUR)
    check: Limit = minutes(30)
    check_urgent: Limit = minutes(10)
    close: Limit = Limit(amount=4, unit=Unit.WORK_HOUR)
    call_back: Limit = work_days(1)
    arrive: Limit = minutes(60)  # P3.20: of an urgent case, from the answered call to the agency on the spot


class Clocks(Settings, frozen=True, kw_only=True):
    """How time is counted."""

    # 工作日: so many hours of work ("hours"), or from the next working day to close of business ("next_day")
    work_day: Literal["hours", "next_day"] = "hours"
    stages: Stages = Stages()
    # the agency's clock stands still while its reply is screened and checked
    pause_while_checking: bool = True
    # after a return: sent to the same unit again the clock goes on, sent to another one it begins anew
    same_unit: Literal["resume", "restart"] = "resume"
    other_unit: Literal["resume", "restart"] = "restart"
    warn_share: float = 0.8
    # an overdue part, and a part reworked so often, gets a supervision 督办 by itself
    supervise_overdue: bool = True
    supervise_after_reworks: int = 3
    # an order from above: the internal deadline lies so long before the upper one
    before_upper: Limit = Limit(amount=8, unit=Unit.WORK_HOUR)
    # set on the city's calendar when the profile is chosen ("08:30-12:00"), with one digit a weekday; empty: as it is
    hours: tuple[str, ...] = ()
    workdays: str = ""

    def __post_init__(self) -> None:
        edges = [edge for start, end in self.periods for edge in (start, end)]
        if edges != sorted(set(edges)):
            raise ValueError("hours must be periods of a day, one after the other")
        if self.workdays and (len(self.workdays) != 7 or set(self.workdays) - {"0", "1"}):
            raise ValueError("workdays must be seven digits, 1 for a working day, Monday first")

    @property
    def periods(self) -> list[tuple[str, str]]:
        """Start and end of each period of work, as a calendar keeps them."""
        found = [each.partition("-")[::2] for each in self.hours]
        return [(f"{time.fromisoformat(a):%H:%M}", f"{time.fromisoformat(b):%H:%M}") for a, b in found]


Paper = Literal["contact", "investigation", "written_reply", "platform_reply"]


class TypeRule(Settings, frozen=True, kw_only=True):
    """A request type: limits where the class has none of its own, and the records that must be there."""

    simple: Limit = work_days(5)
    complex: Limit = work_days(7)
    # of an urgent one, before both; None: urgency does not matter (domain sheet C, Shenzhen: urgent the same day)
    urgent: Limit | None = Limit(amount=1, unit=Unit.URGENT_DAY)
    papers: tuple[Paper, ...] = ()
    confidential: bool = False
    # "class": street or matter as its class says; "matter": nobody is sent to look, whatever its class
    flow: Literal["class", "matter"] = "class"


def _types() -> dict[str, TypeRule]:
    quick, slow = TypeRule(simple=work_days(3)), TypeRule()
    words = TypeRule(simple=work_days(3), flow="matter")  # P1.4, P1.12: contact, learn, answer
    return {
        "complaint": slow,
        "consultation": words,
        "appeal": slow,
        "disclosure": TypeRule(confidential=True),
        "suggestion": words,
        "help": quick,
        "praise": words,
        "other": slow,
    }


class PetitionRule(Settings, frozen=True, kw_only=True):
    """One kind of 申请: who asks, who decides on each level in turn, how often, and from which time on with a form."""

    on: bool = True
    ask: tuple[Role, ...] = (Role.HANDLER,)
    decide: tuple[tuple[Role, ...], ...] = ((Role.DISPATCHER, Role.SHIFT_LEAD),)
    most: int = 0  # times in the life of a case, 0: as often as it must be
    form_from: int = 0  # a stamped form is compulsory from this time on, 0: never


class Extension(PetitionRule, frozen=True, kw_only=True):
    """延期: inside the limit only, and perhaps for complex cases only (P1.7)."""

    most: int = 2
    inside_only: bool = True
    complex_only: bool = False
    share: float = 1.0  # of the limit
    share_in_total: bool = False  # of all extensions together, or of each


class Suspension(PetitionRule, frozen=True, kw_only=True):
    """挂账: with a date of review."""

    ask: tuple[Role, ...] = (Role.HANDLER, Role.DISPATCHER, Role.SHIFT_LEAD)
    decide: tuple[tuple[Role, ...], ...] = ((Role.SHIFT_LEAD, Role.DISPATCHER),)
    longest_days: int = 365
    recheck_before_renewal: bool = True  # P5.12


class Transfer(PetitionRule, frozen=True, kw_only=True):
    """建议移交: what the handling clock does while somebody above thinks about it."""

    ask: tuple[Role, ...] = (Role.HANDLER, Role.DISPATCHER, Role.SHIFT_LEAD)
    decide: tuple[tuple[Role, ...], ...] = ((Role.SHIFT_LEAD, Role.LEADER),)
    clock: Literal["run", "pause"] = "pause"


class Petitions(Settings, frozen=True, kw_only=True):
    """The steps that one person asks for and another one decides."""

    extension: Extension = Extension()
    suspension: Suspension = Suspension()
    renewal: Suspension = Suspension()
    # only wrong dispatch, or a stamped form (domain sheet A4)
    back: PetitionRule = PetitionRule(ask=(Role.HANDLER, Role.DISPATCHER), decide=((Role.DISPATCHER, Role.SHIFT_LEAD),))
    void: PetitionRule = PetitionRule(
        ask=(Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEAD), decide=((Role.SHIFT_LEAD, Role.DISPATCHER),)
    )
    # double review
    contest: PetitionRule = PetitionRule(
        decide=((Role.SHIFT_LEAD, Role.DISPATCHER), (Role.MANAGER, Role.LEADER)), most=1
    )
    transfer: Transfer = Transfer()
    hard_after_returns: int = 3  # 疑难 list
    form_unless_wrong_dispatch: bool = True


class WhistleLevel(Settings, frozen=True, kw_only=True):
    """One level of 吹哨: who may call on it."""

    call: tuple[Role, ...]


class Whistles(Settings, frozen=True, kw_only=True):
    """吹哨报到 (P4.7): grid to community, community to street, street to the district's departments."""

    on: bool = True
    grid: WhistleLevel = WhistleLevel(call=(Role.INSPECTOR, Role.HANDLER))
    community: WhistleLevel = WhistleLevel(call=(Role.HANDLER, Role.DISPATCHER, Role.SHIFT_LEAD))
    street: WhistleLevel = WhistleLevel(call=(Role.DISPATCHER, Role.SHIFT_LEAD, Role.LEADER))
    look_days: int = 7  # suggested until the next look at what is being repaired


class Callbacks(Settings, frozen=True, kw_only=True):
    """回访: when a caller counts as unreachable (P1.17: three attempts in three different parts of the same day)."""

    attempts: int = 3
    same_day: bool = True
    # local start of each part of the day; the last one ends at midnight, and before the first one nobody calls
    parts_of_day: tuple[str, ...] = ("08:00", "12:00", "18:00")

    def __post_init__(self) -> None:
        starts = [time.fromisoformat(text) for text in self.parts_of_day]
        if not starts or starts != sorted(set(starts)):
            raise ValueError("parts_of_day must be rising times of day")
        if not 1 <= self.attempts <= len(starts):
            raise ValueError("attempts must be between 1 and the number of parts_of_day")

    @property
    def starts(self) -> tuple[time, ...]:
        """The local start of each part of the day."""
        return tuple(time.fromisoformat(text) for text in self.parts_of_day)

    def rule(self, zone: ZoneInfo) -> Rule:
        """The rule of attempts in a zone."""
        return Rule(self.attempts, self.same_day, self.starts, zone)


class LookBacks(Settings, frozen=True, kw_only=True):
    """回头看 (P4.5): weeks after closing, all cases that went badly once, and one of so many of the others a month."""

    after_days: int = 14
    within_days: int = 60
    one_of: int = 50  # 0: no sample


class Duties(Settings, frozen=True, kw_only=True):
    """Separation of duties: pairs of actions that one person may not do in one case; a small team may relax it."""

    apart: tuple[tuple[str, str], ...] = (
        ("handled", "check_pass"),
        ("handled", "check_fail"),
        ("dispatch", "close"),
        ("enter_result", "accept_reply"),
    )
    ask_apart_from_decide: bool = True


class Shift(Settings, frozen=True, kw_only=True):
    """One shift of the day."""

    name: str
    starts: str  # local time; the last one of the day lasts until the first one of the next day


class Roster(Settings, frozen=True, kw_only=True):
    """排班 (P3.3, P3.22): shifts in the order of the day, how many people each of them needs; no shift: not used."""

    shifts: tuple[Shift, ...] = (
        Shift(name="夜班", starts="00:00"),
        Shift(name="早班", starts="08:00"),
        Shift(name="中班", starts="16:00"),
    )
    operators: int = 1
    dispatchers: int = 1

    def __post_init__(self) -> None:
        starts = list(self.starts.values())
        if starts != sorted(set(starts)) or len(starts) != len(self.shifts):
            raise ValueError("shifts must have names of their own and rising starts")

    @property
    def starts(self) -> dict[str, time]:
        """The local start of each shift by its name."""
        return {shift.name: time.fromisoformat(shift.starts) for shift in self.shifts}

    @property
    def seats(self) -> dict[str, int]:
        """How many people each desk needs in a shift."""
        return {Role.OPERATOR.value: self.operators, Role.DISPATCHER.value: self.dispatchers}


class Signatory(Settings, frozen=True, kw_only=True):
    """One seat of a chain: its role, what it is called here, and by whom it is held where the role is not enough."""

    role: Role
    label: str
    people: tuple[str, ...] = ()  # user names; none: everybody with the role


class Chain(Settings, frozen=True, kw_only=True):
    """签批链: seats that sign one after another before a step; which cases it is about, everything left out is any."""

    key: str
    name: str
    before: Action
    seats: tuple[Signatory, ...]
    flows: tuple[Flow, ...] = ()
    types: tuple[str, ...] = ()
    urgent: bool | None = None
    hard: bool | None = None

    def __post_init__(self) -> None:
        if not self.seats:
            raise ValueError("a chain needs seats")


class Signing(Settings, frozen=True, kw_only=True):
    """Chains of signatures (P1.11, P1.25, P3.10)."""

    chains: tuple[Chain, ...] = ()

    def __post_init__(self) -> None:
        if len({chain.key for chain in self.chains}) != len(self.chains):
            raise ValueError("chains must have keys of their own")


class Profile(Settings, frozen=True, kw_only=True):
    """Everything that differs from place to place."""

    name: str = "默认"
    name_en: str = "Default"
    # keys of the channels by which reports come in here; empty: every one that the city has
    channels: tuple[str, ...] = ()
    off: tuple[str, ...] = ()  # actions of the transition table that this place does not use
    clocks: Clocks = Clocks()
    types: dict[str, TypeRule] = msgspec.field(default_factory=_types)
    petitions: Petitions = Petitions()
    callbacks: Callbacks = Callbacks()
    # steps that need an explanation to the caller first, where there is a caller (P5.8)
    explain_before: tuple[str, ...] = ("suspend", "void")
    look_backs: LookBacks = LookBacks()
    progress: Progress = Progress()
    public_map: PublicMap = PublicMap()
    script: Script = Script()
    duties: Duties = Duties()
    retention: Retention = Retention()
    repeats: Repeats = Repeats()
    whistles: Whistles = Whistles()
    roster: Roster = Roster()
    signing: Signing = Signing()
    figures: Figures = Figures()
    texts: bool = False  # units are told of a dispatch by SMS (P1.9)
    # 首问负责 (P4.18): a unit that returned a case answers for it until another one has accepted it
    first_receiver: bool = False
    households: Households = Households()
    assigning: Assigning = Assigning()
    field: Field = Field()
    on_duty: OnDuty = OnDuty()
    patrol: Patrol = Patrol()
    meeting_weekday: int = 3  # of the meeting on hard cases, 0 Monday (P4.3: every Thursday)


@cache
def read_profile(name_or_path: str) -> Profile:
    """Read `fixtures/profiles/<name>.toml`, or the file at a path; ProfileError names file, key and reason."""
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = PROFILES / f"{name_or_path}.toml"
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=Profile)
    except OSError as error:
        raise ProfileError(f"profile: cannot read {path}: {error.strerror}") from error
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: {error}") from error
    unknown = sorted(set(found.types) - set(_types()))
    if unknown:
        raise ProfileError(f"{path}: no such request type: {', '.join(unknown)} - at `$.types`")
    # a pair with a misspelt action would separate nobody and say nothing
    unknown = sorted({action for pair in found.duties.apart for action in pair} - set(Action.values))
    if unknown:
        raise ProfileError(f"{path}: no such action: {', '.join(unknown)} - at `$.duties.apart`")
    return msgspec.structs.replace(found, types=_types() | found.types)


def profile() -> Profile:
    """The profile in force; ProfileError where its file can no longer be read."""
    from dispatch.inforce import name_in_force

    return read_profile(name_in_force())
