"""知识库 and 分流: what the centre answers at once, and calls that belong to 110, 119, 120 or 122."""

from datetime import date
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import URLValidator
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from dispatch.reasons import DiversionReason
from gridmap.normalise import key
from people.access import of_agencies, scope_of
from people.models import User
from people.permissions import Role


def grams(text: str) -> list[str]:
    """Pairs of neighbouring characters of the matching key: an index finds two-character words by them."""
    letters = key(text).replace(" ", "")
    return sorted({letters[i : i + 2] for i in range(len(letters) - 1)})


class ArticleQuerySet(models.QuerySet["Article"]):
    def current(self, on: date) -> Self:
        """Published and in force on a day of the city's calendar."""
        found = self.exclude(published_at=None).filter(replaced_by=None, valid_from__lte=on)
        return found.filter(Q(valid_to=None) | Q(valid_to__gte=on))

    def visible_to(self, user: User) -> Self:
        """The centre sees all; a department what callers may be told, and what it has written itself (P3.19)."""
        scope = scope_of(user)
        if scope.roles - {Role.HANDLER}:
            return self
        return self.filter(Q(shown_at="", published_at__isnull=False) | of_agencies(scope))

    def answers(self) -> Self:
        """What callers may be told; work rules are for the people of the house."""
        return self.filter(shown_at="")

    def rules(self) -> Self:
        """工作规程: how people work here, shown where they do (P5.5, P5.22)."""
        return self.exclude(shown_at="")

    def about(self, text: str) -> Self:
        """Articles that share pairs of characters with a text, those with the most first; the index finds them."""
        wanted = grams(text)
        shared = Func(
            F("grams"),
            Value(wanted, output_field=ArrayField(models.CharField(max_length=2))),
            template="cardinality(ARRAY(SELECT unnest(%(expressions)s)))",
            arg_joiner=") INTERSECT SELECT unnest(",
            output_field=models.IntegerField(),
        )
        return self.filter(grams__overlap=wanted).annotate(shared=shared).order_by("-shared", "pk")


class Article(models.Model):
    """An answer that the centre may give at once, with the policy that it rests on, or a rule of work.

    Edited by a new version that somebody else publishes.
    """

    class Place(models.TextChoices):
        INTAKE = "intake", _("受理登记")
        LEAD = "lead", _("值班长")
        DISPATCH = "dispatch", _("派遣")
        AGENCY = "agency", _("部门收件")
        CALLBACK = "callbacks", _("回访")

    title = models.CharField(_("标题"), max_length=120)
    subject = models.CharField(_("类目"), max_length=30, blank=True)
    # empty: an answer for callers; else a rule of work, and where it is shown
    shown_at = models.CharField(_("显示在"), max_length=10, choices=Place.choices, blank=True)
    body = models.TextField(_("答复口径"))
    words = ArrayField(models.CharField(max_length=20), verbose_name=_("关键词"), default=list, blank=True)
    policy = models.CharField(_("依据文件"), max_length=200, blank=True)
    policy_number = models.CharField(_("文号"), max_length=60, blank=True)
    issued_by = models.CharField(_("发文单位"), max_length=60, blank=True)
    issued_on = models.DateField(_("发文日期"), null=True, blank=True)
    # the words that count, or where they stand
    policy_text = models.TextField(_("条文摘录"), blank=True)
    policy_link = models.CharField(
        _("原文链接"), max_length=300, blank=True, validators=[URLValidator(schemes=["http", "https"])]
    )
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)
    version = models.IntegerField(default=1)
    # a draft says which version it will replace
    revises = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="drafts")
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaces")
    # the department that has written it, and the case that it comes from
    agency = models.ForeignKey("people.Agency", models.PROTECT, null=True, blank=True, related_name="+")
    case = models.ForeignKey("dispatch.Case", models.PROTECT, null=True, blank=True, related_name="+")
    written_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField(_("编写时间"))
    published_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    used = models.IntegerField(_("使用次数"), default=0)
    grams = ArrayField(models.CharField(max_length=2), default=list, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("知识条目")
        verbose_name_plural = _("知识条目")
        ordering = ["title", "-version"]
        constraints = [
            models.CheckConstraint(
                name="article_ends_after_start", condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from"))
            ),
            models.CheckConstraint(name="article_cites_its_policy", condition=~Q(policy="") | ~Q(shown_at="")),
        ]
        indexes = [
            GinIndex(name="article_grams", fields=["grams"]),
            models.Index(name="article_work_rules", fields=["shown_at"], condition=~Q(shown_at="")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def cited(self) -> str:
        """The policy in one line."""
        title = f"《{self.policy.strip('《》 ')}》" if self.policy else ""
        return " ".join(filter(None, [title, self.policy_number, self.issued_by]))


class Diversion(models.Model):
    """分流: a call that was put through to an emergency service; logged, and no case is made of it."""

    class Service(models.TextChoices):
        POLICE = "110", _("110 报警")
        FIRE = "119", _("119 火警")
        AMBULANCE = "120", _("120 急救")
        TRAFFIC = "122", _("122 交通事故")

    call = models.ForeignKey("dispatch.Call", models.PROTECT, related_name="diversions")
    service = models.CharField(_("转接"), max_length=3, choices=Service.choices)
    reason = models.CharField(_("原因"), max_length=10, choices=DiversionReason.choices, default=DiversionReason.OTHER)
    words = models.CharField(_("情况"), max_length=300, blank=True)
    operator = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    diverted_at = models.DateTimeField(_("转接时间"), db_index=True)
    operation = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("分流")
        verbose_name_plural = _("分流")
        ordering = ["-diverted_at"]

    def __str__(self) -> str:
        return f"{self.service} {self.diverted_at:%F %H:%M}"


class UpperChange(models.Model):
    """A change that was asked of the system above, and what became of it (P2.13, P2.20)."""

    class State(models.TextChoices):
        ASKED = "asked", _("已提出")
        AGREED = "agreed", _("已同意")
        DONE = "done", _("已修改")
        REFUSED = "refused", _("未采纳")

    system = models.CharField(_("上级系统"), max_length=60)
    wish = models.TextField(_("要求修改的内容"), max_length=2000)
    reason = models.CharField(_("理由"), max_length=300)
    asked_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("提出时间"))
    operation = models.UUIDField(unique=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.ASKED)
    answer = models.CharField(_("答复"), max_length=300, blank=True)
    answered_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("上级系统修改")
        verbose_name_plural = _("上级系统修改")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="upper_change_answered_whole",
                condition=Q(state="asked", answered_at=None) | (~Q(state="asked") & Q(answered_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.asked_at:%F}"
