"""Which form asks for what a step needs: one registry for every step that is taken at a desk.

The inspectors' steps (verify, check) are not here: they are taken on the street.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desks import (
    callbackforms,
    componentforms,
    documentforms,
    mailforms,
    noticeforms,
    paperforms,
    petitionforms,
    repeatforms,
    signforms,
    stepforms,
    takingforms,
    undertakingforms,
    whistleforms,
)
from desks.besides import BESIDE, DECIDE, open_beside
from dispatch import signoff
from dispatch.actions import (
    aftercare,
    closing,
    documents,
    filing,
    gathering,
    handling,
    looking,
    notifying,
    petitions,
    pushes,
    repeating,
    signing,
    statements,
    taking,
    whistles,
)
from dispatch.actions.handling import own_part
from dispatch.lifecycle import NotAllowedError, is_guest, owns
from dispatch.meant import components_meant
from dispatch.models import Case, Part
from dispatch.profile import profile
from dispatch.reasons import (
    ContestReason,
    DeclineReason,
    ExtensionReason,
    ReturnReason,
    SuspendReason,
    TransferReason,
    UrgentReason,
    VoidReason,
)
from dispatch.transitions import Action, from_state
from people.access import scope_of
from people.models import User
from people.permissions import Role, may

WAITED_FOR = frozenset({DECIDE, Action.REPORT_BACK, Action.WHISTLE_ANSWER, Action.COUNTERSIGN})
OWN_PART = frozenset({Action.SIGN, Action.CONTACT, Action.HANDLED, Action.INVESTIGATE, Action.ARRIVE})


class Desk(NamedTuple):
    """One line of the registry: the action to call, the form, the words asked for, and how the button looks."""

    call: Callable[..., Any]
    form: type[stepforms.StepForm] = stepforms.StepForm
    note: str | Promise = ""
    required: bool = False
    reasons: list[Any] | None = None
    tone: str = ""
    hint: str | Promise = ""
    title: str | Promise = ""


DECIDED = frozenset({Action.AGREE, Action.REFUSE})

STEPS: dict[str, Desk] = {
    Action.PLACE: Desk(filing.place, stepforms.PlaceForm, _("说明"), tone="primary"),
    Action.CLASSIFY: Desk(filing.classify, stepforms.ClassifyForm, _("说明")),
    Action.COMPONENT: Desk(
        filing.choose_component,
        componentforms.ComponentForm,
        _("说明"),
        hint=_("选定后，位置以部件为准，并按部件的养护或权属单位建议承办单位。"),
    ),
    Action.ORDER_VERIFY: Desk(
        filing.order_verify, note=_("给监督员的话"), tone="primary", hint=_("请监督员到现场看一看，情况属实再立案。")
    ),
    Action.SUBMIT_REVIEW: Desk(
        filing.submit_review, note=_("说明"), tone="primary", hint=_("交值班长审核，通过后派遣。")
    ),
    Action.FILE: Desk(filing.file, note=_("说明"), tone="primary", hint=_("立案后进入待派遣。")),
    Action.REVIEW: Desk(
        filing.review, takingforms.ReviewForm, note=_("说明"), tone="primary", hint=_("审核通过后进入待派遣。")
    ),
    Action.ANSWER: Desk(filing.answer, note=_("答复内容"), required=True, hint=_("不再派遣，案件以此答复办结。")),
    Action.DECLINE: Desk(
        filing.decline, stepforms.ReasonForm, _("理由"), required=True, reasons=DeclineReason.choices, tone="danger"
    ),
    Action.MERGE: Desk(
        repeating.join, repeatforms.MergeForm, _("说明"), hint=_("诉求转入另一案件，每位诉求人仍会得到答复和回访。")
    ),
    Action.LINK: Desk(repeating.link, repeatforms.OtherForm, _("说明")),
    Action.KEEP_APART: Desk(
        repeating.keep_apart, repeatforms.OtherForm, _("说明"), hint=_("以后不再提示这两件可能重复。")
    ),
    Action.REPEAT: Desk(
        repeating.repeat,
        repeatforms.RepeatForm,
        _("告知诉求人的话"),
        required=True,
        hint=_("重复且没有新情况：告知前一案件的办理情况后办结，仍计入该点位的重复诉求。"),
    ),
    Action.RETYPE: Desk(taking.retype, takingforms.RetypeForm, _("理由"), required=True),
    Action.COMPLEXITY: Desk(taking.set_complexity, takingforms.ComplexityForm, _("理由"), required=True),
    Action.URGENCY: Desk(
        taking.set_urgent, takingforms.UrgencyForm, _("理由"), required=True, reasons=UrgentReason.choices
    ),
    Action.SPLIT: Desk(
        taking.split, takingforms.SplitForm, _("说明"), hint=_("一次来电说了两件事：另一件单独受理，两案互相关联。")
    ),
    Action.ANSWER_UPPER: Desk(taking.answer_upper, takingforms.UpperForm, _("回复内容"), required=True, tone="primary"),
    Action.UNMERGE: Desk(
        repeating.unmerge, note=_("撤销理由"), required=True, hint=_("并入的诉求回到本案，重新受理。")
    ),
    Action.DISPATCH: Desk(handling.dispatch_case, stepforms.DispatchForm, _("改派理由或交办要求"), tone="primary"),
    Action.SIGN: Desk(handling.sign, stepforms.PartForm, tone="primary", hint=_("表示已收到并开始处置。")),
    Action.CONTACT: Desk(handling.contact, paperforms.ContactForm, _("联系内容")),
    Action.HANDLED: Desk(
        handling.handled, paperforms.HandledForm, _("处置结果（书面答复）"), required=True, tone="primary"
    ),
    Action.ENTER_RESULT: Desk(
        handling.enter_result,
        mailforms.EnterForm,
        _("处置结果（书面答复）"),
        required=True,
        hint=_("承办单位没有账号，由中心按其告知的内容代录。"),
    ),
    Action.ACCEPT_REPLY: Desk(
        handling.accept_reply, note=_("说明"), tone="primary", hint=_("城市管理案件转现场核查，民生诉求转待结案。")
    ),
    Action.REJECT_REPLY: Desk(
        handling.reject_reply, note=_("退回理由"), required=True, hint=_("退回承办单位继续处置，计时恢复。")
    ),
    Action.RESUME: Desk(petitions.resume, note=_("恢复理由"), required=True, tone="primary"),
    Action.CLOSE: Desk(closing.close, componentforms.CloseForm, _("结案意见"), tone="primary"),
    Action.REDO: Desk(
        closing.redo, note=_("重办理由"), required=True, hint=_("回到待派遣，重新派遣并重新计时，计入重办次数。")
    ),
    Action.CALLBACK: Desk(closing.callback, callbackforms.CallbackForm, _("原因或说明"), tone="primary"),
    Action.TELEPHONE: Desk(
        notifying.telephone,
        noticeforms.TelephoneForm,
        _("通话内容"),
        tone="primary",
        hint=_("紧急案件立即电话通知承办单位；接通后开始到场计时。"),
    ),
    Action.ARRIVE: Desk(notifying.arrive, noticeforms.ArriveForm, _("现场情况"), tone="primary"),
    Action.COUNTERSIGN: Desk(signing.countersign, signforms.CountersignForm, _("意见"), tone="primary"),
    Action.INVESTIGATE: Desk(statements.investigate, paperforms.InvestigateForm, _("调查情况"), required=True),
    Action.PLATFORM_REPLY: Desk(
        statements.platform_reply,
        paperforms.PlatformReplyForm,
        _("答复内容"),
        required=True,
        hint=_("在来单平台上的正式答复，与承办单位的书面答复分别留存。"),
    ),
    DECIDE: Desk(
        petitions.decide,
        petitionforms.DecideForm,
        _("审批意见"),
        tone="primary",
        title=_("审批申请"),
        hint=_("同意后立即生效；申请人和审批人不能是同一个人。"),
    ),
    Action.ASK_EXTENSION: Desk(
        petitions.ask,
        petitionforms.ExtensionForm,
        _("延期理由"),
        required=True,
        reasons=ExtensionReason.choices,
        hint=_("须在时限内申请，同意后顺延。"),
    ),
    Action.ASK_RETURN: Desk(
        petitions.ask, petitionforms.ReturnForm, _("退单理由"), required=True, reasons=ReturnReason.choices
    ),
    Action.ASK_SUSPEND: Desk(
        petitions.ask,
        petitionforms.SuspensionForm,
        _("挂账理由"),
        required=True,
        reasons=SuspendReason.choices,
        hint=_("工程、季节等暂不具备条件的，同意后暂停计时。"),
    ),
    Action.ASK_RENEW: Desk(
        petitions.ask, petitionforms.SuspensionForm, _("续挂理由"), required=True, reasons=SuspendReason.choices
    ),
    Action.ASK_TRANSFER: Desk(
        petitions.ask,
        petitionforms.AskForm,
        _("移交建议和理由"),
        required=True,
        reasons=TransferReason.choices,
        hint=_("本级只能建议，由上级平台决定是否改派。"),
    ),
    Action.ASK_VOID: Desk(
        petitions.ask, petitionforms.ToldForm, _("作废理由"), required=True, reasons=VoidReason.choices, tone="danger"
    ),
    Action.ASK_CONTEST: Desk(
        petitions.ask,
        petitionforms.AskForm,
        _("申诉理由"),
        required=True,
        reasons=ContestReason.choices,
        hint=_("经两级复核成立的，超期不计考核，超期事实保留。"),
    ),
    Action.WITHDRAW: Desk(petitions.withdraw, petitionforms.WithdrawForm, _("说明")),
    Action.ORDER_SURVEY: Desk(
        looking.order_survey, note=_("给监督员的话"), hint=_("疑难案件先到现场勘查，弄清该由谁办再派遣。")
    ),
    Action.ORDER_RECHECK: Desk(
        looking.order_recheck, note=_("给监督员的话"), hint=_("请监督员看一看挂账原因是否仍在。")
    ),
    Action.SEND_BACK: Desk(
        looking.send_back, note=_("退回理由"), required=True, hint=_("不予结案，承办单位继续处置，用剩余时限。")
    ),
    Action.SUPERVISE: Desk(pushes.supervise, petitionforms.SuperviseForm, _("督办意见"), required=True),
    Action.INSTRUCT: Desk(pushes.instruct, petitionforms.PushForm, _("批示"), required=True, tone="primary"),
    Action.REPORT_BACK: Desk(
        pushes.report_back, petitionforms.OnPushForm, _("回复内容"), required=True, tone="primary"
    ),
    Action.END_PUSH: Desk(pushes.end_push, petitionforms.OnPushForm, _("说明")),
    Action.GATHER: Desk(
        gathering.gather,
        undertakingforms.GatherForm,
        _("说明"),
        hint=_("诉求人得到统一答复；通告规定了时限的，处置时限随之顺延。"),
    ),
    Action.WHISTLE: Desk(
        whistles.call,
        whistleforms.WhistleForm,
        _("吹哨理由"),
        required=True,
        hint=_("请应到单位在要求的时间到场，到场后逐一报到，直到真正解决。"),
    ),
    Action.WHISTLE_ANSWER: Desk(
        whistles.answer, whistleforms.WhistleAnswerForm, _("到场做了什么"), required=True, tone="primary"
    ),
    Action.WHISTLE_RESULT: Desk(whistles.follow, whistleforms.WhistleResultForm, _("现场情况"), required=True),
    Action.DOCUMENT: Desk(documents.add, documentforms.DocumentForm, _("说明")),
    Action.MEDIATE: Desk(
        documents.mediate,
        documentforms.MediationForm,
        _("纠纷事实"),
        required=True,
        hint=_("双方姓名按个人信息遮盖，查看文件留痕。"),
    ),
    Action.EXPLAIN: Desk(
        statements.explain,
        paperforms.ExplainForm,
        _("说明内容"),
        required=True,
        hint=_("挂账、作废前须向诉求人说明原因，说明留存备查。"),
    ),
    Action.LOOK_BACK: Desk(
        aftercare.look_back, callbackforms.LookBackForm, _("查看情况"), hint=_("结案一段时间后，再看办理效果是否保持。")
    ),
    Action.FOLLOW_UP: Desk(aftercare.follow_up, callbackforms.FollowUpForm, _("理由"), required=True, tone="primary"),
}


def open_actions(case: Case, user: User) -> list[str]:
    """The steps that this user may take at a desk now, what is waited for first, in the order of the table."""
    roles = scope_of(user).roles
    # a unit that a whistle called: reads, and reports there
    theirs = roles - {Role.HANDLER} if is_guest(case, user) else roles
    owning, found = owns(case, user), []
    for edge in from_state(case.flow, case.state):
        action = DECIDE if edge.action in DECIDED else str(edge.action)
        holding = roles if action == Action.WHISTLE_ANSWER or (action == Action.EXPLAIN and owning) else theirs
        if action in STEPS and action not in found and may(holding, edge.permission):
            found.append(action)
    part = part_of(case, user) if OWN_PART.intersection(found) else None
    beside = open_beside(case, user)
    open_now = [a for a in found if (a in beside if a in BESIDE else _makes_sense(a, case, user, part))]
    # what somebody else waits for stands before the road
    return sorted(open_now, key=lambda action: action not in WAITED_FOR)


def part_of(case: Case, user: User) -> Part | None:
    """The part that the user's agency handles, or None."""
    try:
        return own_part(case, user)
    except NotAllowedError:
        return None


