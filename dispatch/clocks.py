"""Working time: when a limit ends, and how much of it has been used. Pure; all datetimes are aware.

Units (domain sheet A4, "Clock"): 紧急工作时 and 紧急工作日, natural hours and days run round the clock; 工作时 and
工作日 count only the periods of the calendar, 1 工作日 being as long as the periods of a full working day (8 hours by
default). The other reading of 工作日 begins with the next working day and ends at close of business of the last one:
OFFICE_DAY. Half a day is a whole one there, because it is days that are counted.

Seconds are whole microseconds inside, so that adding and measuring agree exactly.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# A limit that has not ended after so many calendar years means a calendar without working days.
HORIZON_YEARS: Final = 10
MICRO: Final = timedelta(microseconds=1)


class Unit(models.TextChoices):
    URGENT_HOUR = "urgent_hour", _("紧急工作时")
    URGENT_DAY = "urgent_day", _("紧急工作日")
    WORK_HOUR = "work_hour", _("工作时")
    WORK_DAY = "work_day", _("工作日")
    OFFICE_DAY = "office_day", _("工作日（次日起算）")
    NATURAL_HOUR = "natural_hour", _("自然小时")
    NATURAL_DAY = "natural_day", _("自然日")
    MINUTE = "minute", _("分钟")

    def told(self, amount: int) -> str:
        """So many of the unit, in words: 2 工作日."""
        return str(AMOUNTS[self] % {"n": amount})


AMOUNTS: Final = {
    Unit.URGENT_HOUR: ngettext_lazy("%(n)d 紧急工作时", "%(n)d 紧急工作时", "n"),
    Unit.URGENT_DAY: ngettext_lazy("%(n)d 紧急工作日", "%(n)d 紧急工作日", "n"),
    Unit.WORK_HOUR: ngettext_lazy("%(n)d 工作时", "%(n)d 工作时", "n"),
    Unit.WORK_DAY: ngettext_lazy("%(n)d 工作日", "%(n)d 工作日", "n"),
    Unit.OFFICE_DAY: ngettext_lazy("%(n)d 工作日（次日起算）", "%(n)d 工作日（次日起算）", "n"),
    Unit.NATURAL_HOUR: ngettext_lazy("%(n)d 自然小时", "%(n)d 自然小时", "n"),
    Unit.NATURAL_DAY: ngettext_lazy("%(n)d 自然日", "%(n)d 自然日", "n"),
    Unit.MINUTE: ngettext_lazy("%(n)d 分钟", "%(n)d 分钟", "n"),
}
CONTINUOUS = frozenset({Unit.URGENT_HOUR, Unit.URGENT_DAY, Unit.NATURAL_HOUR, Unit.NATURAL_DAY, Unit.MINUTE})
Periods = tuple[tuple[time, time], ...]


class CalendarEmpty(Exception):
    """The calendar has no working time within ten years: it cannot answer."""


@dataclass(frozen=True)
class Year:
    """The periods of one local year as UTC instants, with the microseconds worked before each and by its end."""

    opens: list[datetime]
    closes: list[datetime]
    before: list[int]
    by_end: list[int]

    @property
    def total(self) -> int:
        return self.by_end[-1] if self.by_end else 0

    def until(self, at: datetime) -> int:
        """Microseconds worked in this year until an instant."""
        index = bisect_right(self.opens, at) - 1
        if index < 0:
            return 0
        return self.before[index] + (min(at, self.closes[index]) - self.opens[index]) // MICRO

    def instant(self, worked: int) -> datetime:
        """The first instant at which so much (above 0, at most `total`) has been worked."""
        index = bisect_left(self.by_end, worked)
        return self.opens[index] + (worked - self.before[index]) * MICRO

    def latest(self, worked: int) -> datetime:
        """The last instant at which no more than so much (0 up to `total`, not included) has been worked."""
        index = bisect_right(self.by_end, worked)
        return self.opens[index] + (worked - self.before[index]) * MICRO


@dataclass(frozen=True)
class WorkCalendar:
    """Working periods of a city.

    `periods` are local start and end times of a working day, in order; `workdays` are weekdays (Monday is 0);
    `overrides` says for single days whether they are worked (holidays False, make-up workdays True). Where `until`
    or `since` bound it, the days beyond belong to the calendar in `others` that holds then: summer and winter hours.
    """

    zone: ZoneInfo
    periods: Periods = ((time(8), time(12)), (time(14), time(18)))
    workdays: frozenset[int] = frozenset(range(5))
    overrides: Mapping[date, bool] = field(default_factory=dict)
    # days with hours of their own: half a day before a feast
    hours: Mapping[date, Periods] = field(default_factory=dict)
    # from this day on the holidays are only a guess (the year has not been announced)
    provisional_from: date | None = None
    since: date = date.min
    until: date = date.max
    others: tuple["WorkCalendar", ...] = ()
    # prepared when first asked for: reading a year of periods costs a thousand times as much as looking one up
    _years: dict[int, Year] = field(default_factory=dict, compare=False, repr=False)

    @property
    def day_seconds(self) -> float:
        """Working seconds of an ordinary working day."""
        return sum(
            (datetime.combine(date.min, end) - datetime.combine(date.min, start)).total_seconds()
            for start, end in self.periods
        )

    def holding(self, day: date) -> "WorkCalendar":
        """The calendar whose rules a day follows; where none holds, this one."""
        if self.since <= day <= self.until:
            return self
        return next((each for each in self.others if each.since <= day <= each.until), self)

    def works(self, day: date) -> bool:
        held = self.holding(day)
        return held.overrides.get(day, day.weekday() in held.workdays)

    def of_day(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working periods of one local day, as UTC instants."""
        if not self.works(day):
            return []
        held = self.holding(day)
        # arithmetic in UTC: on a day that the zone's clock changes, a period is as long as it really is
        return [
            (
                datetime.combine(day, start, self.zone).astimezone(UTC),
                datetime.combine(day, end, self.zone).astimezone(UTC),
            )
            for start, end in held.hours.get(day, held.periods)
        ]

    def year(self, number: int) -> Year:
        """The periods of a local year, prepared once."""
        found = self._years.get(number)
        if found is None:
            found = self._years[number] = self._prepare(number)
        return found

    def _prepare(self, number: int) -> Year:
        opens: list[datetime] = []
        closes: list[datetime] = []
        before: list[int] = []
        by_end: list[int] = []
        worked, day = 0, date(number, 1, 1)
        while day.year == number:
            for start, end in self.of_day(day):
                begin = max(start, closes[-1]) if closes else start
                if end <= begin:  # lost when the zone's clock went forward
                    continue
                opens.append(begin)
                closes.append(end)
                before.append(worked)
                worked += (end - begin) // MICRO
                by_end.append(worked)
            day += timedelta(days=1)
        return Year(opens, closes, before, by_end)

    def local(self, at: datetime) -> date:
        """The day of the city's calendar."""
        return at.astimezone(self.zone).date()

    def days_worked(self, first: date) -> Iterator[list[tuple[datetime, datetime]]]:
        """The periods of each day that is worked, from a local day on, for ten years."""
        for offset in range(HORIZON_YEARS * 366):
            periods = self.of_day(first + timedelta(days=offset))
            if periods:
                yield periods


