"""Which zone answers for which ground: cells that were drawn for it, else the communities that it has.

A cell that is drawn for a zone is in that one only. A case keeps the cell of its day, and a cell that goes on into the
next layout keeps its code, so the code is what counts.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q, QuerySet

from gridmap.models import Area, Cell
from inspectors.models import DutyZone, ZoneCell


@dataclass(frozen=True)
class Ground:
    """The ground of some zones, by their numbers."""

    cells: dict[str, int] = field(default_factory=dict)  # code → the zone for which it is drawn
    communities: dict[int, frozenset[int]] = field(default_factory=dict)  # community → zones that have it whole

    def zones_of(self, community: int | None, code: str | None) -> frozenset[int]:
        """The zones that answer for a case in this cell and community."""
        if code in self.cells:
            return frozenset({self.cells[code]})
        return self.communities.get(community, frozenset()) if community is not None else frozenset()


def ground_of(codes: Collection[str | None], communities: Collection[int | None]) -> Ground:
    """Who answers for these cells and communities; two queries."""
    cells = dict(ZoneCell.objects.filter(code__in=[c for c in codes if c]).values_list("code", "zone"))
    known: dict[int, set[int]] = defaultdict(set)
    rows = DutyZone.communities.through.objects.filter(area__in=[c for c in communities if c is not None])
    for row in rows:
        known[row.area_id].add(row.dutyzone_id)
    return Ground(cells, {pk: frozenset(zones) for pk, zones in known.items()})


def zone_codes() -> dict[str, int]:
    """Code of each drawn cell → its zone; one query."""
    return dict(ZoneCell.objects.values_list("code", "zone"))


def zones_at(communities: Collection[int], code: str | None) -> frozenset[int]:
    """The zones that answer for a place in this cell and these communities; two queries."""
    ground = ground_of([code], communities)
    return frozenset().union(*(ground.zones_of(community, code) for community in [*communities, None]))


def in_zones(zones: "QuerySet[Any] | Iterable[int]", prefix: str = "") -> Q:
    """Rows whose case lies in these zones; `prefix` leads from the row to the case ("case__")."""
    own = ZoneCell.objects.filter(zone__in=zones)
    whole = DutyZone.communities.through.objects.filter(dutyzone__in=zones)
    drawn = Q(**{f"{prefix}cell__code__in": own.values("code")})
    rest = Q(**{f"{prefix}community__in": whole.values("area")})
    # Django makes "and the cell is not null" of a negated IN, which would lose cases outside the grid
    elsewhere = Q(**{f"{prefix}cell__code__in": ZoneCell.objects.values("code")})
    return drawn | (rest & (Q(**{f"{prefix}cell": None}) | ~elsewhere))


def of_zone(zone: DutyZone) -> Q:
    """Cases in one zone, by values that are read at once: subqueries keep the planner from walking along an index."""
    drawn = dict(ZoneCell.objects.values_list("code", "zone"))
    own = [code for code, answers in drawn.items() if answers == zone.pk]
    whole = list(zone.communities.values_list("pk", flat=True))
    elsewhere = Q(cell__code__in=[code for code in drawn if code not in own])
    rest = Q(community__in=whole) & (Q(cell=None) | ~elsewhere) if drawn else Q(community__in=whole)
    return Q(cell__code__in=own) | rest if own else rest


def cells_of(zones: "QuerySet[Any] | Iterable[int]", day: date) -> QuerySet[Cell]:
    """The cells of a day's layout that these zones answer for."""
    own = ZoneCell.objects.filter(zone__in=zones).values("code")
    whole = DutyZone.communities.through.objects.filter(dutyzone__in=zones).values("area")
    drawn = ZoneCell.objects.values("code")
    return Cell.objects.on(day).filter(Q(code__in=own) | (Q(community__in=whole) & ~Q(code__in=drawn)))


def communities_of(zones: "QuerySet[Any] | Iterable[int]") -> QuerySet[Area]:
    """The communities that these zones have whole, or cells of."""
    whole = DutyZone.communities.through.objects.filter(dutyzone__in=zones).values("area")
    own = Cell.objects.filter(code__in=ZoneCell.objects.filter(zone__in=zones).values("code"))
    return Area.objects.filter(Q(pk__in=whole) | Q(pk__in=own.values("community")))


def count_by_zone(cells: QuerySet[Cell]) -> Counter[int]:
    """How many of these cells each zone answers for; three queries."""
    rows = list(cells.order_by().values_list("code", "community"))
    ground = ground_of([code for code, _community in rows], {community for _code, community in rows})
    return Counter(zone for code, community in rows for zone in ground.zones_of(community, code))


def middles(zones: Collection[int]) -> dict[int, tuple[float, float]]:
    """The middle of each zone's ground, by the middles of its communities and cells; one query."""
    if not zones:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH parts AS ("
            " SELECT c.dutyzone_id AS zone, ST_Centroid(a.geom) AS middle, ST_Area(a.geom) AS size"
            " FROM inspectors_dutyzone_communities c JOIN gridmap_area a ON a.id = c.area_id"
            " WHERE c.dutyzone_id = ANY(%(zones)s) UNION ALL"
            " SELECT z.zone_id, ST_Centroid(g.geom), g.area_m2 FROM inspectors_zonecell z"
            " JOIN gridmap_cell g ON g.code = z.code JOIN gridmap_layout l ON l.id = g.layout_id AND l.state = 'active'"
            " WHERE z.zone_id = ANY(%(zones)s))"
            " SELECT zone, sum(ST_X(middle) * size) / sum(size), sum(ST_Y(middle) * size) / sum(size)"
            " FROM parts GROUP BY zone",
            {"zones": list(zones)},
        )
        return {zone: (float(x), float(y)) for zone, x, y in cursor.fetchall()}


def middle_of(places: dict[int, tuple[float, float]], zones: Iterable[int]) -> tuple[float, float] | None:
    """The middle of the zones that somebody has; several together are one ground."""
    known = [places[zone] for zone in zones if zone in places]
    if not known:
        return None
    x, y = np.mean(np.array(known), axis=0)
    return float(x), float(y)
