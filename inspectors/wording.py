"""Distances and remaining time in words, for somebody who looks at the screen for a second."""

from datetime import datetime

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
