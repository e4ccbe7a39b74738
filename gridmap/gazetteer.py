"""Where candidates for an address come from: a whole city in memory for bulk, indexed queries for one text."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from django.conf import settings
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, QuerySet, Value
from django.db.models.functions import Length
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from gridmap.addresses import Known
from gridmap.models import Area, Place
from gridmap.normalise import bigrams, key, keyed
from gridmap.placekeys import BASE, ROAD_END, branch_of, crossing_key, keys_of, place_row, settle_roads

__all__ = [
    "Branch",
    "Branches",
    "DatabaseGazetteer",
    "Entry",
    "Gazetteer",
    "MemoryGazetteer",
    "Streets",
    "crossing_key",
    "entry_of",
    "keys_of",
    "place_row",
    "settle_roads",
]

_SECTION: Final = re.compile(r"\d{1,2}段$")
_FUZZY_POOL: Final = 400  # candidates by shared pieces that are compared letter by letter
_NEAREST: Final = 60  # places around a point that are looked at
_FUZZY_KINDS: Final = (Place.Kind.POI, Place.Kind.COMPOUND, Place.Kind.BUILDING)
_PIECES: Final = ArrayField(models.CharField(max_length=2))
AREA_LEVELS: Final = ("district", "subdistrict", "community")


class Entry(NamedTuple):
    """One place of the gazetteer as the geocoder needs it; x, y are metres in the city's SRID."""

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


class Branch(NamedTuple):
    """A house in a lane, under the lane's number on the street that it leaves."""

    lane: int
    entry: Entry


Streets = Mapping[str, Mapping[str, Sequence[Entry]]]  # street key → area key → doors by number
Branches = Mapping[str, Mapping[str, Sequence[Branch]]]  # street key → area key → houses in its lanes


class Gazetteer(Protocol):
    """What the geocoder asks; an implementation answers from memory or from the database."""

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


def entry_of(place: Place) -> Entry:
    """A place as the geocoder sees it."""
    return Entry(
        place.pk,
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
    )


def _area_entries(areas: Iterable[Area]) -> Iterator[tuple[str, Entry]]:
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


