"""巡查: cells that nobody has seen for too long, for lead, data manager and inspector; an inspector's way of today."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from dispatch.profile import profile
from gridmap.datums import Datum, from_city
from gridmap.models import Cell
from inspectors import positions, tracks
from inspectors.dutyforms import TrackLookForm
from inspectors.forms import PositionForm
from inspectors.models import DutyZone, Shift
from inspectors.patrol import never_seen, unseen, unseen_near
from inspectors.wording import distance_words
from inspectors.zones import cells_of, count_by_zone
from people.access import allow, current_user, roles_of
from people.models import Look, User
from people.permissions import may

PAGE = 50
SHOWN = 60
LONGEST_DAYS = 365
DECIMALS = 6
COARSE_M = 2.0


@allow(GET="patrol")
def patrol(request: HttpRequest) -> HttpResponse:
    """How much of each zone was seen in the last N days, and the cells that were not."""
    at = timezone.now()
    zone, days = _asked(request)
    chosen = _cells(zone, at)
    context = {
        "zones": _shares(at, days),
        "zone": zone,
        "days": days,
        "page": Paginator(unseen(chosen, at, days), PAGE).get_page(request.GET.get("page")),
        "all": chosen.count(),
        "within_m": profile().patrol.seen_within_m,
        "may_track": may(roles_of(request), "patrol.tracks"),
        "at": at,
    }
    return render(request, "inspectors/patrol.html", context)


@allow(GET="patrol")
def patrol_cells(request: HttpRequest) -> JsonResponse:
    """The unseen cells of a zone for the map, as GeoJSON in WGS84; `days` is null for a cell never seen."""
    at = timezone.now()
    zone, days = _asked(request)
    cells = list(unseen(_cells(zone, at), at, days))
    features = [
        {
            "type": "Feature",
            "properties": {"code": cell.code, "days": (at - cell.last_at).days if cell.last_at else None},  # type: ignore[attr-defined]
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for cell, ring in zip(cells, _rings(cells), strict=True)
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


@allow(GET="patrol.tracks", POST="patrol.tracks")
def patrol_track(request: HttpRequest) -> HttpResponse:
    """The way of one inspector today, to a shift lead who says why; the look is recorded."""
    at, user = timezone.now(), current_user(request)
    today = tracks.day_of(at)
    people = User.objects.filter(shifts__starts_at__lt=today.last, shifts__ends_at__gt=today.first).distinct()
    form = TrackLookForm(request.POST or None, people=people.order_by("username"))
    context: dict[str, Any] = {"form": form, "days": profile().patrol.track_days}
    if request.method == "POST" and form.is_valid():
        whom, day = form.cleaned_data["inspector"], f"{today.first:%F}"
        subject, reason = f"track:{whom.pk}:{day}", form.cleaned_data["reason"].strip()
        Look.objects.create(user=user, subject=subject, reason=reason, looked_at=at)
        pieces = list(tracks.of_today(whom, at))
        context |= {
            "whom": whom,
            "pieces": [_line(piece.line.coords) for piece in pieces],
            "kilometres": sum(piece.metres for piece in pieces) / 1000,
            "first": pieces[0].starts_at if pieces else None,
            "last": max(piece.ends_at for piece in pieces) if pieces else None,
        }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "inspectors/patrol_track.html", context, status=status)


@allow(GET="field", POST="field")
def field_patrol(request: HttpRequest) -> HttpResponse:
    """Cells of my zones that nobody has seen for N days, nearest first once the phone has told its place."""
    at, user = timezone.now(), current_user(request)
    fix = None
    if request.method == "POST":
        form = PositionForm(request.POST)
        if form.is_valid():
            fix = form.fix(at)
            positions.note(user, fix, at)
    found = unseen_near(user, at, fix.point if fix else None)
    cells = list(found[:SHOWN])
    corners = [cell.middle.coords for cell in cells]  # type: ignore[attr-defined]
    middles = from_city(np.array(corners).reshape(-1, 2), Datum.WGS84)
    rows = [
        {
            "cell": cell,
            "days": (at - cell.last_at).days if cell.last_at else None,  # type: ignore[attr-defined]
            "distance": distance_words(cell.metres) if fix else "",  # type: ignore[attr-defined]
            "lon": round(float(lon), DECIMALS),
            "lat": round(float(lat), DECIMALS),
        }
        for cell, (lon, lat) in zip(cells, middles, strict=True)
    ]
    context = {
        "rows": rows,
        "points": [{name: row[name] for name in ("lon", "lat")} for row in rows],
        "number": found.count() if len(cells) == SHOWN else len(cells),
        "shift": Shift.objects.planned(at).filter(inspector=user).select_related("zone").first(),
        "days": profile().patrol.unseen_days,
        "fix": fix,
    }
    name = "_field_patrol.html" if request.method == "POST" else "field_patrol.html"
    return render(request, f"inspectors/{name}", context)


def _asked(request: HttpRequest) -> tuple[DutyZone | None, int]:
    """Zone and days of the address; what is none is as if nothing was asked."""
    zone, days = request.GET.get("zone", ""), request.GET.get("days", "")
    chosen = DutyZone.objects.filter(pk=zone).first() if zone.isdecimal() else None
    most = int(days) if days.isdecimal() and len(days) <= 3 else 0
    return chosen, min(most, LONGEST_DAYS) or profile().patrol.unseen_days


def _cells(zone: DutyZone | None, at: datetime) -> "QuerySet[Cell]":
    if zone is None:
        return Cell.objects.on(timezone.localdate(at))
    return cells_of([zone.pk], timezone.localdate(at))


def _shares(at: datetime, days: int) -> list[dict[str, Any]]:
    """Of each zone how many cells it has, were seen, were never seen; as many queries whatever their number."""
    cells = Cell.objects.on(timezone.localdate(at))
    everything, late = count_by_zone(cells), count_by_zone(unseen(cells, at, days))
    never = count_by_zone(never_seen(cells))
    rows = []
    for zone in DutyZone.objects.all():
        number, unseen_number = everything[zone.pk], late[zone.pk]
        rows.append(
            {
                "zone": zone,
                "cells": number,
                "seen": number - unseen_number,
                "unseen": unseen_number,
                "never": never[zone.pk],
                "share": 100 * (number - unseen_number) / number if number else None,
            }
        )
    return rows


def _rings(cells: Sequence[Cell]) -> list[list[list[float]]]:
    """Outer borders in WGS84, drawn and not measured: corners that say little are left out. One conversion for all."""
    shapes = shapely.from_wkb([bytes(cell.geom.wkb) for cell in cells])
    borders = shapely.get_exterior_ring(shapely.simplify(shapes, COARSE_M))
    corners, of = shapely.get_coordinates(borders, return_index=True)
    lonlat = from_city(corners, Datum.WGS84).round(DECIMALS)
    return [ring.tolist() for ring in np.split(lonlat, np.flatnonzero(np.diff(of)) + 1)] if len(cells) else []


def _line(coords: Any) -> list[list[float]]:  # noqa: ANN401 - corners of a line
    """Corners as [latitude, longitude] in WGS84, the way Leaflet takes them."""
    lonlat = from_city(np.array(coords), Datum.WGS84).round(DECIMALS)
    return [[float(lat), float(lon)] for lon, lat in lonlat]
