"""地名地址: the gazetteer."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class PlaceQuerySet(models.QuerySet["Place"]):
    def named(self, key: str) -> Self:
        """Places whose name or alias has exactly this matching key."""
        return self.filter(keys__contains=[key])

    def on_road(self, road_key: str) -> Self:
        """Doorplates and everything else that has an address on a road or lane."""
        return self.filter(road_key=road_key)

    def on(self, day: date | None) -> Self:
        """Places that are not given up before this day; without a day, all of them."""
        return self if day is None else self.filter(Q(valid_to=None) | Q(valid_to__gte=day))

    def closed(self, day: date) -> Self:
        """Places given up before this day."""
        return self.filter(valid_to__lt=day)

    def lines(self) -> Self:
        """Roads and lanes that have a name and are drawn as lines."""
        return self.filter(kind__in=(Place.Kind.ROAD, Place.Kind.LANE), length_m__gt=0).exclude(name="")


class Place(models.Model):
    """A named spot: area, road, lane, doorplate, compound, point of interest, crossing, building or water.

    `point` is what an address search answers with; `geom` is the whole shape where it is known. Both in
    the city's SRID.
    """

    class Kind(models.TextChoices):
        DISTRICT = "district", _("地片")
        ROAD = "road", _("道路")
        LANE = "lane", _("街巷")
        DOORPLATE = "doorplate", _("门牌")
        COMPOUND = "compound", _("小区")
        BUILDING = "building", _("楼栋")
        POI = "poi", _("兴趣点")
        CROSSING = "crossing", _("路口")
        WATER = "water", _("水域")
        GREEN = "green", _("绿地")

    kind = models.CharField(_("类型"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=100)
    # matching keys (gridmap.normalise.key) of name, aliases and former names
    keys = ArrayField(models.CharField(max_length=100), default=list)
    # two-character pieces of the keys: finds names by part or with a typing mistake, also two-character ones
    bigrams = ArrayField(models.CharField(max_length=2), default=list)
    aliases = ArrayField(models.CharField(max_length=100), verbose_name=_("别名"), default=list, blank=True)
    # name → last day of its use as "2019-05-01", empty where nobody knows
    former_names = models.JSONField(_("曾用名"), default=dict, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    # parts of the address, as matching keys: area (district or town), road or lane, number
    area_key = models.CharField(max_length=40, blank=True)
    road_key = models.CharField(max_length=60, blank=True)
    # of a lane: the street that it leaves, and its number there
    parent_key = models.CharField(max_length=60, blank=True, default="")
    branch = models.IntegerField(null=True, blank=True)
    number = models.IntegerField(_("号"), null=True, blank=True)
    sub_number = models.IntegerField(_("之"), null=True, blank=True)
    point = models.PointField(_("点位"), srid=settings.CITY.srid)
    geom = models.GeometryField(_("形状"), srid=settings.CITY.srid, null=True, blank=True)
    # of a road or lane that is drawn as lines, metres; of carriageways side by side once
    length_m = models.FloatField(_("长度（米）"), default=0)
    # how far from the truth the point may lie, one standard of 90 %, metres
    accuracy_m = models.FloatField(_("精度（米）"), default=10)
    # lower is better: survey 1, official list 2, learned from confirmed positions 3, derived 4
    source_rank = models.SmallIntegerField(_("来源等级"), default=2)
    source = models.CharField(_("来源"), max_length=60)
    valid_from = models.DateField(_("生效日期"), null=True, blank=True)
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)  # the last day
    # the row of another, better list that tells the same place and answers for it; gridmap.loaders.doubles
    same_as = models.ForeignKey(
        "self", models.SET_NULL, verbose_name=_("同一地点"), null=True, blank=True, related_name="told_again"
    )

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("地名地址")
        verbose_name_plural = _("地名地址")
        indexes = [
            GinIndex(name="place_keys", fields=["keys"]),
            GinIndex(name="place_bigrams", fields=["bigrams"]),
            models.Index(name="place_road_number", fields=["road_key", "number"]),
            models.Index(name="place_branch", fields=["parent_key", "branch"]),
            models.Index(name="place_kind", fields=["kind"]),
            models.Index(name="place_closed", fields=["valid_to"], condition=Q(valid_to__isnull=False)),
        ]
        constraints = [models.CheckConstraint(name="same_as_another", condition=~Q(same_as=F("id")))]

    def __str__(self) -> str:
        return self.name
