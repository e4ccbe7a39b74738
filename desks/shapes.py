"""A shape on the map that chooses cases: drawn by hand, or a cell, a duty zone, the areas that an agency serves.

As text in the URL: poly:lon,lat;lon,lat;… · circle:lon,lat,metres · cell:code · zone:number · served:number.
Longitude and latitude are WGS84.
"""

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.contrib.gis.geos import Point, Polygon
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.models import RoutingRule
from gridmap.datums import Datum, DatumError, to_city
from gridmap.models import Cell
from inspectors.models import DutyZone
from inspectors.zones import in_zones
from people.models import Agency

MOST_CORNERS = 100  # a longer URL than this makes is refused by the server
MOST_METRES = 50_000.0
NOWHERE = Q(pk=None)


@dataclass(frozen=True)
class Shape:
    """One shape: its kind and what it is, as in the URL."""

    kind: str
    value: str

    KINDS: ClassVar = ("poly", "circle", "cell", "zone", "served")

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    @classmethod
    def read(cls, text: str) -> "Shape | None":
        """From the URL; None where it is no shape."""
        kind, _sep, value = text.partition(":")
        good = {"poly": _is_ring, "circle": _is_circle, "cell": _is_code, "zone": _is_number, "served": _is_number}
        return cls(kind, value) if kind in good and good[kind](value) else None

    def holds(self) -> Q:
        """The cases in it; nothing where its numbers lie outside what the city's projection reaches."""
        match self.kind:
            case "cell":
                return Q(cell__in=Cell.objects.filter(code=self.value).values("pk"))
            case "zone":
                return in_zones([int(self.value)])
            case "served":
                return _served(int(self.value))
        try:
            return self._drawn()
        except DatumError:
            return NOWHERE

    def _drawn(self) -> Q:
        corners = _numbers(self.value)
        if self.kind == "circle":
            lon, lat, metres = corners[0]
            return Q(point__dwithin=(_city([(lon, lat)])[0], metres))
        points = _city([(lon, lat) for lon, lat in corners])
        outline = Polygon([*points, points[0]], srid=settings.CITY.srid)
        # where somebody drew a bow, each side of it counts
        return Q(point__intersects=outline.make_valid())

    def title(self) -> str:
        """What the chip above the list says."""
        match self.kind:
            case "poly":
                return _("自绘范围")
            case "circle":
                return _("%(metres)s 米以内") % {"metres": round(_numbers(self.value)[0][2])}
            case "cell":
                return _("网格 %(code)s") % {"code": self.value}
            case "zone":
                zone = DutyZone.objects.filter(pk=self.value).first()
                return str(zone or _("责任网格"))
            case _:
                agency = Agency.objects.filter(pk=self.value).first()
                return _("%(agency)s的辖区") % {"agency": (agency.short_name or agency.name) if agency else ""}


def _served(agency: int) -> Q:
    """Communities of the areas that rules give to an agency; rules for the whole city choose nothing."""
    rules = RoutingRule.objects.active(timezone.localdate()).filter(agency=agency).exclude(area_code="")
    found = NOWHERE
    for code in sorted(set(rules.values_list("area_code", flat=True))):
        found |= Q(community__code__startswith=code)
    return found


def _city(corners: list[tuple[float, float]]) -> list[Point]:
    return [Point(float(x), float(y), srid=settings.CITY.srid) for x, y in to_city(corners, Datum.WGS84)]


def _numbers(value: str) -> list[tuple[float, ...]]:
    return [tuple(float(part) for part in corner.split(",")) for corner in value.split(";")]


def _is_ring(value: str) -> bool:
    try:
        corners = _numbers(value)
    except ValueError:
        return False
    return 3 <= len(corners) <= MOST_CORNERS and all(len(corner) == 2 and _on_earth(*corner) for corner in corners)


def _is_circle(value: str) -> bool:
    try:
        corners = _numbers(value)
    except ValueError:
        return False
    if len(corners) != 1 or len(corners[0]) != 3:
        return False
    lon, lat, metres = corners[0]
    return _on_earth(lon, lat) and 0 < metres <= MOST_METRES


def _on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90


def _is_code(value: str) -> bool:
    return 0 < len(value) <= 30 and value.isalnum()


def _is_number(value: str) -> bool:
    return value.isdecimal() and len(value) < 10
