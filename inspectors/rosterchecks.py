"""Who answers for each zone at any time: holes and double bookings of a roster.

Pure. A span is [from, to); at the moment of change only the next one counts, as for shifts.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Watch:
    """One inspector in one zone from an instant until another one."""

    inspector: Hashable
    zone: Hashable
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Hole:
    """Nobody answers for a zone, or for the cells that no zone has (None)."""

    zone: Hashable
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Double:
    """One inspector is in two zones at once."""

    inspector: Hashable
    zones: tuple[Hashable, Hashable]
    starts_at: datetime
    ends_at: datetime


def holes(zones: Iterable[Hashable], watches: Iterable[Watch], start: datetime, end: datetime) -> list[Hole]:
    """The times between two instants in which a zone has nobody, zone by zone in their order."""
    by_zone: Mapping[Hashable, list[Watch]] = _grouped(watches, "zone")
    found = []
    for zone in zones:
        free_from = start
        for watch in sorted(by_zone.get(zone, ()), key=lambda one: one.starts_at):
            if watch.starts_at >= end:
                break
            if watch.starts_at > free_from:
                found.append(Hole(zone, free_from, watch.starts_at))
            free_from = max(free_from, watch.ends_at)
        if free_from < end:
            found.append(Hole(zone, free_from, end))
    return found


def doubles(watches: Iterable[Watch], start: datetime, end: datetime) -> list[Double]:
    """The times between two instants in which one inspector is in two zones, or twice in one."""
    found = []
    for inspector, own in _grouped(watches, "inspector").items():
        open_now: list[Watch] = []
        for watch in sorted(own, key=lambda one: (one.starts_at, one.ends_at)):
            open_now = [other for other in open_now if other.ends_at > watch.starts_at]
            for other in open_now:
                first, last = max(watch.starts_at, start), min(watch.ends_at, other.ends_at, end)
                if first < last:
                    found.append(Double(inspector, (other.zone, watch.zone), first, last))
            open_now.append(watch)
    return sorted(found, key=lambda one: (one.starts_at, str(one.inspector)))


def _grouped(watches: Iterable[Watch], by: str) -> dict[Hashable, list[Watch]]:
    found: dict[Hashable, list[Watch]] = defaultdict(list)
    for watch in watches:
        found[getattr(watch, by)].append(watch)
    return found
