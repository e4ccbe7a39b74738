"""Reason codes of the steps that end, stop or send back a case; counted apart from the words beside them (P5.20)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UrgentReason(models.TextChoices):
    """紧急: why it cannot wait; compulsory where somebody marks a case as urgent."""

    LIFE = "life", _("危及人身安全")
    PROPERTY = "property", _("可能造成财产损失")
    TRAFFIC = "traffic", _("影响通行")
    SUPPLY = "supply", _("停水停电停气")
    CROWD = "crowd", _("群体聚集")
    WEATHER = "weather", _("恶劣天气")
    OTHER = "other", _("其他")


class DiversionReason(models.TextChoices):
    """分流: what the emergency service is called for."""

    CRIME = "crime", _("正在发生的违法犯罪")
    FIRE = "fire", _("火灾或险情")
    ILLNESS = "illness", _("急病或伤者")
    ACCIDENT = "accident", _("交通事故")
    OTHER = "other", _("其他")


class DeclineReason(models.TextChoices):
    """不予受理/立案."""

    OUTSIDE_AREA = "outside_area", _("不在管辖范围内")
    OUTSIDE_DUTY = "outside_duty", _("不属于受理职责")
    EMERGENCY = "emergency", _("应转 110、119、120、122")
    IN_COURT = "in_court", _("已进入诉讼、仲裁或信访程序")
    NOTHING_NEW = "nothing_new", _("重复诉求且没有新情况")
    NOT_FOUND = "not_found", _("现场未发现问题")
    OTHER = "other", _("其他")


class SuspendReason(models.TextChoices):
    """挂账."""

    ENGINEERING = "engineering", _("需要工程改造")
    SEASONAL = "seasonal", _("受季节限制")
    DEMOLITION = "demolition", _("列入拆迁计划")
    NO_OWNER = "no_owner", _("权属不清或无主")
    NO_CONDITIONS = "no_conditions", _("条件暂不具备")
    OTHER = "other", _("其他")


class ReturnReason(models.TextChoices):
    """退单; only the first one needs no stamped form (domain sheet A4)."""

    WRONG_AGENCY = "wrong_agency", _("派遣单位有误")
    WRONG_PLACE = "wrong_place", _("位置有误")
    WRONG_CLASS = "wrong_class", _("类别有误")
    UNCLEAR_DUTY = "unclear_duty", _("职责不清，需协调")
    OTHER = "other", _("其他")


class ExtensionReason(models.TextChoices):
    """延期: complex matters (P1.7)."""

    COMPLEX = "complex", _("情况复杂")
    ENGINEERING = "engineering", _("工程量大")
    WEATHER = "weather", _("天气影响")
    COORDINATION = "coordination", _("需多部门协调")
    OTHER = "other", _("其他")


class VoidReason(models.TextChoices):
    """作废."""

    MISTAKE = "mistake", _("误登记")
    TEST = "test", _("测试或骚扰来电")
    WITHDRAWN = "withdrawn", _("诉求人撤诉")
    NOT_FOUND = "not_found", _("现场未发现问题")
    OTHER = "other", _("其他")


class ContestReason(models.TextChoices):
    """考核申诉."""

    FORCE = "force", _("不可抗力")
    WRONG_DISPATCH = "wrong_dispatch", _("派遣有误造成超期")
    WAITED = "waited", _("等待其他单位")
    SYSTEM = "system", _("系统原因")
    OTHER = "other", _("其他")


class TransferReason(models.TextChoices):
    """建议移交上级或其他平台 (P1.20, P1.23)."""

    OUTSIDE_AREA = "outside_area", _("不在管辖范围内")
    OUTSIDE_DUTY = "outside_duty", _("不属于本级职责")
    HIGHER = "higher", _("须由上级部门处置")
    OTHER = "other", _("其他")


class ResultSource(models.TextChoices):
    """How the centre has heard of a result that it enters for a unit without an account (P2.12, P2.19)."""

    PHONE = "phone", _("电话告知")
    MAIL = "mail", _("电子邮件")
    PAPER = "paper", _("书面材料")
    CHAT = "chat", _("工作群")
    VISIT = "visit", _("当面告知")


class UnsolvedReason(models.TextChoices):
    """Why a case stays unsolved (P5.3, P5.20)."""

    OUTSIDE_AREA = "outside_area", _("不在管辖范围")
    OUTSIDE_DUTY = "outside_duty", _("不属职责范围")
    HARD = "hard", _("疑难，暂无条件")
    NO_OWNER = "no_owner", _("权属不清或无主")


# what a coded reason of a step says about the case, where it says something
UNSOLVED = {
    DeclineReason.OUTSIDE_AREA.value: UnsolvedReason.OUTSIDE_AREA,
    DeclineReason.OUTSIDE_DUTY.value: UnsolvedReason.OUTSIDE_DUTY,
    TransferReason.HIGHER.value: UnsolvedReason.OUTSIDE_DUTY,
    SuspendReason.ENGINEERING.value: UnsolvedReason.HARD,
    SuspendReason.SEASONAL.value: UnsolvedReason.HARD,
    SuspendReason.DEMOLITION.value: UnsolvedReason.HARD,
    SuspendReason.NO_CONDITIONS.value: UnsolvedReason.HARD,
    SuspendReason.NO_OWNER.value: UnsolvedReason.NO_OWNER,
}


class SystemReason(models.TextChoices):
    """What the system does by itself, when a window or a date has passed."""

    SILENT = "silent", _("逾期未签收，视为签收")
    REVIEW_DUE = "review_due", _("复核日期已到，自动恢复")
    OVERDUE = "overdue", _("超过处置时限")
    REWORKED = "reworked", _("多次返工")
    NEW_REPORT = "new_report", _("同一地点又有新诉求")
    NOT_THERE = "not_there", _("接到电话后超时未到场")


KINDS = (
    DeclineReason, SuspendReason, ReturnReason, ExtensionReason, VoidReason, ContestReason, TransferReason,
    SystemReason, UrgentReason,
)  # fmt: skip
LABELS = {value: label for kind in KINDS for value, label in kind.choices}
