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
    TRANSFERRED = "transferred", _("已移交")


ENDED = frozenset({State.CLOSED, State.ANSWERED, State.DECLINED, State.MERGED, State.VOID, State.TRANSFERRED})
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
    CALLBACK = "callback", pgettext_lazy("action", "回访")
    # petitions: asked by one, decided by another; the grants of suspension, return and void are the steps above
    ASK_EXTENSION = "ask_extension", _("申请延期")
    ASK_SUSPEND = "ask_suspend", _("申请挂账")
    ASK_RENEW = "ask_renew", _("申请续挂")
    ASK_RETURN = "ask_return", _("申请退单")
    ASK_VOID = "ask_void", _("申请作废")
    ASK_CONTEST = "ask_contest", _("考核申诉")
    ASK_TRANSFER = "ask_transfer", _("建议移交")
    WITHDRAW = "withdraw", _("撤回申请")
    AGREE = "agree", _("同意并报上级")
    REFUSE = "refuse", _("不同意申请")
    EXTEND = "extend", _("准予延期")
    RENEW = "renew", _("准予续挂")
    EXEMPT = "exempt", _("申诉成立")
    TRANSFER = "transfer", _("移交")
    # pushes from above
    SUPERVISE = "supervise", _("督办")
    INSTRUCT = "instruct", _("领导批示")
    REPORT_BACK = "report_back", _("督办回复")
    END_PUSH = "end_push", _("督办销号")
    # looks beside the main road
    ORDER_SURVEY = "order_survey", _("派现场勘查")
    SURVEY = "survey", _("现场勘查")
    ORDER_RECHECK = "order_recheck", _("派挂账复核")
    RECHECK = "recheck", _("挂账复核")
    SELF_HANDLED = "self_handled", _("自处理")
    SEND_BACK = "send_back", _("结案退回")
    INVESTIGATE = "investigate", _("调查取证")
    PLATFORM_REPLY = "platform_reply", _("平台答复")
    EXPLAIN = "explain", _("向诉求人说明")
    LOOK_BACK = "look_back", _("回头看")
    FOLLOW_UP = "follow_up", _("不满意处理")
    LINK = "link", pgettext_lazy("action", "关联案件")
    KEEP_APART = "keep_apart", _("确认不重复")
    REPEAT = "repeat", _("重复且无新情况")
    UNMERGE = "unmerge", _("撤销并案")
    REOPEN = "reopen", _("恢复挂账并并入")
    ADD_FOUND = "add_found", _("补充巡查发现")
    # the call-taker's and the reviewer's
    RETYPE = "retype", _("改诉求类型")
    COMPLEXITY = "complexity", _("定简单复杂")
    URGENCY = "urgency", _("定紧急")
    SPLIT = "split", _("拆分诉求")
    ANSWER_UPPER = "answer_upper", _("回复上级")
    # a body outside the list, asked by a link
    INVITE = "invite", _("请列外单位处置")
    REVOKE_INVITE = "revoke_invite", _("收回链接")
    INVITE_REFUSED = "invite_refused", _("列外单位不承接")
    WHISTLE = "whistle", _("吹哨")
    WHISTLE_ANSWER = "whistle_answer", _("到场报到")
    WHISTLE_RESULT = "whistle_result", _("吹哨跟踪")
    DOCUMENT = "document", _("上传文书")
    MEDIATE = "mediate", _("记录调解")
    TELEPHONE = "telephone", _("电话通知部门")
    ARRIVE = "arrive", _("到达现场")
    COUNTERSIGN = "countersign", _("签批")
    MEET = "meet", _("会商决定")


class Need(models.TextChoices):
    """Evidence without which an edge is refused."""

    REASON = "reason", _("理由")
    PLACE = "place", _("位置")
    CLASS = "class", _("类别")
    POSITION = "position", _("现场位置")
    PHOTO = "photo", _("照片")
    REPLY = "reply", _("书面答复")
    CONTACT = "contact", _("联系记录")
    PETITION = "petition", _("待定申请")
    INVESTIGATION = "investigation", _("调查记录")
    PLATFORM_REPLY = "platform_reply", _("平台答复")
    EXPLANATION = "explanation", _("向诉求人说明")
    LOOK_DATE = "look_date", _("下次查看日期")
    FILE = "file", _("文件")
    PARTIES = "parties", _("双方、协议和签字人")


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


