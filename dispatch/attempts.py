"""Unreachable: when attempts to speak to somebody are enough (P1.17: three in three different parts of the same day).

Pure. Datetimes are aware; the parts of a day begin at local times of the city's zone and the last one ends at midnight.
An attempt before the first part of the day counts for none. On a day when the zone's clock changes, the hands of the
local clock decide, as they do for people who wait for a call.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Rule:
    """`needed` attempts in as many different parts of the day; `starts` are their local starts, rising."""

    needed: int
    same_day: bool
    starts: tuple[time, ...]
    zone: ZoneInfo


@dataclass(frozen=True)
class Judged:
    """An attempt that reached nobody: whether it counts, the how-manieth that makes, and whether it was the last."""

    counts: bool
    number: int
    concludes: bool


@dataclass(frozen=True)
class Next:
    """The attempt that comes next: its number, and from when on it counts (an instant, never before the question)."""

    number: int
    from_at: datetime


def part_of_day(at: datetime, rule: Rule) -> tuple[date, int] | None:
    """Local day and part in which an instant lies; None before the first part. A start belongs to its part."""
    local = at.astimezone(rule.zone)
    clock = local.time()
    begun = [index for index, start in enumerate(rule.starts) if start <= clock]
    return (local.date(), begun[-1]) if begun else None


def _tried(earlier: Iterable[datetime], day: date, rule: Rule) -> set[int]:
    """Parts of the day in which an attempt counts towards one on this day."""
    parts = (part_of_day(at, rule) for at in earlier)
    return {part[1] for part in parts if part is not None and (part[0] == day or not rule.same_day)}


def judge(earlier: Iterable[datetime], at: datetime, rule: Rule) -> Judged:
    """What an attempt in vain is worth after the earlier ones (in any order): a part tried before counts once."""
    here = part_of_day(at, rule)
    if here is None:
        tried = _tried(earlier, at.astimezone(rule.zone).date(), rule)
        return Judged(counts=False, number=len(tried), concludes=False)
    tried = _tried(earlier, here[0], rule)
    counts = here[1] not in tried
    number = len(tried | {here[1]})
    return Judged(counts=counts, number=number, concludes=counts and number >= rule.needed)


def next_attempt(earlier: Iterable[datetime], at: datetime, rule: Rule) -> Next:
    """The next attempt that would count: now, later today, or from the first part of tomorrow."""
    before, local = list(earlier), at.astimezone(rule.zone)
    today, here = local.date(), part_of_day(at, rule)
    tried = _tried(before, today, rule)
    for index, start in enumerate(rule.starts):
        if index in tried or (here is not None and index < here[1]):
            continue
        begins = datetime.combine(today, start, rule.zone).astimezone(at.tzinfo)
        return Next(len(tried) + 1, max(begins, at))
    tomorrow = today + timedelta(days=1)
    tried = _tried(before, tomorrow, rule)
    start = next((start for index, start in enumerate(rule.starts) if index not in tried), rule.starts[0])
    return Next(len(tried) + 1, datetime.combine(tomorrow, start, rule.zone).astimezone(at.tzinfo))
