"""来电统计: calls answered and abandoned, of each day of a short span and of each month of a long one."""

from itertools import groupby
from typing import NamedTuple

from dispatch.calls import Day, in_all, per_day
from scorecards.periods import Span

SHORT = 31  # days


class Calls(NamedTuple):
    """The lines, the newest first; whether each is a month (its `day` is then the first one); and all together."""

    lines: list[Day]
    monthly: bool
    total: Day


def calls_of(span: Span) -> Calls:
    """Count a span by one statement; days and months in which nobody called are left out."""
    days = per_day(span.first, span.last)
    monthly = len(days) > SHORT
    lines = [in_all(month, first) for first, month in groupby(days, lambda day: day.day.replace(day=1))]
    found = lines if monthly else days
    return Calls([line for line in found if line.came or line.outgoing], monthly, in_all(days, span.last))
