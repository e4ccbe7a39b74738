"""Reads the file that says which city this installation serves."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

CITIES = Path(__file__).resolve().parent.parent / "fixtures" / "cities"
CUSTOM_SRIDS = range(990000, 999000)
LEVELS = ("city", "district", "subdistrict", "community")
LONGEST_CODE = 16


class CityFileError(Exception):
    """The city file is missing or says something impossible; the text names file, key and reason."""


@dataclass(frozen=True)
class City:
    """One city's reference system, codes, zone and profile; every length in the database is metres in `srid`."""

    key: str
    name: str
    name_en: str
    srid: int
    proj: str  # empty where srid is an EPSG code
    zone: ZoneInfo
    database: str
    profile: str
    # digits of a code at each level, cumulative: {"city": 4, "district": 6, ...}
    area_digits: dict[str, int]
    cell_digits: int  # digits of the running number inside a community
    centre: tuple[float, float]  # WGS84 longitude, latitude, where maps open
    zoom: int
    language: str
    mapping: dict[str, Any] = field(default_factory=dict, repr=False)
    # digits of a component's code: district, major, minor, serial; empty: 6 + 2 + 2 + 6 of the standard
    component_digits: dict[str, int] = field(default_factory=dict)
    hotline: str = ""  # the number that residents call, told on the public pages


def _need(data: dict[str, Any], key: str, kind: type, path: Path) -> Any:  # noqa: ANN401 - TOML values
    value = data.get(key)
    if not isinstance(value, kind):
        raise CityFileError(f"{path}: '{key}' must be a {kind.__name__}, found {value!r}")
    return value


def _area_digits(digits: dict[str, Any], path: Path) -> dict[str, int]:
    """Digits of the code at each level, from the city down: whole codes, so each level has more than the one above."""
    unknown = sorted(digits.keys() - set(LEVELS))
    if unknown or not digits:
        raise CityFileError(f"{path}: 'area_digits' names levels of {', '.join(LEVELS)}, found {', '.join(unknown)}")
    found = {level: digits[level] for level in LEVELS if level in digits}
    counts = list(found.values())
    if not all(isinstance(count, int) and 1 <= count <= LONGEST_CODE for count in counts):
        raise CityFileError(f"{path}: 'area_digits' are whole numbers from 1 to {LONGEST_CODE}, found {digits}")
    if counts != sorted(set(counts)):
        raise CityFileError(f"{path}: 'area_digits' are of whole codes: each level has more than the one above")
    return found


def load_city(name_or_path: str) -> City:
    """Read `fixtures/cities/<name>.toml`, or the file at a path.

    Raises CityFileError with file, key and reason when something is missing or impossible.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        if not re.fullmatch(r"[a-z0-9_]+", name_or_path):
            raise CityFileError(f"GRIDMAP_CITY={name_or_path!r}: neither a name nor the path of a .toml file")
        path = CITIES / f"{name_or_path}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CityFileError(f"GRIDMAP_CITY: cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CityFileError(f"{path}: not a TOML file: {error}") from error
    srid, proj = _need(data, "srid", int, path), data.get("proj", "")
    if proj and srid not in CUSTOM_SRIDS:
        raise CityFileError(f"{path}: a PROJ string needs a 'srid' from 990000 to 998999, found {srid}")
    database = _need(data, "database", str, path)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,50}", database):
        raise CityFileError(f"{path}: 'database' must be lower-case letters, digits and _, found {database!r}")
    try:
        zone = ZoneInfo(_need(data, "zone", str, path))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CityFileError(f"{path}: 'zone' is not a time zone: {data['zone']!r}") from error
    codes = _need(data, "codes", dict, path)
    map_ = _need(data, "map", dict, path)
    return City(
        key=path.stem,
        name=_need(data, "name", str, path),
        name_en=data.get("name_en", data["name"]),
        srid=srid,
        proj=proj,
        zone=zone,
        database=database,
        profile=data.get("profile", "default"),
        area_digits=_area_digits(_need(codes, "area_digits", dict, path), path),
        cell_digits=_need(codes, "cell_digits", int, path),
        centre=(float(map_["longitude"]), float(map_["latitude"])),
        zoom=int(map_.get("zoom", 14)),
        language=data.get("language", "zh-hans"),
        mapping={k: v for k, v in data.items() if isinstance(v, dict | list) and k not in ("codes", "map")},
        component_digits=_component_digits(codes, path),
        hotline=_hotline(data, path),
    )


def _component_digits(codes: dict[str, Any], path: Path) -> dict[str, int]:
    digits = codes.get("component_digits", {})
    if not isinstance(digits, dict) or not set(digits) <= {"district", "major", "minor", "serial"}:
        raise CityFileError(f"{path}: 'component_digits' has district, major, minor and serial, found {digits!r}")
    if not all(isinstance(value, int) and 1 <= value <= 12 for value in digits.values()):
        raise CityFileError(f"{path}: 'component_digits' must be numbers from 1 to 12, found {digits!r}")
    return dict(digits)


def _hotline(data: dict[str, Any], path: Path) -> str:
    number = data.get("hotline", "")
    if not isinstance(number, str) or not re.fullmatch(r"[0-9+ -]{0,20}", number):
        raise CityFileError(f"{path}: 'hotline' must be a telephone number as text, found {number!r}")
    return number
