"""Traffic lights of many cases at once: the rule of dispatch/clocks.py as instants that every clock has stored.

A running clock is red after its due time, and yellow after the instant at which the warning share of its limit is used.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch import clocks
from dispatch.clocks import WorkCalendar
from dispatch.explain import duration
from dispatch.models import Calendar, Clock

RED, YELLOW, GREEN, NONE = "red", "yellow", "green", ""


@dataclass(frozen=True)
class Lights:
    """Lights at one instant; the calendar is for the words only."""

    at: datetime
    work: WorkCalendar

    def of(self, due_at: datetime, warn_at: datetime | None) -> str:
        """The light of a running clock."""
        if due_at < self.at:
            return RED
        return YELLOW if warn_at is not None and warn_at < self.at else GREEN

    def left(self, due_at: datetime, unit: str) -> float:
        """Counted seconds that are left; below zero those by which it is overdue."""
        if due_at < self.at:
            return -clocks.counted(due_at, self.at, unit, self.work)
        return clocks.counted(self.at, due_at, unit, self.work)

    def words(self, due_at: datetime, unit: str) -> str:
        """What is left, in words: 剩 1 小时 20 分."""
        seconds = self.left(due_at, unit)
        left = duration(seconds, unit, self.work.day_seconds)
        return (_("超期 %(left)s") if due_at < self.at else _("剩 %(left)s")) % {"left": left}

    def near(self) -> Q:
        """Clocks that have used more than the green share of their limit."""
        return Q(warn_at__lt=self.at)

    def is_red(self) -> Q:
        """Cases with a running clock that is overdue."""
        return Q(Exists(Clock.objects.overdue(self.at).filter(case=OuterRef("pk"))))

    def is_yellow(self) -> Q:
        """Cases that are near due, and not overdue with another clock."""
        running = Clock.objects.running().filter(self.near(), case=OuterRef("pk"), due_at__gte=self.at)
        return Q(Exists(running)) & ~self.is_red()

    def is_green(self) -> Q:
        """Cases with a running clock and time enough."""
        return Q(Exists(Clock.objects.running().filter(case=OuterRef("pk")))) & ~self.is_red() & ~self.is_yellow()


def read_lights(at: datetime) -> Lights:
    """Lights for an instant: reads the scheme that is in force then."""
    calendar = Calendar.objects.on(timezone.localdate(at)).first()
    work = calendar.as_work_calendar() if calendar else WorkCalendar(zone=settings.CITY.zone)
    return Lights(at, work)
