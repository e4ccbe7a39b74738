"""Figures of posts: what an inspector, an operator, a dispatcher and a shift lead did in a month, by person. Pure.

Numerators and denominators as platforms state them (domain sheet A5); where a source is silent or impossible the words
say what is counted instead. The conditions as SQL are in posts.py under the same keys.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from scorecards.formulas import PLATFORM, Rate
from scorecards.rules import CONFIGURED, Text
from scorecards.scores import Subject


@dataclass(frozen=True)
class PostCount:
    """How many things a person did, or had to do, in a month."""

    key: str
    name: Text
    meaning: Text
    source: Text = PLATFORM
    version: str = "1"


POST_COUNTS: dict[Subject, tuple[PostCount, ...]] = {
    Subject.INSPECTOR: (
        PostCount("reported", _("上报数"), _("本月巡查上报和自行处置的案件，补充到已有案件的不另计。")),
        PostCount("valid", _("有效上报数"), _("上报数中已立案或自行处置已结案的。")),
        PostCount("missed", _("漏报数"), _("本月来诉、当班时在其责任网格内、经人认定的漏报。")),
        PostCount("findable", _("应采集数"), _("有效上报数与漏报数之和。"), CONFIGURED),
        PostCount("verify_due", _("应核实数"), _("本月到期的核实任务，已取消的除外。")),
        PostCount("verified_on_time", _("按时核实数"), _("应核实数中到期前在现场作答的。")),
        PostCount("check_due", _("应核查数"), _("本月到期的核查任务，已取消的除外。")),
        PostCount("checked_on_time", _("按时核查数"), _("应核查数中到期前在现场作答的。")),
    ),
    Subject.OPERATOR: (
        PostCount("registered", _("受理数"), _("本月登记的诉求立成的案件。")),
        PostCount("verify_sent", _("核实派发数"), _("本月派发的核实任务。")),
        PostCount("verify_sent_on_time", _("核实按时派发数"), _("核实派发数中在受理时限内派发的。")),
        PostCount("answered", _("直接答复数"), _("本月直接答复的案件。")),
        PostCount("answered_on_time", _("按时直接答复数"), _("直接答复数中在受理时限内答复的。")),
    ),
    Subject.DISPATCHER: (
        PostCount("sent", _("派遣数"), _("本月派遣的次数；十秒内撤销的不计。")),
        PostCount("sent_on_time", _("按时派遣数"), _("派遣数中在派遣时限内派出的。")),
        PostCount("sent_right", _("准确派遣数"), _("派遣数中承办单位没有被准予退单的。")),
    ),
    Subject.SHIFT_LEAD: (
        PostCount("filed", _("立案数"), _("本月立案或审核通过的案件。")),
        PostCount("filed_on_time", _("按时立案数"), _("立案数中在立案审核时限内的。")),
        PostCount("filed_right", _("准确立案数"), _("立案数中后来没有作废的。")),
        PostCount("ended", _("结案数"), _("本月办理结案的案件。")),
        PostCount("ended_in_time", _("按时结案数"), _("结案数中在结案时限内的。")),
    ),
}
POST_RATES: dict[Subject, tuple[Rate, ...]] = {
    Subject.INSPECTOR: (
        Rate("valid_rate", _("有效上报率"), "valid", "reported"),
        Rate("miss_rate", _("漏报率"), "missed", "findable", CONFIGURED, down=True),
        Rate("verified_on_time_rate", _("按时核实率"), "verified_on_time", "verify_due"),
        Rate("checked_on_time_rate", _("按时核查率"), "checked_on_time", "check_due"),
    ),
    Subject.OPERATOR: (
        Rate("verify_sent_on_time_rate", _("核实按时派发率"), "verify_sent_on_time", "verify_sent"),
        Rate("answered_on_time_rate", _("按时直接答复率"), "answered_on_time", "answered", CONFIGURED),
    ),
    Subject.DISPATCHER: (
        Rate("sent_on_time_rate", _("按时派遣率"), "sent_on_time", "sent"),
        Rate("sent_right_rate", _("准确派遣率"), "sent_right", "sent"),
    ),
    Subject.SHIFT_LEAD: (
        Rate("filed_on_time_rate", _("按时立案率"), "filed_on_time", "filed"),
        Rate("filed_right_rate", _("准确立案率"), "filed_right", "filed"),
        Rate("closed_in_time_rate", _("按时结案率"), "ended_in_time", "ended"),
    ),
}
POST_COUNT = {post: {count.key: count for count in counts} for post, counts in POST_COUNTS.items()}
POST_RATE = {post: {rate.key: rate for rate in rates} for post, rates in POST_RATES.items()}
POST_NAME: dict[Subject, Text] = {
    Subject.INSPECTOR: _("监督员"),
    Subject.OPERATOR: _("受理员"),
    Subject.DISPATCHER: _("派遣员"),
    Subject.SHIFT_LEAD: _("值班长"),
}
