"""The only door for coordinates: every reference system in and out of the city's own metres.

Who is shifted by GCJ-02 and BD-09: the mainland, Hong Kong and Macao. Taiwan's main island is not (AMap and Tencent
publish it unshifted, and its own data is TWD97, which is WGS84 within centimetres); nor is anything abroad. Baidu's
own manual counts Taiwan in for BD-09, and Google draws Hong Kong and Macao unshifted: data of theirs from there has to
be stated as what it is. The published border is made of boxes (`_INSIDE`, `_OUTSIDE`); at its edge two places, one
inside and one some 500 m away outside, get the same coordinate: the inverse answers with the one inside.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.contrib.gis.geos import Point
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

Coordinates = npt.NDArray[np.float64]  # shape (n, 2): x east or longitude, y north or latitude
Mask = npt.NDArray[np.bool_]


class Datum(StrEnum):
    """What a coordinate's numbers mean; "EPSG:n" says it for any other reference system."""

    WGS84 = "wgs84"  # phones, GeoJSON
    GCJ02 = "gcj02"  # AMap, Tencent
    BD09 = "bd09"  # Baidu
    CGCS2000 = "cgcs2000"  # EPSG:4490, degrees
    CITY = "city"  # the city's own metres, settings.CITY.srid


class DatumError(ValueError):
    """A datum nobody knows, or coordinates that cannot be in the stated datum."""


# The published border of the shift: (south, west, north, east) boxes that hold it, and boxes cut out of them again.
# The first box cut out is Taiwan; the others lie in Vietnam and Laos, Mongolia and Russia. Penghu, Kinmen and Matsu lie
# inside the shift, the islands south of 17.87° outside of it.
_INSIDE: Final = (
    (42.8899, 79.4462, 49.2204, 96.3300),
    (39.3742, 109.6872, 54.1415, 135.0002),
    (29.5297, 73.1246, 42.8899, 124.143255),
    (26.7186, 82.9684, 29.5297, 97.0352),
    (20.414096, 97.0253, 29.5297, 124.367395),
    (17.871542, 107.975793, 20.414096, 111.744104),
)
_OUTSIDE: Final = (
    (21.785006, 119.921265, 25.398623, 122.497559),
    (20.0988, 101.8652, 22.2840, 106.6650),
    (20.4878, 106.4525, 21.5422, 108.0510),
    (50.3257, 109.0323, 55.8175, 119.1270),
    (49.5574, 127.4568, 55.8175, 137.0227),
    (42.5692, 131.2662, 44.8922, 137.0227),
)
_A: Final = 6378245.0  # Krasovsky 1940, metres: GCJ-02 was defined on it
_EE: Final = 0.00669342162296594323
_BD: Final = np.pi * 3000.0 / 180.0
# a Gauss-Krüger strip is still good to millimetres this far outside its area of use, degrees
_MARGIN: Final = 3.0
# CGCS2000 Gauss-Krüger: strips of 3 and 6 degrees, by zone (easting with the zone's number in front) and by meridian:
# width → (first zone, first meridian, EPSG of the first zone, EPSG of the first meridian, how many)
_STRIPS: Final = {3: (25, 75, 4513, 4534, 21), 6: (13, 75, 4491, 4502, 11)}
_STRIP_NAME: Final = re.compile(
    r"cgcs2000\W*(?:gk(?P<short>[36])|(?P<long>[36])\W*(?:degree|度)|gauss|高斯)\D*?(?P<number>\d{2,3})\D*"
)


def shifted_area(lonlat: Coordinates, margin: float = 0.0) -> Mask:
    """Which WGS84 points lie where GCJ-02 and BD-09 shift positions; never on Taiwan's main island or abroad.

    A point on the edge of a box lies in it; `margin` (degrees) widens what is shifted.
    """
    lon, lat = lonlat[:, 0], lonlat[:, 1]

    def held(boxes: tuple[tuple[float, float, float, float], ...], by: float) -> Mask:
        inside = np.zeros(len(lonlat), dtype=bool)
        for south, west, north, east in boxes:
            inside |= (lat >= south - by) & (lat <= north + by) & (lon >= west - by) & (lon <= east + by)
        return inside

    result: Mask = held(_INSIDE, margin) & ~held(_OUTSIDE, -margin)
    return result


