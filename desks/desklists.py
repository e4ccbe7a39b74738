"""The lists of the shift lead and of an agency: tabs with numbers, and one page of rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.filters import each_once
from desks.lights import RED, Lights, read_lights
from desks.unitwork import delegation_notes, talk_notes, unread_talk
from dispatch.lookbacks import due_for_look_back
from dispatch.masks import mask_text
from dispatch.models import Callback, Case, CaseQuerySet, Clock, Delegation, Notice, Part, Report
from dispatch.profile import profile
from dispatch.transitions import EDGES, Action, State
from people.access import of_agencies, scope_of
from people.models import User

PAGE = 30
DONE_FOR = timedelta(days=90)  # what an agency has done before stands in its ledger


@dataclass(frozen=True)
class Tab:
    """One list of a desk: key of the address, title, which cases, and in which order."""

    key: str
    title: str | Promise
    empty: str | Promise
    cases: CaseQuerySet
    order: tuple[Any, ...] = ("state_since", "pk")
    mixed: bool = False  # cases of several states: rows say which
    # what the rows of this list have to say first, by case
    notes: Callable[[list[Case]], dict[int, str]] | None = None
    opens: str = ""  # the step that its cases are opened for
    # whether the page says how many there are while another list is chosen: an archive need not
    counted: bool = True
    picks: bool = False  # several can be chosen, to be answered at once
    # of a list that is one state among these cases: all such lists are counted together
    among: CaseQuerySet | None = None


@dataclass(frozen=True)
class DeskRow:
    """A case as a desk's list shows it; `note` is what this desk has to know first."""

    case: Case
    light: str
    left: str
    note: str = ""


@dataclass(frozen=True)
class Desk:
    """What a desk shows."""

    tabs: list[tuple[Tab, int | None]]
    chosen: Tab
    page: "Page[Case]"
    rows: list[DeskRow]
    extra: dict[str, Any] = field(default_factory=dict)


def lead_tabs(user: User, at: datetime) -> list[Tab]:
    """What waits for the shift lead's decision, oldest first."""
    seen = Case.objects.visible_to(user)

    def waiting(state: State, title: str | Promise, empty: str | Promise) -> Tab:
        return Tab(state.value, title, empty, seen.filter(state=state), among=seen)

    return [
        waiting(State.TO_FILE, gettext_lazy("待立案"), gettext_lazy("核实过的诉求和巡查上报的问题会排在这里。")),
        waiting(State.TO_REVIEW, gettext_lazy("待审核"), gettext_lazy("提交审核的民生诉求会排在这里。")),
        waiting(State.TO_CLOSE, gettext_lazy("待结案"), gettext_lazy("核查通过、答复通过的案件会排在这里。")),
        Tab(
            "unplaced",
            gettext_lazy("待定位"),
            gettext_lazy("所有诉求都有位置。"),
            seen.without_place(),
            ("received_at", "pk"),
            mixed=True,
        ),
        *_urgent(seen),
        *_after_the_result(seen, at),
    ]


def _urgent(seen: CaseQuerySet) -> list[Tab]:
    """紧急: whose agency has not answered the telephone yet, or is not on the spot yet (P3.20)."""
    if Action.TELEPHONE in profile().off:
        return []
    parts = Part.objects.filter(case=OuterRef("pk"), withdrawn_at=None, stage=Part.Stage.HANDLING)
    untold = parts.exclude(pk__in=Notice.objects.answered().values("part"))
    away = Clock.objects.unfinished().filter(case=OuterRef("pk"), kind=Clock.Kind.ARRIVE)
    waited = seen.filter(Exists(untold) | Exists(away), urgent=True, state=State.HANDLING)
    return [
        Tab(
            "urgent",
            gettext_lazy("紧急通知"),
            gettext_lazy("派出的紧急案件都已电话通知，承办单位都已到场。"),
            waited,
            ("dispatched_at", "pk"),
            notes=notice_notes,
            opens=Action.TELEPHONE,
        )
    ]


