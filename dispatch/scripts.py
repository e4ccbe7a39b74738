"""读给诉求人的话: what an operator reads to a caller, as it follows from what has been chosen so far.

Short spoken sentences in the reader's language. Names of agencies only where the profile tells them to the public.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from dispatch.clocks import Unit
from dispatch.flows import flow_for
from dispatch.limits import field_minutes, handling_limit
from dispatch.models import Case
from dispatch.profile import profile
from dispatch.transitions import Flow, State

# a limit as one says it to somebody who does not know the rules
SPOKEN = {
    Unit.URGENT_HOUR: ngettext_lazy("%(n)d 小时，不分昼夜", "%(n)d 小时，不分昼夜", "n"),
    Unit.URGENT_DAY: ngettext_lazy("%(n)d 天，节假日也算", "%(n)d 天，节假日也算", "n"),
    Unit.WORK_HOUR: ngettext_lazy("%(n)d 个工作小时", "%(n)d 个工作小时", "n"),
    Unit.WORK_DAY: ngettext_lazy("%(n)d 个工作日", "%(n)d 个工作日", "n"),
    Unit.OFFICE_DAY: ngettext_lazy("%(n)d 个工作日，从明天算起", "%(n)d 个工作日，从明天算起", "n"),
    Unit.NATURAL_HOUR: ngettext_lazy("%(n)d 小时", "%(n)d 小时", "n"),
    Unit.NATURAL_DAY: ngettext_lazy("%(n)d 天", "%(n)d 天", "n"),
    Unit.MINUTE: ngettext_lazy("%(n)d 分钟", "%(n)d 分钟", "n"),
}


@dataclass(frozen=True)
class About:
    """What is known while the caller speaks; `place` in words, `agency` as proposed."""

    place: str = ""
    placed: bool = False
    agency: str = ""
    callback: bool = True
    reachable: bool = True  # has left a number


def opening() -> str:
    """The words that a call begins with."""
    return profile().script.opening or _("您好，这里是城市管理服务热线，请讲。")


def closing() -> str:
    """The words that it ends with."""
    return profile().script.closing or _("请问还有其他需要反映的吗？感谢您的来电，再见。")


def sentences(case: Case, about: About) -> list[str]:
    """What to read about a case that is not saved yet (without a number), or that has just been saved."""
    number = case.number
    if number and case.state == State.ANSWERED:
        return [_("以上是答复。您的编号是 %(number)s，有疑问可凭编号再来电。") % {"number": number}]
    if number and case.state == State.MERGED and case.merged_into:
        told = {"number": case.merged_into.number}
        return [_("您反映的问题已在办理，编号是 %(number)s，这次来电已一并记录。") % told, _callback(about)]
    found = [_numbered(number) if number else _asked(case, about), *_next(case, about), _limit(case), _callback(about)]
    return [sentence for sentence in found if sentence]


def _numbered(number: str) -> str:
    return _("已为您登记，编号是 %(number)s，请记下。") % {"number": number}


def _asked(case: Case, about: About) -> str:
    """To be said again, so that the caller agrees: the matter and the place; what is missing is asked for."""
    matter = case.category.name if case.category else ""
    if not matter:
        return _("请再说一下具体是什么问题。")
    if _flow(case) == Flow.STREET and not about.placed:
        return _("您反映的是%(matter)s。请说一下最近的路口、门牌或店名。") % {"matter": matter}
    if not about.place:
        return _("您反映的是%(matter)s，对吗？") % {"matter": matter}
    return _("您反映的是%(place)s的%(matter)s，对吗？") % {"place": about.place, "matter": matter}


def _next(case: Case, about: About) -> list[str]:
    """What happens now."""
    unit = about.agency if profile().progress.agency_names and about.agency else _("有关单位")
    if case.confidential:
        return [_("您的信息和内容会保密，由专人审核后办理。")]
    if _flow(case) == Flow.MATTER:
        return [_("我们审核后交%(unit)s办理，办理人员会与您联系并答复。") % {"unit": unit}]
    told = {"n": field_minutes(case), "unit": unit}
    if case.urgent:
        return [
            _("这件事按紧急处理，监督员 %(n)s 分钟内到现场，%(unit)s同时准备。") % told,
            _("请先远离危险；有人受伤或起火，请马上拨打 120 或 119。"),
        ]
    return [_("监督员 %(n)s 分钟内到现场核实，属实后交%(unit)s处理。") % told]


def _limit(case: Case) -> str:
    limit = handling_limit(case)
    spoken = SPOKEN[Unit(limit.unit)] % {"n": limit.amount}
    return _("从派遣起，办理时限是 %(limit)s。") % {"limit": spoken}


def _callback(about: About) -> str:
    if not about.reachable:
        return _("您没有留下电话，可凭编号再来电查询结果。")
    return _("办完后我们会回访您，请保持电话畅通。") if about.callback else _("您可凭编号来电查询结果。")


def _flow(case: Case) -> str:
    return case.flow or flow_for(case.category, case.request_type)