def _gcj_offset(lonlat: Coordinates) -> Coordinates:
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root, wave = np.sqrt(np.abs(x)), (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    lat = np.radians(lonlat[:, 1])
    magic = 1 - _EE * np.sin(lat) ** 2
    return np.column_stack(
        (
            np.degrees(east / (_A / np.sqrt(magic) * np.cos(lat))),
            np.degrees(north / (_A * (1 - _EE) / (magic * np.sqrt(magic)))),
        )
    )


def _gcj_from_wgs(lonlat: Coordinates) -> Coordinates:
    return lonlat + _gcj_offset(lonlat)


def _bd_from_gcj(lonlat: Coordinates) -> Coordinates:
    x, y = lonlat[:, 0], lonlat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))


def _bd_from_wgs(lonlat: Coordinates) -> Coordinates:
    return _bd_from_gcj(_gcj_from_wgs(lonlat))


def _shift(lonlat: Coordinates, forward: Callable[[Coordinates], Coordinates]) -> Coordinates:
    with np.errstate(invalid="ignore"):
        return np.where(shifted_area(lonlat)[:, None], forward(lonlat), lonlat)


def _unshift(lonlat: Coordinates, forward: Callable[[Coordinates], Coordinates]) -> Coordinates:
    """Exact inverse by fixed-point steps: the shift changes by < 0.1 % per metre, so 12 steps are exact."""
    guess = lonlat
    with np.errstate(invalid="ignore"):
        for _ in range(12):
            guess = guess + (lonlat - forward(guess))
        # a point on the very edge comes back a hair beside it: one millimetre more belongs to the inside
        return np.where(shifted_area(guess, 1e-8)[:, None], guess, lonlat)


def parse_datum(text: str) -> str:
    """The canonical name of a datum: a Datum value or "EPSG:n"; raises DatumError for anything else.

    Strips of CGCS2000 are also known by name: "cgcs2000-gk3:120" and "CGCS2000 3度带 120E" mean the central meridian
    120°E without zone prefix (EPSG:4549), "cgcs2000-gk3:40" and "CGCS2000 / 3-degree Gauss-Kruger zone 40" the zone
    whose eastings begin with 40 (EPSG:4528); gk6 those of 6 degrees. A vertical or geocentric code is none for a map.
    """
    name = text.strip().lower().replace("_", "")
    plain = name.replace("-", "")
    aliases = {"gcj": "gcj02", "bd": "bd09", "bd09ll": "bd09", "epsg:4326": "wgs84", "epsg:4490": "cgcs2000"}
    plain = aliases.get(plain, plain)
    if plain in set(Datum):
        return plain
    code = plain.removeprefix("epsg:") if plain.startswith("epsg:") else str(_strip_code(name) or "")
    if not (code.isascii() and code.isdigit()):
        raise DatumError(f"unknown datum {text!r}: one of {', '.join(Datum)}, EPSG:<number> or cgcs2000-gk3:<meridian>")
    found = _crs(f"EPSG:{int(code)}")
    if len(found.axis_info) != 2 or not (found.is_geographic or found.is_projected):
        raise DatumError(f"EPSG:{code} ({found.name}) is no reference system of plane or geographic coordinates")
    return f"EPSG:{int(code)}"


def _strip_code(name: str) -> int | None:
    """EPSG code of a Gauss-Krüger strip of CGCS2000 by its name in words; None where it is no such name."""
    match = _STRIP_NAME.fullmatch(name)
    if match is None:
        return None
    width, number = int(match["short"] or match["long"] or 6), int(match["number"])
    zone, meridian, by_zone, by_meridian, count = _STRIPS[width]
    if zone <= number < zone + count:
        return by_zone + number - zone
    steps, rest = divmod(number - meridian, width)
    return by_meridian + steps if rest == 0 and 0 <= steps < count else None


@lru_cache(maxsize=64)
def _crs(definition: str) -> CRS:
    try:
        return CRS.from_user_input(definition)
    except CRSError as error:
        raise DatumError(f"unknown reference system {definition!r}") from error