def _makes_sense(action: str, case: Case, user: User, part: Part | None) -> bool:
    if action == Action.ENTER_RESULT:
        return bool(mailforms.without_account(case).exists())
    if action in OWN_PART:
        handling_now = part is not None and part.stage == Part.Stage.HANDLING
        if action == Action.ARRIVE:
            return case.urgent and handling_now and part is not None and notifying.awaited(part)
        return handling_now and not (action == Action.SIGN and part is not None and part.signed_at)
    if action == Action.COUNTERSIGN:
        return any(signoff.may_sign(line, user) for line in signoff.lines_of(case))
    if action == Action.TELEPHONE:
        return case.urgent and action not in profile().off
    if action == Action.COMPONENT:
        linked = case.component_id is not None
        return linked or bool(components_meant(case.point, case.category, case.uncertainty_m or 0.0))
    if action == Action.CALLBACK:
        return case.reports.callable().exists()
    if action == Action.EXPLAIN:
        return case.reports.contactable().exists()
    if action == Action.ANSWER_UPPER:
        return case.reports.unanswered_upward().exists()
    if action == Action.FOLLOW_UP:
        return aftercare.waits_for_choice(case)
    return True


def step_form(
    action: str,
    case: Case,
    user: User,
    at: datetime,
    data: Any = None,  # noqa: ANN401 - a QueryDict
    files: Any = None,  # noqa: ANN401 - a MultiValueDict
) -> stepforms.StepForm:
    """The form of a step for a case; KeyError for an action that is not taken at a desk."""
    desk = STEPS[action]
    form = desk.form(data, files, initial={"version": case.version, "operation": uuid4()}, auto_id=f"{action}_%s")
    form.action, form.call, form.case, form.user, form.at = action, desk.call, case, user, at
    form.tone, form.hint, form.name = desk.tone, desk.hint, desk.title
    if desk.note:
        form.fields["note"] = forms.CharField(
            label=str(desk.note), required=desk.required, max_length=5000, widget=forms.Textarea({"rows": 3})
        )
    if desk.reasons:
        form.fields["reason_code"].choices = desk.reasons  # type: ignore[attr-defined]
    form.prepare()
    return form


def step_forms(
    actions: list[str],
    case: Case,
    user: User,
    at: datetime,
    *,
    held: Mapping[str, str],
    bound: stepforms.StepForm | None,
) -> list[stepforms.StepForm]:
    """The form of each step: the refused one as it was typed, and those that are held back with the reason."""
    forms = [bound if bound and bound.action == a else step_form(a, case, user, at) for a in actions]
    for form, action in zip(forms, actions, strict=True):
        form.blocked = held.get(action, form.blocked)
    return forms
