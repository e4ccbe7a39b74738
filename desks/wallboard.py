"""What the wall screen shows: the city's day in numbers, read at one instant. No personal data.

Every number comes from an index over the day, the open cases or the running clocks, so that a city with a million
closed cases waits no longer than a new one. What happened to a case today left it in its state since today (each of
these steps changes the state), so the index on (state, state_since) finds all of today's work.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate, TruncHour
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.filters import Filter
from desks.lights import Lights, read_lights
from desks.listing import Row, read_page
from dispatch.models import Case, CaseQuerySet, Clock, FieldTask
from dispatch.transitions import ENDED, OPEN, State
from gridmap.models import Category
from inspectors.assigning import FRESH
from inspectors.models import Position, Shift
from scorecards.cards import rules_of_city
from scorecards.figures import Question, sums
from scorecards.formulas import RATE, Base, Rate
from scorecards.periods import Month, Span

DAYS = 30
HOURS = 24
MOST = 6  # lines of a list
CHANNELS = 9
URGENT = 5
KEPT_SECONDS = 60
FILED_RATE = Rate("filed_rate", gettext_lazy("立案率"), "filed_of_today", "received")
# of what fell due today until now, by the named formulas of the scorecards
DUE_RATES = (RATE["closed_on_time_rate"], RATE["closed_rate"])
STAGES = tuple(state for state in State if state in OPEN)


class Line(NamedTuple):
    """A name with its number."""

    name: str
    n: int


class Stage(NamedTuple):
    """Open cases of a stage, and how many of today's cases are there now; the last one has those that ended."""

    name: str
    open: int | None
    today: int


class Figure(NamedTuple):
    """A rate in percent with what it was made of; None without a denominator."""

    name: str
    value: Any
    above: int
    below: int


class Hour(NamedTuple):
    """Cases received within an hour of the city's clock."""

    start: datetime
    n: int


class Day(NamedTuple):
    """Cases received and closed on a day of the city's calendar."""

    day: date
    received: int
    closed: int


class Duty(NamedTuple):
    """Inspectors on duty: with a task, without; with a position that still says where they are, and without."""

    on_duty: int
    on_task: int
    fresh: int

    @property
    def idle(self) -> int:
        return self.on_duty - self.on_task

    @property
    def stale(self) -> int:
        return self.on_duty - self.fresh


@dataclass(frozen=True)
class Board:
    """The whole screen at an instant."""

    at: datetime
    day: date
    today: dict[str, int]
    standing: dict[str, int]
    stages: list[Stage]
    channels: list[Line]
    classes: list[Line]
    areas: list[Line]
    rates: list[Figure]
    urgent: list[Row]
    duty: Duty
    hours: list[Hour]
    days: list[Day]


def read_board(named: CaseQuerySet, at: datetime) -> Board:
    """Everything, in a constant number of statements. Counts are the city's; cases are named only among `named`."""
    day = at.astimezone(settings.CITY.zone).date()
    start = midnight(day)
    lights = read_lights(at)
    came = Case.objects.filter(received_at__gte=start, received_at__lte=at).order_by()
    open_now = dict(Case.objects.filter(state__in=OPEN).order_by().values_list("state").annotate(n=Count("pk")))
    states: dict[str, tuple[int, int]] = {
        state: (n, filed) for state, n, filed in came.values_list("state").annotate(n=Count("pk"), f=Count("filed_at"))
    }
    today = _today(came, states, start, at)
    return Board(
        at=at,
        day=day,
        today=today,
        standing={"open": sum(open_now.values()), "suspended": open_now.get(State.SUSPENDED, 0), **_late(lights)},
        stages=_stages(open_now, {state: n for state, (n, _filed) in states.items()}),
        channels=_top(came.values_list("channel__name"), CHANNELS, _("其他渠道")),
        classes=_top(came.filter(confidential=False, category__isnull=False).values_list(Category.label_column())),
        areas=_top(came.filter(confidential=False, community__isnull=False).values_list("community__name")),
        rates=_rates(today, day, at),
        urgent=_urgent(named, lights),
        duty=_duty(at),
        hours=_hours(at),
        days=[*_days_before(day), Day(day, today["received"], today["closed"])],
    )


def midnight(day: date) -> datetime:
    """The first instant of a day in the city's zone."""
    return datetime.combine(day, time(), settings.CITY.zone)


def _today(came: CaseQuerySet, states: dict[str, tuple[int, int]], start: datetime, at: datetime) -> dict[str, int]:
    dates = ("filed", "dispatched", "handled", "closed")
    moved = Case.objects.filter(state__in=State.values, state_since__gte=start).order_by()
    done: dict[str, int] = moved.aggregate(
        **{name: Count("pk", filter=Q(**{f"{name}_at__gte": start, f"{name}_at__lte": at})) for name in dates}
    )
    # the same time of the clock yesterday
    local = at.astimezone(settings.CITY.zone)
    then = datetime.combine(local.date() - timedelta(days=1), local.time(), settings.CITY.zone)
    before = Case.objects.filter(received_at__gte=midnight(then.date()), received_at__lte=then).count()
    received, filed = (sum(numbers) for numbers in zip(*states.values(), strict=True)) if states else (0, 0)
    return done | {"received": received, "filed_of_today": filed, "yesterday": before}


