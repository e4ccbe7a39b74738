"""Who works here: users, agencies, scoped roles with dates, the log of looks at personal data and that of changes."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from people.permissions import Role

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager


class DateRange(Func):
    """Half-open range of days; an open end is unbounded."""

    function = "daterange"
    template = "%(function)s(%(expressions)s, '[]')"


class AgencyQuerySet(models.QuerySet["Agency"]):
    def active(self, on: date) -> "AgencyQuerySet":
        """Agencies that exist on a day of the city's calendar."""
        return self.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gte=on))

    def listed(self) -> "AgencyQuerySet":
        """Agencies that cases are dispatched to; bodies outside the list are asked by link."""
        return self.filter(external=False)

    def without_account(self, on: date) -> "AgencyQuerySet":
        """Those whose people cannot log in on a day: a village, a company (P2.19)."""
        grants = RoleGrant.objects.active(on).filter(role=Role.HANDLER, user__is_active=True)
        return self.exclude(pk__in=grants.values("agency"))

    def within(self, *agencies: "Agency") -> "AgencyQuerySet":
        """The agencies and everything below them in the tree; of none, nothing."""
        mine = Q(pk__in=[agency.pk for agency in agencies])
        for agency in agencies:
            mine |= Q(path__startswith=f"{agency.path}{agency.code}/")
        return self.filter(mine)


