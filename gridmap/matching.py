"""Many points to cells at once: pure geometry, the bulk twin of `Cell.objects.covering()`."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

OUTSIDE = -1


class CellIndex:
    """Cells of one layout, prepared for points; metres in the city's SRID.

    A point on a shared edge or corner belongs to the cell with the lowest code, one in no cell to -1: the same
    answers as the single-point query.
    """

    def __init__(self, codes: Sequence[str], shapes: Sequence[BaseGeometry]) -> None:
        order = sorted(range(len(codes)), key=codes.__getitem__)
        self._original = np.array(order, dtype=np.int64)  # position in the caller's list, by rank of code
        self._shapes = np.array([shapes[i] for i in order], dtype=object)
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def match(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Index of the cell in the lists given at the start for each point of shape (n, 2); -1 outside or for NaN."""
        found = np.full(len(points), len(self._shapes), dtype=np.int64)
        known = np.flatnonzero(np.isfinite(points).all(axis=1))
        row, cell = self._tree.query(shapely.points(points[known]))
        x, y = points[known[row], 0], points[known[row], 1]
        inside = shapely.intersects_xy(self._shapes[cell], x, y)
        np.minimum.at(found, known[row[inside]], cell[inside])
        result = np.full(len(points), OUTSIDE, dtype=np.int64)
        hit = found < len(self._shapes)
        result[hit] = self._original[found[hit]]
        return result
