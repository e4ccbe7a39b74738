"""巡查覆盖: which cells a track has passed, and which nobody has seen for too long."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.db.models.functions import Centroid, GeometryDistance
from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from dispatch.profile import profile
from gridmap.models import Cell, Layout
from inspectors.models import CellPass, DutyZone, Shift, Track
from inspectors.zones import cells_of
from people.models import User

BATCH = 500

# Each cell of the layout in force on that day that lies within so many metres of a piece; the latest pass counts.
_MARK = """
    INSERT INTO inspectors_cellpass (cell_code, day, at, inspector_id)
    SELECT DISTINCT ON (c.code, t.day) c.code, t.day, t.ends_at, t.inspector_id
    FROM (SELECT line, ends_at, inspector_id, (ends_at AT TIME ZONE %(zone)s)::date AS day
          FROM inspectors_track WHERE id = ANY(%(tracks)s)) t
    JOIN gridmap_layout l ON l.state = ANY(%(states)s) AND l.active_from <= t.day
         AND (l.active_to IS NULL OR l.active_to >= t.day)
    JOIN gridmap_cell c ON c.layout_id = l.id AND ST_DWithin(c.geom, t.line, %(metres)s)
    ORDER BY c.code, t.day, t.ends_at DESC, t.inspector_id
    ON CONFLICT (cell_code, day) DO UPDATE SET at = excluded.at, inspector_id = excluded.inspector_id
    WHERE excluded.at > inspectors_cellpass.at
"""


def mark_seen() -> int:
    """Read the tracks that nobody has read yet; how many. Reading one twice marks the same cells again."""
    done = 0
    while True:
        with transaction.atomic():
            # two workers: the second one takes the next ones
            waiting = Track.objects.filter(read=False).order_by("pk").select_for_update(skip_locked=True)
            tracks = list(waiting.values_list("pk", flat=True)[:BATCH])
            if not tracks:
                return done
            with connection.cursor() as cursor:
                values: dict[str, Any] = {
                    "tracks": tracks,
                    "zone": timezone.get_current_timezone_name(),
                    "states": [Layout.State.ACTIVE, Layout.State.RETIRED],
                    "metres": profile().patrol.seen_within_m,
                }
                cursor.execute(_MARK, values)
            Track.objects.filter(pk__in=tracks).update(read=True)
        done += len(tracks)


def with_last(cells: "QuerySet[Cell]") -> "QuerySet[Cell]":
    """Adds `last_at`: when the cell was seen last, null for never."""
    passed = CellPass.objects.filter(cell_code=OuterRef("code")).order_by("-day")
    return cells.annotate(last_at=Subquery(passed.values("at")[:1]))


def never_seen(cells: "QuerySet[Cell]") -> "QuerySet[Cell]":
    """Cells that no track has ever passed."""
    found: QuerySet[Cell] = with_last(cells).filter(last_at=None)  # type: ignore[misc]
    return found


def unseen(cells: "QuerySet[Cell]", at: datetime, days: int) -> "QuerySet[Cell]":
    """Cells that no track has passed for so many days, those never seen first; adds `last_at`."""
    since = at - timedelta(days=days)
    found = with_last(cells).filter(Q(last_at=None) | Q(last_at__lt=since))
    return found.select_related("community").order_by(F("last_at").asc(nulls_first=True), "code")


def unseen_near(user: User, at: datetime, point: Point | None) -> "QuerySet[Cell]":
    """Of the zones in which the user is on duty, nearest first where the phone knows its place; adds `middle`."""
    zones = DutyZone.objects.filter(pk__in=Shift.objects.planned(at).filter(inspector=user).values("zone"))
    found = unseen(cells_of(zones, timezone.localdate(at)), at, profile().patrol.unseen_days).annotate(
        middle=Centroid("geom")
    )
    if point is None:
        return found
    return found.annotate(metres=GeometryDistance("geom", point)).order_by("metres", "code")