def _counts_as_wgs84(crs: CRS) -> bool:
    """CGCS2000 itself and its strips; a city's own PROJ string means WGS84 unless it says otherwise by +towgs84."""
    base = crs.geodetic_crs
    return crs.to_authority() is None or (base is not None and base.to_epsg() == 4490)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    # PROJ would take positions of an old datum over as they are, 100 m wrong: only published transformations count
    guessing = _counts_as_wgs84(_crs(source)) or _counts_as_wgs84(_crs(target))
    try:
        # always_xy: EPSG:4490 and 4549 are defined north first, the database keeps x = east
        return Transformer.from_crs(_crs(source), _crs(target), always_xy=True, allow_ballpark=guessing)
    except ProjError as error:
        words = "no published transformation; have the data converted to CGCS2000 first"
        raise DatumError(f"between {source} and {target} there is {words}") from error


def _city() -> str:
    return str(settings.CITY.proj or f"EPSG:{settings.CITY.srid}")


def _system(datum: str) -> str:
    """PROJ's name of a datum whose coordinates PROJ can read."""
    name = parse_datum(datum)
    return _city() if name == Datum.CITY else name


def _as_pairs(xy: npt.ArrayLike) -> Coordinates:
    pairs = np.asarray(xy, dtype=np.float64)
    if pairs.ndim == 1 and pairs.shape == (2,):
        pairs = pairs[None, :]
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise DatumError(f"coordinates must be pairs of x and y, found an array of shape {pairs.shape}")
    return pairs


def _project(pairs: Coordinates, source: str, target: str) -> Coordinates:
    if source == target:
        return pairs
    x, y = _transformer(source, target).transform(pairs[:, 0], pairs[:, 1])
    return np.column_stack((x, y))


def to_wgs84(xy: npt.ArrayLike, datum: str, *, strict: bool = True) -> Coordinates:
    """WGS84 longitude, latitude of coordinates in a named datum, shape (n, 2).

    CGCS2000 counts as WGS84: the two differ by centimetres. With `strict` impossible coordinates raise
    DatumError naming the first one; otherwise their rows become NaN.
    """
    pairs, name = _as_pairs(xy), _system(datum)
    if name in (Datum.WGS84, Datum.CGCS2000):
        result = pairs
    elif name == Datum.GCJ02:
        result = _unshift(pairs, _gcj_from_wgs)
    elif name == Datum.BD09:
        result = _unshift(pairs, _bd_from_wgs)
    else:
        result = _project(pairs, name, "EPSG:4326")
    return _refuse(pairs, result, _on_earth(result) & _in_use(result, name), name, strict)


def from_wgs84(lonlat: npt.ArrayLike, datum: str, *, strict: bool = True) -> Coordinates:
    """Coordinates in a named datum of WGS84 longitude, latitude; the inverse of `to_wgs84`."""
    pairs, name = _as_pairs(lonlat), _system(datum)
    good = _on_earth(pairs) & _in_use(pairs, name)
    if name in (Datum.WGS84, Datum.CGCS2000):
        result = pairs
    elif name == Datum.GCJ02:
        result = _shift(pairs, _gcj_from_wgs)
    elif name == Datum.BD09:
        result = _shift(pairs, _bd_from_wgs)
    else:
        result = _project(np.where(good[:, None], pairs, np.nan), "EPSG:4326", name)
        good &= np.isfinite(result).all(axis=1)
    return _refuse(pairs, result, good, name, strict)


def to_city(xy: npt.ArrayLike, datum: str, *, strict: bool = True) -> Coordinates:
    """Metres in the city's SRID of coordinates in a named datum, shape (n, 2).

    Raises DatumError for a latitude beyond 90°, NaN, or a place outside the area of the city's projection;
    with `strict=False` such rows become NaN instead.
    """
    name = parse_datum(datum)
    if name == Datum.CITY or _system(name) == _city():
        pairs = _as_pairs(xy)
        to_wgs84(pairs, Datum.CITY, strict=strict)
        return pairs
    return from_wgs84(to_wgs84(xy, name, strict=strict), Datum.CITY, strict=strict)


