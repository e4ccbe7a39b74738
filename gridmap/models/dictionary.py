"""The class dictionaries: what can be wrong in a city."""

from datetime import date
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class DictionaryQuerySet(models.QuerySet["Dictionary"]):
    def on(self, day: date) -> Self:
        """Editions in force on a day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)


class Dictionary(models.Model):
    """One edition of the urban dictionary (部件, 事件) or of the matters.

    The same number in another edition is another class.
    """

    class Kind(models.TextChoices):
        URBAN = "urban", _("城市管理")
        MATTERS = "matters", _("民生诉求")

    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    edition = models.CharField(_("版本"), max_length=60, unique=True)
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)

    objects = DictionaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("类别字典")
        verbose_name_plural = _("类别字典")

    def __str__(self) -> str:
        return self.edition


class CategoryQuerySet(models.QuerySet["Category"]):
    def classes(self) -> Self:
        """Only 小类, the ones that a case can have."""
        return self.exclude(major=None)

    def on(self, day: date) -> Self:
        """Categories of the editions in force on a day."""
        return self.filter(
            Q(dictionary__valid_to=None) | Q(dictionary__valid_to__gte=day), dictionary__valid_from__lte=day
        )


class Category(models.Model):
    """大类 (no major) or 小类 of a dictionary; code is two digits of 大类 and two of 小类."""

    class Kind(models.TextChoices):
        COMPONENT = "component", _("部件")
        EVENT = "event", _("事件")
        MATTER = "matter", _("诉求")

    dictionary = models.ForeignKey(Dictionary, models.PROTECT, related_name="categories", verbose_name=_("类别字典"))
    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    code = models.CharField(_("编码"), max_length=5)  # "01" or "01-01"
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英文名称"), max_length=80, blank=True)
    major = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="minors", verbose_name=_("大类")
    )
    # 行业主管 (P1.21): who supervises the trade, beside the agency that handles
    authority = models.ForeignKey(
        "people.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("行业主管部门")
    )
    # what residents call it: 自来水井盖, 窨井盖 …
    words = ArrayField(models.CharField(max_length=20), verbose_name=_("别名"), default=list, blank=True)
    # inspectors must look for it themselves (漏报 counts)
    must_collect = models.BooleanField(_("监督员应采集"), default=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("类别")
        verbose_name_plural = _("类别")
        ordering = ["dictionary", "kind", "code"]
        constraints = [
            models.UniqueConstraint(name="category_code_once", fields=["dictionary", "kind", "code"]),
            models.CheckConstraint(
                name="minor_code_has_major",
                condition=Q(major=None, code__regex=r"^\d\d$") | Q(major__isnull=False, code__regex=r"^\d\d-\d\d$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def label(self) -> str:
        """The name in the language of the page; where nobody has translated it, as the dictionary has it."""
        return (self.name_en if get_language() == "en" else "") or self.name

    @staticmethod
    def label_column(path: str = "category") -> F | Coalesce:
        """The same as a column of a query, by the path to the class."""
        name = f"{path}__name"
        return Coalesce(NullIf(f"{path}__name_en", Value("")), name) if get_language() == "en" else F(name)
