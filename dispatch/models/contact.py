"""联系 and 回访: the agency's own contact with the resident, the centre's later call, and what follows from it."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", _("满意")
    FAIR = "fair", _("基本满意")
    DISSATISFIED = "dissatisfied", _("不满意")


class Contact(models.Model):
    """联系: the agency speaks to the resident, or tries to; required evidence in the matter flow (P1.15).

    What was said are the words of its step. `counts`: an attempt in a part of the day not tried before; `concludes`:
    reached, or tried as often as the rule asks (dispatch/attempts.py).
    """

    class Method(models.TextChoices):
        PHONE = "phone", _("电话")
        VISIT = "visit", _("上门")
        MESSAGE = "message", _("短信/微信")
        LETTER = "letter", _("书面")

    part = models.ForeignKey("dispatch.Part", models.PROTECT, related_name="contacts")
    # which caller of a merged case; empty: the only one, or all of them
    report = models.ForeignKey("dispatch.Report", models.PROTECT, null=True, blank=True, related_name="contacts")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="contact")
    method = models.CharField(_("方式"), max_length=8, choices=Method.choices)
    contacted_at = models.DateTimeField(_("联系时间"))
    staff = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    reached = models.BooleanField(_("已联系上"), default=True)
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction.choices, blank=True)
    counts = models.BooleanField(_("计入次数"), default=False)
    concludes = models.BooleanField(_("联系结束"), default=False)

    class Meta:
        verbose_name = _("联系记录")
        verbose_name_plural = _("联系记录")
        ordering = ["contacted_at"]

    def __str__(self) -> str:
        return f"{self.part_id} {self.method}"


class CallbackQuerySet(models.QuerySet["Callback"]):
    def undecided(self) -> Self:
        """Dissatisfied or unsolved, and nobody has chosen yet what follows."""
        return self.filter(undecided=True)

    def concluded(self) -> Self:
        """The last word on a report: reached, or unreachable by rule."""
        return self.filter(concludes=True)

    def unreachable(self) -> Self:
        return self.concluded().filter(reached=False)

    def unhappy(self) -> Self:
        return self.filter(Q(satisfaction=Satisfaction.DISSATISFIED) | Q(solved=False), reached=True)


class Callback(models.Model):
    """回访: one attempt of the centre, or the resident's own word on the progress page (method web, no staff).

    Solved and satisfied are asked apart (办结 is not 解决). `counts` and `concludes` as in Contact; `undecided` until a
    person has chosen what follows.
    """

    class Method(models.TextChoices):
        PHONE = "phone", _("电话")
        VISIT = "visit", _("上门")
        MESSAGE = "message", _("短信/微信")
        LETTER = "letter", _("书面")
        WEB = "web", _("网上评价")

    class Channel(models.TextChoices):
        """Where else somebody can turn (P1.16)."""

        PETITION = "petition", _("信访")
        COURT = "court", _("法院诉讼")
        ARBITRATION = "arbitration", _("仲裁")
        RECONSIDERATION = "reconsider", _("行政复议")
        MEDIATION = "mediation", _("人民调解")
        OTHER = "other", _("其他途径")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="callbacks")
    report = models.ForeignKey("dispatch.Report", models.PROTECT, related_name="callbacks")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="callback")
    method = models.CharField(_("方式"), max_length=8, choices=Method.choices, default=Method.PHONE)
    called_at = models.DateTimeField(_("回访时间"))
    staff = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    reached = models.BooleanField(_("已接通"))
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction.choices, blank=True)
    solved = models.BooleanField(_("是否解决"), null=True, blank=True)
    # concrete reason, or words to the other channel that was advised; compulsory when dissatisfied or unsolved (P1.16)
    reason = models.TextField(_("原因"), blank=True)
    advised = models.CharField(_("告知的其他途径"), max_length=12, choices=Channel.choices, blank=True)
    counts = models.BooleanField(_("计入次数"), default=False)
    concludes = models.BooleanField(_("回访结束"), default=False)
    undecided = models.BooleanField(_("待处理"), default=False)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("回访")
        verbose_name_plural = _("回访")
        ordering = ["called_at"]
        constraints = [
            models.CheckConstraint(
                name="callback_reached_has_answer",
                condition=Q(reached=False, satisfaction="", solved=None, advised="")
                | (Q(reached=True, solved__isnull=False) & ~Q(satisfaction="")),
            ),
            models.CheckConstraint(
                name="callback_unhappy_has_reason",
                condition=(~Q(satisfaction="dissatisfied") & (Q(solved=None) | Q(solved=True))) | ~Q(reason=""),
            ),
            models.CheckConstraint(name="callback_reached_concludes", condition=Q(reached=False) | Q(concludes=True)),
            models.CheckConstraint(
                name="callback_web_iff_no_staff",
                condition=Q(method="web", staff=None) | (~Q(method="web") & Q(staff__isnull=False)),
            ),
            models.CheckConstraint(
                name="callback_undecided_is_unhappy",
                condition=Q(undecided=False) | Q(satisfaction="dissatisfied") | Q(solved=False),
            ),
        ]
        indexes = [
            models.Index(name="callback_undecided", fields=["called_at"], condition=Q(undecided=True)),
            models.Index(name="callback_concluded", fields=["reached", "called_at"], condition=Q(concludes=True)),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.satisfaction}"


class FollowUp(models.Model):
    """What a person chose after a caller was dissatisfied; the why are the words of its step."""

    class Choice(models.TextChoices):
        REDO = "redo", _("重办")
        EXTEND = "extend", _("延期重办")
        MOVE = "move", _("移交其他单位重办")
        DISCUSS = "discuss", _("研判（列入疑难）")
        NOTHING = "nothing", _("不再处理")

    callback = models.ForeignKey(Callback, models.PROTECT, related_name="follow_ups")
    step = models.ForeignKey("dispatch.Step", models.PROTECT, related_name="follow_ups")
    choice = models.CharField(_("处理方式"), max_length=8, choices=Choice.choices)
    decided_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("决定时间"))

    class Meta:
        verbose_name = _("不满意处理")
        verbose_name_plural = _("不满意处理")
        ordering = ["decided_at", "pk"]

    def __str__(self) -> str:
        return f"{self.callback_id} {self.choice}"


class LookBack(models.Model):
    """回头看: weeks after closing, whether the result has held (P4.5); the words are those of its step."""

    class Method(models.TextChoices):
        VISIT = "visit", _("实地查看")
        PHONE = "phone", _("电话")

    class Rating(models.TextChoices):
        GOOD = "good", _("好")
        FAIR = "fair", _("一般")
        POOR = "poor", _("差")

    case = models.ForeignKey("dispatch.Case", models.PROTECT, related_name="look_backs")
    step = models.OneToOneField("dispatch.Step", models.PROTECT, related_name="look_back")
    method = models.CharField(_("方式"), max_length=8, choices=Method.choices)
    looked_at = models.DateTimeField(_("回头看时间"))
    staff = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    rating = models.CharField(_("评价"), max_length=4, choices=Rating.choices)

    class Meta:
        verbose_name = _("回头看")
        verbose_name_plural = _("回头看")
        ordering = ["looked_at"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.rating}"
