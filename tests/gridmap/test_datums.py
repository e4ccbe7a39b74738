"""Coordinates at the door: published values, exact inverses, no shift outside China, clear refusals."""

from dataclasses import replace

import numpy as np
import pytest
from django.contrib.gis.geos import Point

from gridmap.datums import Datum, DatumError, from_wgs84, lonlat, parse_datum, point_from, to_city, to_wgs84

DEGREE_M = 111_000
TAIZHOU = (119.9236, 32.4562)
TAINAN = (120.2, 23.0)


def metres(one, other):
    east = (one[0] - other[0]) * DEGREE_M * np.cos(np.radians(one[1]))
    return float(np.hypot(east, (one[1] - other[1]) * DEGREE_M))


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_agrees_with_published_pairs(wgs, gcj):
    assert metres(from_wgs84(wgs, "gcj02")[0], gcj) < 0.01


def test_gcj02_and_bd09_lie_as_far_from_wgs84_as_known_for_taizhou():
    assert metres(TAIZHOU, from_wgs84(TAIZHOU, Datum.GCJ02)[0]) == pytest.approx(509, abs=2)
    assert metres(TAIZHOU, from_wgs84(TAIZHOU, Datum.BD09)[0]) == pytest.approx(1132, abs=5)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000", "city", "EPSG:4528"])
def test_there_and_back_is_within_a_centimetre(datum):
    rng = np.random.default_rng(3)
    points = np.column_stack((rng.uniform(118.6, 121.4, 2000), rng.uniform(25.5, 40, 2000)))
    back = to_wgs84(from_wgs84(points, datum), datum)
    assert np.abs(back - points).max() * DEGREE_M < 0.01


@pytest.mark.parametrize("place", [TAINAN, (121.56, 25.03), (139.69, 35.68), (-71.06, 42.36)])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_nothing_is_shifted_outside_the_mainland(place, datum):
    assert from_wgs84(place, datum)[0] == pytest.approx(place, abs=1e-12)
    assert to_wgs84(place, datum)[0] == pytest.approx(place, abs=1e-12)


def test_on_the_central_meridian_northing_is_the_published_meridian_arc():
    point = point_from(120, 30)
    assert (point.x, point.y) == pytest.approx((500_000, 3_320_113.398), abs=0.01)
    assert from_wgs84((120, 30), "EPSG:4528")[0][0] == pytest.approx(40_500_000, abs=0.01)


def test_a_city_with_a_proj_string_of_its_own_works(settings):
    proj = "+proj=tmerc +lat_0=0 +lon_0=119.9 +k=1 +x_0=40000 +y_0=-3500000 +ellps=GRS80 +units=m +no_defs"
    settings.CITY = replace(settings.CITY, srid=990001, proj=proj)
    point = point_from(119.9, 32.4562)
    assert point.srid == 990001
    assert point.x == pytest.approx(40_000, abs=0.01)
    assert lonlat(point) == pytest.approx((119.9, 32.4562), abs=1e-7)


def test_tainan_works_in_its_own_reference(settings):
    settings.CITY = replace(settings.CITY, srid=3826, proj="")
    point = point_from(*TAINAN, "wgs84")
    assert point.srid == 3826
    assert lonlat(point) == pytest.approx(TAINAN, abs=1e-7)


def test_city_coordinates_come_in_unchanged():
    assert to_city((500_123.5, 3_592_000.25), Datum.CITY)[0] == pytest.approx((500_123.5, 3_592_000.25))
    assert to_city((500_123.5, 3_592_000.25), "EPSG:4549")[0] == pytest.approx((500_123.5, 3_592_000.25))


@pytest.mark.parametrize(
    "place", [(119.9, 95.0), (float("nan"), 32.0), (0.0, 0.0), (32.4562, 119.9236), (float("inf"), 32.0)]
)
def test_impossible_coordinates_are_refused(place):
    with pytest.raises(DatumError, match="row 0"):
        point_from(*place)


def test_in_bulk_an_impossible_row_becomes_nan_and_the_others_stay():
    found = to_city([TAIZHOU, (119.9, 95.0)], "wgs84", strict=False)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


def test_no_rows_are_no_error():
    assert to_city(np.empty((0, 2)), "gcj02").shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "name"), [("GCJ-02", "gcj02"), (" BD-09 ", "bd09"), ("epsg:3826", "EPSG:3826"), ("EPSG:4490", "cgcs2000")]
)
def test_datums_are_known_by_their_usual_spellings(text, name):
    assert parse_datum(text) == name


@pytest.mark.parametrize("text", ["", "mars", "EPSG:", "EPSG:99999999"])
def test_an_unknown_datum_is_refused(text):
    with pytest.raises(DatumError):
        parse_datum(text)


def test_lonlat_refuses_a_point_of_another_reference():
    with pytest.raises(DatumError):
        lonlat(Point(120, 32, srid=4326))
