"""Coordinates at the door: published values, exact inverses, no shift outside China, clear refusals."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from django.contrib.gis.geos import Point

from gridmap.datums import (
    _INSIDE,
    _OUTSIDE,
    Datum,
    DatumError,
    from_wgs84,
    lonlat,
    parse_datum,
    point_from,
    shifted_area,
    to_city,
    to_wgs84,
)

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


def test_gcj02_and_bd09_agree_with_the_values_in_the_manual_of_a_known_library():
    """The four pairs that the readme of wandergis/coordtransform prints."""
    assert from_wgs84((116.404, 39.915), "gcj02")[0] == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-9)
    place = to_wgs84((116.404, 39.915), "gcj02")
    assert from_wgs84(place, "bd09")[0] == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-8)
    place = to_wgs84((116.404, 39.915), "bd09")
    assert from_wgs84(place, "gcj02")[0] == pytest.approx((116.39762729119315, 39.90865673957631), abs=1e-5)


def test_bd09_is_what_baidus_own_service_answers_for_the_example_of_its_manual():
    """The service adds some decimetres of its own: five published answers to this question differ by 0.7 m."""
    assert metres(from_wgs84((114.21892734521, 29.575429778924), "bd09")[0], (114.2307519546763, 29.57908428837437)) < 1


def test_gcj02_and_bd09_lie_as_far_from_wgs84_as_known_for_taizhou():
    assert metres(TAIZHOU, from_wgs84(TAIZHOU, Datum.GCJ02)[0]) == pytest.approx(509, abs=2)
    assert metres(TAIZHOU, from_wgs84(TAIZHOU, Datum.BD09)[0]) == pytest.approx(1132, abs=5)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000", "city", "EPSG:4528"])
def test_there_and_back_is_within_a_centimetre(datum):
    rng = np.random.default_rng(3)
    points = np.column_stack((rng.uniform(118.6, 121.4, 2000), rng.uniform(25.5, 40, 2000)))
    back = to_wgs84(from_wgs84(points, datum), datum)
    assert np.abs(back - points).max() * DEGREE_M < 0.01


CHINA = np.stack(np.meshgrid(np.arange(73, 136, 0.1), np.arange(17, 54.5, 0.1)), axis=-1).reshape(-1, 2)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_the_shift_is_undone_within_a_centimetre_all_over_china(datum):
    places = CHINA[shifted_area(CHINA)]
    assert len(places) > 100_000
    shifted = from_wgs84(places, datum)
    assert (np.abs(shifted - places).max(axis=1) * DEGREE_M > 20).all()
    assert np.abs(to_wgs84(shifted, datum) - places).max() * DEGREE_M < 0.01


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_the_shift_is_undone_on_its_very_edge_too(datum):
    edges = []
    for south, west, north, east in (*_INSIDE, *_OUTSIDE):
        along = np.linspace(0, 1, 2001)[:, None]
        corners = np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])
        edges += [a + (b - a) * along for a, b in pairwise(corners)]
    places = np.vstack(edges)
    places = places[shifted_area(places)]
    assert len(places) > 20_000
    assert np.abs(to_wgs84(from_wgs84(places, datum), datum) - places).max() * DEGREE_M < 0.01


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_beyond_the_reach_of_the_shift_nothing_is_shifted_back(datum):
    """Nearer to the edge two places have the same coordinate, and the one inside is answered."""
    places = CHINA[~shifted_area(CHINA, margin=0.03)]
    assert (to_wgs84(places, datum) == places).all()
    inside = from_wgs84((110.0, 42.57), datum)
    assert to_wgs84(inside, datum)[0] == pytest.approx((110.0, 42.57), abs=1e-8)


@pytest.mark.parametrize(
    ("place", "shifted"),
    [
        ((114.1694, 22.3193), True),  # Hong Kong
        ((113.5439, 22.1987), True),  # Macao
        ((118.0894, 24.4798), True),  # Xiamen
        ((87.6168, 43.8256), True),  # Ürümqi
        ((121.5654, 25.0330), False),  # Taipei
        ((120.2, 23.0), False),  # Tainan
        ((105.8342, 21.0278), False),  # Hanoi
        ((126.9780, 37.5665), False),  # Seoul
        ((131.8855, 43.1155), False),  # Vladivostok
    ],
)
def test_the_mainland_hong_kong_and_macao_are_shifted_and_taiwan_and_the_neighbours_are_not(place, shifted):
    assert (from_wgs84(place, "gcj02") != np.array(place)).all() == shifted
    assert (from_wgs84(place, "bd09") != np.array(place)).all() == shifted


@pytest.mark.parametrize("place", [TAINAN, (121.56, 25.03), (139.69, 35.68), (-71.06, 42.36)])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_nothing_is_shifted_outside_the_mainland(place, datum):
    assert from_wgs84(place, datum)[0] == pytest.approx(place, abs=1e-12)
    assert to_wgs84(place, datum)[0] == pytest.approx(place, abs=1e-12)


def test_on_the_central_meridian_northing_is_the_published_meridian_arc():
    point = point_from(120, 30, "wgs84")
    assert (point.x, point.y) == pytest.approx((500_000, 3_320_113.398), abs=0.01)
    assert from_wgs84((120, 30), "EPSG:4528")[0][0] == pytest.approx(40_500_000, abs=0.01)


def test_a_strip_of_six_degrees_agrees_with_a_published_example():
    east, north = from_wgs84((119.8177438440776, 37.33093565914546), "EPSG:4498")[0]
    assert (east, north) == pytest.approx((20749747.793371513, 4136964.2860312164), abs=0.001)


def gauss(lon, lat, meridian):
    """Easting and northing by the series of the surveyors' textbook, GRS80: published formula, good to 1 mm."""
    a, f = 6378137.0, 1 / 298.257222101
    e2 = f * (2 - f)
    n2 = e2 / (1 - e2) * np.cos(lat_ := np.radians(lat)) ** 2
    t, along = np.tan(lat_), np.radians(lon - meridian) * np.cos(lat_)
    big = a / np.sqrt(1 - e2 * np.sin(lat_) ** 2)
    third = f / (2 - f)
    mean = a / (1 + third) * (1 + third**2 / 4 + third**4 / 64)
    arc = mean * (
        lat_
        - (3 / 2 * third - 9 / 16 * third**3) * np.sin(2 * lat_)
        + (15 / 16 * third**2 - 15 / 32 * third**4) * np.sin(4 * lat_)
        - 35 / 48 * third**3 * np.sin(6 * lat_)
        + 315 / 512 * third**4 * np.sin(8 * lat_)
    )
    north = along**2 / 2 + (5 - t**2 + 9 * n2 + 4 * n2**2) * along**4 / 24
    north += (61 - 58 * t**2 + t**4) * along**6 / 720
    east = along + (1 - t**2 + n2) * along**3 / 6
    east += (5 - 18 * t**2 + t**4 + 14 * n2 - 58 * n2 * t**2) * along**5 / 120
    return 500_000 + big * east, arc + big * t * north