class Agency(models.Model):
    """专业部门/承办单位: who handles; a tree."""

    code = models.CharField(_("编码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    short_name = models.CharField(_("简称"), max_length=20, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级单位")
    )
    # codes of all parents from the root, each followed by a slash: one indexed prefix finds a whole branch
    path = models.CharField(max_length=200, blank=True, default="", db_index=True)
    # True for bodies outside the list that are asked by link (property firms, contractors)
    external = models.BooleanField(_("列外单位"), default=False)
    head = models.CharField(_("分管负责人"), max_length=30, blank=True)
    handler = models.CharField(_("经办人"), max_length=30, blank=True)
    feedback = models.CharField(_("反馈人"), max_length=30, blank=True)  # takes in and answers (P3.12)
    phone = models.CharField(_("工作电话"), max_length=30, blank=True)
    night_phone = models.CharField(_("夜间值班电话"), max_length=30, blank=True)
    holiday_phone = models.CharField(_("节假日值班电话"), max_length=30, blank=True)
    # who is told by SMS of a new case
    text_phone = models.CharField(_("短信号码"), max_length=30, blank=True)
    # where its answers by e-mail come from
    mailbox = models.EmailField(_("答复邮箱"), blank=True)
    valid_from = models.DateField(_("生效日期"), default=date(2000, 1, 1))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("承办单位")
        verbose_name_plural = _("承办单位")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person with a login; rights come from role grants, never from Django's groups."""

    full_name = models.CharField(_("姓名"), max_length=30, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    language = models.CharField(_("界面语言"), max_length=10, blank=True)

    if TYPE_CHECKING:
        grants: RelatedManager["RoleGrant"]

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")

    def __str__(self) -> str:
        return self.full_name or self.username


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def active(self, on: date) -> "RoleGrantQuerySet":
        """Grants in force on a day of the city's calendar."""
        return self.filter(valid_from__lte=on).filter(Q(valid_to=None) | Q(valid_to__gte=on))


class RoleGrant(models.Model):
    """A role that a user has between two dates, in an area or for an agency.

    `area_code` is a prefix of area codes (blank: the whole city): this floor does not know areas, and
    codes never change.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="grants", verbose_name=_("用户"))
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="grants", verbose_name=_("承办单位")
    )
    area_code = models.CharField(_("行政区域编码"), max_length=16, blank=True)
    valid_from = models.DateField(_("生效日期"), default=date(2000, 1, 1))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("角色授权")
        verbose_name_plural = _("角色授权")
        ordering = ["user", "role", "valid_from"]
        constraints = [
            models.CheckConstraint(
                name="grant_of_agency_role_names_agency",
                condition=~Q(role=Role.HANDLER) | Q(agency__isnull=False),
            ),
            models.CheckConstraint(
                name="grant_ends_after_start", condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from"))
            ),
            ExclusionConstraint(
                name="grant_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("area_code", RangeOperators.EQUAL),
                    (Func(F("agency"), 0, function="coalesce"), RangeOperators.EQUAL),
                    (DateRange(F("valid_from"), F("valid_to")), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class Look(models.Model):
    """One look at a resident's unmasked data: who, at what, why. Append-only by database role."""

    append_only = True

    user = models.ForeignKey(User, models.PROTECT, related_name="looks")
    subject = models.CharField(max_length=60)  # "report:123": a reference, never the data itself
    reason = models.CharField(_("理由"), max_length=200)
    looked_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("个人信息查看记录")
        verbose_name_plural = _("个人信息查看记录")
        ordering = ["-looked_at"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.subject}"


class SavedFilter(models.Model):
    """A choice of cases that somebody keeps under a name, as the query part of the console's URL."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    name = models.CharField(_("名称"), max_length=30)
    query = models.CharField(max_length=6000)
    shared = models.BooleanField(_("与同事共享"), default=False)

    class Meta:
        verbose_name = _("常用筛选")
        verbose_name_plural = _("常用筛选")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(name="filter_name_once", fields=["user", "name"]),
            models.CheckConstraint(name="filter_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class Knock(models.Model):
    """Tries at one door by one visitor in one window of time; `key` is a keyed digest, written by people/knocks.py."""

    key = models.CharField(max_length=64)
    ends_at = models.DateTimeField(db_index=True)
    count = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="knock_once_a_window", fields=["key", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.ends_at:%F %H:%M}: {self.count}"


class ScreenQuerySet(models.QuerySet["Screen"]):
    def open(self) -> "ScreenQuerySet":
        """Screens whose address still works."""
        return self.filter(revoked_at=None)


class Screen(models.Model):
    """大屏: a display on a wall that reads one page by a secret address. Only a digest of the secret is stored."""

    name = models.CharField(_("名称"), max_length=60)
    language = models.CharField(_("界面语言"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("登记时间"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # to the minute: whether the display on the wall still asks
    seen_at = models.DateTimeField(_("最近连接"), null=True, blank=True)

    objects = ScreenQuerySet.as_manager()

    class Meta:
        verbose_name = _("大屏")
        verbose_name_plural = _("大屏")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="screen_revoked_iff_by",
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, user: User) -> Self:
        """Everything to administrators and leaders; changes of people and agencies to nobody else."""
        from people.access import scope_of

        if scope_of(user).roles & {Role.ADMIN, Role.LEADER}:
            return self.all()
        return self.exclude(kind__startswith=PEOPLE)

    def of(self, kind: str, key: object) -> Self:
        """The changes of one row, named by its model (`dispatch.channel`) and key."""
        return self.filter(kind=kind, key=str(key))


# models of this floor: who works here and with which rights
PEOPLE = "people."


class Change(models.Model):
    """变更记录: one change of how the city is set up: who, when, of what, which field from what to what, why.

    Append-only by database role. `kind` is the model's label in lower case, `key` the row's primary key as text (of
    a rule its number), `name` what the row was called then. `fields` has rows of {"field", "old", "new"} in the
    spelling of the database; an added row has no old values, a removed one no new ones.
    """

    append_only = True

    class What(models.TextChoices):
        ADDED = "added", _("新增")
        CHANGED = "changed", _("改动")
        REMOVED = "removed", _("删除")
        ENDED = "ended", _("停用")

    made_at = models.DateTimeField(_("时间"), db_index=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("对象种类"), max_length=60)
    key = models.CharField(max_length=60)
    name = models.CharField(_("对象"), max_length=200)
    what = models.CharField(_("变更"), max_length=8, choices=What.choices)
    fields = models.JSONField(default=list, blank=True)
    reason = models.CharField(_("理由"), max_length=300, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("变更记录")
        verbose_name_plural = _("变更记录")
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(name="change_of", fields=["kind", "key", "-made_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.what}"
