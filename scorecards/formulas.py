"""Every figure of a scorecard, defined once: name, version, which date decides its month, what counts. Pure.

A figure counts 承办分项 (parts): in a joint case each agency counts its own part once. The condition of each count as
SQL is in figures.py under the same key. A changed meaning gets a new version; old ones stay, because frozen
scorecards name them. Formulas: domain sheet A5; national wording unverified, so sources say where each was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from django.db import models
from django.utils.translation import gettext_lazy as _

from scorecards.rules import CONFIGURED, Text

NONE = "—"  # a zero denominator: no figure, which is not 0 %


class Base(models.TextChoices):
    """Which date puts a part into the month."""

    DUE = "due", _("处置到期时间在本月")
    DISPATCHED = "dispatched", _("派遣时间在本月")
    WITHDRAWN = "withdrawn", _("收回时间在本月")
    CLOSED = "closed", _("结案时间在本月")
    CALLED = "called", _("回访时间在本月")


PLATFORM = _("通行平台的指标说明（与 GB/T 30428.4 附录相近，未核对原文）")
JINNIU = _("成都金牛区考核办法")
HOTLINE = _("12345 热线通行算法")


@dataclass(frozen=True)
class Count:
    """How many parts (or, on the base of callbacks, answers) of an agency are so."""

    key: str
    name: Text
    base: Base
    meaning: Text
    source: Text = PLATFORM
    version: str = "1"


@dataclass(frozen=True)
class Rate:
    """One count in percent of another; where less is better, `down` is set."""

    key: str
    name: Text
    numerator: str
    denominator: str
    source: Text = PLATFORM
    down: bool = False
    version: str = "1"

    def of(self, counts: Mapping[str, int]) -> Decimal | None:
        """Percent to two places, half up; None without a denominator."""
        return percent(self.share(counts))

    def share(self, counts: Mapping[str, int]) -> Fraction | None:
        """The exact share, 0 to 1; None without a denominator."""
        below = counts.get(self.denominator, 0)
        return Fraction(counts.get(self.numerator, 0), below) if below else None


COUNTS = (
    Count("dispatched", _("派遣数"), Base.DISPATCHED, _("派给本单位的承办分项，含以后退单、重办收回的。")),
    Count(
        "due",
        _("应处置数"),
        Base.DUE,
        _("处置数与超期未处置数之和；退单等不计考核的分项除外。"),
    ),
    Count(
        "handled",
        _("处置数"),
        Base.DUE,
        _("已反馈处置结果且未被退回的分项；经核查认可后又重办的，原处置仍计。"),
    ),
    Count(
        "on_time",
        _("按期处置数"),
        Base.DUE,
        _("处置数中在时限内反馈的；返工后以最终认可的一次计，核查占用的时间不计。"),
    ),
    Count("late", _("超期处置数"), Base.DUE, _("处置数中超过时限才反馈的。")),
    Count("unhandled", _("未处置数"), Base.DUE, _("尚未反馈处置结果的，含尚未到期的。")),
    Count("overdue", _("超期未处置数"), Base.DUE, _("未处置数中统计时已过时限的。")),
    Count("reworked", _("返工数"), Base.DUE, _("应处置数中至少一次核查不通过、退回再办的。"), JINNIU),
    Count("extended", _("延期数"), Base.DUE, _("应处置数中获准延期的。"), JINNIU),
    Count("closed", _("结案数"), Base.DUE, _("处置数中所在案件已经结案的；结案后重办的，原处置仍计。")),
    Count("closed_on_time", _("按期结案数"), Base.DUE, _("结案数中按期处置的。")),
    Count("suspended", _("挂账数"), Base.DUE, _("未处置、所在案件正在挂账的；到期时间为挂账时的。"), CONFIGURED),
    Count("contact_due", _("应联系数"), Base.DUE, _("应处置数中的民生诉求，须与诉求人联系。"), HOTLINE),
    Count("contacted", _("按时联系数"), Base.DUE, _("应联系数中到期前已联系上诉求人的。"), HOTLINE),
    Count("provisional", _("暂定日历数"), Base.DUE, _("应处置数中时限按尚未公布的节假日安排暂算的。"), CONFIGURED),
    Count("returned", _("退单数"), Base.WITHDRAWN, _("由派遣员退单收回、不计考核的分项。")),
    Count("redone", _("重办数"), Base.WITHDRAWN, _("结案后要求重新办理而收回的分项。"), CONFIGURED),
    Count("closed_in_month", _("当月结案数"), Base.CLOSED, _("所在案件于本月结案的分项，不论何时到期。")),
    Count("called", _("回访数"), Base.CALLED, _("处置认可后回访过的诉求，同一诉求本月只计最后一次有效回访。"), HOTLINE),
    Count("answered", _("有效回访数"), Base.CALLED, _("回访数中接通并答复的。"), HOTLINE),
    Count("satisfied", _("满意数"), Base.CALLED, _("有效回访中表示满意的；基本满意是否计入见统计口径。"), HOTLINE),
    Count("dissatisfied", _("不满意数"), Base.CALLED, _("有效回访中表示不满意的。"), HOTLINE),
    Count("solved", _("解决数"), Base.CALLED, _("有效回访中诉求人认为已经解决的；办结不等于解决。"), HOTLINE),
)
RATES = (
    Rate("handled_rate", _("处置率"), "handled", "due"),
    Rate("on_time_rate", _("按期处置率"), "on_time", "due"),
    Rate("closed_rate", _("结案率"), "closed", "due"),
    Rate("closed_on_time_rate", _("按期结案率"), "closed_on_time", "due"),
    Rate("rework_rate", _("返工率"), "reworked", "due", JINNIU, down=True),
    Rate("extension_rate", _("延期率"), "extended", "due", JINNIU, down=True),
    Rate("overdue_rate", _("超期未处置率"), "overdue", "due", JINNIU, down=True),
    Rate("contact_rate", _("响应率"), "contacted", "contact_due", HOTLINE),
    Rate("satisfied_rate", _("满意率"), "satisfied", "answered", HOTLINE),
    Rate("solved_rate", _("解决率"), "solved", "answered", HOTLINE),
)
COUNT = {count.key: count for count in COUNTS}
RATE = {rate.key: rate for rate in RATES}
FIGURES: dict[str, Count | Rate] = {**COUNT, **RATE}

SCORE_VERSION = "1"
# points for how much an agency gets: up to so many → points; more than the last → 0 (domain sheet A5, department)
VOLUME_BANDS = ((50, 100), (100, 90), (200, 75), (500, 60), (1000, 40))
# from so many points on, the grade (domain sheet A5)
GRADES = ((90, "A"), (75, "B"), (60, "C"), (40, "D"), (0, "E"))


def percent(share: Fraction | None) -> Decimal | None:
    """A share as percent to two places, half up."""
    return None if share is None else two_places(share * 100)


def two_places(value: Fraction) -> Decimal:
    return Decimal(floor(value * 100 + Fraction(1, 2))).scaleb(-2)


def grade(score: Decimal | None) -> str:
    """A–E of the published (rounded) score, so that page and grade never contradict; empty without a score."""
    return "" if score is None else next(letter for least, letter in GRADES if score >= least)


def versions() -> dict[str, str]:
    """The version of every formula, as a frozen scorecard keeps them."""
    return {formula.key: formula.version for formula in (*COUNTS, *RATES)} | {"score": SCORE_VERSION}