def _main_road() -> list[Edge]:
    """Receive, verify or review, file, dispatch, handle, screen, check, close."""
    s, a = State, Action
    street, matter = (Flow.STREET,), (Flow.MATTER,)
    both = (Flow.STREET, Flow.MATTER)
    early = (s.RECEIVED, s.VERIFYING, s.TO_FILE, s.TO_DISPATCH)
    early_matter = (s.RECEIVED, s.TO_REVIEW, s.TO_DISPATCH)
    why = (Need.REASON,)
    seen = (Need.POSITION, Need.PHOTO)
    return (
        _edges(both, a.REGISTER, [None], s.RECEIVED)
        + _edges(street, a.REPORT_FOUND, [None], s.TO_FILE, (Need.CLASS, *seen))
        + _edges(street, a.PLACE, early, None)
        + _edges(matter, a.PLACE, early_matter, None)
        + _edges(street, a.CLASSIFY, early, None)
        + _edges(matter, a.CLASSIFY, early_matter, None)
        + _edges(street, a.COMPONENT, early, None)
        + _edges(street, a.ORDER_VERIFY, [s.RECEIVED], s.VERIFYING, (Need.PLACE, Need.CLASS))
        + _edges(street, a.VERIFY, [s.VERIFYING], s.TO_FILE, seen)
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
        + _edges(street, a.ACCEPT_REPLY, [s.REPLY_REVIEW], s.CHECKING)
        + _edges(matter, a.ACCEPT_REPLY, [s.REPLY_REVIEW], s.TO_CLOSE, (), "stop")
        + _edges(both, a.REJECT_REPLY, [s.REPLY_REVIEW], s.HANDLING, why, "resume")
        + _edges(street, a.CHECK_PASS, [s.CHECKING], s.TO_CLOSE, seen, "stop", "case.check")
        + _edges(street, a.CHECK_FAIL, [s.CHECKING], s.HANDLING, (*seen, Need.REASON), "resume", "case.check")
        + _edges(both, a.CLOSE, [s.TO_CLOSE], s.CLOSED)
        + _edges(both, a.REDO, [s.CLOSED], s.TO_DISPATCH, why)
        + _edges(both, a.CALLBACK, [state for state in State if state in ENDED], None)
    )


