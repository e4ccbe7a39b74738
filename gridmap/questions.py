"""What an address asks the gazetteer: keys of streets, names and crossings.

Pure.
"""

import re
from collections.abc import Iterator
from typing import Final

from gridmap.addresses import Address
from gridmap.placekeys import crossing_key
from gridmap.wholeroads import without_section

SECTIONS: Final = tuple(f"{i}段" for i in range(1, 8))
_LONGEST_NAME: Final = 14
_NO_NAME: Final = re.compile(r"[\d.~-]*[号楼段]?[\d-]*")


def street_keys(a: Address) -> Iterator[str]:
    """Keys of streets that the address may name, with each section where it tells none."""
    yield from a.streets
    for base in filter(None, (a.road, a.locality)):
        if a.alley and a.lane:
            yield f"{base}{a.lane}巷"
        yield base
    if a.road and not a.road.endswith("段"):
        tail = a.street.removeprefix(a.road)
        yield from (a.road + section + tail for section in SECTIONS)
    for pair in filter(None, (a.crossing, a.between)):
        yield from pair


def name_keys(a: Address) -> Iterator[str]:
    """Keys of names that the address may hold: places, roads, areas, crossings."""
    yield from a.names
    if a.building:
        for name in filter(None, (*a.names, a.village)):
            yield from (f"{name}{a.building}{end}" for end in ("号楼", "栋", "幢"))
    yield from a.whole
    yield from a.streets
    yield from filter(None, (a.road, a.locality, a.village, a.subdistrict, a.district))
    if a.road and not a.road.endswith("段"):
        yield from (a.road + section for section in SECTIONS)
    for text in a.starts:
        yield from (text[:end] for end in range(3, len(text) + 1))
    for run in a.runs:
        for start in range(len(run) - 1):
            for end in range(start + 2, min(len(run), start + _LONGEST_NAME) + 1):
                if not _NO_NAME.fullmatch(run[start:end]):
                    yield run[start:end]
    for one, other in crossing_pairs(a):
        yield crossing_key(one, other)


def crossing_pairs(a: Address) -> Iterator[tuple[str, str]]:
    """Pairs of roads that meet by the address, with and without their sections."""
    pairs = [a.crossing] if a.crossing else [(a.road, road) for road in a.between or ()]
    for one, other in pairs:
        for first in dict.fromkeys((one, without_section(one))):
            for second in dict.fromkeys((other, without_section(other))):
                yield first, second
