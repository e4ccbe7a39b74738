"""The month or the days of a figure. Pure; a month begins and ends at midnight of the city's zone."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2000, 2999
MOST_DAYS = 3 * 366


@dataclass(frozen=True)
class Span:
    """Days from a first to a last one, both included. Raises ValueError where they are the wrong way round."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not self.first <= self.last <= self.first + timedelta(days=MOST_DAYS):
            raise ValueError(f"{self.first} – {self.last}")

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """First instant of the first day, and first instant after the last one."""
        after = self.last + timedelta(days=1)
        start, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (self.first, after))
        return start, end


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month; half-open: its first instant belongs to it, the next month's first instant does not."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2026-11". Raises ValueError for anything else."""
        found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", text)
        if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise ValueError(text)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, at: datetime, zone: ZoneInfo) -> Self:
        """The month in which an instant falls in a zone."""
        local = at.astimezone(zone)
        return cls(local.year, local.month)

    @classmethod
    def of_day(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """First instant of the month and first instant after it."""
        after = self.next
        return datetime(self.year, self.month, 1, tzinfo=zone), datetime(after.year, after.month, 1, tzinfo=zone)

    def over(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether the month has ended at an instant."""
        return at >= self.bounds(zone)[1]

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
