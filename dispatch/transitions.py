"""The one transition table: every step that a case can take, in both flows.

Pure. Source: the seven stages of the standard (domain sheet A4) and the hotlines' practice notes. The table is the
superset; a profile switches edges off, it never adds one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Flow(models.TextChoices):
    STREET = "street", _("城市管理")
    MATTER = "matter", _("民生诉求")


class State(models.TextChoices):
    RECEIVED = "received", _("已受理")
    VERIFYING = "verifying", _("核实中")
    TO_FILE = "to_file", _("待立案")
    TO_REVIEW = "to_review", _("待审核")
    TO_DISPATCH = "to_dispatch", _("待派遣")
    HANDLING = "handling", _("处置中")
    REPLY_REVIEW = "reply_review", _("反馈审核")
    CHECKING = "checking", _("核查中")
    TO_CLOSE = "to_close", _("待结案")
    SUSPENDED = "suspended", _("挂账")
    CLOSED = "closed", _("已结案")
    ANSWERED = "answered", _("直接答复")
    DECLINED = "declined", _("不予受理")
    MERGED = "merged", _("已并案")
    VOID = "void", _("作废")


ENDED = frozenset({State.CLOSED, State.ANSWERED, State.DECLINED, State.MERGED, State.VOID})
OPEN = frozenset(State) - ENDED


class Action(models.TextChoices):
    """What somebody does; the permission of an action is `case.<value>` unless the edge names another."""

    REGISTER = "register", _("受理登记")
    REPORT_FOUND = "report_found", _("巡查上报")
    PLACE = "place", _("定位")
    CLASSIFY = "classify", _("归类")
    COMPONENT = "component", _("关联部件")
    ORDER_VERIFY = "order_verify", _("派核实")
    VERIFY = "verify", _("核实")
    SUBMIT_REVIEW = "submit_review", _("提交审核")
    FILE = "file", _("立案")
    REVIEW = "review", _("审核通过")
    ANSWER = "answer", _("直接答复")
    DECLINE = "decline", _("不予受理")
    MERGE = "merge", _("并案")
    DISPATCH = "dispatch", _("派遣")
    SIGN = "sign", _("签收")
    CONTACT = "contact", _("联系诉求人")
    HANDLED = "handled", _("处置反馈")
    RETURN = "return", _("退单")
    SUSPEND = "suspend", pgettext_lazy("action", "挂账")
    RESUME = "resume", _("恢复")
    ACCEPT_REPLY = "accept_reply", _("反馈通过")
    REJECT_REPLY = "reject_reply", _("反馈退回")
    CHECK_PASS = "check_pass", _("核查通过")
    CHECK_FAIL = "check_fail", _("核查不通过")
    CLOSE = "close", _("结案")
    VOID = "void", _("作废")
    REDO = "redo", _("重办")
    CALLBACK = "callback", _("回访")
    LINK = "link", pgettext_lazy("action", "关联案件")
    KEEP_APART = "keep_apart", _("确认不重复")
    REPEAT = "repeat", _("重复且无新情况")
    UNMERGE = "unmerge", _("撤销并案")
    REOPEN = "reopen", _("恢复挂账并并入")
    ADD_FOUND = "add_found", _("补充巡查发现")


class Need(models.TextChoices):
    """Evidence without which an edge is refused."""

    REASON = "reason", _("理由")
    PLACE = "place", _("位置")
    CLASS = "class", _("类别")
    POSITION = "position", _("现场位置")
    PHOTO = "photo", _("照片")
    REPLY = "reply", _("书面答复")
    CONTACT = "contact", _("联系记录")


@dataclass(frozen=True)
class Edge:
    """One allowed step. `clock` is what happens to the handling clock of the part: start, pause, resume, stop, drop."""

    flow: Flow
    action: Action
    source: State | None  # None: the case begins
    target: State
    permission: str
    needs: tuple[Need, ...] = ()
    clock: str = ""


class IllegalStep(Exception):
    """The table has no such edge; the case is left as it was."""

    def __init__(self, flow: str, action: str, source: str | None) -> None:
        super().__init__(f"{action} is not possible from {source} in the {flow} flow")
        self.flow, self.action, self.source = flow, action, source


def _edges(
    flows: Iterable[Flow],
    action: Action,
    sources: Iterable[State | None],
    target: State | None,
    needs: tuple[Need, ...] = (),
    clock: str = "",
    permission: str = "",
) -> list[Edge]:
    """One line of the table; no target means that the state stays."""
    return [
        Edge(
            flow,
            action,
            source,
            target or source or State.RECEIVED,
            permission or f"case.{action}",
            needs,
            clock,
        )
        for flow in flows
        for source in sources
    ]


def _table() -> tuple[Edge, ...]:
    s, a = State, Action
    street, matter = (Flow.STREET,), (Flow.MATTER,)
    both = (Flow.STREET, Flow.MATTER)
    early = (s.RECEIVED, s.VERIFYING, s.TO_FILE, s.TO_DISPATCH)
    early_matter = (s.RECEIVED, s.TO_REVIEW, s.TO_DISPATCH)
    street_open = [x for x in State if x in OPEN and x is not s.TO_REVIEW]
    matter_open = [x for x in State if x in OPEN and x not in (s.VERIFYING, s.TO_FILE, s.CHECKING)]
    beside = (s.CLOSED, s.ANSWERED, s.DECLINED)  # ended, but another case may still belong to it
    why = (Need.REASON,)
    return tuple(
        _edges(both, a.REGISTER, [None], s.RECEIVED)
        + _edges(street, a.REPORT_FOUND, [None], s.TO_FILE, (Need.CLASS, Need.POSITION, Need.PHOTO))
        + _edges(street, a.PLACE, early, None)
        + _edges(matter, a.PLACE, early_matter, None)
        + _edges(street, a.CLASSIFY, early, None)
        + _edges(matter, a.CLASSIFY, early_matter, None)
        + _edges(street, a.COMPONENT, early, None)
        + _edges(street, a.ORDER_VERIFY, [s.RECEIVED], s.VERIFYING, (Need.PLACE, Need.CLASS))
        + _edges(street, a.VERIFY, [s.VERIFYING], s.TO_FILE, (Need.POSITION, Need.PHOTO))
        + _edges(street, a.FILE, [s.TO_FILE], s.TO_DISPATCH, (Need.PLACE, Need.CLASS))
        + _edges(matter, a.SUBMIT_REVIEW, [s.RECEIVED], s.TO_REVIEW, (Need.CLASS,))
        + _edges(matter, a.REVIEW, [s.TO_REVIEW], s.TO_DISPATCH)
        + _edges(street, a.ANSWER, [s.RECEIVED], s.ANSWERED, (Need.REPLY,))
        + _edges(matter, a.ANSWER, [s.RECEIVED, s.TO_REVIEW], s.ANSWERED, (Need.REPLY,))
        + _edges(street, a.DECLINE, [s.RECEIVED, s.TO_FILE], s.DECLINED, why)
        + _edges(matter, a.DECLINE, [s.RECEIVED, s.TO_REVIEW], s.DECLINED, why)
        + _edges(street, a.MERGE, [s.RECEIVED, s.VERIFYING, s.TO_FILE], s.MERGED)
        + _edges(matter, a.MERGE, [s.RECEIVED, s.TO_REVIEW], s.MERGED)
        + _edges(both, a.DISPATCH, [s.TO_DISPATCH], s.HANDLING, (Need.CLASS,), "start")
        + _edges(both, a.SIGN, [s.HANDLING], None)
        + _edges(both, a.CONTACT, [s.HANDLING], None)
        # the second line of each: other agencies of the case have not answered yet, so the case stays
        + _edges(street, a.HANDLED, [s.HANDLING], s.REPLY_REVIEW, (Need.REPLY, Need.PHOTO), "pause")
        + _edges(street, a.HANDLED, [s.HANDLING], s.HANDLING, (Need.REPLY, Need.PHOTO), "pause")
        + _edges(matter, a.HANDLED, [s.HANDLING], s.REPLY_REVIEW, (Need.REPLY, Need.CONTACT), "pause")
        + _edges(matter, a.HANDLED, [s.HANDLING], s.HANDLING, (Need.REPLY, Need.CONTACT), "pause")
        + _edges(both, a.RETURN, [s.HANDLING], s.TO_DISPATCH, why, "drop")
        + _edges(both, a.SUSPEND, [s.TO_DISPATCH, s.HANDLING], s.SUSPENDED, why, "pause")
        + _edges(both, a.RESUME, [s.SUSPENDED], s.TO_DISPATCH, why)
        + _edges(both, a.RESUME, [s.SUSPENDED], s.HANDLING, why, "resume")
        + _edges(street, a.ACCEPT_REPLY, [s.REPLY_REVIEW], s.CHECKING)
        + _edges(matter, a.ACCEPT_REPLY, [s.REPLY_REVIEW], s.TO_CLOSE, (), "stop")
        + _edges(both, a.REJECT_REPLY, [s.REPLY_REVIEW], s.HANDLING, why, "resume")
        + _edges(street, a.CHECK_PASS, [s.CHECKING], s.TO_CLOSE, (Need.POSITION, Need.PHOTO), "stop", "case.check")
        + _edges(
            street,
            a.CHECK_FAIL,
            [s.CHECKING],
            s.HANDLING,
            (Need.POSITION, Need.PHOTO, Need.REASON),
            "resume",
            "case.check",
        )
        + _edges(both, a.CLOSE, [s.TO_CLOSE], s.CLOSED)
        + _edges(street, a.VOID, street_open, s.VOID, why, "drop")
        + _edges(matter, a.VOID, matter_open, s.VOID, why, "drop")
        + _edges(both, a.REDO, [s.CLOSED], s.TO_DISPATCH, why)
        + _edges(both, a.CALLBACK, [s.CLOSED, s.ANSWERED, s.DECLINED, s.MERGED, s.VOID], None)
        + _edges(street, a.LINK, [*street_open, *beside], None)
        + _edges(matter, a.LINK, [*matter_open, *beside], None)
        + _edges(street, a.KEEP_APART, [*street_open, *beside], None)
        + _edges(matter, a.KEEP_APART, [*matter_open, *beside], None)
        # heard again, nothing new: ended at once, but counted at its place (domain sheet, C: repeats)
        + _edges(street, a.REPEAT, [s.RECEIVED, s.VERIFYING, s.TO_FILE], s.DECLINED, why)
        + _edges(matter, a.REPEAT, [s.RECEIVED, s.TO_REVIEW], s.DECLINED, why)
        + _edges(both, a.UNMERGE, [s.MERGED], s.RECEIVED, why)
        # a report at the place of a suspended case reopens its question (P5.10): the report is the reason
        + _edges(both, a.REOPEN, [s.SUSPENDED], s.TO_DISPATCH)
        + _edges(both, a.REOPEN, [s.SUSPENDED], s.HANDLING, (), "resume")
        # one spot, one case: what an inspector finds at the spot of an open case goes to that case
        + _edges(street, a.ADD_FOUND, street_open, None, (Need.PHOTO, Need.POSITION))
    )


EDGES = _table()
_INDEX: dict[tuple[str, str, str | None], list[Edge]] = {}
for _edge in EDGES:
    _INDEX.setdefault((_edge.flow, _edge.action, _edge.source), []).append(_edge)


def find(flow: str, action: str, source: str | None, target: str | None = None) -> Edge:
    """The edge of an action from a state; `target` chooses where an action has two (resume).

    Raises IllegalStep when the table has none, or two and no target was given.
    """
    found = [e for e in _INDEX.get((flow, action, source), []) if target is None or e.target == target]
    if len(found) != 1:
        raise IllegalStep(flow, action, source)
    return found[0]


def from_state(flow: str, source: str) -> list[Edge]:
    """Everything that may happen next, in the order of the table."""
    return [edge for edge in EDGES if edge.flow == flow and edge.source == source]
