"""重复诉求点位: where people complain about the same kind of thing again and again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.gis.db.models import Collect
from django.contrib.gis.db.models.functions import Centroid
from django.db.models import Count, Max, Q, Sum

from dispatch.models import Case
from dispatch.transitions import ENDED
from gridmap.datums import lonlat
from gridmap.models import Category, Cell
from people.models import User

MOST = 100
THRESHOLDS = (3, 5)  # domain sheet C: points with three or five repeats


@dataclass(frozen=True)
class Place:
    """One cell and class with its reports since a day; `lon`, `lat` in WGS84."""

    cell: Cell
    category: Category
    reports: int
    cases: int
    open: int
    last_at: datetime
    lon: float
    lat: float


def read_points(user: User, at: datetime, *, days: int, least: int) -> list[Place]:
    """Cells with at least so many reports of one class in so many days, the most first; three queries."""
    since = at - timedelta(days=days)
    rows = (
        Case.objects.visible_to(user)
        .filter(received_at__gte=since, received_at__lte=at, cell__isnull=False, category__isnull=False)
        .exclude(state="merged")
        .order_by()
        .values("cell", "category")
        .annotate(
            heard=Sum("report_count"),
            cases=Count("pk"),
            open=Count("pk", filter=~Q(state__in=ENDED)),
            last_at=Max("received_at"),
            centre=Centroid(Collect("point")),
        )
        .filter(heard__gte=least)
        .order_by("-heard", "-last_at")[:MOST]
    )
    found = list(rows)
    cells = Cell.objects.select_related("community").in_bulk([row["cell"] for row in found])
    classes = Category.objects.in_bulk([row["category"] for row in found])
    return [
        Place(
            cells[row["cell"]],
            classes[row["category"]],
            row["heard"],
            row["cases"],
            row["open"],
            row["last_at"],
            *lonlat(row["centre"]),
        )
        for row in found
    ]
