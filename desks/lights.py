"""Traffic lights of many cases at once: the rule of dispatch/clocks.py turned into bounds that an index can answer.

A clock is yellow while less than a fifth of its limit is left. How much is left depends on working hours, but for each
limit there is one instant before which a clock has to be due for that; so one bound for each limit in use is enough.
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
from dispatch.profile import profile

RED, YELLOW, GREEN, NONE = "red", "yellow", "green", ""


@dataclass(frozen=True)
class Lights:
    """Lights at one instant; `bounds` says for each (seconds, unit) until when a clock that is due then is yellow."""

    at: datetime
    work: WorkCalendar
    bounds: dict[tuple[float, str], datetime]

    def of(self, due_at: datetime, limit_seconds: float, unit: str) -> str:
        """The light of a running clock."""
        if due_at < self.at:
            return RED
        bound = self.bounds.get((limit_seconds, unit))
        if bound is None:
            bound = yellow_until(self.at, limit_seconds, unit, self.work)
        return YELLOW if due_at < bound else GREEN

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
        near = Q(pk=None)
        for (seconds, unit), until in self.bounds.items():
            near |= Q(limit_seconds=seconds, limit_unit=unit, due_at__lt=until)
        return near

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


def yellow_until(at: datetime, limit_seconds: float, unit: str, work: WorkCalendar) -> datetime:
    """A clock with this limit that is due before this instant has used more than the green share."""
    return clocks.due_after(at, (1 - profile().clocks.warn_share) * limit_seconds, unit, work)


def read_lights(at: datetime) -> Lights:
    """Lights for an instant: reads the calendar and the limits of the clocks that run now."""
    calendar = Calendar.objects.on(timezone.localdate(at)).first()
    work = calendar.as_work_calendar() if calendar else WorkCalendar(zone=settings.CITY.zone)
    limits = Clock.objects.running().order_by().values_list("limit_seconds", "limit_unit").distinct()
    return Lights(at, work, {(seconds, unit): yellow_until(at, seconds, unit, work) for seconds, unit in limits})
