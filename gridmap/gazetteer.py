"""Where candidates for an address come from: a city in memory for bulk, indexed queries for one text."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Any, Final

import shapely
from django.conf import settings
from django.contrib.gis.db.models.functions import GeometryDistance
from django.contrib.gis.geos import Point
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, QuerySet, Value
from django.db.models.functions import Length
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein
from shapely.geometry.base import BaseGeometry

from gridmap.addresses import Known
from gridmap.entries import Branch, Branches, Entry, Gazetteer, Streets, area_entries, entry_of, former_keys
from gridmap.models import Area, Place
from gridmap.models.place import PlaceQuerySet
from gridmap.normalise import bigrams, keyed
from gridmap.placekeys import BASE, ROAD_END, branch_of, crossing_key, keys_of, place_row, settle_roads
from gridmap.shapes import to_shapely

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


class MemoryGazetteer:
    """A whole city in memory: no SQL while geocoding; for imports, measures and anything in bulk."""

    def __init__(self, day: date | None = None) -> None:
        self.day = day
        self._closed: MemoryGazetteer | None = None
        self._lines: list[tuple[Entry, BaseGeometry]] = []
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
    def load(cls, places: Iterable[Place], areas: Iterable[Area] = (), day: date | None = None) -> "MemoryGazetteer":
        """From Place rows, saved or made by `place_row`, and areas (with `select_related("parent")`), as of a day."""
        found = cls(day)
        closed = found._add_all(place for place in places if place.name)
        for name, entry in area_entries(areas):
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
        if closed:
            found._closed = cls.load(closed)
            found._closed._districts = found._districts
        found._known = Known(
            districts=frozenset(found._areas["district"]),
            subdistricts=frozenset(found._areas["subdistrict"]),
            communities=frozenset(found._areas["community"]),
            roads=frozenset(found._roads),
        )
        return found

    @classmethod
    def from_database(cls, day: date | None = None) -> "MemoryGazetteer":
        """Every place and area of the city's database, as of a day."""
        areas = Area.objects.filter(level__in=AREA_LEVELS).select_related("parent")
        drawn = Place.objects.lines().defer("bigrams")
        others = Place.objects.exclude(pk__in=drawn.values("pk")).defer("geom", "bigrams")
        return cls.load(chain(others.iterator(chunk_size=5000), drawn.iterator(chunk_size=500)), areas, day)

    def _add_all(self, places: Iterable[Place]) -> list[Place]:
        """Add the places of the day; returns those given up before it."""
        closed: list[Place] = []
        doubles: list[Place] = []
        first: dict[int, Entry] = {}
        for place in places:
            if self.day is not None and place.valid_to is not None and place.valid_to < self.day:
                closed.append(place)
            elif place.same_as_id is not None:
                doubles.append(place)
            else:
                first[place.pk] = entry = entry_of(place)
                self._add(entry, place.keys)
                if place.length_m and place.geom is not None:
                    self._lines.append((entry, to_shapely(place.geom)))
        for place in doubles:
            own = entry_of(place)
            self._add_number(own)
            self._add_names(first.get(place.same_as_id or 0, own), place.keys)
        return closed

    def _add(self, entry: Entry, keys: Sequence[str]) -> None:
        self._add_number(entry)
        self._add_names(entry, keys)
        self._grid[int(entry.x // 200), int(entry.y // 200)].append(entry)

    def _add_number(self, entry: Entry) -> None:
        if entry.road_key and entry.number is not None:
            self._streets[entry.road_key][entry.area_key].append(entry)
            parent, lane = branch_of(entry.road_key)
            if lane is not None:
                self._branches[parent][entry.area_key].append(Branch(lane, entry))
        if entry.road_key and (base := BASE.match(entry.road_key)):
            self._roads.update((base[1], _SECTION.sub("", base[1])))

    def _add_names(self, entry: Entry, keys: Sequence[str]) -> None:
        if entry.kind != Place.Kind.DOORPLATE:
            for name in keys:
                self._named[name].append(entry)
        if entry.kind in _FUZZY_KINDS:
            for name in keys:
                for piece in bigrams(name):
                    self._pieces[piece].append(len(self._fuzzy))
                self._fuzzy.append((name, entry))

    def closed(self) -> "MemoryGazetteer | None":
        """See Gazetteer."""
        return self._closed

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

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree([line for _, line in self._lines])

    def line(self, x: float, y: float, within_m: float) -> tuple[Entry, float] | None:
        """See Gazetteer."""
        positions, metres = self._tree.query_nearest(
            shapely.Point(x, y), max_distance=within_m, return_distance=True, all_matches=False
        )
        return (self._lines[int(positions[0])][0], float(metres[0])) if len(positions) else None


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
    "length_m",
    "former_names",
)
_FIRST: Final = tuple(f"same_as__{column}" for column in _COLUMNS)


class DatabaseGazetteer:
    """Indexed queries for one text, whatever the size of the city: at most seven statements.

    Two more where a street is asked by its former name, and five where only a place given up could be meant.
    """

    def __init__(self, day: date | None = None) -> None:
        self.day = day
        self._areas: dict[str, list[Entry]] | None = None
        self._places: PlaceQuerySet = Place.objects.on(day)

    @cached_property
    def _closed(self) -> "DatabaseGazetteer | None":
        if self.day is None or not (places := Place.objects.closed(self.day)).exists():
            return None
        found = DatabaseGazetteer()
        found._places = places
        found._areas = {
            name: kept
            for name, entries in self._area_index().items()
            if (kept := [e for e in entries if e.kind == "area:district"])
        }
        return found

    def closed(self) -> "DatabaseGazetteer | None":
        """See Gazetteer."""
        return self._closed

    def _area_index(self) -> dict[str, list[Entry]]:
        if self._areas is None:
            self._areas = defaultdict(list)
            areas = Area.objects.filter(level__in=AREA_LEVELS).select_related("parent")
            for name, entry in area_entries(areas):
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
        for entry, _ in _entries(self._places.filter(road_key__in=keys, number__isnull=False)):
            found[entry.road_key][entry.area_key].append(entry)
        for by_area in found.values():
            for doors in by_area.values():
                doors.sort(key=_by_number)
        return found

    def branches(self, keys: Sequence[str]) -> Branches:
        """See Gazetteer."""
        found: dict[str, dict[str, list[Branch]]] = defaultdict(lambda: defaultdict(list))
        houses = self._places.filter(parent_key__in=keys, number__isnull=False)
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
        places = self._places.filter(keys__overlap=list(wanted)).exclude(kind=Place.Kind.DOORPLATE)
        for entry, names in _answering(places):
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
            self._places.filter(bigrams__overlap=pieces, kind__in=_FUZZY_KINDS)
            .annotate(letters=Length("name"), shared=_Shared(F("bigrams"), Value(pieces, output_field=_PIECES)))
            .filter(letters__gte=len(name) - 2)
            .order_by("-shared", "pk")[:_FUZZY_POOL]
        )
        return _most_similar(name, [(k, e) for e, names in _answering(rows) for k in names], limit)

    def near(self, x: float, y: float, within_m: float) -> Sequence[tuple[Entry, float]]:
        """See Gazetteer."""
        here = Point(x, y, srid=settings.CITY.srid)
        # a building without a name is drawn, but nobody can say it
        named = self._places.filter(same_as=None).exclude(name="")
        rows = named.filter(point__dwithin=(here, within_m)).order_by(GeometryDistance("point", here))[:_NEAREST]
        found = [(e, math.hypot(e.x - x, e.y - y)) for e, _ in _entries(rows)]
        return sorted(found, key=lambda f: f[1])

    def line(self, x: float, y: float, within_m: float) -> tuple[Entry, float] | None:
        """See Gazetteer."""
        here = Point(x, y, srid=settings.CITY.srid)
        drawn = self._places.lines().filter(same_as=None, geom__dwithin=(here, within_m))
        nearest = drawn.annotate(away=GeometryDistance("geom", here)).order_by("away")[:1]
        found = list(nearest.values_list(*_COLUMNS, "away"))
        return (_entry(found[0][:-1]), float(found[0][-1])) if found else None


