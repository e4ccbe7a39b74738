"""Fills the matching keys of gazetteer rows: one way for all importers, the same as the geocoder's questions."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

import shapely
from django.contrib.gis.geos import GEOSGeometry, Point

from gridmap.addresses import Address, parse
from gridmap.models import Place
from gridmap.normalise import bigrams, key
from gridmap.shapes import to_shapely

BASE: Final = re.compile(r"^(.+?(?:大道|大街|公路|路|街|胡同)(?:\d{1,2}段)?)")  # the road of a street key
ROAD_END: Final = re.compile(r"大道|大街|公路|路|街|胡同|巷")
# a lane and its number on the street that it leaves: 永大路2段|205巷, 长乐路|462弄, 大武街525巷|54弄
BRANCH: Final = re.compile(r"^(.+?)(\d{1,4})(?:-\d+)?[巷弄]$")
WHOLE_ROAD_M: Final = 300.0
DERIVED: Final = ("keys", "bigrams", "area_key", "road_key", "parent_key", "branch", "number", "sub_number", "length_m")
_BRACKET: Final = re.compile(r"[(（][^()（）]*[)）]?")


def crossing_key(one: str, other: str) -> str:
    """The key of a crossing, the same for both orders of its roads."""
    first, second = sorted((key(one), key(other)))
    return f"{first}&{second}"


def keys_of(kind: str, name: str, aliases: Iterable[str] = ()) -> list[str]:
    """Every matching key under which a place is found: names, aliases, without brackets, crossing in one order."""
    keys: dict[str, None] = {}
    for text in (name, *aliases):
        keys.setdefault(key(text))
        if kind in (Place.Kind.POI, Place.Kind.COMPOUND, Place.Kind.BUILDING):
            bare = _BRACKET.sub("", text)
            # "安北路(四季公园口)" is not called 安北路
            if bare != text and not (ROAD_END.search(key(bare)) or parse(bare).street):
                keys.setdefault(key(bare))
        elif kind == Place.Kind.CROSSING and (crossing := parse(text).crossing):
            keys.setdefault(crossing_key(*crossing))
    return [k[:100] for k in keys if k]


def branch_of(road_key: str) -> tuple[str, int | None]:
    """The street that a lane leaves and the lane's number on it; nothing for a street."""
    match = BRANCH.match(road_key)
    return (match[1], int(match[2])) if match else ("", None)


def house_number(address: Address) -> int | None:
    """The number on the street; 文化中路62号楼 and 802弄1号楼 have it in the number of the building."""
    if address.number is None and address.road and address.building.isdigit():
        return int(address.building)
    return address.number


def _kind_of(read: Address, name: str) -> str:
    if read.crossing and read.number is None:
        return Place.Kind.CROSSING
    if house_number(read) is not None and read.street:
        return Place.Kind.DOORPLATE
    if not (read.road and key(name).endswith(read.street)):
        return Place.Kind.POI
    # "北区小东路" is some point of the road, not a place called so
    return Place.Kind.LANE if read.lane else Place.Kind.ROAD


def place_row(
    kind: str | None,
    name: str,
    point: Point,
    *,
    source: str,
    address: str = "",
    area: str = "",
    aliases: Sequence[str] = (),
    former_names: Mapping[str, str] | None = None,
    geom: GEOSGeometry | None = None,
    accuracy_m: float = 10,
    source_rank: int = 2,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Place:
    """An unsaved Place with every key filled, the one way for all importers; `point` in the city's SRID.

    `address` may be empty where the name is the address ("大安街331号"); `area` is the district or town in
    any spelling, else the one in the address. Without `kind`: a number makes a doorplate, two roads a
    crossing, anything else a point of interest. `former_names` gives the last day of each, "2019-05-01" or nothing.
    """
    read = parse(address or name)
    if kind is None:
        kind = _kind_of(read, name)
        if kind in (Place.Kind.ROAD, Place.Kind.LANE):
            accuracy_m = max(accuracy_m, WHOLE_ROAD_M)
    is_road = kind in (Place.Kind.ROAD, Place.Kind.LANE)
    keys = keys_of(kind, name, (*aliases, *(former_names or ())))
    if is_road and not address:
        keys = list(dict.fromkeys((read.street or keys[0], *keys)))
    road_key = (keys[0] if is_road and not address else read.street)[:60]
    parent_key, branch = branch_of(road_key)
    return Place(
        kind=kind,
        name=name[:100],
        keys=keys,
        bigrams=sorted({piece for k in keys for piece in bigrams(k)}),
        aliases=list(aliases),
        former_names=dict(former_names or {}),
        address=address[:200],
        area_key=(key(area) or read.district)[:40],
        road_key=road_key,
        parent_key=parent_key,
        branch=branch,
        number=None if is_road else house_number(read),
        sub_number=None if is_road else read.sub_number,
        point=point,
        geom=geom,
        length_m=length_of(geom, point) if is_road else 0,
        accuracy_m=accuracy_m,
        source_rank=source_rank,
        source=source,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def derive(place: Place) -> None:
    """Fill the keys of a place anew from what a person edits: name, other names, address, area and shape. Not saved."""
    row = place_row(
        place.kind, place.name, place.point, source=place.source, address=place.address, area=place.area_key,
        aliases=place.aliases, former_names=place.former_names, geom=place.geom,
    )  # fmt: skip
    for name in DERIVED:
        setattr(place, name, getattr(row, name))


def length_of(geom: GEOSGeometry | None, point: Point) -> float:
    """How long a road is that is drawn as lines, metres; 0 for anything else.

    Carriageways side by side count once: nobody is farther along the road than twice from its middle to its end.
    """
    if geom is None or geom.dims != 1:
        return 0.0
    farthest = shapely.hausdorff_distance(to_shapely(geom), to_shapely(point))
    return min(float(geom.length), 2 * float(farthest))


def settle_roads(places: Sequence[Place]) -> int:
    """Shorten road keys that swallowed words before the road, where the shorter road is well known.

    Lists write "徐老師前中正南路205巷56號"; a road named once whose tail is a road named three times more often
    is that road. Returns how many places changed. Call before saving a whole list.
    """
    bases = Counter(base[1] for place in places if (base := BASE.match(place.road_key)))
    changed = 0
    for place in places:
        base = BASE.match(place.road_key)
        if not base or bases[base[1]] > 2 or place.kind in (Place.Kind.ROAD, Place.Kind.LANE):
            continue
        for start in range(1, len(base[1]) - 2):
            tail = base[1][start:]
            if bases[tail] >= 3 * bases[base[1]]:
                place.road_key = tail + place.road_key[len(base[1]) :]
                place.parent_key, place.branch = branch_of(place.road_key)
                changed += 1
                break
    return changed