def _beside() -> list[Edge]:
    """Petitions, pushes from above, looks on site, and what the shift lead sends back."""
    s, a = State, Action
    both, street = (Flow.STREET, Flow.MATTER), (Flow.STREET,)
    why, granted = (Need.REASON,), (Need.PETITION,)
    with_agency = (s.TO_DISPATCH, s.HANDLING, s.REPLY_REVIEW, s.TO_CLOSE, s.SUSPENDED)
    agency_side, asked = (s.TO_DISPATCH, s.HANDLING), _asked_in()
    found = [
        *_edges(both, a.ASK_EXTENSION, asked[a.ASK_EXTENSION], None, why),
        *_edges(both, a.ASK_SUSPEND, asked[a.ASK_SUSPEND], None, why),
        *_edges(both, a.ASK_RENEW, asked[a.ASK_RENEW], None, why),
        *_edges(both, a.ASK_RETURN, asked[a.ASK_RETURN], None, why),
        *_edges(both, a.ASK_CONTEST, asked[a.ASK_CONTEST], None, why),
        *_edges(both, a.ASK_TRANSFER, asked[a.ASK_TRANSFER], None, why),
        *_edges(both, a.EXTEND, [s.HANDLING], None, granted, "extend", "case.decide"),
        *_edges(both, a.SUSPEND, agency_side, s.SUSPENDED, granted, "pause"),
        *_edges(both, a.RENEW, [s.SUSPENDED], None, granted, "", "case.decide"),
        # the leading agency returns: to dispatch; another one: the case stays, or goes on where the rest has answered
        *_edges(both, a.RETURN, [s.HANDLING], s.TO_DISPATCH, granted, "drop"),
        *_edges(both, a.RETURN, [s.HANDLING], s.HANDLING, granted, "drop"),
        *_edges(both, a.RETURN, [s.HANDLING], s.REPLY_REVIEW, granted, "drop"),
        *_edges(both, a.EXEMPT, [s.CLOSED], None, granted, "", "case.decide"),
        *_edges(both, a.TRANSFER, [s.TO_DISPATCH, s.HANDLING], s.TRANSFERRED, granted, "drop", "case.decide"),
        *_edges(both, a.INVESTIGATE, [s.HANDLING], None),
        *_edges(both, a.TELEPHONE, [s.HANDLING], None),
        *_edges(both, a.ARRIVE, [s.HANDLING], None),
        *_edges(both, a.PLATFORM_REPLY, [s.REPLY_REVIEW, s.TO_CLOSE], None),
        *_edges(both, a.DOCUMENT, with_agency, None),
        *_edges(both, a.MEDIATE, with_agency, None, why),
        *_edges(both, a.LOOK_BACK, [s.CLOSED], None),
        *_edges(both, a.FOLLOW_UP, [s.CLOSED], None, why),
        *_edges(both, a.RESUME, [s.SUSPENDED], s.TO_DISPATCH, why),
        *_edges(both, a.RESUME, [s.SUSPENDED], s.HANDLING, why, "resume"),
        *_edges(street, a.ORDER_SURVEY, [s.TO_DISPATCH], None, (Need.PLACE,)),
        *_edges(street, a.SURVEY, [s.TO_DISPATCH], None, (Need.POSITION, Need.PHOTO, Need.REPLY), "", "case.check"),
        *_edges(street, a.ORDER_RECHECK, [s.SUSPENDED], None, (Need.PLACE,)),
        *_edges(street, a.RECHECK, [s.SUSPENDED], None, (Need.POSITION, Need.PHOTO, Need.REPLY), "", "case.check"),
        *_edges(
            street, a.SELF_HANDLED, [None, s.VERIFYING], s.TO_CLOSE, (Need.CLASS, Need.POSITION, Need.PHOTO, Need.REPLY)
        ),
        *_edges(both, a.SEND_BACK, [s.TO_CLOSE], s.HANDLING, why, "resume"),
        *_edges(both, a.SEND_BACK, [s.TO_CLOSE], s.TO_DISPATCH, why),
    ]
    for flow in both:
        opened = open_states(flow)
        pushed = [state for state in opened if state is not s.RECEIVED]
        found += _edges([flow], a.ASK_VOID, opened, None, why)
        found += _edges([flow], a.VOID, opened, s.VOID, granted, "drop")
        waiting = [*opened, s.CLOSED]
        found += _edges([flow], a.EXPLAIN, opened, None)
        found += _edges([flow], a.COUNTERSIGN, opened, None)
        found += _edges([flow], a.MEET, waiting, None, why)
        found += _edges([flow], a.WITHDRAW, waiting, None, ())
        found += _edges([flow], a.AGREE, waiting, None, granted, "", "case.decide")
        found += _edges([flow], a.REFUSE, waiting, None, (Need.PETITION, Need.REASON), "", "case.decide")
        found += _edges([flow], a.SUPERVISE, pushed, None, why)
        found += _edges([flow], a.INSTRUCT, [*pushed, s.CLOSED], None, why)
        found += _edges([flow], a.REPORT_BACK, [*pushed, s.CLOSED], None, (Need.REPLY,))
        found += _edges([flow], a.END_PUSH, [*pushed, s.CLOSED], None)
    return found


def _outside() -> list[Edge]:
    """A body outside the list, asked by a link: done is 处置反馈 of the part, only a refusal is a step of its own."""
    both, why, handling = (Flow.STREET, Flow.MATTER), (Need.REASON,), [State.HANDLING]
    return [
        *_edges(both, Action.INVITE, handling, None, why),
        *_edges(both, Action.REVOKE_INVITE, handling, None, (), "", "case.invite"),
        *_edges(both, Action.INVITE_REFUSED, handling, None, why, "", "case.invite"),
    ]


