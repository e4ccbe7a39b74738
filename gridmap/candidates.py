"""Everything in the gazetteer that an address may mean, each with level, fit and uncertainty."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Final

import numpy as np

from gridmap.addresses import Address
from gridmap.answers import Candidate, Level, Reason, reason
from gridmap.entries import Branches, Entry, Gazetteer, Streets
from gridmap.normalise import figures, key
from gridmap.numbers import STREET, SURVEYED, VILLAGE, Estimate, Row, estimate
from gridmap.placekeys import branch_of, crossing_key, house_number
from gridmap.questions import SECTIONS, name_keys, street_keys
from gridmap.wholeroads import holding_m, wholes, without_section

# first guesses of the 90 % radius, metres; numbers.py has those of house numbers
NAMED_M: Final = {"poi": 100.0, "compound": 90.0, "building": 40.0, "crossing": 300.0, "water": 300.0, "green": 150.0}
SURVEYED_M: Final = NAMED_M | {"poi": 50.0, "crossing": 40.0}  # lists say where a truck stops, a survey where it is
BESIDE_NUMBER_M: Final = 300.0  # where a number is given too, a name often tells only what is near
CROSSING_M: Final = 110.0  # where the known numbers of two streets come closest …
CROSSING_SHARE: Final = 0.6  # … and more, the farther they are apart there
LANE_M: Final = 220.0
FIRST_HOUSE: Final = 10  # where a lane is meant as a whole and none of its houses is known
CERTAIN_COST: Final = 150.0  # below it a number needs no comparison with its whole road
NEIGHBOUR: Final = 0.3  # fit of a place in another district than the text says
OTHER_AREA: Final = 0.7  # fit of a place outside the area the asker works in
AREA_TIMES: Final = 1.5  # an area stretches further than a circle as large as it is
FAR_AREA: Final = 0.02
OTHER_AREA_M: Final = 600.0  # a number found in another district than the stated one
STRAY_M: Final = 1000.0
ROAD_M: Final = 1000.0  # a whole road, plus 0.9 of its half length
CLOSE_TO_ROAD_M: Final = 250.0
FARTHEST_CROSSING_M: Final = 400.0
FORMER: Final = 0.9  # fit of a former name: a place that is called so today goes first

_NAMED_LEVEL: Final = {
    "poi": Level.POI, "compound": Level.COMPOUND, "building": Level.BUILDING, "crossing": Level.CROSSING,
    "water": Level.POI, "green": Level.POI, "district": Level.VILLAGE,
}  # fmt: skip
_NUMBER_LEVEL: Final = {
    "exact": (Level.DOORPLATE, 1.0),
    "same_number": (Level.NEAR_NUMBER, 0.9),
    "between": (Level.INTERPOLATED, 0.85),
    "next_to": (Level.NEAR_NUMBER, 0.75),
    "beside": (Level.NEAR_NUMBER, 0.7),
    "mouth": (Level.LANE, 0.7),
}
_SENTENCE: Final = {"mouth": "lane_mouth"}
Named = Mapping[str, Sequence[Entry]]
_Street = tuple[str, float, tuple[Reason, ...]]  # its key, how well it fits, and why it is asked
_VAGUE: Final = (Level.ROAD, Level.VILLAGE, Level.DISTRICT)
_ITSELF: Final = (Level.DOORPLATE, Level.POI, Level.COMPOUND, Level.BUILDING, Level.CROSSING, Level.LANE, Level.ROAD)


class Search:
    """One address against one gazetteer: three questions to it, more where nothing sharp is found."""

    def __init__(self, address: Address, gazetteer: Gazetteer, near: str) -> None:
        self.address, self.gazetteer, self.near = address, gazetteer, near
        self.streets: Streets = {}
        self.branches: Branches = {}

    def candidates(self) -> list[Candidate]:
        """All of them, unordered; what was given up before the day only where nothing sharp is left."""
        found = self._open()
        if all(c.level in _VAGUE for c in found) and (closed := self.gazetteer.closed()):
            given_up = Search(self.address, closed, self.near)._open()
            found += [
                replace(c, why=(*c.why, reason("closed", place=c.matched)))
                for c in given_up
                if c.place_id is not None and c.level in _ITSELF
            ]
        return found

    def _open(self) -> list[Candidate]:
        keys = list(dict.fromkeys(street_keys(self.address)))
        if keys:
            self.streets = self.gazetteer.streets(keys)
            self.branches = self.gazetteer.branches(list(dict.fromkeys(branch_of(k)[0] or k for k in keys)))
        found = list(self._numbers())
        if any(c.level == Level.DOORPLATE and c.score > 0.9 for c in found):
            return found
        if all(c.cost > CERTAIN_COST for c in found):
            found += [*self._lanes(), *self._roads()]
        named = self.gazetteer.named(list(dict.fromkeys(name_keys(self.address))))
        found += [*self._renamed(named), *self._crossings(named), *self._names(named), *self._areas(named)]
        if all(c.uncertainty_m > 100 or c.score < 0.5 or self._partly(c) for c in found):
            found += self._similar()
        return found

    def _partly(self, candidate: Candidate) -> bool:
        """Whether a name explains only a piece of a text that may be one longer name."""
        return bool(candidate.name and self.address.whole) and candidate.name not in self.address.whole

    # how well an area fits

    def _fit(self, area: str, x: float, y: float) -> tuple[float, tuple[Reason, ...]]:
        """How well a place fits the stated or current area: people name the neighbouring district by mistake,
        never one across the city."""
        wanted = self.address.district or self.near
        if not wanted or not area:
            return (1.0 if not wanted else 0.9), ()
        if area in (wanted, self.near, self.address.subdistrict):
            return 1.0, (reason("same_area", area=area),)
        weight = NEIGHBOUR if self.address.district else OTHER_AREA
        stated = self.gazetteer.area(wanted) if self.address.district else None
        if stated and math.hypot(x - stated.x, y - stated.y) > 1.5 * stated.accuracy_m + STRAY_M:
            weight = FAR_AREA
        return weight, (reason("other_area", found=area, area=wanted),)

    # the candidates

    def _numbers(self) -> Iterator[Candidate]:
        a = self.address
        streets: list[_Street]
        streets = [(street, 0.95**i, ()) for i, street in enumerate(a.streets)]
        if a.road and not a.road.endswith("段") and a.street not in self.streets:
            tail = a.street.removeprefix(a.road)
            for section in SECTIONS:
                street = a.road + section + tail
                streets.append((street, 0.6, (reason("section_missing", street=a.road + section),)))
        yield from self._on_streets(streets)

    def _renamed(self, named: Named) -> Iterator[Candidate]:
        """The number on a street that is asked by its former name."""
        a = self.address
        streets: list[_Street] = []
        for entry in named.get(a.road, ()) if house_number(a) is not None else ():
            if entry.kind in ("road", "lane") and (why := self._former(a.road, entry)):
                streets += [(entry.road_key + s.removeprefix(a.road), FORMER, (why,)) for s in a.streets[:1]]
        if streets:
            keys = [street for street, _, _ in streets]
            self.streets = {**self.streets, **self.gazetteer.streets(keys)}
            self.branches = {**self.branches, **self.gazetteer.branches([branch_of(k)[0] or k for k in keys])}
            yield from self._on_streets(streets)

    def _former(self, name: str, entry: Entry) -> Reason | None:
        until = entry.was_called(name, self.gazetteer.day)
        if until is None:
            return None
        if until:
            return reason("former_name_until", name=name, found=entry.name, until=until)
        return reason("former_name", name=name, found=entry.name)

    def _on_streets(self, streets: Sequence[_Street]) -> Iterator[Candidate]:
        a = self.address
        number = house_number(a)
        if number is None:
            return
        for street, weight, first in streets:
            for area, row in self._rows(street):
                found = estimate(row, number, a.sub_number, STREET if a.road or a.lane else VILLAGE)
                if found:
                    fit, why = self._fit(area, found.x, found.y)
                    yield self._numbered(street, area, number, found, weight * fit, (*first, *why))

    def _rows(self, street: str) -> Iterator[tuple[str, Row]]:
        """What is known about a street, area by area."""
        parent, lane = branch_of(street)
        doors, above = self.streets.get(street, {}), self.streets.get(parent, {})
        lanes = self.branches.get(parent or street, {})
        wanted = self.address.district
        # a street that the stated district has is not looked for elsewhere
        for area in (wanted,) if wanted in doors else dict.fromkeys((*doors, *above, *lanes)):
            yield area, Row(doors.get(area, ()), lane, above.get(area, ()), lanes.get(area, ()))

    def _numbered(
        self, street: str, area: str, wanted: int, found: Estimate, weight: float, why: tuple[Reason, ...]
    ) -> Candidate:
        level, score = _NUMBER_LEVEL[found.code]
        number = _number_text(wanted, self.address.sub_number)
        params: dict[str, str | int | float] = {"street": street, "number": number}
        place = found.entries[0] if found.code not in ("between", "mouth") else None
        if found.code == "between":
            below, above = found.entries[0], found.entries[-1]
            params = {"number": number, "below": below.number or 0, "above": above.number or 0}
        elif found.code == "mouth":
            parent, lane = branch_of(street)
            params = {"road": parent, "lane": lane or 0}
        elif place and found.code != "exact":
            before = place.road_key if found.code == "beside" else ""
            params["found"] = f"{before}{_number_text(place.number, place.sub_number)}号"
        if place and place.source_rank > SURVEYED:
            why = (reason("learned"), *why)
        radius = found.uncertainty_m
        if any(step.code == "other_area" for step in why):
            radius += OTHER_AREA_M
        return Candidate(
            found.x, found.y, level, score * weight, radius, f"{street}{number}号",
            place.id if place else None, area, (reason(_SENTENCE.get(found.code, found.code), **params), *why),
        )  # fmt: skip

    def _lanes(self) -> Iterator[Candidate]:
        """A lane without a number, or of whose number nothing is known: its known houses, else its mouth."""
        a = self.address
        lane = f"{a.road or a.locality}{a.lane}巷" if a.lane else ""
        for street in dict.fromkeys((*a.streets, lane) if a.number is None else (lane,)):
            if not branch_of(street)[0] or (a.number is not None and street in a.streets):
                continue
            for area, row in self._rows(street):
                if row.doors:
                    yield self._spread(
                        Level.LANE, row.doors, LANE_M, "lane", 0.75, area, street=street, count=len(row.doors)
                    )
                elif found := estimate(row, FIRST_HOUSE, None):
                    fit, why = self._fit(area, found.x, found.y)
                    yield replace(self._numbered(street, area, FIRST_HOUSE, found, fit, why), matched=street)

    def _roads(self) -> Iterator[Candidate]:
        a = self.address
        bases = [a.road] if a.road else [b for b in (a.locality, a.village) if b]
        level = Level.ROAD if a.road else Level.VILLAGE
        if a.road and not a.road.endswith("段"):
            bases += [a.road + section for section in SECTIONS]
        together: dict[tuple[str, str], list[Entry]] = defaultdict(list)  # sections of one road are one road
        for base in bases:
            for area, doors in self.streets.get(base, {}).items():
                together[a.road or base, area] += doors
        for (road, area), doors in together.items():
            yield self._spread(level, doors, ROAD_M, "road", 0.5, area, road=road)

    def _spread(
        self, level: Level, doors: Sequence[Entry], at_least: float, code: str, score: float, area: str,
        **params: str | int | float,
    ) -> Candidate:  # fmt: skip
        x, y = median([e.x for e in doors]), median([e.y for e in doors])
        far = sorted([math.hypot(e.x - x, e.y - y) for e in doors])[int(len(doors) * 0.9)]
        fit, why = self._fit(area, x, y)
        matched = str(params.get("street") or params.get("road"))
        return Candidate(
            x, y, level, score * fit, at_least + 0.9 * far, matched, None, area, (reason(code, **params), *why)
        )

    def _crossings(self, named: Named) -> Iterator[Candidate]:
        a = self.address
        if a.between and a.road:
            yield from self._stretch(named, a.road, a.between)
        if a.crossing:
            yield from self._crossing(named, *a.crossing)

    def _crossing(self, named: Named, one: str, other: str) -> Iterator[Candidate]:
        asked = {crossing_key(x, y) for x in (one, without_section(one)) for y in (other, without_section(other))}
        entries = {e.id or e.name: e for k in asked for e in named.get(k, ()) if e.kind == "crossing"}
        for entry in entries.values():
            fit, why = self._fit(entry.area_key, entry.x, entry.y)
            yield Candidate(
                entry.x, entry.y, Level.CROSSING, 0.95 * fit, _named_m(entry), entry.name,
                entry.id, entry.area_key, (reason("crossing", one=one, other=other), *why),
            )  # fmt: skip
        if not entries and (closest := self._closest(one, other)):
            yield closest

    def _closest(self, one: str, other: str) -> Candidate | None:
        """Two streets meet about where their known numbers come closest, in the same area."""
        best: tuple[float, Entry, Entry] | None = None
        for area, doors in self.streets.get(one, {}).items():
            others = self.streets.get(other, {}).get(area, ())
            if not others:
                continue
            here, there = (np.array([(door.x, door.y) for door in side]) for side in (doors, others))
            away = np.hypot(*(here[:, None] - there).transpose(2, 0, 1))
            i, j = divmod(int(away.argmin()), len(others))
            if best is None or away[i, j] < best[0]:
                best = (float(away[i, j]), doors[i], others[j])
        if best is None or best[0] > FARTHEST_CROSSING_M:
            return None
        apart, mine, theirs = best
        fit, why = self._fit(mine.area_key, mine.x, mine.y)
        return Candidate(
            (mine.x + theirs.x) / 2, (mine.y + theirs.y) / 2, Level.CROSSING, 0.8 * fit,
            CROSSING_M + CROSSING_SHARE * apart, f"{one}{other}口", None, mine.area_key,
            (reason("closest", one=one, other=other, metres=round(apart)), *why),
        )  # fmt: skip

    def _stretch(self, named: Named, road: str, ends: tuple[str, str]) -> Iterator[Candidate]:
        corners = [min(self._crossing(named, road, end), key=lambda c: c.cost, default=None) for end in ends]
        first, last = corners
        if first is None or last is None:
            return
        half = math.hypot(first.x - last.x, first.y - last.y) / 2
        why = reason("between_roads", road=road, one=ends[0], other=ends[1])
        yield Candidate(
            (first.x + last.x) / 2, (first.y + last.y) / 2, Level.CROSSING, min(first.score, last.score),
            half + first.uncertainty_m, road, None, first.area, (why,),
        )  # fmt: skip

    def _names(self, named: Named) -> Iterator[Candidate]:
        roads: dict[Entry, str] = {}
        for name, entries in named.items():
            vague = self._is_address(name) or without_section(name) == self.address.road
            if not vague and name in self.address.road:
                continue  # 西仓 is not meant where 西仓路 is said
            for entry in entries:
                if vague and entry.kind in ("poi", "crossing"):
                    continue  # a stop that is called like its road or district
                if entry.kind in _NAMED_LEVEL and not (entry.kind == "crossing" and self.address.crossing):
                    former = self._former(name, entry)
                    first = former or reason("name", name=name, found=entry.name)
                    yield self._name(name, entry, FORMER if former else 1.0, first)
                elif entry.kind in ("road", "lane") and (not self.address.road or vague):
                    roads.setdefault(entry, name)
        yield from self._whole_roads(roads)

    def _is_address(self, name: str) -> bool:
        """Whether a name is only areas, road and lane of the address."""
        a = self.address
        rest = name
        for area in filter(None, (a.district, a.subdistrict, a.village)):
            rest = rest.rpartition(area)[2]  # the city may stand before the district
        whole_road = len(rest) >= len(without_section(a.road))
        return not rest or any(
            street.startswith(rest) and (whole_road or rest == a.road[: len(rest)]) for street in a.streets
        )

    def _name(self, name: str, entry: Entry, likeness: float, first: Reason) -> Candidate:
        fit, why = self._fit(entry.area_key, entry.x, entry.y)
        weight, on_road = self._road_fit(entry)
        # two characters say little, eight are no coincidence
        length = min(1.0, 0.6 + 0.08 * len(name))
        radius = _named_m(entry)
        if self.address.number is not None:
            radius = max(radius, BESIDE_NUMBER_M)
        whole = min(map(len, self.address.whole), default=len(name))
        share = min(1.0, len(name) / whole)
        score = 0.95 * likeness * fit * weight * length * (0.7 + 0.3 * share)
        return Candidate(
            entry.x, entry.y, _NAMED_LEVEL[entry.kind], score, radius, entry.name, entry.id, entry.area_key,
            (first, *on_road, *why), name=name,
        )  # fmt: skip

    def _road_fit(self, entry: Entry) -> tuple[float, tuple[Reason, ...]]:
        """Whether a named place lies on the road that the text names."""
        road = self.address.road
        if not road:
            return 0.95, ()
        if entry.road_key.startswith(road):
            return 1.0, (reason("on_road", road=road),)
        doors = [door for by_area in self.streets.get(road, {}).values() for door in by_area]
        if not doors:
            return 0.7, ()
        near = min(math.hypot(door.x - entry.x, door.y - entry.y) for door in doors)
        if near <= CLOSE_TO_ROAD_M:
            return 0.95, (reason("near_road", road=road),)
        return 0.4, (reason("off_road", road=road),)

    def _whole_roads(self, roads: Mapping[Entry, str]) -> Iterator[Candidate]:
        """Roads and lanes as a whole, by the name that was asked; without a section, over all of them."""
        for entry, radius, sections in wholes(roads):
            fit, why = self._fit(entry.area_key, entry.x, entry.y)
            doors = self.streets.get(entry.road_key, {})
            own = [door for area in ((entry.area_key,) if entry.area_key else doors) for door in doors.get(area, ())]
            former = self._former(roads[entry], entry)
            if sections > 1:
                road = without_section(entry.road_key)
                why = (reason("sections", road=road, count=sections), *why)
            else:
                road = entry.name
                why = (reason("road", road=road), *why)
            level = Level.LANE if entry.kind == "lane" else Level.ROAD
            yield Candidate(
                entry.x, entry.y, level, 0.6 * fit * (FORMER if former else 1.0),
                max(radius, holding_m(entry, own)), road, entry.id, entry.area_key, (former, *why) if former else why,
            )  # fmt: skip

    def _areas(self, named: Named) -> Iterator[Candidate]:
        a = self.address
        for name, level, score in (
            (a.village or a.locality, Level.VILLAGE, 0.5),
            (a.subdistrict, Level.DISTRICT, 0.4),
            (a.district, Level.DISTRICT, 0.4),
        ):
            for entry in named.get(name, ()) if name else ():
                if entry.kind.startswith("area:"):
                    fit, why = self._fit(entry.area_key, entry.x, entry.y) if level == Level.VILLAGE else (1.0, ())
                    yield Candidate(
                        entry.x, entry.y, level, score * fit, AREA_TIMES * entry.accuracy_m, entry.name, None,
                        entry.area_key, (reason("village", area=entry.name), *why),
                    )  # fmt: skip

    def _similar(self) -> Iterator[Candidate]:
        """Names with a typing mistake; a name of the text that is in the gazetteer has none."""
        for name in dict.fromkeys((*self.address.whole, *[n for n in self.address.names if len(n) >= 3][:1])):
            for entry, likeness in self.gazetteer.similar(name):
                if likeness < 1 and figures(name) == figures(key(entry.name)):  # 140巷 is not 150巷 mistyped
                    first = reason("similar", name=name, found=entry.name, percent=round(likeness * 100))
                    yield self._name(name, entry, likeness, first)


def _named_m(entry: Entry) -> float:
    known = SURVEYED_M if entry.source_rank < SURVEYED else NAMED_M
    return max(known.get(entry.kind, 100.0), entry.accuracy_m)


def _number_text(number: int | None, sub_number: int | None) -> str:
    return f"{number}-{sub_number}" if sub_number else f"{number}"
