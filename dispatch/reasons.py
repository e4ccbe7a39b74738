"""Reason codes of the steps that end, stop or send back a case; counted apart from the words beside them (P5.20)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    """退单."""

    WRONG_AGENCY = "wrong_agency", _("派遣单位有误")
    WRONG_PLACE = "wrong_place", _("位置有误")
    WRONG_CLASS = "wrong_class", _("类别有误")
    UNCLEAR_DUTY = "unclear_duty", _("职责不清，需协调")
    OTHER = "other", _("其他")


LABELS = {value: label for kind in (DeclineReason, SuspendReason, ReturnReason) for value, label in kind.choices}