def _late(lights: Lights) -> dict[str, int]:
    """Open cases by their worst running clock, the urgent ones apart; from the small index of running clocks."""
    running = Clock.objects.running().order_by()
    red = running.filter(due_at__lt=lights.at)
    near = running.filter(lights.near(), due_at__gte=lights.at).exclude(case__in=red.values("case"))
    return {
        "red": red.aggregate(n=Count("case", distinct=True))["n"],
        "yellow": near.aggregate(n=Count("case", distinct=True))["n"],
        "urgent": Case.objects.filter(state__in=OPEN, urgent=True).count(),
    }


def _stages(open_now: dict[str, int], today: dict[str, int]) -> list[Stage]:
    found = [Stage(str(state.label), open_now.get(state, 0), today.get(state, 0)) for state in STAGES]
    return [*found, Stage(_("已办结"), None, sum(today.get(state, 0) for state in ENDED))]


def _top(names: QuerySet[Any, Any], most: int = MOST, rest: str = "") -> list[Line]:
    """The biggest groups; what is left is summed under `rest`, where that has a name."""
    rows = [Line(name, n) for name, n in names.annotate(n=Count("pk"))]
    rows.sort(key=lambda line: (-line.n, line.name))
    if not rest or len(rows) <= most:
        return rows[:most]
    return [*rows[: most - 1], Line(rest, sum(line.n for line in rows[most - 1 :]))]


def _rates(today: dict[str, int], day: date, at: datetime) -> list[Figure]:
    question = Question(Month.of_day(day), at, rules_of_city(), span=Span(day, day))
    keys = {key for rate in DUE_RATES for key in (rate.numerator, rate.denominator)}
    counts = today | sums(Base.DUE, question, sorted(keys))
    return [
        Figure(str(rate.name), rate.of(counts), counts[rate.numerator], counts[rate.denominator])
        for rate in (FILED_RATE, *DUE_RATES)
    ]


def _urgent(named: CaseQuerySet, lights: Lights) -> list[Row]:
    """Open urgent cases, what is due first first; nothing confidential stands on a wall."""
    urgent = named.filter(state__in=OPEN, urgent=True, confidential=False)
    return read_page(urgent, Filter(sort="due"), lights).rows[:URGENT]


def _duty(at: datetime) -> Duty:
    tasks = FieldTask.objects.open().filter(inspector=OuterRef("inspector"))
    seen = Position.objects.filter(inspector=OuterRef("inspector"), seen_at__gt=at - FRESH)
    people = Shift.objects.on_duty(at).order_by().values("inspector").distinct()
    rows = people.annotate(busy=Exists(tasks), fresh=Exists(seen)).values_list("busy", "fresh", "inspector")
    found = list(rows)
    return Duty(len(found), sum(busy for busy, _f, _i in found), sum(fresh for _b, fresh, _i in found))


def _hours(at: datetime) -> list[Hour]:
    """The last 24 hours of the clock, the running one last."""
    last = at.astimezone(settings.CITY.zone).replace(minute=0, second=0, microsecond=0)
    starts = [last - timedelta(hours=back) for back in reversed(range(HOURS))]
    rows = Case.objects.filter(received_at__gte=starts[0], received_at__lte=at).order_by()
    hour = TruncHour("received_at", tzinfo=settings.CITY.zone)
    found = dict(rows.annotate(hour=hour).values_list("hour").annotate(n=Count("pk")))
    return [Hour(start, found.get(start, 0)) for start in starts]


def _days_before(day: date) -> list[Day]:
    """The days before a day; they hardly change, so each process counts them once a minute."""
    key = f"wall-days-{day.isoformat()}"
    kept: list[Day] = cache.get_or_set(key, lambda: count_days(day), KEPT_SECONDS)  # type: ignore[assignment]
    return kept


def count_days(day: date) -> list[Day]:
    """Cases received and closed on each of the 29 days before a day."""
    days = [day - timedelta(days=back) for back in reversed(range(1, DAYS))]
    received, closed = (_by_day(name, days[0], day) for name in ("received_at", "closed_at"))
    return [Day(each, received.get(each, 0), closed.get(each, 0)) for each in days]


def _by_day(name: str, first: date, end: date) -> dict[date, int]:
    rows = Case.objects.filter(**{f"{name}__gte": midnight(first), f"{name}__lt": midnight(end)}).order_by()
    local = TruncDate(name, tzinfo=settings.CITY.zone)
    return dict(rows.annotate(on=local).values_list("on").annotate(n=Count("pk")))


def busiest(lines: Iterable[Line]) -> int:
    """The biggest number, at least one: what a full bar stands for."""
    return max([1, *(line.n for line in lines)])