def limit_seconds(amount: float, unit: str, calendar: WorkCalendar) -> float:
    """How many counted seconds a limit has: continuous ones for urgent units, working ones for the others.

    Of OFFICE_DAY only the ordinary length; that of certain days is `limit_from`.
    """
    seconds = {
        Unit.MINUTE: 60.0,
        Unit.URGENT_HOUR: 3600.0,
        Unit.URGENT_DAY: 86400.0,
        Unit.WORK_HOUR: 3600.0,
        Unit.WORK_DAY: calendar.day_seconds,
        Unit.OFFICE_DAY: calendar.day_seconds,
        Unit.NATURAL_HOUR: 3600.0,
        Unit.NATURAL_DAY: 86400.0,
    }
    return amount * seconds[Unit(unit)]


def limit_from(start: datetime, amount: int, unit: str, calendar: WorkCalendar) -> float:
    """How many counted seconds a limit that starts at an instant has.

    The same for every start, but for OFFICE_DAY: the working time of the very days until close of business of the
    last one, half days as short as they are. Raises CalendarEmpty.
    """
    if unit != Unit.OFFICE_DAY:
        return limit_seconds(amount, unit, calendar)
    days = list(islice(calendar.days_worked(calendar.local(start) + timedelta(days=1)), amount))
    if len(days) < amount:
        raise CalendarEmpty
    return sum(((closes - opens) / MICRO for periods in days for opens, closes in periods)) / 1_000_000


def begins(start: datetime, unit: str, calendar: WorkCalendar) -> datetime:
    """From when a limit that starts now is counted: at once, or from the opening of the next working day.

    Raises CalendarEmpty.
    """
    if unit != Unit.OFFICE_DAY:
        return start
    for periods in calendar.days_worked(calendar.local(start) + timedelta(days=1)):
        return periods[0][0]
    raise CalendarEmpty


def due_after(start: datetime, seconds: float, unit: str, calendar: WorkCalendar) -> datetime:
    """The instant at which so many counted seconds have passed since `start`.

    Exactly on the end of a period it stays there (18:00, not 08:00 of the next day). Raises CalendarEmpty.
    """
    left = _micros(seconds)
    if unit in CONTINUOUS or left <= 0:
        return start + max(left, 0) * MICRO
    first = calendar.local(start).year
    left += calendar.year(first).until(start)
    for number in range(first, min(first + HORIZON_YEARS, date.max.year) + 1):
        year = calendar.year(number)
        if left <= year.total:
            return year.instant(left)
        left -= year.total
    raise CalendarEmpty


def before(end: datetime, seconds: float, unit: str, calendar: WorkCalendar) -> datetime:
    """The latest instant from which so many counted seconds are left until `end`; the inverse of due_after.

    Raises CalendarEmpty.
    """
    left = _micros(seconds)
    if unit in CONTINUOUS or left <= 0:
        return end - max(left, 0) * MICRO
    last = calendar.local(end).year
    have = calendar.year(last).until(end)
    for number in range(last, max(last - HORIZON_YEARS, date.min.year), -1):
        if left <= have:
            return calendar.year(number).latest(have - left)
        left -= have
        have = calendar.year(number - 1).total
    raise CalendarEmpty


def counted(start: datetime, end: datetime, unit: str, calendar: WorkCalendar) -> float:
    """Counted seconds between two instants; 0 when the end is not after the start."""
    if end <= start:
        return 0.0
    if unit in CONTINUOUS:
        return (end - start).total_seconds()
    first, last = calendar.local(start).year, calendar.local(end).year
    between = sum(calendar.year(number).total for number in range(first, last))
    return (between + calendar.year(last).until(end) - calendar.year(first).until(start)) / 1_000_000


def _micros(seconds: float) -> int:
    return round(seconds * 1_000_000)


def light(used: float, limit: float, warn_share: float) -> str:
    """Traffic light of a stage: green to the share that warns, yellow to 100 % of the limit, red beyond."""
    share = used / limit if limit > 0 else 2.0
    if share > 1:
        return "red"
    return "yellow" if share > warn_share else "green"
