"""办理进度 in words for the public: a step becomes one calm sentence, or nothing.

Pure. Silence is the default: an action that stands in no table here is internal (督办, 考核, 申请, corrections, what
the lead chose). No sentence holds words of staff or names of people; an agency is named only where the profile says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.reasons import DeclineReason, SuspendReason
from dispatch.transitions import Action, State

Words = str | Promise


@dataclass(frozen=True)
class Happened:
    """A step as the public may judge it: `mine` is false for what was said to another caller of the same case."""

    action: str
    source: str
    target: str
    at: datetime
    reason_code: str = ""
    agency: str = ""
    reached: bool = True
    mine: bool = True
    again: bool = False  # dispatched before
    words: str = ""  # of an event: what all its callers are told


@dataclass(frozen=True)
class Line:
    """One line of the progress page."""

    at: datetime
    text: str


# what stands for itself; by action, or by action and the state that it led to
_SENTENCES: Final[Mapping[str | tuple[str, str], Words]] = {
    Action.ORDER_VERIFY: gettext_lazy("已安排工作人员到现场核实。"),
    Action.SUBMIT_REVIEW: gettext_lazy("诉求内容已登记，正在审核。"),
    Action.FILE: gettext_lazy("情况属实，已立案，正在安排承办单位。"),
    Action.REVIEW: gettext_lazy("审核通过，正在安排承办单位。"),
    Action.ANSWER: gettext_lazy("已直接答复。"),
    Action.INVESTIGATE: gettext_lazy("承办单位已调查了解情况。"),
    Action.ARRIVE: gettext_lazy("承办单位已到达现场。"),
    Action.HANDLED: gettext_lazy("承办单位已反馈办理情况，正在审核。"),
    Action.ENTER_RESULT: gettext_lazy("承办单位已反馈办理情况，正在审核。"),
    Action.RETURN: gettext_lazy("正在重新安排承办单位。"),
    Action.RESUME: gettext_lazy("已恢复办理。"),
    (Action.ACCEPT_REPLY, State.CHECKING): gettext_lazy("办理情况已审核，正在安排现场核查。"),
    (Action.ACCEPT_REPLY, State.TO_CLOSE): gettext_lazy("办理结果已审核通过。"),
    Action.REJECT_REPLY: gettext_lazy("办理结果未通过审核，承办单位继续办理。"),
    Action.CHECK_PASS: gettext_lazy("现场核查通过。"),
    Action.CHECK_FAIL: gettext_lazy("现场核查未通过，承办单位继续办理。"),
    Action.PLATFORM_REPLY: gettext_lazy("已作出答复。"),
    Action.CLOSE: gettext_lazy("已结案。"),
    Action.VOID: gettext_lazy("已终止办理，原因由工作人员向您说明。"),
    Action.TRANSFER: gettext_lazy("已移交有关部门办理，结果由该部门答复。"),
    Action.SELF_HANDLED: gettext_lazy("工作人员已到现场并当场处理。"),
    Action.REDO: gettext_lazy("已决定重新办理，正在安排承办单位。"),
    Action.LOOK_BACK: gettext_lazy("结案后，工作人员又查看了办理效果。"),
}
# codes whose meaning may be told; the others end in a sentence without a reason
_DECLINED: Final[Mapping[str, Words]] = {
    DeclineReason.OUTSIDE_AREA: gettext_lazy("经审核，所反映的事项不在本市管辖范围内，未予受理。"),
    DeclineReason.OUTSIDE_DUTY: gettext_lazy("经审核，所反映的事项不属于受理范围，未予受理。"),
    DeclineReason.EMERGENCY: gettext_lazy("所反映的事项请拨打 110、119、120 或 122。"),
    DeclineReason.IN_COURT: gettext_lazy("所反映的事项已进入诉讼、仲裁或信访程序，未予受理。"),
    DeclineReason.NOTHING_NEW: gettext_lazy("所反映的事项此前已办理，没有新的情况，未再受理。"),
    DeclineReason.NOT_FOUND: gettext_lazy("经现场核实，未发现所反映的问题。"),
}
_SUSPENDED: Final[Mapping[str, Words]] = {
    SuspendReason.ENGINEERING: gettext_lazy("需要进行工程改造，暂缓办理，条件具备后继续。"),
    SuspendReason.SEASONAL: gettext_lazy("受季节条件限制，暂缓办理，条件具备后继续。"),
    SuspendReason.NO_OWNER: gettext_lazy("需要先明确责任单位，暂缓办理，明确后继续。"),
}
_STATES: Final[Mapping[str, Words]] = {
    State.RECEIVED: gettext_lazy("已受理"),
    State.VERIFYING: gettext_lazy("正在核实"),
    State.TO_FILE: gettext_lazy("正在审核"),
    State.TO_REVIEW: gettext_lazy("正在审核"),
    State.TO_DISPATCH: gettext_lazy("正在安排承办单位"),
    State.HANDLING: gettext_lazy("正在办理"),
    State.REPLY_REVIEW: gettext_lazy("办理情况审核中"),
    State.CHECKING: gettext_lazy("现场核查中"),
    State.TO_CLOSE: gettext_lazy("办理完毕，待结案"),
    State.SUSPENDED: gettext_lazy("暂缓办理"),
    State.CLOSED: gettext_lazy("已结案"),
    State.ANSWERED: gettext_lazy("已答复"),
    State.DECLINED: gettext_lazy("未予受理"),
    State.MERGED: gettext_lazy("合并办理"),
    State.VOID: gettext_lazy("已终止"),
    State.TRANSFERRED: gettext_lazy("已移交"),
}


def status(state: str) -> str:
    """The state of a case in the public's words."""
    return str(_STATES.get(state, _("正在办理")))


