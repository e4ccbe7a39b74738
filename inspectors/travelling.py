"""The city's streets as a network, read once for each state of the gazetteer."""

from functools import lru_cache

import numpy as np
import shapely
from django.db import connection

from inspectors.travel import Straight, Streets, Ways

Mark = tuple[int, int, float]
# drawn as lines, still there, and not told again by a better list; names do not matter to somebody who rides there
_STREETS = (
    "FROM gridmap_place WHERE kind IN ('road', 'lane') AND length_m > 0 AND valid_to IS NULL AND same_as_id IS NULL"
)


def ways() -> Ways:
    """The network as the gazetteer knows it now; straight lines times a factor where there are no streets."""
    return _network(*streets_mark())


def streets_mark() -> Mark:
    """Number, newest row and length of the streets: changes when a street comes, goes or is drawn anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(max(id), 0), coalesce(round(sum(length_m)::numeric, 2), 0) {_STREETS}"
        )
        count, newest, metres = cursor.fetchone()
    return int(count), int(newest), float(metres)


@lru_cache(maxsize=2)
def _network(count: int, newest: int, metres: float) -> Ways:
    """Built once a process; the arguments are the mark of the streets."""
    if not count:
        return Straight()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ST_AsBinary(ST_CollectionExtract(ST_Force2D(geom), 2)) {_STREETS} AND geom IS NOT NULL ORDER BY id"
        )
        lines = shapely.from_wkb(np.array([bytes(row[0]) for row in cursor.fetchall()], dtype=object))
    return Streets.of(lines) or Straight()
