"""Parts of a profile that no rule of a case's road reads: what the public sees, keeping, figures, households."""

from typing import Literal

from dispatch.households import Every
from dispatch.profilebase import Settings


class Progress(Settings, frozen=True, kw_only=True):
    """What the caller reads about the own report without a login."""

    agency_names: bool = False
    web_answer: bool = True  # may say there how satisfied they are, once


class PublicMap(Settings, frozen=True, kw_only=True):
    """What everybody may see of street cases on the public map; never texts, photos, names or exact places."""

    on: bool = True
    closed_days: int = 30
    # to so many metres every position is coarsened
    coarse_m: int = 50
    # classes by name that point at a person, a shop or a home: not shown
    withheld: tuple[str, ...] = (
        "私搭乱建",
        "店面无证装修",
        "临街阳台、屋顶脏乱差",
        "沿街晾挂",
        "商业噪音",
        "擅自饲养家禽家畜",
        "违规养犬",
        "违法农村自建房",
        "违规小产权房",
        "街头散发广告",
        "无照经营游商",
        "占道废品收购",
        "店外经营",
        "临街屠宰",
        "门前四包（五包）",
    )

    def __post_init__(self) -> None:
        if self.closed_days < 1 or self.coarse_m < 20:
            raise ValueError("closed_days must be at least 1 and coarse_m at least 20")


class Retention(Settings, frozen=True, kw_only=True):
    """How long personal data stays after a case has ended."""

    years: int = 5


class Assigning(Settings, frozen=True, kw_only=True):
    """派单: how long an inspector may take to accept a task, and what the own zone is worth."""

    accept_minutes: int = 10
    accept_urgent_minutes: int = 3
    # so often the engine looks for somebody else; then the task stays and the dispatcher is told
    moves: int = 3
    # somebody from another zone goes only where he is so many minutes sooner there
    zone_minutes: int = 2

    def __post_init__(self) -> None:
        if min(self.accept_minutes, self.accept_urgent_minutes, self.moves) < 1 or self.zone_minutes < 0:
            raise ValueError("minutes and moves must be at least 1, zone_minutes at least 0")


class Repeats(Settings, frozen=True, kw_only=True):
    """Where and how long back likely repeats are sought (domain sheet A4: 50 m)."""

    near_m: float = 50.0
    days: int = 14


class Figures(Settings, frozen=True, kw_only=True):
    """考评口径: switches and weights of the scorecards; what each means stands in scorecards/rules.py (P5.14)."""

    fair_counts: bool = True
    suspended_counts: bool = False
    void_counts: bool = False
    minimum_sample: int = 5
    weight_volume: int = 10
    weight_closed: int = 30
    weight_on_time: int = 30
    weight_rework: int = 30

    def __post_init__(self) -> None:
        weights = (self.weight_volume, self.weight_closed, self.weight_on_time, self.weight_rework)
        if sum(weights) != 100 or min(weights) < 0:
            raise ValueError("the four weights must be at least 0 and add up to 100")
        if self.minimum_sample < 0:
            raise ValueError("minimum_sample must be at least 0")


class Households(Settings, frozen=True, kw_only=True):
    """入户遍访 (P4.12, P4.13): how often a record is refreshed, a household met, and somebody in care spoken to."""

    refresh: Every = "quarter"
    visit: Every = "half_year"
    care_days: int = 7

    def __post_init__(self) -> None:
        if self.care_days < 1:
            raise ValueError("care_days must be at least 1")


class Field(Settings, frozen=True, kw_only=True):
    """现场作业: what inspectors are asked for on the street beside photo and position."""

    signature: bool = False  # on glass, with every answer
    # pixels of the long edge of a photo as the phone sends it; more is larger over a bad line, not truer
    photo_edge: int = 1600

    def __post_init__(self) -> None:
        if not 800 <= self.photo_edge <= 4000:
            raise ValueError("photo_edge must be between 800 and 4000")


class OnDuty(Settings, frozen=True, kw_only=True):
    """Who counts as on duty, and how long a break may be; the product's own defaults, no source states a number."""

    # "required": nobody counts as on duty before clocking in; "optional": a planned shift counts until clocked out
    clock_in: Literal["optional", "required"] = "optional"
    early_minutes: int = 30  # before a shift begins one can clock in
    breaks: int = 2  # of a shift
    break_minutes: int = 60  # of all breaks of a shift together

    def __post_init__(self) -> None:
        if self.early_minutes < 0 or self.breaks < 0 or self.break_minutes < 1:
            raise ValueError("early_minutes and breaks must be at least 0, break_minutes at least 1")


class Patrol(Settings, frozen=True, kw_only=True):
    """巡查: how tracks are kept, when a cell counts as seen, and when as unseen for too long."""

    track_days: int = 40
    track_every_s: int = 15
    track_tolerance_m: int = 8
    seen_within_m: int = 30
    unseen_days: int = 7

    def __post_init__(self) -> None:
        least = min(self.track_days, self.track_every_s, self.track_tolerance_m, self.seen_within_m, self.unseen_days)
        if least < 1:
            raise ValueError("every number of patrol must be at least 1")


class Script(Settings, frozen=True, kw_only=True):
    """What operators read to callers; empty: the standard words."""

    opening: str = ""
    closing: str = ""
