"""The desk of callbacks: one row a caller, because every caller of a merged case is called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from desks.attempts import Attempts, attempts_of
from dispatch.models import Callback, Case, Report
from people.models import User

PAGE = 30
RECENT_DAYS = 30


@dataclass(frozen=True)
class CallTab:
    """One list of the desk: of reports that wait, or of callbacks that say something."""

    key: str
    title: str | Promise
    empty: str | Promise
    rows: QuerySet[Any]
    order: tuple[str, ...]


@dataclass(frozen=True)
class CallRow:
    """A caller; `said` is the callback that this list is about, if it is about one."""

    case: Case
    attempts: Attempts
    said: Callback | None = None


@dataclass(frozen=True)
class CallbackDesk:
    """What the desk shows; `chosen` and `tabs` as on the other desks."""

    tabs: list[tuple[CallTab, int]]
    chosen: CallTab
    page: "Page[Any]"
    rows: list[CallRow]


def callback_tabs(user: User, at: datetime) -> list[CallTab]:
    """To be called, to be called again, unreachable, dissatisfied and undecided, called; the latter of late only."""
    waiting = _seen(Report.objects.awaiting_callback(), user)
    tried = Exists(Callback.objects.filter(report=OuterRef("pk"), called_at__gte=OuterRef("callback_since")))
    late = Callback.objects.concluded().filter(called_at__gte=at - timedelta(days=RECENT_DAYS))
    oldest, latest = ("callback_since", "pk"), ("-called_at", "-pk")
    return [
        CallTab(
            "new",
            gettext_lazy("待回访"),
            gettext_lazy("已结案、诉求人可以回访的诉求会排在这里，并案的每位诉求人各一行。"),
            waiting.filter(~tried),
            oldest,
        ),
        CallTab(
            "again", gettext_lazy("未接通"), gettext_lazy("没有需要再次联系的诉求人。"), waiting.filter(tried), oldest
        ),
        CallTab(
            "unreachable",
            gettext_lazy("不可达"),
            gettext_lazy("最近 30 天没有无法联系上的诉求人。"),
            _seen(late.filter(reached=False), user),
            latest,
        ),
        CallTab(
            "unhappy",
            gettext_lazy("不满意待处理"),
            gettext_lazy("不满意或未解决的回访会排在这里，等值班长选择处理方式。"),
            _seen(Callback.objects.undecided(), user),
            ("called_at", "pk"),
        ),
        CallTab(
            "done",
            gettext_lazy("已回访"),
            gettext_lazy("最近 30 天的回访结果会排在这里。"),
            _seen(late.filter(reached=True), user),
            latest,
        ),
    ]


def _seen(rows: QuerySet[Any], user: User) -> QuerySet[Any]:
    """Those of cases that the user may see; asked about the few cases of the list, not about all of them."""
    return rows.filter(case__in=Case.objects.visible_to(user).filter(pk__in=rows.values("case")))


def read_callbacks(tabs: list[CallTab], key: str, number: str, at: datetime) -> CallbackDesk:
    """One page of the chosen list, and how long each is: as many queries for 100 rows as for 10."""
    chosen = next((tab for tab in tabs if tab.key == key), tabs[0])
    counted = [(tab, tab.rows.count()) for tab in tabs]
    paginator = Paginator(_joined(chosen).order_by(*chosen.order), PAGE)
    paginator.count = next(count for tab, count in counted if tab is chosen)
    page = paginator.get_page(number)
    return CallbackDesk(counted, chosen, page, list(_rows(list(page), at)))


def _joined(tab: CallTab) -> QuerySet[Any]:
    around = ("case__category", "case__community", "case__channel")
    if tab.rows.model is Report:
        return tab.rows.select_related("person", *around)
    return tab.rows.select_related("report__person", "report__case", "staff", *around)


def _rows(page: list[Report | Callback], at: datetime) -> Iterable[CallRow]:
    reports = [row.report if isinstance(row, Callback) else row for row in page]
    for attempts, row in zip(attempts_of(reports, at), page, strict=True):
        if row.case is not None:
            yield CallRow(row.case, attempts, row if isinstance(row, Callback) else None)