def notice_notes(cases: list[Case]) -> dict[int, str]:
    """The last call to the agency of each case, and whether it is waited for."""
    notes = {case.pk: _("还没有电话通知承办单位") for case in cases}
    rows = Notice.objects.filter(part__case__in=cases, part__withdrawn_at=None).select_related("part__agency")
    for row in rows.order_by("called_at", "pk"):
        told = {
            "agency": row.part.agency.short_name or row.part.agency.name,
            "time": f"{timezone.localtime(row.called_at):%m-%d %H:%M}",
            "outcome": row.get_outcome_display(),
        }
        notes[row.part.case_id] = _("%(time)s 致电%(agency)s：%(outcome)s") % told
    return notes


def _after_the_result(seen: CaseQuerySet, at: datetime) -> list[Tab]:
    """What a result leaves to be decided, answered and looked at."""
    return [
        Tab(
            "redo",
            gettext_lazy("不满意待处理"),
            gettext_lazy("回访中不满意或未解决的案件会排在这里，由您选择重办、研判、延期、移交或不再处理。"),
            seen.complained_again(),
            ("closed_at", "pk"),
        ),
        Tab(
            "upper",
            gettext_lazy("待回复上级"),
            gettext_lazy("上级交办的案件办出结果后会排在这里，每一件都要回复。"),
            to_answer_upward(seen),
            ("upper_due_at", "pk"),
            mixed=True,
            notes=upper_notes,
            opens=Action.ANSWER_UPPER,
        ),
        Tab(
            "hard",
            gettext_lazy("疑难"),
            gettext_lazy("列入研判的疑难案件会排在这里。"),
            seen.hard(),
            ("received_at", "pk"),
            mixed=True,
        ),
        Tab(
            "look_back",
            gettext_lazy("回头看"),
            gettext_lazy("结案一段时间后，办理有过波折的案件和抽中的案件会排在这里。"),
            due_for_look_back(seen, at),
            ("closed_at", "pk"),
            opens=Action.LOOK_BACK,
        ),
    ]


def to_answer_upward(seen: CaseQuerySet) -> CaseQuerySet:
    """Cases with a result whose order from above nobody has answered yet; `upper_due_at` is its deadline."""
    due = Report.objects.unanswered_upward().filter(case=OuterRef("pk")).order_by("upper_due_at")
    states = [edge.source for edge in EDGES if edge.action == Action.ANSWER_UPPER]
    return seen.filter(state__in=states, pk__in=Report.objects.unanswered_upward().values("case")).annotate(
        upper_due_at=Subquery(due.values("upper_due_at")[:1])
    )


def upper_notes(cases: list[Case]) -> dict[int, str]:
    """Number and deadline of the order that waits for its answer, and who has given it."""
    notes: dict[int, str] = {}
    rows = Report.objects.unanswered_upward().filter(case__in=cases).order_by("-upper_due_at")
    for report in rows:
        due = timezone.localtime(report.upper_due_at)
        told = {"ref": report.external_ref or report.number, "due": f"{due:%m-%d %H:%M}"}
        line = _("%(ref)s，%(due)s 前回复") % told
        notes[report.case_id or 0] = f"{report.upper_body} {line}".strip()
    return notes


def own_parts(user: User) -> "QuerySet[Part]":
    """Parts that the user's agencies, or those below them, have now, and what was handed down to them; one query."""
    scope = scope_of(user)
    mine = of_agencies(scope)
    # few at any time: as keys they leave the index on the agency usable, which OR EXISTS would not
    handed = list(Delegation.objects.open().filter(to_agency__in=scope.units).values_list("part", flat=True))
    return Part.objects.filter(mine | Q(pk__in=handed) if handed else mine, withdrawn_at=None)


