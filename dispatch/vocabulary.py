"""The words of the transition table: flows, states, actions, and what a step needs."""

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
    RECALL = "recall", _("撤回派遣")
    SIGN = "sign", _("签收")
    CONTACT = "contact", _("联系诉求人")
    HANDLED = "handled", _("处置反馈")
    ENTER_RESULT = "enter_result", _("代录处置结果")
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
    GATHER = "gather", _("归入突发事件")


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
