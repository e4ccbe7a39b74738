"""Places as the geocoder sees them, and what it asks a gazetteer."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from gridmap.addresses import Known
from gridmap.models import Area, Place
from gridmap.normalise import key


class Entry(NamedTuple):
    """One place of the gazetteer as the geocoder needs it; x, y are metres in the city's SRID.

    A place that another list tells better has the id of that one.
    """

    id: int | None
    kind: str  # Place.Kind, or "area:district", "area:subdistrict", "area:community"
    name: str
    area_key: str
    road_key: str
    number: int | None
    sub_number: int | None
    x: float
    y: float
    accuracy_m: float
    source_rank: int
    length_m: float = 0.0  # of a road that is drawn as a line
    former: tuple[tuple[str, str], ...] = ()  # matching keys of former names, each with its last day or nothing

    def was_called(self, name: str, day: date | None) -> str | None:
        """The last day on which this key was its name, empty where nobody knows; None for a name that holds on `day`.

        Without a day every former name is one.
        """
        for former, until in self.former:
            if former == name and (day is None or until < day.isoformat()):
                return until
        return None


class Branch(NamedTuple):
    """A house in a lane, under the lane's number on the street that it leaves."""

    lane: int
    entry: Entry


Streets = Mapping[str, Mapping[str, Sequence[Entry]]]  # street key → area key → doors by number
Branches = Mapping[str, Mapping[str, Sequence[Branch]]]  # street key → area key → houses in its lanes


class Gazetteer(Protocol):
    """What the geocoder asks; an implementation answers from memory or from the database.

    It knows the places of one day, those given up before it apart; without a day, all of them.
    """

    @property
    def day(self) -> date | None:
        """The day that is asked about."""

    def closed(self) -> "Gazetteer | None":
        """Only the places given up before that day; None where there are none, or no day is asked about."""

    def known(self, text: str) -> Known:
        """Names that can occur in this text."""

    def streets(self, keys: Sequence[str]) -> Streets:
        """Numbered places on streets with exactly these keys, sorted by number and sub-number."""

    def branches(self, keys: Sequence[str]) -> Branches:
        """Numbered places in the lanes of streets with exactly these keys."""

    def named(self, keys: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
        """Places, roads and areas that carry exactly one of these keys; crossings by `crossing_key`."""

    def area(self, name: str) -> Entry | None:
        """The district of this key; `accuracy_m` is the radius of a circle as large as it is."""

    def similar(self, name: str, limit: int = 5) -> Sequence[tuple[Entry, float]]:
        """Compounds, buildings and points of interest with a similar name, with similarity 0–1, best first."""

    def near(self, x: float, y: float, within_m: float) -> Sequence[tuple[Entry, float]]:
        """Places around a point in the city's SRID, nearest first, with distance in metres."""

    def line(self, x: float, y: float, within_m: float) -> tuple[Entry, float] | None:
        """The road or lane whose line runs nearest to a point in the city's SRID, with its distance in metres."""


def entry_of(place: Place) -> Entry:
    """A place as the geocoder sees it."""
    return Entry(
        place.same_as_id or place.pk,
        place.kind,
        place.name,
        place.area_key,
        place.road_key,
        place.number,
        place.sub_number,
        place.point.x,
        place.point.y,
        place.accuracy_m,
        place.source_rank,
        place.length_m,
        former_keys(place.former_names),
    )


def former_keys(names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Former names as matching keys, with their last days."""
    return tuple((key(name), until) for name, until in names.items()) if names else ()


def area_entries(areas: Iterable[Area]) -> Iterator[tuple[str, Entry]]:
    """Areas with the radius of a circle as large as they are; the parent's name is their area."""
    for area in areas:
        inside = area.geom.point_on_surface
        parent = key(area.parent.name) if area.parent else ""
        radius = math.sqrt(area.geom.area / math.pi)
        name = key(area.name)
        yield (
            name,
            Entry(area.pk, f"area:{area.level}", area.name, parent, "", None, None, inside.x, inside.y, radius, 1),
        )
