"""What the page for findings offers around a place: its address, components of the class, and likely repeats."""

from typing import Any, Final

from django.contrib.gis.geos import Point
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from dispatch.meant import components_meant, spot_on
from dispatch.models import Attachment, Case
from gridmap.datums import lonlat
from gridmap.gazetteer import DatabaseGazetteer
from gridmap.models import Category
from gridmap.reverse import describe
from inspectors.actions import OFFERED_M
from inspectors.wording import distance_words
from people.models import User

MOST: Final = 5
SHOWN: Final = (Attachment.Phase.REPORTED, Attachment.Phase.BEFORE)


def around(point: Point, category: Category | None, user: User) -> dict[str, Any]:
    """Words and rows for a point in the city's SRID; components and repeats only of a class; as many queries always."""
    day = timezone.localdate()
    return {
        "address": describe(point.x, point.y, DatabaseGazetteer(day)),
        "components": _components(point, category),
        "repeats": _repeats(point, category, user) if category is not None else [],
    }


def _components(point: Point, category: Category | None) -> list[dict[str, Any]]:
    rows = []
    for component in components_meant(point, category, 0.0):
        lon, lat = lonlat(spot_on(component, point))
        metres = round(component.distance_m)  # type: ignore[attr-defined]  # annotated by nearest
        name = component.name or component.category.label
        rows.append(
            {
                "id": component.pk,
                "name": name,
                "code": component.code,
                "state": component.get_state_display(),
                "metres": metres,
                "lon": lon,
                "lat": lat,
            }
        )
    return rows


def _repeats(point: Point, category: Category, user: User) -> list[dict[str, Any]]:
    """Open street cases of the same class around, nearest first: enough to see whether it is the same thing."""
    photos = Prefetch(
        "attachments",
        Attachment.objects.filter(phase__in=SHOWN).select_related("evidence").order_by("pk"),
        to_attr="shown",
    )
    near = Case.objects.on_street_of(user).near(point, OFFERED_M).filter(category=category)
    return [
        {
            "number": case.number,
            "metres": round(case.distance_m),  # type: ignore[attr-defined]  # annotated by near
            "distance": distance_words(case.distance_m),  # type: ignore[attr-defined]
            "state": case.get_state_display(),
            "condition": str(case.condition) if case.condition else "",
            "on": f"{timezone.localtime(case.received_at):%m-%d %H:%M}",
            "photo": _address(case.shown),  # type: ignore[attr-defined]
        }
        for case in near.select_related("condition").prefetch_related(photos)[:MOST]
    ]


def _address(photos: list[Attachment]) -> str:
    return reverse("dispatch:photo", kwargs={"sha256": photos[0].evidence.sha256}) if photos else ""
