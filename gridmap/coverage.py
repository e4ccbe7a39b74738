"""Cleans areas as one coverage, and says what it changed one by one: pure geometry, metres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

SNAP_M = 0.001  # vertices closer than this are the same vertex
GAP_M = 5.0  # holes between areas that are narrower than this are survey noise, not land of nobody
SLIVER_M2 = 1.0  # a detached part below this is noise too
NOTED_M2 = 0.01  # changes below this are rounding


class NoGroundError(ValueError):
    """An area of which nothing is left; `code` says which, so that a loader can go on without it."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


class Change(NamedTuple):
    """One mended thing: code of the area, what happened, how many square metres."""

    code: str
    what: str
    m2: float


@dataclass(frozen=True)
class Cleaned:
    """The areas after cleaning, in the order of the input, and every change."""

    shapes: dict[str, MultiPolygon]
    changes: list[Change]


def clean(shapes: Mapping[str, BaseGeometry], gap_m: float = GAP_M) -> Cleaned:
    """Make areas valid and fit them together: no overlap, no gap narrower than `gap_m`, every edge shared exactly.

    Overlaps go to the neighbour with the longest common border; parts below 1 m² go to the area around them.
    Raises NoGroundError for an area without any ground, ValueError when the result is no valid coverage at 1 mm.
    """
    codes = list(shapes)
    changes: list[Change] = []
    valid = np.array([_valid(code, shapes[code], changes) for code in codes], dtype=object)
    fitted = _without_slivers(codes, clean_shapes(valid, gap_m), gap_m, changes)
    for code, before, after in zip(codes, valid, fitted, strict=True):
        if after.is_empty:
            raise NoGroundError(code, "nothing is left of this area, another one covers it")
        gained, lost = (float(shapely.difference(*pair).area) for pair in ((after, before), (before, after)))
        if gained >= NOTED_M2:
            changes.append(Change(code, "gained from gaps and overlaps", round(gained, 2)))
        if lost >= NOTED_M2:
            changes.append(Change(code, "lost from overlaps", round(lost, 2)))
    if not is_clean(list(fitted)):
        raise ValueError("the areas cannot be fitted together at 1 mm")
    return Cleaned({code: _multi(shape) for code, shape in zip(codes, fitted, strict=True)}, changes)


def is_clean(shapes: Sequence[BaseGeometry], gap_m: float = SNAP_M) -> bool:
    """Whether the areas form a valid coverage: no overlap, all edges shared, no gap narrower than `gap_m` (1 mm)."""
    return bool(shapely.coverage_is_valid(np.array(shapes, dtype=object), gap_width=gap_m))


def clean_shapes(shapes: np.ndarray, gap_m: float = 0.0) -> np.ndarray:
    """The bare cleaning: corners within 1 mm become one, edges are shared, overlaps go to the longest border."""
    cleaned: np.ndarray = shapely.coverage_clean(  # type: ignore[attr-defined]
        shapes, gap_width=gap_m, snapping_distance=SNAP_M
    )
    return cleaned


def joined(shapes: Sequence[BaseGeometry]) -> MultiPolygon:
    """A parent as the sum of its children, which must be a clean coverage."""
    return _multi(shapely.union_all(np.array(shapes, dtype=object)))


def _valid(code: str, shape: BaseGeometry, changes: list[Change]) -> BaseGeometry:
    if shape.is_valid:
        mended = shape
    else:
        mended = shapely.make_valid(shape)
        changed = abs(float(mended.area - shape.area))
        changes.append(Change(code, f"made valid: {shapely.is_valid_reason(shape)}", round(changed, 2)))
    parts = [part for part in _pieces(mended) if part.area > 0]
    if not parts:
        raise NoGroundError(code, "has no area")
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _without_slivers(codes: Sequence[str], shapes: np.ndarray, gap_m: float, changes: list[Change]) -> np.ndarray:
    kept = shapes.copy()
    for i, (code, shape) in enumerate(zip(codes, shapes, strict=True)):
        parts = _pieces(shape)
        large = [part for part in parts if part.area >= SLIVER_M2]
        if len(large) < len(parts) and large:
            dropped = sum(part.area for part in parts) - sum(part.area for part in large)
            changes.append(Change(code, "detached sliver given to its neighbour", round(dropped, 3)))
            kept[i] = large[0] if len(large) == 1 else MultiPolygon(large)
    # closing the holes again gives them to the neighbours
    return shapes if np.array_equal(kept, shapes) else clean_shapes(kept, gap_m)


def _pieces(shape: BaseGeometry) -> list[Polygon]:
    flat = [inner for part in shapely.get_parts(shape) for inner in shapely.get_parts(part)]
    return [piece for piece in flat if isinstance(piece, Polygon)]


def _multi(shape: BaseGeometry) -> MultiPolygon:
    return MultiPolygon(_pieces(shape))