def agency_tabs(user: User) -> list[Tab]:
    """An agency's own cases by its own due time, never anybody else's."""
    # a live part of one's own makes a case visible: asking that again would cost more than all the rest
    seen, parts = Case.objects.visible_to(user), own_parts(user)
    theirs = Case.objects.not_hidden_from(user)
    clocks = Clock.objects.unfinished().filter(kind=Clock.Kind.HANDLE, part__in=parts, case=OuterRef("pk"))
    due = clocks.order_by("due_at").values("due_at")

    def of(stages: Iterable[str], states: Sequence[str]) -> CaseQuerySet:
        mine = parts.filter(stage__in=list(stages))
        return theirs.filter(pk__in=mine.values("case"), state__in=states).annotate(part_due=Subquery(due[:1]))

    def notes(rows: list[Case]) -> dict[int, str]:
        return delegation_notes(rows, user)

    handling = of([Part.Stage.HANDLING], [State.HANDLING])
    handed = Delegation.objects.to_me(user).filter(part__stage=Part.Stage.HANDLING)
    fresh = unread_talk(user)
    unsigned = parts.filter(stage=Part.Stage.HANDLING, signed_at=None, case=OuterRef("pk"))
    by_due = (F("part_due").asc(nulls_last=True), "pk")
    replied = of([Part.Stage.REPLIED, Part.Stage.REVIEWED, Part.Stage.ACCEPTED], list(WAITING))
    return [
        Tab(
            "todo",
            gettext_lazy("待处置"),
            gettext_lazy("没有等待处置的案件。"),
            handling,
            by_due,
            notes=notes,
            picks=True,
        ),
        Tab(
            "unsigned",
            gettext_lazy("待签收"),
            gettext_lazy("派来的案件都已签收。"),
            handling.filter(Exists(unsigned)),
            by_due,
            notes=notes,
            picks=True,
        ),
        Tab(
            "mine",
            gettext_lazy("分办给我"),
            gettext_lazy("单位交给您本人（或您所在下级单位）办理的案件会排在这里。"),
            handling.filter(pk__in=handed.values("part__case")),
            by_due,
            notes=_handed_notes,
            picks=True,
        ),
        *_arriving(handling, by_due),
        Tab(
            "talk",
            gettext_lazy("中心来信"),
            gettext_lazy("中心发来的消息都已读。"),
            seen.filter(pk__in=fresh.values("part__case")).annotate(part_due=Subquery(due[:1])),
            by_due,
            mixed=True,
            notes=lambda rows: talk_notes(rows, fresh),
        ),
        *_first_received(user, seen),
        Tab(
            "replied",
            gettext_lazy("已反馈"),
            gettext_lazy("反馈后等待审核、核查的案件会排在这里。"),
            replied,
            by_due,
            mixed=True,
        ),
        Tab(
            "suspended",
            gettext_lazy("挂账"),
            gettext_lazy("没有挂账的案件。"),
            of(Part.Stage.values, [State.SUSPENDED]),
            by_due,
        ),
        Tab(
            "done",
            gettext_lazy("已结案"),
            gettext_lazy("近 90 天结案的案件会排在这里，更早的见台账。"),
            of([Part.Stage.ACCEPTED], [State.CLOSED]).filter(closed_at__gte=timezone.now() - DONE_FOR),
            ("-closed_at", "-pk"),
            counted=False,
        ),
    ]


def _handed_notes(rows: list[Case]) -> dict[int, str]:
    """Who handed it on, and what they asked for."""
    notes: dict[int, str] = {}
    for row in Delegation.objects.open().filter(part__case__in=rows).select_related("by", "part"):
        told = {"who": row.by, "time": f"{timezone.localtime(row.at):%m-%d %H:%M}", "note": row.note}
        notes[row.part.case_id] = (
            _("%(who)s %(time)s 交办：%(note)s") if row.note else _("%(who)s %(time)s 交办")
        ) % told
    return notes


def _arriving(handling: CaseQuerySet, order: tuple[Any, ...]) -> list[Tab]:
    """待到场: urgent cases that the agency has been called about and is not on the spot of (P3.20)."""
    if Action.TELEPHONE in profile().off:
        return []
    away = Clock.objects.unfinished().filter(case=OuterRef("pk"), kind=Clock.Kind.ARRIVE)
    empty = gettext_lazy("没有等待到场的紧急案件。")
    waited = handling.filter(Exists(away))
    return [Tab("arriving", gettext_lazy("待到场"), empty, waited, order, notes=notice_notes, opens=Action.ARRIVE)]


