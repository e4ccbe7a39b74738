"""The map on which the admin shows and draws a shape: django-leaflet's field on the city's own base map.

No inline script, nothing from outside; columns in the city's metres, the browser in WGS84 longitude and latitude, and
our own datums between them (GeoDjango's transform does not know a city's own reference).
"""

import json
from typing import Any, Final

import shapely
from django.conf import settings
from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.forms import Media, ModelForm
from django.forms.widgets import Script
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from leaflet.admin import LeafletGeoAdminMixin
from leaflet.forms.widgets import LeafletWidget

from gridmap.datums import Datum, DatumError, from_city, to_city
from gridmap.shapes import to_django, to_shapely

MEDIA: Final = Media(
    css={"all": ["leaflet/leaflet.css", "leaflet/draw/leaflet.draw.css", "gridmap/adminmap.css"]},
    js=[
        "leaflet/leaflet.js",
        "leaflet/draw/leaflet.draw.js",
        "vendor/protomaps-leaflet/protomaps-leaflet.js",
        Script("gridmap/adminmap.js", type="module"),  # type: ignore[list-item]  # newer than its types
    ],
)


def as_geojson(shape: GEOSGeometry | None) -> str:
    """A shape of the database as GeoJSON in WGS84; empty for none."""
    if shape is None or shape.empty:
        return ""
    found = shapely.transform(to_shapely(shape), lambda xy: from_city(xy, Datum.WGS84))
    return json.dumps(shapely.geometry.mapping(found))


def read_geojson(text: str) -> GEOSGeometry | None:
    """A shape in the city's SRID of GeoJSON in WGS84; None for what is no valid shape, or lies where no city is."""
    try:
        found = shapely.geometry.shape(json.loads(text))
        if not found.is_valid:
            return None
        return to_django(shapely.transform(found, lambda xy: to_city(xy, Datum.WGS84)))
    except (ValueError, TypeError, KeyError, AttributeError, shapely.errors.ShapelyError, DatumError):
        return None


def _shown() -> dict[str, Any]:
    """What the map's template needs beside the shape."""
    words = {
        "polygon": _("画一块范围"),
        "marker": _("点一个位置"),
        "start": _("单击地图开始"),
        "next": _("单击添加下一点"),
        "end": _("单击第一点结束"),
        "edit": _("修改形状"),
        "remove": _("删除形状"),
        "drag": _("拖动各点修改"),
        "click": _("单击要删除的形状"),
        "save": _("完成"),
        "cancel": _("取消"),
        "clear": _("全部删除"),
        "undo": _("撤销上一点"),
        "crossing": _("边线不能相交"),
        "empty": _("尚未画出"),
    }
    return {"centre": settings.CITY.centre, "zoom": settings.CITY.zoom, "words": words}


class CityMapWidget(LeafletWidget):  # type: ignore[misc]  # django-leaflet has no types
    """A shape that is drawn on the city's map; without scripts its GeoJSON can be read in the text field."""

    template_name = "gridmap/admin_map.html"

    @property
    def media(self) -> Media:
        return MEDIA

    def deserialize(self, value: str) -> GEOSGeometry | None:
        return read_geojson(value)

    def serialize(self, value: object) -> str:
        return ""  # get_context knows the shape in the city's metres, this does not

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ANN401
        """A value that was refused comes back as the text that was sent."""
        text = value if isinstance(value, str) else as_geojson(value)
        context: dict[str, Any] = super().get_context(name, None, attrs)
        return context | _shown() | {"serialized": text}


class MapAdmin(LeafletGeoAdminMixin):  # type: ignore[misc]
    """Draws the shapes of a model on our map, and leaves one that nobody touched as it was to the last digit."""

    widget = CityMapWidget
    map_template = "gridmap/admin_map.html"

    def save_form(self, request: HttpRequest, form: "ModelForm[Any]", change: bool) -> Any:  # noqa: ANN401
        obj = super().save_form(request, form, change)
        for field in obj._meta.concrete_fields:
            untouched = field.name in form.initial and field.name not in form.changed_data
            if isinstance(field, GeometryField) and change and untouched:
                setattr(obj, field.name, form.initial[field.name])
        return obj


def shown_map(shape: GEOSGeometry | None) -> SafeString:
    """A shape on the map of a page that changes nothing."""
    if shape is None:
        return format_html("—")
    facts = _shown() | {"serialized": as_geojson(shape), "fixed": True, "geom_type": shape.geom_type, "id_css": "shape"}
    return SafeString(render_to_string("gridmap/admin_map.html", facts))
