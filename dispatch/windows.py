"""Times of day, weekdays and months in which a rule holds. Pure; local time of the city."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})")
DAY_MINUTES = 24 * 60
WEEKDAYS, MONTHS = range(1, 8), range(1, 13)


class BadWindowError(ValueError):
    """Hours, weekdays or months that say nothing; the argument is the part that was wrong."""


def parse_hours(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of minutes since midnight from `18:00-06:00` or `08:00-12:00,14:00-18:00`; a span may pass midnight.

    Raises BadWindowError for anything else, and for a span without length.
    """
    spans = []
    for piece in filter(None, (p.strip() for p in re.split(r"[,，;；、]", text))):
        match = _SPAN.fullmatch(piece)
        if match is None:
            raise BadWindowError(piece)
        h1, m1, h2, m2 = (int(group) for group in match.groups())
        start, end = h1 * 60 + m1, h2 * 60 + m2
        if m1 > 59 or m2 > 59 or start >= DAY_MINUTES or end > DAY_MINUTES or start == end:
            raise BadWindowError(piece)
        spans.append((start, end))
    return tuple(spans)


@dataclass(frozen=True)
class Window:
    """When a rule holds; empty hours, weekdays or months mean any. Weekdays are 1 (Monday) to 7."""

    hours: tuple[tuple[int, int], ...] = ()
    weekdays: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.hours or self.weekdays or self.months)

    @property
    def named(self) -> int:
        """How many of the three are given: more is more exact."""
        return sum(1 for part in (self.hours, self.weekdays, self.months) if part)

    def covers(self, local: datetime) -> bool:
        """Whether an instant of local time lies inside; the start belongs to it, the end does not.

        The hours after midnight of a night belong to the day on which the night began, for weekday and month too.
        """
        if not self.hours:
            return self._on(local)
        minute, yesterday = local.hour * 60 + local.minute, local - timedelta(days=1)
        for start, end in self.hours:
            if start < end:
                if start <= minute < end and self._on(local):
                    return True
            elif (minute >= start and self._on(local)) or (minute < end and self._on(yesterday)):
                return True
        return False

    def _on(self, day: datetime) -> bool:
        in_month = not self.months or day.month in self.months
        return in_month and (not self.weekdays or day.isoweekday() in self.weekdays)


ANY_TIME = Window()


def window(hours: str, weekdays: list[int], months: list[int]) -> Window:
    """The window that a rule's columns describe; raises BadWindowError where they cannot be read."""
    for value, known in ((weekdays, WEEKDAYS), (months, MONTHS)):
        wrong = [each for each in value if each not in known]
        if wrong:
            raise BadWindowError(str(wrong[0]))
    return Window(parse_hours(hours), frozenset(weekdays), frozenset(months))
