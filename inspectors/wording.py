"""Distances and remaining time in words, for somebody who looks at the screen for a second."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.clocks import Unit
from dispatch.explain import duration

DAY_SECONDS = 86400.0
# less than a quarter of the usual half hour: time to walk
SOON_SECONDS = 8 * 60.0

# what usually stands between an inspector and the place; any other words are as good
FAR_REASONS = (
    gettext_lazy("案件定位不准确"),
    gettext_lazy("手机定位有偏差"),
    gettext_lazy("道路封闭，无法靠近"),
    gettext_lazy("在对面或高处拍摄"),
)

# why somebody cannot go; any other words are as good
REFUSE_REASONS = (
    gettext_lazy("正在处理紧急任务"),
    gettext_lazy("距离太远，来不及"),
    gettext_lazy("不在我的责任网格"),
    gettext_lazy("交通工具故障"),
    gettext_lazy("身体不适"),
)

WHY = {
    "own_zone": gettext_lazy("地点在本人责任网格内"),
    "other_zone": gettext_lazy("从其他责任网格调来"),
    "distance": gettext_lazy("派单时直线距离 %(metres)s 米"),
    "distance_along": gettext_lazy("派单时沿街 %(metres)s 米"),
    "minutes": gettext_lazy("预计 %(minutes)s 分钟到场"),
    "position_unknown": gettext_lazy("派单时位置未知"),
    "open_tasks": gettext_lazy("手上有 %(count)s 项任务"),
    "on_duty": gettext_lazy("从 %(count)s 名值班人员中选定"),
    "claimed": gettext_lazy("本人领取"),
    "by_hand": gettext_lazy("%(who)s指派"),
    "keeps_cover": gettext_lazy("较近的人员留守，以免后续任务无人就近"),
    "zone_empty": gettext_lazy("该网格无人值班"),
    "zone_later": gettext_lazy("本网格人员要晚 %(minutes)s 分钟到"),
    "skilled": gettext_lazy("具备所需技能"),
    "unskilled": gettext_lazy("附近无人具备所需技能"),
    "urgent": gettext_lazy("紧急任务优先"),
    "refused": gettext_lazy("已有 %(count)s 人拒单"),
    "not_accepted": gettext_lazy("原监督员%(who)s未按时接单"),
    "not_arrived": gettext_lazy("原监督员%(who)s未按时到场"),
    "off_duty": gettext_lazy("原监督员%(who)s已下班或离岗"),
    "better": gettext_lazy("由%(who)s改派，以便更快到场"),
    "was_by_hand": gettext_lazy("原为人工指派，请派遣员留意"),
}


def why_words(why: Iterable[Mapping[str, Any]]) -> list[str]:
    """Why this inspector, in words; a code that nobody knows any more is left out."""
    return [str(WHY[reason["code"]]) % reason for reason in why if reason.get("code") in WHY]


def distance_words(metres: float) -> str:
    """A straight line in words: to 10 m below a kilometre, to 100 m above."""
    if metres < 1000:
        return _("%(metres)d 米") % {"metres": max(round(metres, -1), 10)}
    return _("%(kilometres).1f 公里") % {"kilometres": metres / 1000}


def left_words(due_at: datetime, at: datetime) -> str:
    """Time until a task is due, or since."""
    seconds = (due_at - at).total_seconds()
    span = {"span": duration(seconds, Unit.MINUTE, DAY_SECONDS)}
    return _("剩余 %(span)s") % span if seconds >= 0 else _("超时 %(span)s") % span


def left_light(due_at: datetime, at: datetime) -> str:
    """The colour beside these words: green, yellow when it is time to go, red when it is too late."""
    seconds = (due_at - at).total_seconds()
    if seconds < 0:
        return "red"
    return "yellow" if seconds < SOON_SECONDS else "green"
