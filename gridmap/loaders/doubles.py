"""Finds what several lists of the gazetteer tell: each place is answered by one row, and no row is lost."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from django.db import connection

from gridmap.confirmed import SOURCE
from gridmap.models import Place

NEAR_M: Final = 100.0  # doors, compounds and points of interest of one name this close are one
WIDE_M: Final = 300.0  # streets, quarters, waters, parks: lists put their point anywhere in them

# Rows of two lists with one kind and one key. A door is told by its street and number, anything else by any of its
# names. A road is one in its whole area; anything else, and a road without an area, must lie close too. What people
# taught is no list: it is evidence for a number and stays apart.
_PAIRS: Final = """
WITH told AS MATERIALIZED (
    SELECT id, kind, area_key, source, valid_to, coalesce(geom, point) AS shape,
        CASE kind WHEN 'doorplate' THEN ARRAY[concat_ws('|', road_key, number, coalesce(sub_number, 0))]
        ELSE keys::text[] END AS names
    FROM gridmap_place
    WHERE name <> '' AND source <> %(learned)s
), named AS MATERIALIZED (
    SELECT DISTINCT id, kind, area_key, source, unnest(names) AS name FROM told
), pairs AS MATERIALIZED (
    SELECT DISTINCT one.id AS one, other.id AS other
    FROM named one JOIN named other ON one.name = other.name AND one.kind = other.kind AND one.source < other.source
        AND (one.area_key = other.area_key OR one.area_key = '' OR other.area_key = '')
)
SELECT one, other
FROM pairs JOIN told a ON a.id = one JOIN told b ON b.id = other
WHERE a.valid_to IS NOT DISTINCT FROM b.valid_to
    AND (
        (a.kind = 'road' AND a.area_key = b.area_key AND a.area_key <> '')
        OR ST_DWithin(a.shape, b.shape, CASE WHEN a.kind = ANY(%(wide)s) THEN %(wide_m)s ELSE %(near_m)s END)
    )
"""
_WIDE: Final = ["road", "lane", "district", "water", "green"]


class Told(NamedTuple):
    """A row that tells a place which another list tells too; the lowest answers for both.

    Better lists first, then the sharper, then by name, so that the order of loading decides nothing.
    """

    source_rank: int
    accuracy_m: float
    source: str
    id: int


def settle_doubles(source: str) -> list[tuple[str, str]]:
    """Write `same_as` of the whole gazetteer anew; names and other list of what this source tells and another too.

    Run it in the transaction that replaces rows of a list.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"learned": SOURCE, "wide": _WIDE, "wide_m": WIDE_M, "near_m": NEAR_M})
        pairs: list[tuple[int, int]] = cursor.fetchall()
    involved = {pk for pair in pairs for pk in pair}
    fields = ("source_rank", "accuracy_m", "source", "pk")
    rows = {
        pk: (Told(rank, metres, told_by, pk), name)
        for rank, metres, told_by, pk, name in Place.objects.filter(pk__in=involved).values_list(*fields, "name")
    }
    first = answering((rows[one][0], rows[other][0]) for one, other in pairs)
    _write(first)
    return [
        (rows[pk][1], (rows[best] if rows[pk][0].source == source else rows[pk])[0].source)
        for pk, best in sorted(first.items())
        if source in (rows[pk][0].source, rows[best][0].source)
    ]


def answering(pairs: Iterable[tuple[Told, Told]]) -> dict[int, int]:
    """Which row answers for each row that does not answer itself, from pairs that tell the same place.

    Nothing is chained: the row that answers is itself in a pair with each that it answers for. Pure.
    """
    others: dict[Told, list[Told]] = defaultdict(list)
    for one, other in pairs:
        others[one].append(other)
        others[other].append(one)
    first: dict[int, int] = {}
    for row in sorted(others):
        better = [other for other in others[row] if other < row and other.id not in first]
        if better:
            first[row.id] = min(better).id
    return first


def _write(first: Mapping[int, int]) -> None:
    before = dict(Place.objects.exclude(same_as=None).values_list("pk", "same_as_id"))
    Place.objects.filter(pk__in=before.keys() - first.keys()).update(same_as=None)
    changed = [(pk, best) for pk, best in first.items() if before.get(pk) != best]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE gridmap_place SET same_as_id = told.best
            FROM unnest(%s::bigint[], %s::bigint[]) AS told (pk, best) WHERE id = told.pk
            """,
            [[pk for pk, _ in changed], [best for _, best in changed]],
        )
