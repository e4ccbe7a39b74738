"""How fast working time is added and measured over a year of limits, beside counting day by day.

Random starts in one year, limits from an hour to sixty working days, the holidays of the package; no database. The
day-by-day way is the plain definition, which the property tests compare with; the ratio is the result.
"""

import argparse
import random
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import report

if TYPE_CHECKING:
    from dispatch.clocks import WorkCalendar

COMMAND = "python bench/clocks.py --write"
CLOCKS = 200_000
PLAINLY = 2_000
SEED = 4


def main() -> int:
    """Parse, measure, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    report.prepare("demo")
    text = measured()
    print(text)
    if options.write:
        report.write("clocks", "Working time", COMMAND, text, "one process, no database")
    return 0


def measured() -> str:
    """Time both ways on the same questions, see that they agree, and tell the lines of the result."""
    from dispatch.clocks import Unit, counted, due_after

    work = calendar()
    chance = random.Random(SEED)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    asked = [
        (first + timedelta(seconds=chance.randrange(365 * 86400)), chance.randrange(1, 60 * 8) * 3600.0)
        for _ in range(CLOCKS)
    ]
    begun = time.perf_counter()
    for year in range(2026, 2028):
        work.year(year)
    prepared = time.perf_counter() - begun
    begun = time.perf_counter()
    due = [due_after(start, seconds, Unit.WORK_HOUR, work) for start, seconds in asked]
    adding = (time.perf_counter() - begun) / CLOCKS
    begun = time.perf_counter()
    measured_back = [counted(start, end, Unit.WORK_HOUR, work) for (start, _), end in zip(asked, due, strict=True)]
    measuring = (time.perf_counter() - begun) / CLOCKS
    if any(got != seconds for got, (_, seconds) in zip(measured_back, asked, strict=True)):
        raise AssertionError("adding and measuring do not agree")
    begun = time.perf_counter()
    slow = [plainly(start, end, work) for (start, _), end in zip(asked[:PLAINLY], due, strict=False)]
    plain = (time.perf_counter() - begun) / PLAINLY
    if any(abs(one - other) > 1e-3 for one, other in zip(slow, measured_back, strict=False)):
        raise AssertionError("the two ways do not agree")
    return "\n".join(
        (
            f"{'clocks':44} {CLOCKS:12,}",
            f"{'preparing two years, once':44} {prepared * 1e3:9.1f} ms",
            f"{'adding a limit':44} {adding * 1e6:9.2f} µs",
            f"{'measuring':44} {measuring * 1e6:9.2f} µs",
            f"{'measuring day by day':44} {plain * 1e6:9.0f} µs",
            f"{'ratio':44} {plain / measuring:12,.0f}",
        )
    )


def calendar() -> "WorkCalendar":
    """The working days of two years as the package knows them."""
    from dispatch.calendars import ANNOUNCED_TO, announced_days
    from dispatch.clocks import WorkCalendar

    days = [day for year in (ANNOUNCED_TO - 1, ANNOUNCED_TO) for day in announced_days(year)]
    return WorkCalendar(ZoneInfo("Asia/Shanghai"), overrides={day: works for day, works, _name in days})


def plainly(start: datetime, end: datetime, work: "WorkCalendar") -> float:
    """Working seconds between two instants, period by period of each day."""
    day: date = work.local(start)
    total = 0.0
    while day <= work.local(end):
        total += sum(max((min(c, end) - max(o, start)).total_seconds(), 0.0) for o, c in work.of_day(day))
        day += timedelta(days=1)
    return total


if __name__ == "__main__":
    sys.exit(main())
