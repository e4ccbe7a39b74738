"""Keeps confirmed positions, and the places that they teach: one address at a time, or all at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.contrib.gis.geos import Point
from django.db import transaction

from gridmap.learning import Evidence, Lesson, defaults, lesson, spot
from gridmap.models import Confirmation, Place
from gridmap.placekeys import place_row
from people.models import User

SOURCE: Final = "confirmed positions"
LONGEST_NAME: Final = 20  # a longer text without a number is a sentence, not the name of a spot
_CHUNK: Final = 2000


@dataclass(frozen=True)
class Learned:
    """What a run has taught: addresses with a place, and those whose confirmations contradict each other."""

    places: int
    conflicts: int
    defaults: int = 0  # confirmations on points where some system puts what it could not find


def lesson_row(address: str, area: str, point: Point) -> tuple[str, Place] | None:
    """The key of what an address names, and its unsaved place; None where it names no single spot (a whole road)."""
    row = place_row(None, address.strip()[:300], point, source=SOURCE, area=area)
    if row.kind == Place.Kind.DOORPLATE:
        return f"{row.area_key}|{row.road_key}|{row.number}|{row.sub_number or ''}", row
    name = row.keys[-1] if row.keys else ""
    if row.kind in (Place.Kind.ROAD, Place.Kind.LANE) or not 2 <= len(name) <= LONGEST_NAME:
        return None
    return f"{row.area_key}|{name}", row


def confirm(
    address: str, area: str, point: Point, *, how: str, by: User | None, at: datetime, reference: str,
    accuracy_m: float = 10,
) -> Confirmation | None:  # fmt: skip
    """Keep a position that somebody gave, and learn from it at once; None where the text names no single spot.

    `point` in the city's SRID. A second word from the same side about the same case replaces its first.
    """
    found = lesson_row(address, area, point)
    if found is None:
        return None
    key, _ = found
    before = Confirmation.objects.filter(how=how, reference=reference).values_list("key", flat=True).first()
    values = {"key": key, "address": address[:300], "area": area[:60], "point": point, "accuracy_m": accuracy_m}
    said, _ = Confirmation.objects.update_or_create(
        how=how, reference=reference, defaults={**values, "by": by, "at": at, "revoked_at": None, "revoked_why": ""}
    )
    learn({key, before or key}, at)
    return said


def revoke(confirmation: Confirmation, *, by: User, why: str, at: datetime) -> None:
    """Take a confirmation back; what it taught is learned anew without it. Twice does it once."""
    with transaction.atomic():
        changed = (
            Confirmation.objects.valid()
            .filter(pk=confirmation.pk)
            .update(revoked_at=at, revoked_by=by, revoked_why=why[:200])
        )
        if changed:
            learn({confirmation.key}, at)


@transaction.atomic
def learn(keys: Collection[str], at: datetime) -> Learned:
    """Teach the addresses of these keys anew from their valid confirmations; the places taught before go."""
    every = Confirmation.objects.filter(key__in=keys)
    Place.objects.filter(source=SOURCE, confirmations__in=every).delete()
    told: dict[str, list[Confirmation]] = defaultdict(list)
    for said in every.valid():
        told[said.key].append(said)
    learned = conflicts = 0
    for group in told.values():
        taught = lesson([evidence_of(said) for said in group], at)
        if taught is None or taught.conflict:
            conflicts += taught is not None
            continue
        place = _taught(group[0], taught)
        if place is not None:
            place.save()
            Confirmation.objects.filter(pk__in=[said.pk for said in group]).update(place=place)
            learned += 1
    return Learned(learned, conflicts)


@transaction.atomic
def learn_all(at: datetime) -> Learned:
    """Teach every address anew; confirmations on a default point of some system teach nothing."""
    Place.objects.filter(source=SOURCE).delete()
    everything = list(Confirmation.objects.valid().order_by("key", "pk"))
    nowhere = defaults((said.key.rsplit("|", 2)[0], evidence_of(said)) for said in everything)
    told: dict[str, list[Confirmation]] = defaultdict(list)
    for said in everything:
        if spot(evidence_of(said)) not in nowhere:
            told[said.key].append(said)
    places: list[Place] = []
    taught_by: list[Sequence[Confirmation]] = []
    conflicts = 0
    for group in told.values():
        taught = lesson([evidence_of(said) for said in group], at)
        place = None if taught is None or taught.conflict else _taught(group[0], taught)
        conflicts += taught is not None and taught.conflict
        if place is not None:
            places.append(place)
            taught_by.append(group)
    _save(places, taught_by)
    return Learned(len(places), conflicts, len(everything) - sum(map(len, told.values())))


def _save(places: Sequence[Place], taught_by: Sequence[Sequence[Confirmation]]) -> None:
    rows: list[Confirmation] = []
    for place, group in zip(Place.objects.bulk_create(places, batch_size=_CHUNK), taught_by, strict=True):
        for said in group:
            said.place = place
            rows.append(said)
    for chunk in _chunks(rows):
        Confirmation.objects.bulk_update(chunk, ["place"])


def _chunks(rows: Iterable[Confirmation]) -> Iterable[list[Confirmation]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


def evidence_of(said: Confirmation) -> Evidence:
    """A confirmation as the rules of learning see it."""
    return Evidence(said.point.x, said.point.y, said.how, said.at, said.accuracy_m)


def _taught(said: Confirmation, taught: Lesson) -> Place | None:
    found = lesson_row(said.address, said.area, Point(taught.x, taught.y, srid=said.point.srid))
    if found is None:
        return None
    _, place = found
    place.source_rank, place.accuracy_m = taught.rank, taught.accuracy_m
    return place
