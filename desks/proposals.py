"""The proposals of the intake page as the page shows them: each with its reasons."""

from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.utils import timezone

from desks.forms import IntakeForm, picked
from dispatch.actions.taking import is_confidential
from dispatch.explain import (
    agency_sentences,
    cell_sentences,
    class_sentences,
    learned_fault,
    limit_sentences,
    place_sentences,
    repeat_sentences,
)
from dispatch.intake import Analysis
from dispatch.knowledge import Match, matching
from dispatch.models import Case, Condition
from dispatch.models.report import RequestType
from dispatch.repeats import Repeat
from dispatch.scripts import About, sentences
from gridmap.answers import LEVELS, Candidate, Level
from gridmap.datums import lonlat
from gridmap.models import Component
from people.models import User


@dataclass(frozen=True)
class Spot:
    """A candidate on the map, WGS84; `chosen` where the pin stands on it."""

    candidate: Candidate
    lon: float
    lat: float
    level: str
    chosen: bool

    @property
    def pin(self) -> str:
        return f"{self.lon},{self.lat}"


@dataclass(frozen=True)
class Proposals:
    """What the page shows beside the form."""

    analysis: Analysis
    pin: tuple[float, float] | None
    by_hand: bool
    class_by_hand: bool
    level: str
    spots: list[Spot]
    conditions: list[Condition]
    components: list[Component]
    place_why: list[str]
    cell_why: list[str]
    class_why: list[str]
    limit_why: list[str]
    learned_fault: str
    agency_why: list[str]
    repeats: list[tuple[Repeat, list[str]]]
    matter: bool
    articles: list[Match]
    script: list[str]  # what follows, in words for the caller


def read_proposals(form: IntakeForm, user: User) -> Proposals | None:
    """Everything that follows from what is typed; None while nothing is."""
    given = form.cleaned_data
    if not given.get("text", "").strip() and not given.get("address", "").strip():
        return None
    found = form.analysis(user)
    category, condition = found.category, found.condition
    class_by_hand = given.get("category") is not None
    by_hand = form.by_hand(found)
    draft = Case(
        category=category,
        condition=condition,
        request_type=given.get("request_type") or RequestType.COMPLAINT,
        urgent=bool(given.get("urgent")),
        community=found.facts.community,
        confidential=(
            is_confidential(given.get("request_type") or RequestType.COMPLAINT)
            or given.get("accused") is not None
            or (condition is not None and condition.confidential)
        ),
    )
    return Proposals(
        analysis=found,
        pin=lonlat(found.point) if found.point else None,
        by_hand=by_hand,
        class_by_hand=class_by_hand,
        level="" if by_hand else str(LEVELS[found.answer.level]),
        spots=_spots(found, by_hand=by_hand),
        conditions=list(Condition.objects.filter(category=category).order_by("number")) if category else [],
        components=found.components,
        place_why=place_sentences(found, by_hand=by_hand, refused=form.pin_given.refused),
        cell_why=cell_sentences(placed=found.point is not None, cell=found.facts.cell, community=found.facts.community),
        class_why=class_sentences(found, by_hand=class_by_hand),
        limit_why=limit_sentences(draft),
        learned_fault=learned_fault(found.learned),
        agency_why=agency_sentences(
            found.proposal.why,
            agency=found.proposal.agency,
            category=category,
            community=found.facts.community,
            component=str(found.component or ""),
        ),
        repeats=[(r, repeat_sentences(r.why)) for r in found.repeats],
        articles=matching(given.get("text", ""), timezone.localdate()),
        matter=category is not None and category.kind == category.Kind.MATTER,
        script=sentences(draft, _about(form, found)),
    )


def _about(form: IntakeForm, found: Analysis) -> About:
    given = form.cleaned_data
    return About(
        place=given.get("address", "").strip()
        or (found.answer.matched if found.point and not form.by_hand(found) else ""),
        placed=found.point is not None,
        agency=found.proposal.agency.name if found.proposal.agency else "",
        callback=bool(given.get("wants_callback")),
        reachable=bool(given.get("phone")) and not given.get("anonymous"),
    )


def _spots(found: Analysis, *, by_hand: bool) -> list[Spot]:
    at = found.point if not by_hand and picked(found) else None
    return spots_of(found.candidates, at)


def spots_of(candidates: list[Candidate], chosen: Point | None = None) -> list[Spot]:
    """Candidates as the map takes them; the one at `chosen` is marked."""
    spots = []
    for candidate in candidates:
        lon, lat = lonlat(candidate.point)
        here = chosen is not None and candidate.point.distance(chosen) < 1.0
        spots.append(Spot(candidate, lon, lat, str(LEVELS[Level(candidate.level)]), here))
    return spots
