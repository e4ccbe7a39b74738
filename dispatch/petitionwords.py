"""Petitions in words: what is asked for, and why a petition is refused by rule."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.clocks import Unit
from dispatch.models import Petition
from dispatch.petitions import PetitionRefused
from dispatch.reasons import LABELS

_REFUSED: Final = {
    "off": gettext_lazy("这里不用这种申请。"),
    "asker": gettext_lazy("按规定，您的岗位不能提出这种申请。"),
    "decider": gettext_lazy("这一级审批不归您的岗位。"),
    "same_person": gettext_lazy("申请人和审批人、前后两级审批人不能是同一个人，请由另一位审批。"),
    "pending": gettext_lazy("同样的申请已经提出，正在等待审批。"),
    "too_often": gettext_lazy("最多可以申请 %(most)s 次，次数已经用完。"),
    "form": gettext_lazy("这次申请须附盖章表单。"),
    "simple": gettext_lazy("只有复杂件可以申请延期。"),
    "late": gettext_lazy("时限已过：延期只能在时限内申请。"),
    "too_long": gettext_lazy("延期过长：每次最多 %(hours)s 小时（按该时限的计时单位）。"),
    "too_long_in_total": gettext_lazy("延期过长：累计最多还可延 %(hours)s 小时（按该时限的计时单位）。"),
    "no_clock": gettext_lazy("该单位没有正在计时的处置时限。"),
    "window": gettext_lazy("退单期限已过，视为接受承办。"),
    "on_time": gettext_lazy("该单位没有超期，无须申诉。"),
    "review_past": gettext_lazy("复核日期须在今天之后。"),
    "review_far": gettext_lazy("挂账最长 %(days)s 天，请把复核日期提前。"),
    "recheck": gettext_lazy("续挂前须先派人到现场复核，确认挂账原因仍在。"),
}


def refusal_sentence(error: PetitionRefused) -> str:
    """Why a petition, or a decision on one, is against a rule."""
    code = "too_long_in_total" if error.code == "too_long" and error.params["total"] else error.code
    params = dict(error.params)
    if "seconds" in params:
        params["hours"] = f"{params['seconds'] / 3600:g}"
    return str(_REFUSED[code]) % params


def petition_line(petition: Petition) -> str:
    """Who asks for what and why, in one line: 延期 3 工作日 · 情况复杂 · 水务公司 沈源：管道须开挖."""
    wishes: dict[str, str] = {
        Petition.Kind.EXTENSION: Unit(petition.unit).told(petition.amount or 0) if petition.unit else "",
        Petition.Kind.SUSPENSION: _review(petition),
        Petition.Kind.RENEWAL: _review(petition),
        Petition.Kind.BACK: _("应由%(agency)s承办") % {"agency": petition.to_agency} if petition.to_agency else "",
    }
    wish = wishes.get(petition.kind, "")
    who = " ".join(filter(None, [str(petition.part.agency) if petition.part else "", str(petition.asked_by)]))
    words = getattr(getattr(petition.step, "remark", None), "text", "")
    head = " ".join(filter(None, [str(petition.get_kind_display()), wish]))
    tail = f"{who}：{words}" if words else who
    return " · ".join(filter(None, [head, str(LABELS.get(petition.reason_code, "")), tail]))


def _review(petition: Petition) -> str:
    return _("至 %(day)s") % {"day": petition.review_on} if petition.review_on else ""
