"""任务包: what a phone keeps for a shift without network, as a list of addresses with versions and sizes.

The phone fetches what it lacks or has in another version, and forgets what is no longer listed.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import asinh, pi, radians, tan
from typing import Any

import numpy as np
from django.contrib.gis.db.models import Extent
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Attachment, Case, FieldTask, Household
from gridmap import tiles
from gridmap.datums import Datum, from_city
from gridmap.models import LayerChange
from inspectors import shell
from inspectors.board import MOST, look_backs_of, own_tasks, waiting_tasks
from inspectors.campaigns import waiting_spots
from inspectors.models import Shift
from inspectors.zones import cells_of, communities_of
from people.access import scope_of
from people.models import User
from people.permissions import may

Tile = tuple[int, int, int]
# the zone from far to near; around a task as near as its map is drawn
ZONE_ZOOMS = (13, 14, 15, 16)
TASK_ZOOM = 17
MOST_TILES = 400
# places of campaigns and households whose pages are kept
SPOTS, HOMES = 60, 30
# what is not known before it is fetched: typical bytes over the wire, for the sum that a person is told
PAGE_BYTES, FOUND_BYTES, TILE_BYTES, PHOTO_SHARE = 9_000, 25_000, 9_000, 0.6


@dataclass(frozen=True)
class Item:
    """One address to keep; `size` is an estimate in bytes."""

    address: str
    version: str
    kind: str
    size: int


def tile_at(lon: float, lat: float, zoom: int) -> Tile:
    """The Web Mercator tile that holds a WGS84 place."""
    count = 2**zoom
    row = int((1 - asinh(tan(radians(lat))) / pi) / 2 * count)
    return zoom, int((lon + 180) / 360 * count), row


def tiles_over(box: tuple[float, float, float, float], zooms: Iterable[int]) -> list[Tile]:
    """Tiles over a WGS84 box (west, south, east, north), from far to near, as long as they are few enough."""
    west, south, east, north = box
    found: list[Tile] = []
    for zoom in zooms:
        _zoom, left, top = tile_at(west, north, zoom)
        _zoom, right, bottom = tile_at(east, south, zoom)
        here = [(zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
        if len(found) + len(here) > MOST_TILES:
            break
        found += here
    return found


def around(places: Iterable[tuple[float, float]]) -> list[Tile]:
    """The tile of each place and its eight neighbours, the nearest zoom only."""
    found: dict[Tile, None] = {}
    for lon, lat in places:
        zoom, x, y = tile_at(lon, lat, TASK_ZOOM)
        found |= {(zoom, x + dx, y + dy): None for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
    return list(found)


def read_pack(user: User, at: datetime) -> dict[str, Any]:
    """The list for a user; as many queries however long it is."""
    shifts = list(Shift.objects.on_duty(at).filter(inspector=user).select_related("zone"))
    tasks = list(own_tasks(user, None).select_related("case")[:MOST])
    free = list(waiting_tasks(user, at).select_related("case")[:MOST]) if shifts else []
    again = look_backs_of(user, at)
    cases = [task.case_id for task in tasks] + [case.pk for case in again]
    items = [*_pages(tasks, again, at), *_rounds(user, at), *_photos(cases), *_tiles(shifts, tasks + free, at)]
    told = [{"url": i.address, "version": i.version, "kind": i.kind, "size": i.size} for i in items]
    return {
        "user": user.pk,
        "on_duty": bool(shifts),
        "made_at": at.timestamp(),
        "version": hashlib.sha256(repr(items).encode()).hexdigest()[:16],
        "size": sum(item.size for item in items),
        "items": told,
    }


LISTS = ("nearby", "duty", "field_messages", "month", "route", "spots", "field_households", "field_patrol")


def _pages(tasks: list[FieldTask], again: list[Case], at: datetime) -> list[Item]:
    """The app's own pages, new each time, and one for each open task and look back, new when its case is."""
    now = f"{at.timestamp():.0f}"
    build, day = shell.version(), timezone.localdate(at).isoformat()
    fixed = [("found", FOUND_BYTES, now[:-2]), ("outbox", PAGE_BYTES, build)]
    fixed += [(name, PAGE_BYTES, now) for name in LISTS]
    pages = [Item(reverse(f"inspectors:{name}"), f"{build}-{version}", "page", size) for name, size, version in fixed]
    own = [(reverse("inspectors:task", args=[task.pk]), task.case.version) for task in tasks]
    own += [(reverse("inspectors:revisit", args=[case.number]), case.version) for case in again]
    return pages + [Item(address, f"{build}-{day}-{version}", "page", PAGE_BYTES) for address, version in own]


def _rounds(user: User, at: datetime) -> list[Item]:
    """Places of campaigns and households of the zone of the shift, new each day; names there are masked."""
    version = f"{shell.version()}-{timezone.localdate(at).isoformat()}"
    spots = waiting_spots(user, at).values_list("pk", flat=True)[:SPOTS]
    pages = [reverse("inspectors:spot", args=[pk]) for pk in spots]
    if may(scope_of(user).roles, "households"):
        zones = Shift.objects.planned(at).filter(inspector=user).values("zone")
        due = Household.objects.visible_to(user).due_for_visit(timezone.localdate(at))
        homes = due.filter(community__in=communities_of(zones)).values_list("pk", flat=True)[:HOMES]
        pages += [reverse("inspectors:field_household", args=[pk]) for pk in homes]
    return [Item(address, version, "page", PAGE_BYTES) for address in pages]


def _photos(cases: list[int]) -> list[Item]:
    """What was photographed for some cases."""
    shots = Attachment.objects.filter(case__in=cases).values_list("evidence__sha256", "evidence__size")
    return [
        Item(reverse("dispatch:photo", kwargs={"sha256": sha256}), sha256[:16], "photo", int(size * PHOTO_SHARE))
        for sha256, size in dict(shots.order_by("evidence__sha256")).items()
    ]


def _tiles(shifts: list[Shift], tasks: list[FieldTask], at: datetime) -> list[Item]:
    """Tiles of the zones on duty and around the tasks, under the address that the map asks for."""
    zones = [shift.zone_id for shift in shifts]
    day = timezone.localdate(at)
    extent = cells_of(zones, day).aggregate(box=Extent("geom"))["box"] if zones else None
    wanted: list[Tile] = []
    if extent is not None:
        corners = from_city(np.array([(x, y) for x in extent[::2] for y in extent[1::2]]), Datum.WGS84)
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        wanted += tiles_over((float(west), float(south), float(east), float(north)), ZONE_ZOOMS)
    if tasks:
        places = from_city(np.array([(task.point.x, task.point.y) for task in tasks]), Datum.WGS84)
        wanted += around((float(lon), float(lat)) for lon, lat in places)
    version = tiles.version("base", LayerChange.objects.versions(day))
    described = [Item(reverse("gridmap:tilejson", args=["base"]), version, "tile", 2_000)]
    return described + [
        Item(f"{reverse('gridmap:layer_tile', args=['base', z, x, y])}?v={version}", version, "tile", TILE_BYTES)
        for z, x, y in dict.fromkeys(wanted[:MOST_TILES])
    ]
