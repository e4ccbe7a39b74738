"""When an inspector counts as on duty, and whether a break may begin.

Pure. `Shift.objects.on_duty` is the same as a condition of the database; a test compares both (ADR 39).
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Presence:
    """A planned shift and what was clocked in it; an attendance that goes on has no end."""

    planned: Span
    attended: Sequence[tuple[datetime, datetime | None]] = ()
    rested: Sequence[Span] = ()
    must_clock_in: bool = field(default=False)

    def at(self, at: datetime) -> bool:
        """Whether the inspector counts as on duty; at the moment of a change what comes counts."""
        if not self.planned[0] <= at < self.planned[1] or any(start <= at < end for start, end in self.rested):
            return False
        if any(start <= at and (end is None or at < end) for start, end in self.attended):
            return True
        return not self.must_clock_in and not any(end is not None and end <= at for _start, end in self.attended)

    def spans(self) -> list[Span]:
        """The spans of time on duty, in order; between two moments of change nothing changes."""
        edges = {*self.planned, *(edge for span in self.rested for edge in span)}
        edges |= {edge for span in self.attended for edge in span if edge is not None}
        found: list[Span] = []
        moments = sorted(edge for edge in edges if self.planned[0] <= edge <= self.planned[1])
        for start, end in itertools.pairwise(moments):
            if not self.at(start):
                continue
            if found and found[-1][1] == start:
                start = found.pop()[0]  # noqa: PLW2901 - one span goes on
            found.append((start, end))
        return found


def rest_left(rested: Iterable[Span], allowed: timedelta) -> timedelta:
    """How much of the breaks of a shift is left."""
    used = sum((end - start for start, end in rested), timedelta())
    return max(allowed - used, timedelta())
