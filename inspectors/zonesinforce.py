"""Zones drawn of the cells in force and the cases of the past, and how they are put in force."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import shapely
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from dispatch.models import Case
from dispatch.transitions import Flow
from gridmap.models import Cell
from inspectors.models import DutyZone, ZoneCell, ZoneDrawing
from inspectors.travelling import ways
from inspectors.zonedrawing import Cells, Pace, Zone, draw, kept_names
from people.models import User

NEW_NAME: Final = "责任网格{number:02d}"


def cells_and_load(at: datetime, days: int) -> Cells:
    """The cells of the layout in force with their street cases a day, over so many days; two queries."""
    ground = Cell.objects.on(timezone.localdate(at)).order_by("code").values_list("code", "geom")
    shapes = {code: shapely.from_wkb(bytes(geom.wkb)) for code, geom in ground.iterator()}
    past = Case.objects.filter(flow=Flow.STREET, received_at__gt=at - timedelta(days=days), received_at__lte=at)
    counted = past.exclude(cell=None).order_by().values_list("cell__code").annotate(times=Count("pk"))
    return Cells.of(shapes, {code: times / days for code, times in counted})


def pace() -> Pace:
    """The pace of this city: the detour of its own streets."""
    return Pace(detour=ways().detour)


def drawn(at: datetime, zones: int, *, days: int, seed: int) -> list[Zone]:
    """So many zones of today's cells; raises DrawError."""
    return draw(cells_and_load(at, days), zones, seed=seed, pace=pace())


def ground_before(at: datetime) -> dict[str, str]:
    """Code of each cell in force → name of the zone that answers for it now, by its cells or else its communities."""
    known = dict(ZoneCell.objects.values_list("code", "zone__name"))
    by_community: dict[int, str] = {}
    rows = DutyZone.communities.through.objects.order_by("-dutyzone__name")
    by_community.update(rows.values_list("area", "dutyzone__name"))
    cells = Cell.objects.on(timezone.localdate(at)).values_list("code", "community")
    found = {code: known.get(code) or by_community.get(community) for code, community in cells}
    return {code: name for code, name in found.items() if name}


def balance(zones: Sequence[Zone]) -> dict[str, Any]:
    """How even and how compact: work of the heaviest and the lightest as shares of the mean, compactness, pieces."""
    works = np.array([zone.work for zone in zones])
    return {
        "zones": len(zones),
        "work_mean": round(float(works.mean()), 1),
        "work_most": round(float(works.max() / works.mean()), 3),
        "work_least": round(float(works.min() / works.mean()), 3),
        "compactness_mean": round(float(np.mean([zone.compactness for zone in zones])), 3),
        "compactness_least": round(min(zone.compactness for zone in zones), 3),
        "in_pieces": sum(not zone.in_one_piece for zone in zones),
    }


def names_for(zones: Sequence[Zone], before: dict[str, str]) -> list[str]:
    """Present names where the ground stays mostly the same, new ones for the others."""
    taken = set(DutyZone.objects.values_list("name", flat=True))
    fresh = (name for n in range(1, 10_000) if (name := NEW_NAME.format(number=n)) not in taken)
    return [name or next(fresh) for name in kept_names(zones, before)]


def put_in_force(
    zones: Sequence[Zone], names: Sequence[str], *, reason: str, seed: int, at: datetime, by: User | None = None
) -> ZoneDrawing:
    """Give these zones their cells; others answer for nothing any more, and shifts stay as they are."""
    with transaction.atomic():
        before = ground_before(at)
        ZoneCell.objects.all().delete()
        DutyZone.communities.through.objects.all().delete()
        for name, zone in zip(names, zones, strict=True):
            row, _made = DutyZone.objects.get_or_create(name=name)
            ZoneCell.objects.bulk_create([ZoneCell(zone=row, code=code) for code in zone.codes], batch_size=2000)
        report = {
            "seed": seed,
            **balance(zones),
            "drawn": {name: asdict(zone) for name, zone in zip(names, zones, strict=True)},
            "before": before,
        }
        return ZoneDrawing.objects.create(at=at, by=by, reason=reason, report=report)
