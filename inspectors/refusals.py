"""Why something was not stored, as a status and a sentence that says what to do."""

from django.utils.translation import gettext as _

from dispatch.evidence import BadPhotoError
from dispatch.lifecycle import DutiesError, MissingEvidenceError, NotAllowedError, StaleStepError
from dispatch.transitions import IllegalStep
from inspectors.actions import FarAwayError, UnsignedError
from inspectors.assigning import TakenError
from inspectors.presence import Presence
from inspectors.wording import distance_words

REFUSED = (
    BadPhotoError,
    FarAwayError,
    IllegalStep,
    MissingEvidenceError,
    NotAllowedError,
    StaleStepError,
    TakenError,
    UnsignedError,
)


def refusal(error: Exception) -> tuple[int, str, str]:
    """HTTP status, a code for the page, and the sentence for the inspector."""
    if isinstance(error, StaleStepError | IllegalStep):
        return 409, "stale", _("这件案件刚刚有了变化，您的回答没有保存。请先查看最新情况，再决定是否提交。")
    if isinstance(error, TakenError):
        return 409, "taken", _("这项任务已被别人领取或已不需要，请看其他任务。")
    if isinstance(error, FarAwayError):
        return 422, "far", _doubt(error.presence)
    if isinstance(error, UnsignedError):
        return 422, "unsigned", _("请在屏幕上签名后再提交。")
    if isinstance(error, MissingEvidenceError):
        needs = _("、").join(str(need.label) for need in error.needs)
        return 422, "missing", _("还缺少：%(needs)s。请补充后再提交。") % {"needs": needs}
    if isinstance(error, BadPhotoError):
        return 422, "photo", str(error)
    if isinstance(error, DutiesError):
        return 403, "duties", str(error)
    return 403, "forbidden", _("您现在没有办理这一步的权限。")


def _doubt(presence: Presence) -> str:
    """Why the server does not take it for granted that somebody is there."""
    told = {"distance": distance_words(presence.distance_m), "accuracy": round(presence.accuracy_m)}
    if presence.far:
        return _("您距案件位置约 %(distance)s，请说明原因后再提交。") % told
    return _("手机定位精度只有 %(accuracy)s 米，看不出您是否在现场，请说明原因后再提交。") % told
