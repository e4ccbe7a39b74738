"""Why something of a shift was not stored: a code for the phone, a status, and a sentence that says what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inspectors.wording import distance_words

SENTENCES: dict[str, tuple[int, str | Promise]] = {
    "no_shift": (422, _("现在没有您的班次，不能签到。请联系值班长调整排班。")),
    "here_already": (409, _("您已经签到，不用再签。")),
    "not_here": (409, _("您还没有签到或已经签退。请刷新页面查看最新情况。")),
    "resting": (409, _("您正在休息，先结束休息再操作。")),
    "not_resting": (409, _("休息已经结束，不用再操作。")),
    "no_break_left": (422, _("本班的休息次数或时间已经用完。确有需要请联系值班长。")),
    "gone": (404, _("没有找到这条记录，可能已被撤回。请刷新页面。")),
    "decided": (409, _("这一条刚刚已有人认定，您的认定没有保存。请刷新页面查看。")),
    "seen": (409, _("这个普查点刚刚已有人完成，您的结果没有保存。")),
    "no_channel": (422, _("没有启用的入户走访渠道，诉求无法登记；请联系数据管理员。")),
    "other_case": (422, _("这件案件不能关联：只能关联您自己上报的案件。")),
}
OUTSIDE = _("您在责任网格外约 %(distance)s，请说明原因后再提交。")


class DutyError(Exception):
    """Something of a shift that cannot be; nothing was stored."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status of the refusal."""
        return SENTENCES[self.code][0]

    @property
    def sentence(self) -> str:
        """What to do about it, in the reader's language."""
        return str(SENTENCES[self.code][1])


class OutsideError(DutyError):
    """The inspector seems not to be in the zone and has not said why; nothing was stored."""

    status = 422

    def __init__(self, outside_m: float) -> None:
        super().__init__("far")
        self.outside_m = outside_m

    @property
    def sentence(self) -> str:
        """How far, and that a reason is wanted."""
        return str(OUTSIDE) % {"distance": distance_words(self.outside_m)}