def _whistles() -> list[Edge]:
    """吹哨报到: called while a case is open, followed also after it has ended, until it is really solved (P4.8)."""
    found = []
    for flow in Flow:
        known = [*open_states(flow), *(state for state in State if state in ENDED)]
        found += _edges([flow], Action.WHISTLE, open_states(flow), None, (Need.REASON,))
        found += _edges([flow], Action.WHISTLE_ANSWER, known, None, (Need.REPLY,))
        found += _edges([flow], Action.WHISTLE_RESULT, known, None, (Need.REASON,))
    return found


_WAITING = (State.VERIFYING, State.TO_FILE, State.TO_REVIEW, State.TO_DISPATCH)


def _repeats() -> list[Edge]:
    """What a person says of two reports: the same, not the same, related, heard before, a reason to begin again."""
    s, a = State, Action
    both, street, why = (Flow.STREET, Flow.MATTER), (Flow.STREET,), (Need.REASON,)
    ended = [s.CLOSED, s.ANSWERED, s.DECLINED]  # but another case may still belong to it
    found = [
        # heard again, nothing new: ended at once, but counted at its place (domain sheet, C: repeats)
        *_edges(street, a.REPEAT, [s.RECEIVED, s.VERIFYING, s.TO_FILE], s.DECLINED, why),
        *_edges((Flow.MATTER,), a.REPEAT, [s.RECEIVED, s.TO_REVIEW], s.DECLINED, why),
        *_edges(both, a.UNMERGE, [s.MERGED], s.RECEIVED, why),
        # a report at the place of a suspended case reopens its question (P5.10): the report is the reason
        *_edges(both, a.REOPEN, [s.SUSPENDED], s.TO_DISPATCH),
        *_edges(both, a.REOPEN, [s.SUSPENDED], s.HANDLING, (), "resume"),
        # one spot, one case: what an inspector finds at the spot of an open case goes to that case
        *_edges(street, a.ADD_FOUND, open_states(Flow.STREET), None, (Need.PHOTO, Need.POSITION)),
    ]
    for flow in both:
        before_handling = [state for state in open_states(flow) if state in (State.RECEIVED, *_WAITING)]
        found += _edges([flow], a.RETYPE, before_handling, None, why)
        found += _edges([flow], a.COMPLEXITY, before_handling, None, why)
        found += _edges([flow], a.URGENCY, before_handling, None, why)
        found += _edges([flow], a.SPLIT, open_states(flow), None)
        replied = ENDED | {s.REPLY_REVIEW, s.CHECKING, s.TO_CLOSE}
        answered = [x for x in State if x in replied and (x in ENDED or x in open_states(flow))]
        found += _edges([flow], a.ANSWER_UPPER, answered, None, (Need.REPLY,))
        found += _edges([flow], a.LINK, [*open_states(flow), *ended], None)
        found += _edges([flow], a.KEEP_APART, [*open_states(flow), *ended], None)
    return found


def _asked_in() -> dict[Action, tuple[State, ...]]:
    """Where each petition can be asked; a void one in every open state."""
    s, a = State, Action
    return {
        a.ASK_EXTENSION: (s.HANDLING,),
        a.ASK_SUSPEND: (s.TO_DISPATCH, s.HANDLING),
        a.ASK_RENEW: (s.SUSPENDED,),
        a.ASK_RETURN: (s.HANDLING,),
        a.ASK_CONTEST: (s.CLOSED,),
        a.ASK_TRANSFER: (s.TO_DISPATCH, s.HANDLING),
    }


def open_states(flow: str) -> list[State]:
    """The open states that a flow passes through."""
    others = (State.TO_REVIEW,) if flow == Flow.STREET else (State.VERIFYING, State.TO_FILE, State.CHECKING)
    return [state for state in State if state in OPEN and state not in others]


EDGES = (*_main_road(), *_beside(), *_outside(), *_repeats(), *_whistles())
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
