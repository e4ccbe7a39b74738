"""受理统计: what came in within a span of days, by source, type and subject, and what became of it.

It counts 诉求 (reports), not parts: a county's bulletin says how many came by each hotline (P2.2–P2.5), a street how
many on each subject since the new year (P1.19). Each figure is a condition on a report; a rate is one count of another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.models import Callback, Clock, Report, Statement
from dispatch.models.contact import Satisfaction
from dispatch.models.report import RequestType
from dispatch.transitions import ENDED, State
from scorecards.formulas import Rate
from scorecards.periods import Span
from scorecards.rules import Rules, Text

REPLIES = (Statement.Kind.WRITTEN_REPLY, Statement.Kind.PLATFORM_REPLY)
COUNTS: dict[str, tuple[Text, Text]] = {
    "received": (gettext_lazy("来件数"), gettext_lazy("受理时间在本期的诉求，含不予受理的。")),
    "accepted": (gettext_lazy("受理数"), gettext_lazy("来件数减不予受理的。")),
    "done": (gettext_lazy("办结数"), gettext_lazy("受理数中案件已经办结的：结案、直接答复、移交、作废。")),
    "on_time": (gettext_lazy("按时办结数"), gettext_lazy("办结数中没有承办单位超期的。")),
    "replied": (gettext_lazy("按时回复数"), gettext_lazy("受理数中直接答复的，或承办单位在处置时限内书面答复的。")),
    "answered": (gettext_lazy("回访应答数"), gettext_lazy("受理数中诉求人接受回访的。")),
    "satisfied": (gettext_lazy("满意数"), gettext_lazy("最近一次回访表示满意的；基本满意按本市口径。")),
}
RATES = (
    Rate("done_rate", gettext_lazy("办结率"), "done", "accepted"),
    Rate("on_time_rate", gettext_lazy("按时办结率"), "on_time", "accepted"),
    Rate("replied_rate", gettext_lazy("按时回复率"), "replied", "accepted"),
    Rate("satisfied_rate", gettext_lazy("回访满意率"), "satisfied", "answered"),
)
NOT_NAMED = 6  # topics beyond so many are summed up
EXAMPLES = 3


@dataclass(frozen=True)
class Line:
    """One group with its counts; the last line of a table adds them up."""

    key: str
    name: Text
    counts: Mapping[str, int]

    @property
    def rates(self) -> dict[str, Any]:
        return {rate.key: rate.of(self.counts) for rate in RATES}

    def as_json(self) -> dict[str, Any]:
        rates = {key: None if value is None else str(value) for key, value in self.rates.items()}
        return {"key": self.key, "name": str(self.name), "counts": dict(self.counts), "rates": rates}


class Tally(NamedTuple):
    """Lines of one grouping, the biggest first, and their sum."""

    lines: list[Line]
    total: Line


def reports_of(span: Span) -> QuerySet[Report]:
    """Reports received within a span; by the index of the date."""
    start, end = span.bounds(settings.CITY.zone)
    return Report.objects.filter(received_at__gte=start, received_at__lt=end).order_by()


def _counted(rules: Rules) -> dict[str, Any]:
    """The conditions of COUNTS as aggregates; `said` has to be annotated."""
    accepted = ~Q(case__state=State.DECLINED)
    done = accepted & Q(case__state__in=sorted(ENDED - {State.DECLINED}))
    clocks = Clock.objects.filter(case=OuterRef("case"), kind=Clock.Kind.HANDLE, part__withdrawn_at=None)
    late = Exists(clocks.filter(verdict=Clock.Verdict.OVERDUE))
    told = Exists(clocks.filter(part__statements__kind__in=REPLIES, part__statements__at__lte=F("due_at")))
    satisfied = [Satisfaction.SATISFIED] + [Satisfaction.FAIR] * rules.fair_counts
    conditions = {
        "received": Q(),
        "accepted": accepted,
        "done": done,
        "on_time": done & ~Q(late),
        "replied": accepted & (Q(case__state=State.ANSWERED) | Q(told)),
        "answered": accepted & ~Q(said=None),
        "satisfied": accepted & Q(said__in=satisfied),
    }
    return {key: Count("pk", filter=asked or None) for key, asked in conditions.items()}


class Cell(NamedTuple):
    """The counts of one channel, type and 大类 together: what every table is added up from."""

    channel: str
    channel_name: str
    type: str
    subject: str  # the name: codes are each dictionary's own
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Cube:
    """Everything of a span, asked once."""

    cells: list[Cell]

    def by_source(self) -> Tally:
        """Each channel, and all together (P2.2)."""
        return _summed((cell.channel, cell.channel_name, cell.counts) for cell in self.cells)

    def by_type(self, channel: str = "") -> Tally:
        """Each request type, of one channel or of all (P2.3, P2.4)."""
        names: dict[str, Text] = dict(RequestType.choices)
        return _summed((cell.type, names.get(cell.type, cell.type), cell.counts) for cell in self._of(channel))

    def by_subject(self, channel: str = "") -> Tally:
        """Each 大类 of the dictionaries (P1.19)."""
        return _summed((cell.subject, cell.subject, cell.counts) for cell in self._of(channel))

    def _of(self, channel: str) -> list[Cell]:
        return [cell for cell in self.cells if not channel or cell.channel == channel]


def read(span: Span, rules: Rules) -> Cube:
    """Count a span by channel, type and subject at once: one statement for all tables of a page."""
    answers = Callback.objects.filter(report=OuterRef("pk"), reached=True).order_by("-called_at", "-pk")
    found = reports_of(span).annotate(said=Subquery(answers.values("satisfaction")[:1]))
    rows = found.values_list("channel__key", "channel__name", "request_type", "case__category__major__name")
    cells = []
    for key, name, kind, subject, *numbers in rows.annotate(**_counted(rules)):
        cells.append(Cell(key, name, kind, subject or "", dict(zip(COUNTS, numbers, strict=True))))
    return Cube(cells)


def _summed(rows: Iterable[tuple[str, Text, Mapping[str, int]]]) -> Tally:
    """Lines by their key, the biggest first, and the sum of all."""
    names: dict[str, Text] = {}
    sums: dict[str, dict[str, int]] = {}
    for key, name, counts in rows:
        names[key] = name or _("未归类")
        line = sums.setdefault(key, dict.fromkeys(COUNTS, 0))
        for count, number in counts.items():
            line[count] += number
    lines = [Line(key, names[key], counts) for key, counts in sums.items()]
    lines.sort(key=lambda line: (-line.counts["received"], line.key))
    total = {count: sum(line.counts[count] for line in lines) for count in COUNTS}
    return Tally(lines, Line("", _("合计"), total))


@dataclass(frozen=True)
class Topic:
    """A cluster of reports of one class, with the places that they name most (P2.9)."""

    name: str
    count: int
    places: list[tuple[str, int]]


def hot_topics(span: Span, channel: str = "", most: int = NOT_NAMED) -> list[Topic]:
    """The classes with the most reports, each with the places named most; two statements. Confidential ones never."""
    found = reports_of(span).filter(case__confidential=False, case__category__isnull=False)
    found = found.filter(channel__key=channel) if channel else found
    top = list(found.values("case__category", "case__category__name").annotate(n=Count("pk")).order_by("-n")[:most])
    keys = [row["case__category"] for row in top]
    named = found.filter(case__category__in=keys).exclude(matched="")
    rows = named.values_list("case__category", "matched").annotate(n=Count("pk")).order_by("-n", "matched")
    places: dict[int, list[tuple[str, int]]] = {key: [] for key in keys}
    for key, place, n in rows:
        if len(places[key]) < EXAMPLES:
            places[key].append((place, n))
    return [Topic(row["case__category__name"], row["n"], places[row["case__category"]]) for row in top]


@dataclass(frozen=True)
class Surge:
    """This year until a day, beside the whole year before (P2.10, P2.21)."""

    day: date
    so_far: int
    last_year: int

    @property
    def exceeded(self) -> bool:
        return self.last_year > 0 and self.so_far > self.last_year


def surge(day: date) -> Surge:
    """How many have come since New Year; two counts by the index of the date."""
    year = Span(date(day.year, 1, 1), day)
    before = Span(date(day.year - 1, 1, 1), date(day.year - 1, 12, 31))
    return Surge(day, reports_of(year).count(), reports_of(before).count())


def exceeded_on(day: date) -> date | None:
    """The day on which this year's number went above that of the whole year before; None where it has not."""
    found = surge(day)
    if not found.exceeded:
        return None
    year = Span(date(day.year, 1, 1), day)
    rows: Any = reports_of(year).order_by("received_at", "pk").values_list("received_at", flat=True)
    crossed: datetime = rows[found.last_year]
    return crossed.astimezone(settings.CITY.zone).date()


def quarter_of(day: date) -> Span:
    """The calendar quarter of a day."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    following = (first + timedelta(days=93)).replace(day=1)
    return Span(first, following - timedelta(days=1))


def month_of(day: date) -> Span:
    """The calendar month of a day."""
    first = day.replace(day=1)
    return Span(first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1))
