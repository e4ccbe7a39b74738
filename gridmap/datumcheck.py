"""Whether coordinates are in the datum that they are said to be in: compared with what is loaded.

A wrong datum of Chinese maps is a shift of some 500 m (GCJ-02) or 1,100 m (BD-09) that every reader takes for WGS84.
Each evidence is judged in every reading: the file as stated, the file in each other datum, and what is loaded in each
other datum. No queries here: shapes and keys come in, a finding goes out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.datums import Coordinates, Datum, from_wgs84, parse_datum, to_city, to_wgs84

FILE, LOADED = "file", "loaded"
SUSPECTS: Final = (Datum.WGS84, Datum.GCJ02, Datum.BD09)
DEGREES: Final = (Datum.WGS84, Datum.CGCS2000, Datum.GCJ02, Datum.BD09)
MOST: Final = 20_000  # compared rows: more only cost time
FAR_M: Final = 2_000.0  # pairs further apart than this are not the same thing
SAME_M: Final = 20.0  # readings that move nothing further than this are one reading
FEWEST: Final = 10  # points that can tell anything
CLEARLY: Final = 3.0  # how many times more rows must fit better than worse, and how many standard deviations

Errors = npt.NDArray[np.float64]
Turn = Callable[[Coordinates], Coordinates]


class Reading(NamedTuple):
    """What could be meant: the coordinates of the file, or of what is loaded, are in this datum."""

    who: str
    datum: str


@dataclass(frozen=True)
class Fit:
    """How well one reading fits: share of rows (or of ground) that agrees, and the median distance in metres."""

    who: str
    datum: str
    agrees: float | None = None
    metres: float | None = None
    better: int = 0  # rows that fit better than as stated
    worse: int = 0


@dataclass(frozen=True)
class Finding:
    """The result of one comparison; `suspect` is the reading that fits clearly better than the stated one."""

    evidence: str  # "district", "shape" or "twin"
    rows: int
    stated: str
    fits: tuple[Fit, ...]
    suspect: Fit | None = None

    def as_json(self) -> dict[str, Any]:
        """For the report of an import."""
        return asdict(self)


def turns(stated: str) -> dict[Reading, Turn]:
    """Every reading with the function that makes the city's metres of the file's own numbers; the stated one first.

    Numbers of a projected reference are unprojected first: somebody may have projected GCJ-02 degrees.
    """
    name = parse_datum(stated)

    def degrees(xy: Coordinates) -> Coordinates:
        return xy if name in DEGREES else to_wgs84(xy, name, strict=False)

    def file_in(datum: str) -> Turn:
        return lambda xy: to_city(degrees(xy), datum, strict=False)

    def loaded_in(datum: str) -> Turn:
        def turn(xy: Coordinates) -> Coordinates:
            shifted = from_wgs84(to_wgs84(xy, name, strict=False), datum, strict=False)
            return to_city(shifted, Datum.WGS84, strict=False)

        return turn

    found: dict[Reading, Turn] = {Reading(FILE, name): lambda xy: to_city(xy, name, strict=False)}
    plain = Datum.WGS84 if name not in (Datum.GCJ02, Datum.BD09) else name
    found |= {Reading(FILE, datum): file_in(datum) for datum in SUSPECTS if datum != plain}
    return found | {Reading(LOADED, datum): loaded_in(datum) for datum in SUSPECTS[1:]}


def by_district(
    points: Sequence[BaseGeometry], keys: Sequence[str], polygons: Mapping[str, BaseGeometry], stated: str
) -> Finding | None:
    """Rows that state their area: does the point lie in the polygon of that area? None where nothing can be said.

    `points` are in the file's own numbers; `polygons` are what is loaded, by the same keys, in the city's metres.
    """
    rows = [i for i, key in enumerate(keys) if key in polygons]
    if not rows:
        return None
    rows = rows[:: -(-len(rows) // MOST)]
    corners = shapely.get_coordinates([points[i] for i in rows])
    names = np.array([keys[i] for i in rows], dtype=object)
    errors: dict[Reading, Errors] = {}
    for reading, turn in _told_apart(corners, stated).items():
        xy, wrong = turn(corners), np.ones(len(rows))
        for name in set(names):
            mine = names == name
            wrong[mine] = ~shapely.contains_xy(polygons[name], xy[mine])
        errors[reading] = wrong
    return _judged("district", errors, lambda error, _: (float(1 - error.mean()), None))


def by_loaded_points(
    shapes: Mapping[str, BaseGeometry], points: Mapping[str, Coordinates], stated: str
) -> Finding | None:
    """The other way round: polygons of a file, and loaded points (city's metres) that state these keys."""
    names = [name for name in shapes if len(points.get(name, ()))]
    if not names:
        return None
    count = sum(len(points[name]) for name in names)
    step = -(-count // MOST)
    corners = shapely.get_coordinates([shapes[name] for name in names])
    errors: dict[Reading, Errors] = {}
    for reading, turn in _told_apart(corners, stated).items():
        moved = [shapely.make_valid(shapely.transform(shapes[name], turn)) for name in names]
        hits = [~shapely.contains_xy(shape, points[name][::step]) for shape, name in zip(moved, names, strict=True)]
        errors[reading] = np.concatenate(hits).astype(np.float64)
    return _judged("district", errors, lambda error, _: (float(1 - error.mean()), None))


def by_shape(shapes: Mapping[str, BaseGeometry], loaded: Mapping[str, BaseGeometry], stated: str) -> Finding | None:
    """Areas of the same code or name: how much ground of both together is not shared, and how far the middles lie."""
    names = [name for name in shapes if name in loaded]
    if not names:
        return None
    known = [shapely.make_valid(loaded[name]) for name in names]
    middles = shapely.get_coordinates([shapely.centroid(shape) for shape in known])
    corners = shapely.get_coordinates([shapes[name] for name in names])
    errors: dict[Reading, Errors] = {}
    metres: dict[Reading, float] = {}
    for reading, turn in _told_apart(corners, stated).items():
        moved = [shapely.make_valid(shapely.transform(shapes[name], turn)) for name in names]
        both = shapely.area(shapely.union(moved, known))
        errors[reading] = 1 - shapely.area(shapely.intersection(moved, known)) / both
        centres = shapely.get_coordinates([shapely.centroid(shape) for shape in moved])
        metres[reading] = float(np.median(np.hypot(*(centres - middles).T)))
    return _judged("shape", errors, lambda error, reading: (float(1 - error.mean()), metres[reading]))


def by_twin(points: Sequence[BaseGeometry], twins: Sequence[tuple[float, float]], stated: str) -> Finding | None:
    """Things of the same code or name: how far the file's point lies from the loaded one (city's metres)."""
    if not points:
        return None
    step = -(-len(points) // MOST)
    corners, known = shapely.get_coordinates(list(points[::step])), np.array(twins[::step], dtype=np.float64)
    found = {reading: np.hypot(*(turn(corners) - known).T) for reading, turn in _told_apart(corners, stated).items()}
    near = np.nanmin(np.array(list(found.values())), axis=0) < FAR_M
    if not near.any():
        return None
    errors = {reading: error[near] for reading, error in found.items()}
    return _judged("twin", errors, lambda error, _: (None, float(np.median(error))))


def _told_apart(corners: Coordinates, stated: str) -> dict[Reading, Turn]:
    """The readings that make a difference here: where nothing is shifted there is only the stated one."""
    sample = corners[:: max(1, len(corners) // 500)]
    found = turns(stated)
    (first, turn), *others = found.items()
    base = turn(sample)

    def moves(other: Turn) -> bool:
        apart = np.hypot(*(other(sample) - base).T)
        return bool(np.isfinite(apart).any() and np.nanmedian(apart) > SAME_M)

    return {first: turn} | {reading: other for reading, other in others if moves(other)}


def _judged(
    evidence: str,
    errors: Mapping[Reading, Errors],
    figures: Callable[[Errors, Reading], tuple[float | None, float | None]],
) -> Finding | None:
    """The finding; None where there is only one reading, or so few rows that they prove nothing."""
    (stated, base), *others = errors.items()
    if not others or (evidence != "shape" and len(base) < FEWEST):
        return None
    least = 1.0 if evidence == "twin" else 0.001
    fits = []
    for reading, error in errors.items():
        agrees, metres = figures(error, reading)
        better, worse = int((error < base - least).sum()), int((error > base + least).sum())
        fits.append(
            Fit(
                reading.who,
                reading.datum,
                None if agrees is None else round(agrees, 4),
                None if metres is None else round(metres, 1),
                better,
                worse,
            )
        )
    clear = [fit for fit, error in zip(fits[1:], list(errors.values())[1:], strict=True) if _clearly(fit, base, error)]
    best = max(clear, key=lambda fit: (fit.agrees or 0.0, -(fit.metres or 0.0)), default=None)
    return Finding(evidence, len(base), stated.datum, tuple(fits), best)


def _clearly(fit: Fit, base: Errors, error: Errors) -> bool:
    """Many more rows fit better than worse, beyond chance; for a few shapes also less than half of the misfit."""
    many = fit.better - fit.worse >= CLEARLY * np.sqrt(fit.better + fit.worse) and fit.better >= FEWEST
    few = bool(np.nanmean(error) <= np.nanmean(base) / 2)
    return fit.better > CLEARLY * fit.worse and (bool(many) if len(base) >= FEWEST else few)