@pytest.mark.parametrize("zone", range(25, 46))
def test_every_strip_of_three_degrees_is_the_textbook_series_with_and_without_its_prefix(zone):
    place = (zone * 3 + 1.3, 20.0 + zone * 0.6)
    east, north = gauss(*place, zone * 3)
    assert from_wgs84(place, f"EPSG:{4534 + zone - 25}")[0] == pytest.approx((east, north), abs=0.002)
    assert from_wgs84(place, f"EPSG:{4513 + zone - 25}")[0] == pytest.approx((zone * 1e6 + east, north), abs=0.002)


@pytest.mark.parametrize(
    ("xy", "datum", "told"),
    [
        ((500_000, 3_500_000), "EPSG:4528", "no zone prefix: EPSG:4549"),
        ((40_500_000, 3_500_000), "EPSG:4549", "begins with a zone: EPSG:4528"),
        ((3_500_000, 500_000), "EPSG:4549", "outside its area"),
        ((32.4, 119.9), "wgs84", "the wrong way round"),
    ],
)
def test_a_prefix_too_many_or_too_few_and_swapped_axes_are_told(xy, datum, told):
    with pytest.raises(DatumError, match=told):
        to_wgs84(xy, datum)


@pytest.mark.parametrize("datum", ["EPSG:4610", "EPSG:2385"])
def test_an_old_datum_without_published_transformation_is_refused_instead_of_guessed(datum):
    with pytest.raises(DatumError, match="no published transformation"):
        to_wgs84((119.9, 32.4), datum)


def test_a_reference_in_feet_comes_out_in_feet():
    """EPSG:3435 puts its false easting, 984,250 US survey feet, at 88°20' W, 36°40' N."""
    assert from_wgs84((-88 - 1 / 3, 36 + 2 / 3), "EPSG:3435")[0] == pytest.approx((984_250, 0), abs=0.5)


def test_a_city_with_a_proj_string_of_its_own_works(settings):
    proj = "+proj=tmerc +lat_0=0 +lon_0=119.9 +k=1 +x_0=40000 +y_0=-3500000 +ellps=GRS80 +units=m +no_defs"
    settings.CITY = replace(settings.CITY, srid=990001, proj=proj)
    point = point_from(119.9, 32.4562, "wgs84")
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
        point_from(place[0], place[1], "wgs84")


def test_in_bulk_an_impossible_row_becomes_nan_and_the_others_stay():
    found = to_city([TAIZHOU, (119.9, 95.0)], "wgs84", strict=False)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


def test_no_rows_are_no_error():
    assert to_city(np.empty((0, 2)), "gcj02").shape == (0, 2)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("GCJ-02", "gcj02"),
        (" BD-09 ", "bd09"),
        ("WGS-84", "wgs84"),
        ("CGCS-2000", "cgcs2000"),
        ("epsg:3826", "EPSG:3826"),
        ("EPSG:4490", "cgcs2000"),
        ("cgcs2000-gk3:120", "EPSG:4549"),
        ("CGCS2000-GK3-zone:40", "EPSG:4528"),
        ("CGCS2000 / 3-degree Gauss-Kruger CM 75E", "EPSG:4534"),
        ("CGCS2000 / 3-degree Gauss-Kruger zone 45", "EPSG:4533"),
        ("CGCS2000 3度带 中央子午线 120°", "EPSG:4549"),
        ("cgcs2000 3度带 第25带", "EPSG:4513"),
        ("cgcs2000-gk6:117", "EPSG:4509"),
        ("CGCS2000 / Gauss-Kruger zone 20", "EPSG:4498"),
    ],
)
def test_datums_are_known_by_their_usual_spellings(text, name):
    assert parse_datum(text) == name


@pytest.mark.parametrize(
    "text", ["", "mars", "EPSG:", "EPSG:99999999", "EPSG:5773", "EPSG:4978", "cgcs2000-gk3:121", "cgcs2000-gk3:24"]
)
def test_an_unknown_datum_is_refused(text):
    with pytest.raises(DatumError):
        parse_datum(text)


def test_lonlat_refuses_a_point_of_another_reference():
    with pytest.raises(DatumError):
        lonlat(Point(120, 32, srid=4326))