class _Shared(Func):
    """How many pieces of the column are among the given ones."""

    template = "(SELECT count(*) FROM unnest(%(expressions)s))"
    arg_joiner = ") AS piece WHERE piece = ANY("
    output_field = models.IntegerField()


def _entry(values: Sequence[Any]) -> Entry:
    *head, point, accuracy_m, source_rank, length_m, former = values
    return Entry._make((*head, point.x, point.y, accuracy_m, source_rank, length_m, former_keys(former)))


def _entries(rows: "QuerySet[Place]") -> Iterator[tuple[Entry, list[str]]]:
    """Each place at its own point; one that another list tells better has the id of that one."""
    for row in rows.values_list(*_COLUMNS, "same_as_id", "keys"):
        values: tuple[Any, ...] = row
        *own, same_as, keys = values
        yield _entry((same_as or own[0], *own[1:])), keys


def _answering(rows: "QuerySet[Place]") -> Iterator[tuple[Entry, list[str]]]:
    """The places that answer: for one that another list tells better, that one, under the names of both."""
    for row in rows.values_list(*_COLUMNS, *_FIRST, "keys"):
        values: tuple[Any, ...] = row
        own, first, keys = values[: len(_COLUMNS)], values[len(_COLUMNS) : -1], values[-1]
        yield _entry(own if first[0] is None else first), keys


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
