"""Likely repeats: open or recently closed cases near a place, ranked, each with its reasons."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Q
from rapidfuzz import fuzz

from dispatch.models import Case, CaseQuerySet
from dispatch.transitions import State
from gridmap.normalise import key

NEAR_M = 50.0  # similar-case hint of real systems: 50 m (domain sheet A4)
RECENT = timedelta(days=14)
LOOKED_AT = 40


@dataclass(frozen=True)
class Repeat:
    """A case that may be the same problem; score 0–1; `why` as codes and parameters."""

    case: Case
    score: float
    why: tuple[dict[str, Any], ...]


def repeats(
    point: Point | None,
    category_id: int | None,
    text: str,
    at: datetime,
    uncertainty_m: float = 0.0,
    most: int = 5,
    among: CaseQuerySet | None = None,
) -> list[Repeat]:
    """Cases that may be about the same problem, most likely first; one query, `among` the cases that the asker may see.

    Looks within 50 m, or within the uncertainty of the place where that is more (at most 150 m). Suspended cases count
    however old they are: a new report reopens their question (P5.10).
    """
    if point is None:
        return []
    reach = min(max(NEAR_M, uncertainty_m), 150.0)
    alive = ~Q(state__in=[State.CLOSED, State.ANSWERED, State.DECLINED, State.MERGED, State.VOID])
    cases = (
        (Case.objects.all() if among is None else among)
        .near(point, reach)
        .filter(alive | Q(state=State.CLOSED, closed_at__gte=at - RECENT))
        .select_related("category")[:LOOKED_AT]
    )
    words = key(text)
    found = [_judge(case, category_id, words, reach) for case in cases]
    likely = [r for r in found if r.score >= 0.35]
    return sorted(likely, key=lambda r: (-r.score, r.case.pk))[:most]


def _judge(case: Case, category_id: int | None, words: str, reach: float) -> Repeat:
    """Weigh distance, class and words; the weights are a first guess that history can correct."""
    distance: float = case.distance_m  # type: ignore[attr-defined]
    similarity = fuzz.token_set_ratio(words, key(case.text)) / 100.0
    why: list[dict[str, Any]] = [{"code": "distance", "metres": round(distance)}]
    score = 0.4 * (1.0 - distance / reach) + 0.25 * similarity
    if category_id is not None and case.category_id == category_id:
        score += 0.35
        why.append({"code": "same_class"})
    if similarity > 0.6:
        why.append({"code": "similar_words", "percent": round(similarity * 100)})
    if case.state == State.SUSPENDED:
        why.append({"code": "suspended"})
    return Repeat(case, round(score, 3), tuple(why))
