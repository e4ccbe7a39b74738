"""How likely a new report is the same problem as an earlier case: facts of the pair in, a score and its reasons out.

Pure. A logistic score: terms of the pair times WEIGHTS. The weights of place, time and standing were fitted on a city
that flags its own duplicates (bench/repeats.py fits them again and measures them); those of class, component, caller
and words have no such data and are set by hand, in the same unit.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

# two points closer than this are the same point: the rest is rounding
SAME_POINT_M: Final = 1.0
# an earlier case that young is one that the same event brought in
FRESH_DAYS: Final = 3.0
# shown as a candidate, and called likely; the first reaches a recall of 0.97 on the years of the fit
SHOWN: Final = 0.10
LIKELY: Final = 0.50


class Standing(StrEnum):
    """How the earlier case stands when the new report comes in."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED_TODAY = "closed_today"
    CLOSED = "closed"


@dataclass(frozen=True)
class Pair:
    """What is known of a new report and one earlier case; None where one of the two does not say.

    `distance_m` between the two points, None where one has none; `slack_m` is how far apart one and the same place may
    be drawn; `days` since the earlier one came in; `cases_here` counts the candidates at the place, this one included.
    """

    distance_m: float | None
    days: float
    standing: Standing
    slack_m: float = SAME_POINT_M
    cases_here: int = 1
    same_address: bool = False
    same_call: bool = False
    same_class: bool | None = None
    same_component: bool | None = None
    same_caller: bool | None = None
    similarity: float | None = None


# fitted: python bench/repeats.py --data DIR --fit
FITTED: Final = {
    "start": -1.19,
    "late": -0.74,  # per natural logarithm of the days, so that the second day weighs more than the twentieth
    "open": 1.10,
    "fresh_open": 2.76,
    "closed_today": 0.75,
    "same_call": -0.48,  # one caller, one call: most often two places of two problems, said one after the other
    "same_call_same_class": -1.20,
    "cases_here": 1.66,
    "other_spot": -4.35,
}
# set by hand: no city publishes them beside its flag
BY_HAND: Final = {
    "within_slack": -1.5,  # at the edge of what the place can be off; nothing in its middle
    "no_place": -1.5,
    "suspended": 2.5,  # the question stands still, however old it is (P5.10)
    "other_class": -2.5,
    "class_unknown": -0.6,
    "same_component": 1.5,
    "other_component": -1.5,
    "same_caller": 1.2,
    "words": 2.5,  # per 1.0 of similarity above or below WORDS_EVEN
}
WORDS_EVEN: Final = 0.45  # two unrelated complaints of one kind share about so much


def terms(pair: Pair) -> dict[str, float]:
    """The terms of a pair that are not zero, by the names of the weights."""
    running = pair.standing in (Standing.OPEN, Standing.SUSPENDED)
    # one event brings in many calls about one spot; of two matters without a spot nearness in time says nothing
    fresh = running and pair.days < FRESH_DAYS and (pair.distance_m is not None or pair.same_address)
    suspended = pair.standing == Standing.SUSPENDED
    found: dict[str, float] = {
        "start": 1.0,
        "late": 0.0 if suspended else math.log1p(max(pair.days, 0.0)),
        "open": float(running),
        "fresh_open": float(fresh),
        "suspended": float(suspended and not fresh),
        "closed_today": float(pair.standing == Standing.CLOSED_TODAY),
        "same_call": float(pair.same_call),
        "same_call_same_class": float(pair.same_call and pair.same_class is True),
        "cases_here": math.log(max(pair.cases_here, 1)),
        "other_class": float(pair.same_class is False),
        "class_unknown": float(pair.same_class is None),
        "same_component": float(pair.same_component is True),
        "other_component": float(pair.same_component is False),
        "same_caller": float(pair.same_caller is True and not pair.same_call),
        "words": 0.0 if pair.similarity is None else pair.similarity - WORDS_EVEN,
    } | _place(pair)
    return {name: value for name, value in found.items() if value}


def _place(pair: Pair) -> dict[str, float]:
    """Same spot: nothing; drawn apart no further than the places can be off: a share; elsewhere: the whole."""
    if pair.same_component or pair.same_address:
        return {}
    if pair.distance_m is None:
        return {"no_place": 1.0}
    if pair.distance_m <= SAME_POINT_M:
        return {}
    if pair.distance_m <= pair.slack_m:
        return {"within_slack": pair.distance_m / pair.slack_m}
    return {"other_spot": 1.0}


WEIGHTS: Final = FITTED | BY_HAND


def likeness(pair: Pair) -> float:
    """From 0 to 1: how likely the two are one problem."""
    return 1.0 / (1.0 + math.exp(-sum(WEIGHTS[name] * value for name, value in terms(pair).items())))


def reasons(pair: Pair) -> tuple[dict[str, Any], ...]:
    """What a person needs to judge the proposal, as codes and parameters: for it first, then what speaks against it."""
    rows: list[tuple[bool, dict[str, Any]]] = [
        (pair.same_component is True, {"code": "same_component"}),
        (pair.same_class is True, {"code": "same_class"}),
        (pair.same_caller is True and not pair.same_call, {"code": "same_caller"}),
        (pair.standing == Standing.SUSPENDED, {"code": "suspended"}),
        (pair.standing == Standing.CLOSED_TODAY, {"code": "closed_today"}),
        (pair.cases_here > 1, {"code": "cases_here", "count": pair.cases_here}),
        (pair.same_class is False, {"code": "other_class"}),
        (pair.same_component is False, {"code": "other_component"}),
        (pair.same_call, {"code": "same_call"}),
    ]
    if (pair.similarity or 0.0) > 0.6:
        rows.insert(2, (True, {"code": "similar_words", "percent": round((pair.similarity or 0.0) * 100)}))
    days = {"code": "days", "days": round(pair.days)} if pair.days >= 1 else {"code": "today"}
    return (*_where(pair), days, *(row for holds, row in rows if holds))


def _where(pair: Pair) -> list[dict[str, Any]]:
    if pair.same_address and (pair.distance_m is None or pair.distance_m <= max(pair.slack_m, SAME_POINT_M)):
        return [{"code": "same_address"}]
    if pair.distance_m is None:
        return []
    return [{"code": "distance", "metres": round(pair.distance_m)}]
