"""Working time: when a limit ends, and how much of it has been used. Pure; all datetimes are aware.

Units (domain sheet A4, "Clock"): 紧急工作时 and 紧急工作日, natural hours and days run round the clock; 工作时 and
工作日 count only the periods of the calendar, 1 工作日 being as long as the periods of a full working day (8 hours by
default). The other reading of 工作日 begins with the next working day and ends at close of business of the last one:
OFFICE_DAY.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _

# A limit that has not ended after so many calendar days means a calendar without working days.
HORIZON_DAYS = 3660
YELLOW_SHARE = 0.8  # traffic light: green to 80 %, yellow to 100 %, then red


class Unit(models.TextChoices):
    URGENT_HOUR = "urgent_hour", _("紧急工作时")
    URGENT_DAY = "urgent_day", _("紧急工作日")
    WORK_HOUR = "work_hour", _("工作时")
    WORK_DAY = "work_day", _("工作日")
    OFFICE_DAY = "office_day", _("工作日（次日起算）")
    NATURAL_HOUR = "natural_hour", _("自然小时")
    NATURAL_DAY = "natural_day", _("自然日")
    MINUTE = "minute", _("分钟")


CONTINUOUS = frozenset({Unit.URGENT_HOUR, Unit.URGENT_DAY, Unit.NATURAL_HOUR, Unit.NATURAL_DAY, Unit.MINUTE})
Periods = tuple[tuple[time, time], ...]


class CalendarEmpty(Exception):
    """The calendar has no working time within ten years: it cannot answer."""


@dataclass(frozen=True)
class WorkCalendar:
    """Working periods of a city.

    `periods` are local start and end times of a working day, in order; `workdays` are weekdays (Monday is 0);
    `overrides` says for single days whether they are worked (holidays False, make-up workdays True).
    """

    zone: ZoneInfo
    periods: Periods = ((time(8), time(12)), (time(14), time(18)))
    workdays: frozenset[int] = frozenset(range(5))
    overrides: Mapping[date, bool] = field(default_factory=dict)
    # days with hours of their own: half a day before a feast
    hours: Mapping[date, Periods] = field(default_factory=dict)
    # from this day on the holidays are only a guess (the year has not been announced)
    provisional_from: date | None = None

    @property
    def day_seconds(self) -> float:
        """Working seconds of an ordinary working day."""
        return sum(
            (datetime.combine(date.min, end) - datetime.combine(date.min, start)).total_seconds()
            for start, end in self.periods
        )

    def works(self, day: date) -> bool:
        return self.overrides.get(day, day.weekday() in self.workdays)

    def of_day(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working periods of one local day, as UTC instants."""
        if not self.works(day):
            return []
        utc = ZoneInfo("UTC")
        # arithmetic in UTC: on a day that the zone's clock changes, a period is as long as it really is
        return [
            (
                datetime.combine(day, start, self.zone).astimezone(utc),
                datetime.combine(day, end, self.zone).astimezone(utc),
            )
            for start, end in self.hours.get(day, self.periods)
        ]

    def spans(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """Working periods from a local day on, as UTC instants, for ten years."""
        for offset in range(HORIZON_DAYS):
            yield from self.of_day(first + timedelta(days=offset))


def limit_seconds(amount: float, unit: str, calendar: WorkCalendar) -> float:
    """How many counted seconds a limit has: continuous ones for urgent units, working ones for the others."""
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


def begins(start: datetime, unit: str, calendar: WorkCalendar) -> datetime:
    """From when a limit that starts now is counted: at once, or from the opening of the next working day.

    Raises CalendarEmpty.
    """
    if unit != Unit.OFFICE_DAY:
        return start
    tomorrow = start.astimezone(calendar.zone).date() + timedelta(days=1)
    for opens, _closes in calendar.spans(tomorrow):
        return opens
    raise CalendarEmpty


def due_after(start: datetime, seconds: float, unit: str, calendar: WorkCalendar) -> datetime:
    """The instant at which so many counted seconds have passed since `start`.

    Exactly on the end of a period it stays there (18:00, not 08:00 of the next day). Raises CalendarEmpty.
    """
    if unit in CONTINUOUS or seconds <= 0:
        return start + timedelta(seconds=max(seconds, 0.0))
    left = seconds
    for opens, closes in calendar.spans(start.astimezone(calendar.zone).date()):
        begin = max(opens, start)
        have = (closes - begin).total_seconds()
        if have <= 0:
            continue
        if left <= have:
            return begin + timedelta(seconds=left)
        left -= have
    raise CalendarEmpty


def before(end: datetime, seconds: float, unit: str, calendar: WorkCalendar) -> datetime:
    """The latest instant from which so many counted seconds are left until `end`; the inverse of due_after."""
    if unit in CONTINUOUS or seconds <= 0:
        return end - timedelta(seconds=max(seconds, 0.0))
    day = end.astimezone(calendar.zone).date()
    for offset in range(HORIZON_DAYS):
        first = day - timedelta(days=offset)
        have = counted(datetime.combine(first, time.min, calendar.zone), end, unit, calendar)
        if have < seconds:
            continue
        for opens, closes in reversed(calendar.of_day(first)):
            rest = counted(opens, end, unit, calendar)
            if rest >= seconds:
                return min(closes, end) - timedelta(seconds=seconds - counted(min(closes, end), end, unit, calendar))
    raise CalendarEmpty


def counted(start: datetime, end: datetime, unit: str, calendar: WorkCalendar) -> float:
    """Counted seconds between two instants; 0 when the end is not after the start."""
    if end <= start:
        return 0.0
    if unit in CONTINUOUS:
        return (end - start).total_seconds()
    total = 0.0
    for opens, closes in calendar.spans(start.astimezone(calendar.zone).date()):
        if opens >= end:
            break
        total += max(0.0, (min(closes, end) - max(opens, start)).total_seconds())
    return total


def light(used: float, limit: float) -> str:
    """Traffic light of a stage: green to 80 % of the limit, yellow to 100 %, red beyond."""
    share = used / limit if limit > 0 else 2.0
    if share > 1:
        return "red"
    return "yellow" if share > YELLOW_SHARE else "green"