def sentence(step: Happened, *, agency_names: bool = False) -> str:
    """What the public reads of a step, in the language that is active; empty where it concerns nobody outside."""
    match step.action:
        case Action.VERIFY:
            gone = step.reason_code == "not_found"
            return _("已到现场核实，未发现所反映的问题。") if gone else _("已到现场核实。")
        case Action.DECLINE:
            return str(_DECLINED.get(step.reason_code, _("经审核，未予受理。")))
        case Action.SUSPEND:
            return str(_SUSPENDED.get(step.reason_code, _("暂时不具备办理条件，暂缓办理，条件具备后继续。")))
        case Action.MERGE:
            return _("与同一问题的其他诉求合并办理。")
        case Action.DISPATCH:
            return _dispatched(step, agency_names)
        case Action.SIGN:
            named = agency_names and step.agency
            return (
                _("%(agency)s已接收，正在办理。") % {"agency": step.agency}
                if named
                else _("承办单位已接收，正在办理。")
            )
        case Action.CONTACT:
            # said to one caller of several, it is no news for the others
            return _("承办单位已与您联系。") if step.reached and step.mine else ""
        case Action.EXPLAIN:
            return _("工作人员已向您说明情况。") if step.mine else ""
        case Action.CALLBACK:
            if not step.mine:
                return ""
            return _("已就办理结果听取您的意见。") if step.reached else _("曾联系您了解办理效果，未能接通。")
        case Action.GATHER:
            return step.words or _("与同一突发事件的其他诉求一并处置。")
        case _:
            return str(_SENTENCES.get((step.action, step.target)) or _SENTENCES.get(step.action, ""))


def _dispatched(step: Happened, agency_names: bool) -> str:
    if agency_names and step.agency:
        told = {"agency": step.agency}
        return _("已重新交由%(agency)s办理。") % told if step.again else _("已交由%(agency)s办理。") % told
    return _("已重新交由承办单位办理。") if step.again else _("已交由承办单位办理。")


def lines(steps: Iterable[Happened], *, agency_names: bool = False) -> list[Line]:
    """The progress of a case in order; the same sentence twice running (several agencies sign) is told once."""
    found: list[Line] = []
    again = False
    for step in _standing(steps):
        text = sentence(replace(step, again=again), agency_names=agency_names)
        again = again or step.action == Action.DISPATCH
        if text and not (found and found[-1].text == text):
            found.append(Line(step.at, text))
    return found


def _standing(steps: Iterable[Happened]) -> Iterator[Happened]:
    """The steps without dispatches that were taken back within seconds: nobody outside heard of them."""
    held: Happened | None = None
    for step in steps:
        if held is not None and step.action != Action.RECALL:
            yield held
        held = None
        if step.action == Action.DISPATCH:
            held = step
        elif step.action != Action.RECALL:
            yield step
    if held is not None:
        yield held
