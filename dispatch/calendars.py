"""Fills a calendar with Chinese public holidays and make-up workdays."""

from collections.abc import Sequence
from datetime import date, timedelta

import chinese_calendar

from dispatch.models import Calendar, CalendarDay

# chinesecalendar knows the years that have been announced; its newest is this one
ANNOUNCED_TO = 2026
# holidays with a fixed date, for years that are not announced yet (the others follow the moon)
FIXED_HOLIDAYS = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}


# a day that differs from its weekday: (day, worked, name)
Special = tuple[date, bool, str]


def announced_days(year: int) -> list[Special]:
    """Days of a year that differ from their weekday: (day, worked, name). Raises for a year not announced."""
    day, found = date(year, 1, 1), []
    while day.year == year:
        works = bool(chinese_calendar.is_workday(day))
        if works != (day.weekday() < 5):
            name = chinese_calendar.get_holiday_detail(day)[1]
            found.append((day, works, str(name or "")))
        day += timedelta(days=1)
    return found


def seed(calendar: Calendar, years: range, days: Sequence[Special] | None = None) -> int:
    """Write the special days of these years; a year not announced gets its fixed holidays, flagged provisional.

    `days` is what was announced of them, where the package does not know it yet. Days that somebody has edited stay.
    Returns how many days were added.
    """
    rows = []
    for year in years:
        if days is not None:
            rows += [CalendarDay(calendar=calendar, day=d, works=w, name=n) for d, w, n in days if d.year == year]
        elif year <= ANNOUNCED_TO:
            rows += [CalendarDay(calendar=calendar, day=d, works=w, name=n) for d, w, n in announced_days(year)]
        else:
            rows += [
                CalendarDay(calendar=calendar, day=date(year, *month_day), works=False, name=name, provisional=True)
                for month_day, name in FIXED_HOLIDAYS.items()
            ]
    return len(CalendarDay.objects.bulk_create(rows, ignore_conflicts=True))
