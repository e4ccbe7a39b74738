"""Between Django's geometries, for single rows, and shapely's, for many at once; coordinates are never rounded."""

import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, Point
from shapely import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry


def to_django(shape: BaseGeometry) -> GEOSGeometry:
    """The same geometry as Django holds it, in the city's SRID."""
    return GEOSGeometry(memoryview(shape.wkb), srid=settings.CITY.srid)


def to_shapely(geometry: GEOSGeometry) -> BaseGeometry:
    """The same geometry as shapely holds it; the SRID is dropped, everything here is in the city's metres."""
    return shapely.from_wkb(bytes(geometry.wkb))


def point_of(shape: BaseGeometry) -> Point:
    """The point that stands for a shape: itself, the middle of a line, a point inside an area."""
    at = shape
    if isinstance(shape, LineString | MultiLineString):
        longest: LineString = max(shapely.get_parts(shape), key=lambda part: float(part.length))
        at = longest.interpolate(0.5, normalized=True)
    elif not isinstance(shape, shapely.Point):
        at = shapely.point_on_surface(shape)
    return Point(float(shapely.get_x(at)), float(shapely.get_y(at)), srid=settings.CITY.srid)
