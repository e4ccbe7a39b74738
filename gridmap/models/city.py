"""What the database remembers about its city and about everything that was loaded."""

from typing import Self

from django.contrib.gis.db import models
from django.db.models import F, Func, IntegerField, OuterRef, Subquery
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _


class CityMark(models.Model):
    """The one row that says which city, SRID and zone this database was made for; start-up compares it."""

    key = models.CharField(max_length=50)
    srid = models.IntegerField()
    zone = models.CharField(max_length=50)
    only = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(name="one_city_only", condition=models.Q(only=True))]

    def __str__(self) -> str:
        return f"{self.key} ({self.srid}, {self.zone})"


class ImportQuerySet(models.QuerySet["Import"]):
    def last_of_each(self) -> Self:
        """The newest import of each file of each layer."""
        same = Import.objects.filter(layer=OuterRef("layer"), source=OuterRef("source"))
        return self.filter(pk=Subquery(same.order_by("-started_at", "-pk").values("pk")[:1]))

    def with_counts(self) -> Self:
        """Without the long lists of the report; what pages count of them is annotated."""
        return self.defer("report").annotate(
            change_count=Func(F("report__changes"), function="jsonb_array_length", output_field=IntegerField()),
            found_datum=F("report__datum"),
            found_warnings=F("report__warnings"),
            list_name=KT("report__list"),
            as_of=KT("report__as_of"),
        )


class Import(models.Model):
    """One run of a loader: what was read, kept, changed on the way and rejected, with reasons."""

    layer = models.CharField(_("图层"), max_length=30)
    source = models.CharField(_("来源"), max_length=200)
    datum = models.CharField(_("坐标基准"), max_length=30)
    started_at = models.DateTimeField(_("开始时间"))
    seconds = models.FloatField(_("用时（秒）"), default=0)
    rows_read = models.IntegerField(_("读入"), default=0)
    rows_kept = models.IntegerField(_("保留"), default=0)
    rows_rejected = models.IntegerField(_("拒绝"), default=0)
    # {"changes": [{"row": …, "field": …, "reason": …}], "rejects": {"reason": count}, …}
    report = models.JSONField(_("报告"), default=dict, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("导入记录")
        verbose_name_plural = _("导入记录")
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.layer} {self.source}"