def from_city(xy: npt.ArrayLike, datum: str) -> Coordinates:
    """Coordinates in a named datum of metres in the city's SRID, shape (n, 2)."""
    if _system(datum) == _city():
        return _as_pairs(xy)
    return from_wgs84(to_wgs84(xy, Datum.CITY), datum)


def point_from(lon: float, lat: float, datum: str) -> Point:
    """A GEOS point in the city's SRID of one coordinate; DatumError when it cannot be in that datum."""
    x, y = to_city((lon, lat), datum)[0]
    return Point(float(x), float(y), srid=settings.CITY.srid)


def lonlat(point: Point) -> tuple[float, float]:
    """WGS84 longitude, latitude of a point in the city's SRID, to 7 decimals (1 cm)."""
    if point.srid not in (None, settings.CITY.srid):
        raise DatumError(f"expected a point in SRID {settings.CITY.srid}, found {point.srid}")
    lon, lat = from_city((point.x, point.y), Datum.WGS84)[0]
    return round(float(lon), 7), round(float(lat), 7)


def disagreement_m(xy: npt.ArrayLike, crs: str, datum: str) -> float | None:
    """How far apart, metres, a file's own reference (EPSG:n or WKT) and a stated datum put the same numbers.

    None where the file says nothing of use: nothing at all, or degrees, which GCJ-02 and BD-09 are called as well.
    Infinite where the numbers mean no place in one of the two.
    """
    try:
        own = _crs(crs) if crs else None
    except DatumError:
        return None
    if own is None or own.is_geographic or own.is_engineering:
        return None
    pairs = _as_pairs(xy)
    there = to_wgs84(pairs, datum, strict=False)
    here = _project(pairs, crs, "EPSG:4326")
    scale = np.column_stack((np.cos(np.radians(here[:, 1])), np.ones(len(here)))) * 111_195.0
    apart = np.hypot(*((here - there) * scale).T)
    return float(np.median(np.where(np.isfinite(apart), apart, np.inf))) if len(apart) else None


def _on_earth(lonlat: Coordinates) -> Mask:
    with np.errstate(invalid="ignore"):
        good: Mask = (np.abs(lonlat[:, 0]) <= 180) & (np.abs(lonlat[:, 1]) <= 90)
    return good


def _in_use(lonlat: Coordinates, name: str) -> Mask:
    everywhere = np.ones(len(lonlat), dtype=bool)
    if name in set(Datum):
        return everywhere
    area = _crs(name).area_of_use
    if area is None:
        return everywhere
    west, east = area.west - _MARGIN, area.east + _MARGIN
    south, north = area.south - _MARGIN, area.north + _MARGIN
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    with np.errstate(invalid="ignore"):
        across = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
        good: Mask = across & (lat >= south) & (lat <= north)
    return good


def _refuse(pairs: Coordinates, result: Coordinates, good: Mask, name: str, strict: bool) -> Coordinates:
    if good.all():
        return result
    if strict:
        row = int(np.argmin(good))
        x, y = pairs[row]
        raise DatumError(
            f"row {row}: ({x:.10g}, {y:.10g}) cannot be a place in {name}: outside its area{_hint(name, x, y)}"
        )
    return np.where(good[:, None], result, np.nan)


def _hint(name: str, x: float, y: float) -> str:
    """What is usually wrong with such a coordinate: a zone prefix too many or too few, or north before east."""
    code = int(name[5:]) if name.startswith("EPSG:") else 0
    for zone, _meridian, by_zone, by_meridian, count in _STRIPS.values():
        if code in range(by_zone, by_zone + count) and 0 < x < 1e6:
            return f"; the easting has no zone prefix: EPSG:{by_meridian + code - by_zone}?"
        if code in range(by_meridian, by_meridian + count) and int(x // 1e6) in range(zone, zone + count):
            return f"; the easting begins with a zone: EPSG:{by_zone + int(x // 1e6) - zone}?"
    if code == 0 and abs(y) > 90 >= abs(x):
        return "; latitude and longitude the wrong way round?"
    return ""
