"""The console's list: one page of cases at a time, by keyset, with what each row shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from desks.filters import Filter
from desks.lights import Lights
from dispatch.masks import mask_text
from dispatch.models import Case, CaseQuerySet, Clock, Part

PAGE = 100
# what a row or a line of the table says: the other fifty columns take longer to read than the query
SHOWN = (
    "number", "version", "state", "urgent", "hard", "text", "address", "point", "report_count", "received_at",
    "category__name", "category__name_en", "community__name", "channel__name",
)  # fmt: skip
FAR = "9999-12-31T00:00:00+00:00"  # where cases without a running clock stand in the order by due time


@dataclass(frozen=True)
class Row:
    """A case as the list shows it."""

    case: Case
    light: str
    left: str  # what is left of the limit that ends first, in words; empty where none runs
    agency: str


@dataclass(frozen=True)
class Page:
    """Rows and where the next page begins; `after` is empty on the last one."""

    rows: list[Row]
    after: str


def read_page(cases: CaseQuerySet, choice: Filter, lights: Lights, after: str = "") -> Page:
    """The page after a cursor: two queries however many rows."""
    ordered = _by_due(cases, after) if choice.sort == "due" else _by_time(cases, after)
    found = list(_with_facts(ordered)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return Page([_row(case, lights) for case in found], _cursor(found[-1], choice) if more else "")


def export_rows(cases: QuerySet[Case], lights: Lights) -> Iterator[list[str]]:
    """The rows of a table of cases with their heads, times in the city's zone; queries do not grow with the rows."""
    heads = (_("案件编号"), _("受理时间"), _("渠道"), _("类别"), _("阶段"), _("紧急"), _("社区"), _("地址"))
    yield [*map(str, heads), _("诉求数"), _("承办单位"), _("最先到期"), _("时限"), _("问题描述")]
    for case in _with_facts(cases).iterator(1000):
        row = _row(case, lights)
        clocks: list[Clock] = case.running_clocks  # type: ignore[attr-defined]
        yield [
            case.number,
            f"{timezone.localtime(case.received_at):%Y-%m-%d %H:%M}",
            str(case.channel),
            case.category.name if case.category else "",
            case.get_state_display(),
            _("是") if case.urgent else "",
            case.community.name if case.community else "",
            mask_text(case.address),
            str(case.report_count),
            row.agency,
            f"{timezone.localtime(clocks[0].due_at):%Y-%m-%d %H:%M}" if clocks else "",
            row.left,
            mask_text(case.text),
        ]


def _with_facts(cases: QuerySet[Case]) -> QuerySet[Case]:
    """All that a row shows, in two queries; `lead` is who has it, or whom the rules propose."""
    live = Part.objects.filter(case=OuterRef("pk"), withdrawn_at=None).order_by("-leads", "pk")
    named = Coalesce(NullIf("agency__short_name", Value("")), "agency__name")
    proposed = Coalesce(NullIf("proposed_agency__short_name", Value("")), "proposed_agency__name")
    lead = Coalesce(Subquery(live.values(name=named)[:1]), proposed)
    clocks = Clock.objects.running_each().order_by("due_at").only("case", "due_at", "warn_at", "limit_unit")
    running = Prefetch("clocks", clocks, to_attr="running_clocks")
    found = cases.select_related("category", "community", "channel").only(*SHOWN)
    return found.annotate(lead=lead).prefetch_related(running)


def _row(case: Case, lights: Lights) -> Row:
    clocks: list[Clock] = case.running_clocks  # type: ignore[attr-defined]
    name: str = case.lead or ""  # type: ignore[attr-defined]
    if not clocks:
        return Row(case, "", "", name)
    first = clocks[0]
    light = lights.of(first.due_at, first.warn_at)
    return Row(case, light, lights.words(first.due_at, first.limit_unit), name)


def _cursor(case: Case, choice: Filter) -> str:
    clocks: list[Clock] = case.running_clocks  # type: ignore[attr-defined]
    if choice.sort != "due":
        return f"{case.received_at.isoformat()}~{case.pk}"
    return f"{clocks[0].due_at.isoformat() if clocks else FAR}~{case.pk}"


def _read_cursor(after: str) -> tuple[datetime, int] | None:
    moment, _sep, number = after.partition("~")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    return (at, int(number)) if at is not None and number.isdecimal() and at.tzinfo else None


def _by_time(cases: CaseQuerySet, after: str) -> CaseQuerySet:
    cursor = _read_cursor(after)
    if cursor:
        at, number = cursor
        # the first half alone lets the index on received_at begin at the right place
        cases = cases.filter(received_at__lte=at).filter(Q(received_at__lt=at) | Q(pk__lt=number))
    return cases.order_by("-received_at", "-pk")


def _by_due(cases: CaseQuerySet, after: str) -> CaseQuerySet:
    cursor = _read_cursor(after)
    cases = cases.with_due()
    if cursor:
        at, number = cursor
        if after.startswith(FAR):
            cases = cases.filter(due_at=None, pk__gt=number)  # type: ignore[misc]  # annotated by with_due
        else:
            cases = cases.filter(Q(due_at=None) | Q(due_at__gt=at) | Q(due_at=at, pk__gt=number))
    return cases.order_by(F("due_at").asc(nulls_last=True), "pk")
