"""What comes in: channels, callers, calls and the reports that they raise."""

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch.profile import profile


class RequestType(models.TextChoices):
    COMPLAINT = "complaint", _("投诉")
    CONSULTATION = "consultation", _("咨询")
    APPEAL = "appeal", _("申诉")
    DISCLOSURE = "disclosure", _("举报")
    SUGGESTION = "suggestion", _("建议")
    HELP = "help", _("求助")
    PRAISE = "praise", _("表扬")
    OTHER = "other", _("其他")


class ChannelQuerySet(models.QuerySet["Channel"]):
    def open_on(self, day: date) -> Self:
        """Channels that have started and not ended on a day of the city's calendar."""
        begun = Q(starts_on=None) | Q(starts_on__lte=day)
        return self.filter(begun).filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def in_use(self, day: date) -> Self:
        """Those of the open channels that this place takes reports by."""
        keys = profile().channels
        return self.open_on(day).filter(key__in=keys) if keys else self.open_on(day)

    def to_come(self, day: date) -> Self:
        """Channels that start later, the next one first."""
        return self.filter(starts_on__gt=day).order_by("starts_on", "key")


class Channel(models.Model):
    """来源渠道: hotline, mailbox, web, WeChat, inspector …"""

    class Kind(models.TextChoices):
        HOTLINE = "hotline", _("热线电话")
        ORDER = "order", _("上级交办")
        MAILBOX = "mailbox", _("信箱")
        WEBSITE = "website", _("网站")
        SOCIAL = "social", _("微信微博")
        APP = "app", _("手机应用")
        SCREEN = "screen", _("数字大屏")
        LIVE = "live", _("直播节目")
        INSPECTOR = "inspector", _("监督员")
        SWEEP = "sweep", _("入户遍访")
        LEADER = "leader", _("领导交办")
        MEDIA = "media", _("媒体")
        SYSTEM = "system", _("其他系统")

    key = models.SlugField(_("标识"), unique=True)
    name = models.CharField(_("名称"), max_length=40)
    public = models.BooleanField(_("公众渠道"), default=True)
    kind = models.CharField(_("种类"), max_length=10, choices=Kind.choices, default=Kind.HOTLINE)
    starts_on = models.DateField(_("启用日期"), null=True, blank=True)
    ends_on = models.DateField(_("停用日期"), null=True, blank=True)
    default_type = models.CharField(
        _("默认诉求类型"), max_length=12, choices=RequestType.choices, default=RequestType.COMPLAINT
    )
    # an order that comes this way has a number and a deadline of the body above, and wants an answer
    needs_upper = models.BooleanField(_("须填上级编号和时限"), default=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("来源渠道")
        verbose_name_plural = _("来源渠道")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                name="channel_ends_after_start",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """诉求人: names and numbers live here only, apart from everything that is logged."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", _("市民")
        ENTERPRISE = "enterprise", _("企业")

    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices, default=Kind.RESIDENT)
    name = models.CharField(_("姓名"), max_length=40, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True, db_index=True)
    company = models.CharField(_("企业名称"), max_length=80, blank=True)
    # 统一社会信用代码 of an enterprise
    credit_code = models.CharField(_("信用代码"), max_length=18, blank=True)
    # where to call back, when that is another number than the one that called
    callback_phone = models.CharField(_("回访电话"), max_length=30, blank=True)
    anonymised_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("诉求人")
        verbose_name_plural = _("诉求人")

    def __str__(self) -> str:
        return f"#{self.pk}"


class CallQuerySet(models.QuerySet["Call"]):
    def to_return(self) -> Self:
        """Calls that nobody answered and that nobody has called back."""
        return self.filter(outcome=Call.Outcome.ABANDONED, returned_at=None)

    def abandoned(self) -> Self:
        return self.filter(outcome=Call.Outcome.ABANDONED)

    def of_number(self, numbers: list[str]) -> Self:
        """Calls of somebody who has one of these numbers: one number in the ways in which it is written."""
        return self.filter(person__phone__in=numbers)


class Call(models.Model):
    """来电: one contact through one channel; it can raise several reports, or none where nobody answered it."""

    class Outcome(models.TextChoices):
        ANSWERED = "answered", _("接听")
        ABANDONED = "abandoned", pgettext_lazy("call", "放弃")  # the caller hung up before anybody answered
        OUTGOING = "outgoing", _("回拨")  # ours: an abandoned call is called back

    class Returned(models.TextChoices):
        REACHED = "reached", _("已回拨")
        AGAIN = "again", _("对方已再次来电")
        DROPPED = "dropped", _("不再回拨")

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="calls")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="calls")
    operator = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(_("来电时间"))
    external_ref = models.CharField(_("外部编号"), max_length=60, blank=True)
    outcome = models.CharField(_("接听结果"), max_length=9, choices=Outcome.choices, default=Outcome.ANSWERED)
    # when it was hung up: the operator's wrap-up begins; of an abandoned one, when the caller gave up
    ended_at = models.DateTimeField(_("挂断时间"), null=True, blank=True)
    # where the call centre keeps it: a link to one of the hosts that the installation names
    recording = models.CharField(_("录音"), max_length=500, blank=True)
    note = models.CharField(_("话后小结"), max_length=500, blank=True)
    # of an abandoned one: how it ended, and how often it was called back in vain
    returned_at = models.DateTimeField(_("回拨时间"), null=True, blank=True)
    returned_how = models.CharField(_("回拨结果"), max_length=7, choices=Returned.choices, blank=True)
    tries = models.PositiveSmallIntegerField(_("未接通次数"), default=0)
    tried_at = models.DateTimeField(_("上次回拨"), null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("来电")
        verbose_name_plural = _("来电")
        constraints = [
            models.UniqueConstraint(
                name="call_external_ref_once", fields=["channel", "external_ref"], condition=~Q(external_ref="")
            ),
            models.CheckConstraint(
                name="call_ends_after_start", condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at"))
            ),
            models.CheckConstraint(
                name="call_returned_only_if_abandoned",
                condition=Q(outcome="abandoned") | Q(returned_at=None, tries=0, tried_at=None),
            ),
            models.CheckConstraint(
                name="call_returned_iff_somehow",
                condition=Q(returned_at=None, returned_how="")
                | Q(returned_at__isnull=False, returned_how__in=("reached", "again", "dropped")),
            ),
        ]
        indexes = [
            models.Index(name="call_started", fields=["started_at"]),
            models.Index(
                name="call_to_return", fields=["started_at"], condition=Q(outcome="abandoned", returned_at=None)
            ),
            models.Index(name="call_abandoned", fields=["started_at"], condition=Q(outcome="abandoned")),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.started_at:%F %H:%M}"

    @property
    def waited_s(self) -> int:
        """How long the caller of an abandoned call had waited, in seconds."""
        return int((self.ended_at - self.started_at).total_seconds()) if self.ended_at else 0


class NewKey(Func):
    """22 letters with 122 random bits, made by the database: nobody guesses the address of somebody's progress page."""

    template = "rtrim(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '=')"
    output_field = models.CharField()


class ReportQuerySet(models.QuerySet["Report"]):
    def without_place(self) -> Self:
        """Reports that somebody still has to put on the map."""
        return self.filter(needs_placing=True)

    def unanswered_upward(self) -> Self:
        """Orders from above that nobody has answered yet."""
        return self.filter(upper_due_at__isnull=False, upper_answered_at=None)

    def contactable(self) -> Self:
        """Reports whose reporter has given a number and does not stay unknown."""
        return self.filter(anonymous=False).exclude(person=None).exclude(person__phone="")

    def callable(self) -> Self:
        """Reports whose reporter can be called back and did not decline."""
        return self.contactable().filter(wants_callback=True)

    def awaiting_callback(self) -> Self:
        """Reports of closed cases whose reporter has neither been reached nor counts as unreachable.

        Waiting is a mark on the report with a small index of its own: nobody looks through a million closed cases.
        """
        return self.callable().filter(callback_since__isnull=False)

    def wait_for_callback(self, at: datetime) -> None:
        """The case is closed: whoever can be called is to be called."""
        self.filter(pk__in=self.callable().values("pk")).update(callback_since=at)

    def stop_waiting(self) -> None:
        self.filter(callback_since__isnull=False).update(callback_since=None)


class Report(models.Model):
    """诉求: one matter that somebody raised, with the text as received and the place that was found for it.

    `point` is in the city's SRID; `given_point` is what the sender stated, never used to decide, kept to measure.
    """

    number = models.CharField(_("诉求编号"), max_length=30, unique=True)
    call = models.ForeignKey(Call, models.PROTECT, null=True, blank=True, related_name="reports")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="reports")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="reports")
    case = models.ForeignKey("dispatch.Case", models.PROTECT, null=True, blank=True, related_name="reports")
    external_ref = models.CharField(_("外部编号"), max_length=60, blank=True)
    request_type = models.CharField(_("诉求类型"), max_length=12, choices=RequestType.choices)
    text = models.TextField(_("诉求内容"))
    address = models.CharField(_("地址"), max_length=300, blank=True)
    anonymous = models.BooleanField(_("匿名"), default=False)
    wants_callback = models.BooleanField(_("需要回访"), default=True)
    received_at = models.DateTimeField(_("受理时间"), db_index=True)
    point = models.PointField(_("定位"), srid=settings.CITY.srid, null=True, blank=True)
    given_point = models.PointField(srid=settings.CITY.srid, null=True, blank=True)
    level = models.CharField(_("定位层级"), max_length=16, blank=True)
    score = models.FloatField(_("得分"), null=True, blank=True)
    uncertainty_m = models.FloatField(_("不确定度（米）"), null=True, blank=True)
    matched = models.CharField(_("匹配文字"), max_length=200, blank=True)
    # "geocoder", "operator", "inspector": who said where it is
    located_by = models.CharField(max_length=12, blank=True)
    geocoder_version = models.CharField(max_length=12, blank=True)
    # the reasons of place, class and agency as (code, parameters): turned into sentences in the reader's language
    why = models.JSONField(default=dict, blank=True)
    needs_placing = models.BooleanField(_("待定位"), default=False)
    # of an order from above: its number is `external_ref`
    upper_due_at = models.DateTimeField(_("上级时限"), null=True, blank=True)
    upper_body = models.CharField(_("交办单位"), max_length=60, blank=True)
    upper_answered_at = models.DateTimeField(_("回复上级时间"), null=True, blank=True)
    upper_answer = models.TextField(_("回复上级内容"), blank=True)
    # the call-taker's other elements: unit involved, when, other clues (P1.18)
    unit_involved = models.CharField(_("涉及单位"), max_length=80, blank=True)
    happened = models.CharField(_("发生时间"), max_length=60, blank=True)
    clues = models.CharField(_("其他线索"), max_length=500, blank=True)
    callback_when = models.CharField(_("方便接听的时间"), max_length=40, blank=True)
    # as it came, where cleaning has changed it
    raw_text = models.TextField(_("原文"), blank=True)
    # since when the caller has been waiting for the callback; empty: nobody has to call
    callback_since = models.DateTimeField(_("待回访起始"), null=True, blank=True)
    # the address of the progress page: who has it may read that page, so it is told to the caller only
    query_key = models.CharField(max_length=24, unique=True, db_default=NewKey(), editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("诉求")
        verbose_name_plural = _("诉求")
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                name="report_external_ref_once",
                fields=["channel", "external_ref"],
                condition=~Q(external_ref=""),
            ),
        ]
        indexes = [
            models.Index(name="report_to_place", fields=["received_at"], condition=Q(needs_placing=True)),
            models.Index(
                name="report_upper_open",
                fields=["upper_due_at"],
                condition=Q(upper_due_at__isnull=False, upper_answered_at=None),
            ),
            models.Index(name="report_to_call", fields=["callback_since"], condition=Q(callback_since__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def elements(self) -> list[tuple[str, object]]:
        """What the call-taker noted beside the text, with labels: what is empty is left out (P1.18)."""
        names = ("unit_involved", "happened", "clues", "callback_when", "upper_body", "upper_due_at", "upper_answer")
        values = [(str(self._meta.get_field(name).verbose_name), getattr(self, name)) for name in names]  # type: ignore[union-attr]
        return [
            (label, f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value)
            for label, value in values
            if value
        ]
