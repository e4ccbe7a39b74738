"""From a text to a point: gathers candidates, weighs them, and answers with reasons."""

import math
from dataclasses import replace
from typing import Final

from gridmap.addresses import Address, Span, parse
from gridmap.answers import GEOCODER, Answer, Candidate, Level, Reason, explain, reason
from gridmap.candidates import Search
from gridmap.gazetteer import Gazetteer
from gridmap.normalise import key, keyed

__all__ = ["GEOCODER", "Answer", "Candidate", "Level", "Reason", "explain", "locate"]

# how far a spot may lie from what the text names, metres on top of its uncertainty
RELATION_M: Final = {"对面": 15.0, "斜对面": 20.0, "附近": 40.0, "周边": 40.0, "周遭": 40.0, "周围": 40.0, "一带": 80.0}
SAME_SPOT_M: Final = 5.0
EQUAL: Final = 0.02  # scores closer than this do not choose between two places


def locate(text: str, gazetteer: Gazetteer, *, near_area: str | None = None, alternatives: int = 5) -> Answer:
    """Where a text says something is, judged from a gazetteer.

    `near_area` is the district, town or community that the asker works in or that came with the text, in any
    spelling: it decides between equal names but excludes none. "Not found" is an answer; no text raises.
    """
    address = parse(text, gazetteer.known(text))
    found = Search(address, gazetteer, key(near_area or "")).candidates()
    kept: list[Candidate] = []
    for candidate in sorted((_divided(candidate, found) for candidate in found), key=_rank):
        if not any(_same(candidate, other) for other in kept):
            kept.append(candidate)
    if not kept:
        return Answer(text, why=(_not_found(address),), address=address)
    best = _with_relation(kept[0], address)
    uncertainty_m = max(best.uncertainty_m, best.rivals_m)
    return Answer(
        text=text,
        level=best.level,
        x=best.x,
        y=best.y,
        score=round(best.score, 3),
        uncertainty_m=round(uncertainty_m, 1),
        matched=best.matched,
        place_id=best.place_id,
        alternatives=tuple(kept[1 : 1 + alternatives]),
        why=best.why,
        address=_with_name(address, best.name),
    )


def _same(candidate: Candidate, other: Candidate) -> bool:
    """Whether an answer says nothing beside another: the same spot, or the same name within its radius."""
    away = math.hypot(candidate.x - other.x, candidate.y - other.y)
    named = (candidate.level, candidate.matched) == (other.level, other.matched)
    return away <= (max(SAME_SPOT_M, other.uncertainty_m, candidate.uncertainty_m) if named else SAME_SPOT_M)


def _rank(candidate: Candidate) -> tuple[float, float, float]:
    # ties by place, so that the same question always gets the same answer
    return candidate.cost, candidate.x, candidate.y


def _divided(candidate: Candidate, found: list[Candidate]) -> Candidate:
    """Of several equally good places far apart none is sure: the score is divided, the radius holds them all."""
    if len(found) == 1:
        return candidate
    away = [
        math.hypot(other.x - candidate.x, other.y - candidate.y)
        for other in found
        if other.level == candidate.level and abs(other.score - candidate.score) < EQUAL
    ]
    rivals = [metres for metres in away if metres > 4 * candidate.uncertainty_m]
    if not rivals:
        return candidate
    why = (*candidate.why, reason("ambiguous", count=len(rivals) + 1))
    return replace(candidate, score=candidate.score / math.sqrt(len(rivals) + 1), why=why, rivals_m=max(rivals))


def _with_name(address: Address, name: str) -> Address:
    """The address with the span of the name that decided."""
    if not name:
        return address
    text = keyed(address.text)
    start = text.text.find(name)
    if start < 0:
        return address
    first, last = text.original(start, start + len(name))
    return replace(address, spans=(*address.spans, Span("name", first, last)))


def _not_found(address: Address) -> Reason:
    parts = [address.text[span.start : span.end] for span in address.spans]
    return reason("unknown", parts="、".join(parts)) if parts else reason("nothing")


def _with_relation(best: Candidate, address: Address) -> Candidate:
    """The point stays; what the text says about the spot beside it goes into explanation and uncertainty."""
    relation = address.relation
    if relation is None:
        return best
    extra = relation.offset_m or RELATION_M.get(relation.word, 0.0)
    why = list(best.why)
    if relation.word or relation.direction:
        why.append(reason("relation", word=relation.word or relation.direction))
    if relation.offset_m:
        why.append(reason("offset", metres=round(relation.offset_m)))
    return replace(best, uncertainty_m=best.uncertainty_m + extra, why=tuple(why))
