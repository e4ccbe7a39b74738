"""入户遍访: since when a household has to be refreshed or visited again. Pure (P4.12, P4.21)."""

from datetime import date, timedelta
from typing import Literal

Every = Literal["month", "quarter", "half_year", "year"]
MONTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def period_start(day: date, every: Every) -> date:
    """The first day of the calendar period that a day lies in: of its quarter, its half-year.

    Sources count by the calendar (每季更新, 每半年遍访): what was done on the last day of March does not count for the
    second quarter.
    """
    months = MONTHS[every]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def period_end(day: date, every: Every) -> date:
    """The last day of the calendar period that a day lies in."""
    first = period_start(day, every)
    month = first.month - 1 + MONTHS[every]
    return date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