def _first_received(user: User, seen: CaseQuerySet) -> list[Tab]:
    """首问负责: returned, and not accepted by another unit yet (P4.18)."""
    if not profile().first_receiver:
        return []
    empty = gettext_lazy("退出的案件都已由新单位签收。")
    mine = seen.held_by(scope_of(user))
    return [Tab("first", gettext_lazy("首问负责"), empty, mine, mixed=True, opens=Action.EXPLAIN)]


WAITING = (State.HANDLING, State.REPLY_REVIEW, State.CHECKING, State.TO_CLOSE)


def read_desk(tabs: list[Tab], key: str, number: str, at: datetime) -> Desk:
    """One page of the chosen tab, and how many cases each tab has: as many queries for 100 rows as for 10."""
    chosen = next((tab for tab in tabs if tab.key == key), tabs[0])
    numbers = _count_states(tabs) | _count_each([tab for tab in tabs if tab.counted or tab is chosen])
    counted = [(tab, numbers.get(tab.key, 0) if tab.counted or tab is chosen else None) for tab in tabs]
    cases = chosen.cases.select_related("category", "community", "channel").order_by(*chosen.order)
    paginator = Paginator(cases, PAGE)
    paginator.count = numbers.get(chosen.key, 0)
    page = paginator.get_page(number)
    return Desk(counted, chosen, page, _rows(chosen, list(page), at))


def _count_states(tabs: list[Tab]) -> dict[str, int]:
    """How many cases each list of one state has, in one query."""
    among = next((tab.among for tab in tabs if tab.among is not None), None)
    if among is None:
        return {}
    states = [tab.key for tab in tabs if tab.among is not None]
    rows = among.filter(state__in=states).order_by().values("state").annotate(n=Count("pk", distinct=True))
    return {row["state"]: row["n"] for row in rows}


def _count_each(tabs: list[Tab]) -> dict[str, int]:
    """How many cases each other list has, all in one query."""
    key = {tab.key: Value(tab.key, CharField()) for tab in tabs if tab.among is None}
    lists = [
        each_once(tab.cases)
        .order_by()
        .annotate(tab=key[tab.key])
        .values("tab")
        .annotate(n=Count("pk"))
        .values_list("tab", "n")
        for tab in tabs
        if tab.key in key
    ]
    return dict(lists[0].union(*lists[1:], all=True)) if lists else {}


def _rows(tab: Tab, cases: list[Case], at: datetime) -> list[DeskRow]:
    lights = read_lights(at)
    clocks: dict[int, Clock] = {}
    for clock in Clock.objects.running().filter(case__in=cases).order_by("-due_at"):
        clocks[clock.case_id] = clock  # the one that ends first is the last to be written
    notes = tab.notes(cases) if tab.notes else _notes([case for case in cases if case.state == State.CLOSED])
    return [_row(case, clocks.get(case.pk), lights, notes.get(case.pk, "")) for case in cases]


def _row(case: Case, clock: Clock | None, lights: Lights, note: str) -> DeskRow:
    upper_due_at = getattr(case, "upper_due_at", None)
    if upper_due_at and upper_due_at < lights.at:  # said of an ended case too: its answer is still owed
        return DeskRow(case, RED, _("回复超期"), note)
    if clock is None:
        return DeskRow(case, "", "", note)
    light = lights.of(clock.due_at, clock.warn_at)
    return DeskRow(case, light, lights.words(clock.due_at, clock.limit_unit), note)


def _notes(cases: list[Case]) -> dict[int, str]:
    """What a caller said that nobody has decided on yet; the first one where there are several."""
    found: dict[int, str] = {}
    for row in Callback.objects.filter(case__in=cases).unhappy().undecided().order_by("-called_at"):
        solved = _("已解决") if row.solved else _("未解决")
        found[row.case_id] = f"{row.get_satisfaction_display()} · {solved} · {mask_text(row.reason)}"
    return found