class MemoryGazetteer:
    """A whole city in memory: no SQL while geocoding; for imports, measures and anything in bulk."""

    def __init__(self) -> None:
        self._streets: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        self._branches: dict[str, dict[str, list[Branch]]] = defaultdict(lambda: defaultdict(list))
        self._named: dict[str, list[Entry]] = defaultdict(list)
        self._pieces: dict[str, list[int]] = defaultdict(list)
        self._fuzzy: list[tuple[str, Entry]] = []
        self._districts: dict[str, Entry] = {}
        self._grid: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        self._areas: dict[str, set[str]] = {level: set() for level in AREA_LEVELS}
        self._roads: set[str] = set()
        self._known = Known()

    @classmethod
    def load(cls, places: Iterable[Place], areas: Iterable[Area] = ()) -> "MemoryGazetteer":
        """From Place rows, saved or made by `place_row`, and areas (with `select_related("parent")`)."""
        found = cls()
        for place in places:
            if place.name:
                found._add(entry_of(place), place.keys)
        for name, entry in _area_entries(areas):
            found._named[name].append(entry)
            found._areas[entry.kind[5:]].add(name)
            if entry.kind == "area:district":
                found._districts[name] = entry
        for by_area in found._streets.values():
            for doors in by_area.values():
                doors.sort(key=_by_number)
        for lanes in found._branches.values():
            for houses in lanes.values():
                houses.sort(key=_by_lane)
        found._known = Known(
            districts=frozenset(found._areas["district"]),
            subdistricts=frozenset(found._areas["subdistrict"]),
            communities=frozenset(found._areas["community"]),
            roads=frozenset(found._roads),
        )
        return found

    @classmethod
    def from_database(cls) -> "MemoryGazetteer":
        """Every place and area of the city's database."""
        areas = Area.objects.filter(level__in=AREA_LEVELS).select_related("parent")
        return cls.load(Place.objects.defer("geom", "bigrams").iterator(chunk_size=5000), areas)

    def _add(self, entry: Entry, keys: Sequence[str]) -> None:
        if entry.road_key and entry.number is not None:
            self._streets[entry.road_key][entry.area_key].append(entry)
            parent, lane = branch_of(entry.road_key)
            if lane is not None:
                self._branches[parent][entry.area_key].append(Branch(lane, entry))
        if entry.road_key and (base := BASE.match(entry.road_key)):
            self._roads.update((base[1], _SECTION.sub("", base[1])))
        if entry.kind != Place.Kind.DOORPLATE:
            for name in keys:
                self._named[name].append(entry)
        if entry.kind in _FUZZY_KINDS:
            for name in keys:
                for piece in bigrams(name):
                    self._pieces[piece].append(len(self._fuzzy))
                self._fuzzy.append((name, entry))
        self._grid[int(entry.x // 200), int(entry.y // 200)].append(entry)

    def known(self, text: str) -> Known:
        """Every name of the city."""
        return self._known

    def streets(self, keys: Sequence[str]) -> Streets:
        """See Gazetteer."""
        return {k: self._streets[k] for k in keys if k in self._streets}

    def branches(self, keys: Sequence[str]) -> Branches:
        """See Gazetteer."""
        return {k: self._branches[k] for k in keys if k in self._branches}

    def named(self, keys: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
        """See Gazetteer."""
        return {k: self._named[k] for k in keys if k in self._named}

    def area(self, name: str) -> Entry | None:
        """See Gazetteer."""
        return self._districts.get(name)

    def similar(self, name: str, limit: int = 5) -> Sequence[tuple[Entry, float]]:
        """See Gazetteer."""
        shared = Counter(i for piece in bigrams(name) for i in self._pieces.get(piece, ()))
        pool = [self._fuzzy[i] for i, _ in shared.most_common(_FUZZY_POOL)]
        return _most_similar(name, pool, limit)

    def near(self, x: float, y: float, within_m: float) -> Sequence[tuple[Entry, float]]:
        """See Gazetteer."""
        reach = range(-math.ceil(within_m / 200), math.ceil(within_m / 200) + 1)
        column, row = int(x // 200), int(y // 200)
        entries = (e for i in reach for j in reach for e in self._grid.get((column + i, row + j), ()))
        found = [(e, math.hypot(e.x - x, e.y - y)) for e in entries]
        return sorted((f for f in found if f[1] <= within_m), key=lambda f: f[1])


_COLUMNS: Final = (
    "pk",
    "kind",
    "name",
    "area_key",
    "road_key",
    "number",
    "sub_number",
    "point",
    "accuracy_m",
    "source_rank",
)


class DatabaseGazetteer:
    """Indexed queries for one text: at most seven statements, whatever the size of the city."""

    def __init__(self) -> None:
        self._areas: dict[str, list[Entry]] | None = None

    def _area_index(self) -> dict[str, list[Entry]]:
        if self._areas is None:
            self._areas = defaultdict(list)
            areas = Area.objects.filter(level__in=AREA_LEVELS).select_related("parent")
            for name, entry in _area_entries(areas):
                self._areas[name].append(entry)
        return self._areas

    def known(self, text: str) -> Known:
        """Areas of the city, and roads whose name stands in this text."""
        levels: dict[str, set[str]] = {level: set() for level in AREA_LEVELS}
        for name, entries in self._area_index().items():
            for entry in entries:
                levels[entry.kind[5:]].add(name)
        tails = _road_tails(keyed(text).text)
        roads = Place.objects.filter(road_key__in=tails).values_list("road_key", flat=True).distinct()
        return Known(
            districts=frozenset(levels["district"]),
            subdistricts=frozenset(levels["subdistrict"]),
            communities=frozenset(levels["community"]),
            roads=frozenset(roads) if tails else frozenset(),
        )

    def streets(self, keys: Sequence[str]) -> Streets:
        """See Gazetteer."""
        found: dict[str, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        for entry, _ in _entries(Place.objects.filter(road_key__in=keys, number__isnull=False)):
            found[entry.road_key][entry.area_key].append(entry)
        for by_area in found.values():
            for doors in by_area.values():
                doors.sort(key=_by_number)
        return found

    def branches(self, keys: Sequence[str]) -> Branches:
        """See Gazetteer."""
        found: dict[str, dict[str, list[Branch]]] = defaultdict(lambda: defaultdict(list))
        houses = Place.objects.filter(parent_key__in=keys, number__isnull=False)
        for entry, _ in _entries(houses):
            parent, lane = branch_of(entry.road_key)
            if lane is not None:
                found[parent][entry.area_key].append(Branch(lane, entry))
        for lanes in found.values():
            for branches in lanes.values():
                branches.sort(key=_by_lane)
        return found

    def named(self, keys: Sequence[str]) -> Mapping[str, Sequence[Entry]]:
        """See Gazetteer."""
        wanted, areas = set(keys), self._area_index()
        found: dict[str, list[Entry]] = defaultdict(list)
        for name in wanted & areas.keys():
            found[name].extend(areas[name])
        places = Place.objects.filter(keys__overlap=list(wanted)).exclude(kind=Place.Kind.DOORPLATE)
        for entry, names in _entries(places):
            for name in wanted.intersection(names):
                found[name].append(entry)
        return found

    def area(self, name: str) -> Entry | None:
        """See Gazetteer."""
        return next((e for e in self._area_index().get(name, ()) if e.kind == "area:district"), None)

    def similar(self, name: str, limit: int = 5) -> Sequence[tuple[Entry, float]]:
        """See Gazetteer."""
        pieces = bigrams(name)
        rows = (
            Place.objects.filter(bigrams__overlap=pieces, kind__in=_FUZZY_KINDS)
            .annotate(letters=Length("name"), shared=_Shared(F("bigrams"), Value(pieces, output_field=_PIECES)))
            .filter(letters__gte=len(name) - 2)
            .order_by("-shared", "pk")[:_FUZZY_POOL]
        )
        return _most_similar(name, [(k, e) for e, names in _entries(rows) for k in names], limit)

    def near(self, x: float, y: float, within_m: float) -> Sequence[tuple[Entry, float]]:
        """See Gazetteer."""
        here = Point(x, y, srid=settings.CITY.srid)
        named = Place.objects.exclude(name="")  # a building without a name is drawn, but nobody can say it
        rows = named.filter(point__dwithin=(here, within_m)).order_by(GeometryDistance("point", here))[:_NEAREST]
        found = [(e, math.hypot(e.x - x, e.y - y)) for e, _ in _entries(rows)]
        return sorted(found, key=lambda f: f[1])


class _Shared(Func):
    """How many pieces of the column are among the given ones."""

    template = "(SELECT count(*) FROM unnest(%(expressions)s))"
    arg_joiner = ") AS piece WHERE piece = ANY("
    output_field = models.IntegerField()


def _entries(rows: "QuerySet[Place]") -> Iterator[tuple[Entry, list[str]]]:
    for row in rows.values_list(*_COLUMNS, "keys"):
        values: tuple[Any, ...] = row
        *head, point, accuracy_m, source_rank, keys = values
        yield Entry._make((*head, point.x, point.y, accuracy_m, source_rank)), keys


def _by_number(entry: Entry) -> tuple[int, int, int, float, float]:
    return entry.number or 0, entry.sub_number or 0, entry.source_rank, entry.x, entry.y


def _by_lane(branch: Branch) -> tuple[int, int, int, int, float, float]:
    return branch.lane, *_by_number(branch.entry)


def _road_tails(text: str) -> list[str]:
    """Every piece of a key text that could be a road: two to nine characters up to an ending, with section."""
    tails: set[str] = set()
    for match in ROAD_END.finditer(text):
        section = re.match(r",?(\d{1,2}段)", text[match.end() :])
        for start in range(max(0, match.end() - 9), match.end() - 1):
            tails.add(text[start : match.end()])
            if section:
                tails.add(text[start : match.end()] + section[1])
    return sorted(tails)


def _most_similar(name: str, pool: Sequence[tuple[str, Entry]], limit: int) -> list[tuple[Entry, float]]:
    """The nearest by typing mistakes: one in up to seven characters, two in up to twelve, then three."""
    mistakes = 1 + (len(name) > 7) + (len(name) > 12)
    best = process.extract(
        name, [k for k, _ in pool], scorer=Levenshtein.distance, limit=limit * 3, score_cutoff=mistakes
    )
    found: dict[tuple[int | None, str], tuple[Entry, float]] = {}
    for candidate, distance, index in best:
        entry = pool[index][1]
        likeness = 1 - distance / max(len(name), len(candidate))
        found.setdefault((entry.id, entry.name), (entry, likeness))
    return list(found.values())[:limit]
