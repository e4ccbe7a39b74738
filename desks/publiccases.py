"""What everybody may know of street cases: class, community, stage, day and roughly where. Nothing else leaves here.

A case is shown once somebody of the centre has given it a class of the street dictionary; matters, confidential cases,
cases about a unit's conduct and classes that point at a person or a home never are. Texts, addresses, names and photos
are not even read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import F, QuerySet
from django.utils import timezone

from dispatch.models import Case
from dispatch.models.report import RequestType
from dispatch.profile import profile
from dispatch.profileparts import PublicMap
from dispatch.transitions import OPEN, Flow, State
from gridmap.datums import Datum, from_city
from gridmap.models import Area, Category

MOST: Final = 3000  # cases on the map, the newest first
KEPT_SECONDS: Final = 60
NEAR_M: Final = 120.0  # a street so far from the coarse position still tells where it is
# said by residents about the street; the others are words for somebody, or about somebody
TYPES: Final = (RequestType.COMPLAINT, RequestType.APPEAL, RequestType.HELP, RequestType.OTHER)


@dataclass(frozen=True)
class Shown:
    """One case as everybody may see it; `x`, `y` are the middle of a square in the city's metres."""

    category_id: int
    community_id: int | None
    state: str
    day: date
    x: float
    y: float

    @property
    def ended(self) -> bool:
        return self.state == State.CLOSED


@dataclass(frozen=True)
class Counts:
    """Public cases of the calendar month: received; closed with nothing left unsolved."""

    received: int
    solved: int


@dataclass(frozen=True)
class Board:
    """Everything that the public map shows at an instant; `more` cases were left out because they are too many."""

    cases: tuple[Shown, ...]
    counts: Counts
    more: bool
    read_at: datetime


def public_cases(rules: PublicMap) -> QuerySet[Case]:
    """The cases that the public may know of, open and closed, of any age."""
    return (
        Case.objects.filter(
            flow=Flow.STREET,
            confidential=False,
            accused_agency=None,
            point__isnull=False,
            outside_grid=False,
            request_type__in=TYPES,
            category__kind__in=(Category.Kind.COMPONENT, Category.Kind.EVENT),
            state__in=(*OPEN, State.CLOSED),
        )
        .exclude(category__name__in=rules.withheld)
        .order_by()
    )


def read_board(at: datetime) -> Board:
    """The board, at most a minute old; four queries when it is read anew."""
    rules = profile().public_map
    key = f"public-board:{connection.settings_dict['NAME']}:{hash(rules)}"
    found: Board | None = cache.get(key)
    if found is None:
        found = _read(rules, at)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _read(rules: PublicMap, at: datetime) -> Board:
    since = at - timedelta(days=rules.closed_days)
    known = public_cases(rules)
    # two statements, so that each goes by its own index: the few open cases, and what has been closed lately
    columns = ("category_id", "community_id", "state", "received_at", "point")
    rows = [
        *known.filter(state__in=OPEN).order_by("-received_at").values_list(*columns)[: MOST + 1],
        *known.filter(state=State.CLOSED, state_since__gte=since)
        .order_by("-state_since")
        .values_list(*columns)[: MOST + 1],
    ]
    rows.sort(key=lambda row: row[3], reverse=True)
    shown = [
        Shown(category, community, state, _day(received), *_coarse(point.x, point.y, rules.coarse_m))
        for category, community, state, received, point in rows[:MOST]
    ]
    return Board(tuple(shown), read_counts(rules, at), len(rows) > MOST, at)


def read_counts(rules: PublicMap, at: datetime) -> Counts:
    """What came in since the first of the month, and what was solved; two queries."""
    local = timezone.localtime(at, settings.CITY.zone)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    known = public_cases(rules)
    closed = known.filter(state=State.CLOSED, state_since__gte=first, state_since__lte=at)
    return Counts(
        received=known.filter(received_at__gte=first, received_at__lte=at).count(),
        solved=closed.filter(unsolved="").count(),
    )


def _day(at: datetime) -> date:
    return timezone.localtime(at, settings.CITY.zone).date()


def _coarse(x: float, y: float, metres: int) -> tuple[float, float]:
    """The middle of the square that holds a point: many houses have the same one, and asking twice tells no more."""
    return (x // metres + 0.5) * metres, (y // metres + 0.5) * metres


def lonlats(cases: Sequence[Shown]) -> list[tuple[float, float]]:
    """Where the squares are, WGS84, to about a metre."""
    if not cases:
        return []
    turned = from_city([(case.x, case.y) for case in cases], Datum.WGS84)
    return [(round(float(lon), 5), round(float(lat), 5)) for lon, lat in turned]


def streets(cases: Sequence[Shown]) -> list[str]:
    """The street nearest to the middle of each square, or nothing where none is near; one query."""
    if not cases:
        return []
    sql = """
        SELECT asked.i, near.name
        FROM unnest(%(x)s::float8[], %(y)s::float8[]) WITH ORDINALITY AS asked (x, y, i),
             ST_SetSRID(ST_MakePoint(asked.x, asked.y), %(srid)s) AS spot,
             LATERAL (SELECT name FROM gridmap_place
                      WHERE kind IN ('road', 'lane') AND name <> '' AND valid_to IS NULL
                            AND ST_DWithin(geom, spot, %(near)s)
                      ORDER BY geom <-> spot LIMIT 1) AS near
    """
    values: dict[str, Any] = {
        "x": [case.x for case in cases],
        "y": [case.y for case in cases],
        "srid": settings.CITY.srid,
        "near": NEAR_M,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = {int(i): name for i, name in cursor.fetchall()}
    return [found.get(i, "") for i in range(1, len(cases) + 1)]


def classes(cases: Sequence[Shown]) -> dict[int, Category]:
    """The classes that are shown, with their 大类; one query."""
    keys = {case.category_id for case in cases}
    return {row.pk: row for row in Category.objects.filter(pk__in=keys).select_related("major")}


def communities(cases: Sequence[Shown]) -> dict[int, str]:
    """Subdistrict and community by key; one query."""
    keys = {case.community_id for case in cases if case.community_id}
    rows = Area.objects.filter(pk__in=keys).annotate(above=F("parent__name")).values_list("pk", "above", "name")
    return {pk: f"{above or ''} {name}".strip() for pk, above, name in rows}
