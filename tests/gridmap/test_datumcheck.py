"""Coordinates that look like another datum: three kinds of evidence, each in every reading.

y km
4 ┌────┬────┐      two districts of 4 km × 4 km; 300 places, each stating the district
  │ 甲 │ 乙 │      that it lies in; GCJ-02 would move all of it by some 500 m
0 └────┴────┘
  0    4    8 x
"""

from typing import Any

import numpy as np
import pytest
import shapely
from shapely import Point, Polygon, box
from shapely.affinity import translate

from gridmap import datumcheck
from gridmap.datumcheck import FILE, LOADED, turns
from gridmap.datums import from_city, to_city
from tests.town import ORIGIN

# a finding that is missing where a test wants one fails the test: no need to ask for None first
by_district: Any = datumcheck.by_district
by_loaded_points: Any = datumcheck.by_loaded_points
by_shape: Any = datumcheck.by_shape
by_twin: Any = datumcheck.by_twin
X, Y = ORIGIN
DISTRICTS = {"甲": translate(box(0, 0, 4000, 4000), X, Y), "乙": translate(box(4000, 0, 8000, 4000), X, Y)}
RNG = np.random.default_rng(7)
PLACES = np.column_stack((RNG.uniform(X, X + 8000, 300), RNG.uniform(Y, Y + 4000, 300)))
STATED = ["甲" if x < X + 4000 else "乙" for x, _ in PLACES]
DATUMS = ["wgs84", "gcj02", "bd09"]


def in_datum(shape, datum):
    return shapely.transform(shape, lambda corners: from_city(corners, datum))


def points_in(datum):
    return [Point(*xy) for xy in from_city(PLACES, datum)]


@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize("stated", DATUMS)
def test_places_that_state_their_district_tell_their_datum(datum, stated):
    found = by_district(points_in(datum), STATED, DISTRICTS, stated)
    assert found is not None
    if datum == stated:
        assert found.suspect is None
        assert found.fits[0].agrees == 1
    else:
        assert (found.suspect.who, found.suspect.datum) == (FILE, datum)
        assert found.suspect.agrees == pytest.approx(1, abs=0.01)
        assert found.fits[0].agrees < 0.96


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_where_the_loaded_areas_are_the_wrong_ones_it_says_so(datum):
    wrong = {
        name: shapely.transform(in_datum(shape, datum), lambda c: to_city(c, "wgs84"))
        for name, shape in DISTRICTS.items()
    }
    found = by_district(points_in("wgs84"), STATED, wrong, "wgs84")
    assert (found.suspect.who, found.suspect.datum) == (LOADED, datum)


@pytest.mark.parametrize(("datum", "suspect"), [("wgs84", None), ("gcj02", "gcj02"), ("bd09", "bd09")])
def test_polygons_of_a_file_are_judged_by_the_places_that_are_loaded(datum, suspect):
    shapes = {name: in_datum(shape, datum) for name, shape in DISTRICTS.items()}
    points = {name: PLACES[[s == name for s in STATED]] for name in DISTRICTS}
    found = by_loaded_points(shapes, points, "wgs84")
    assert (found.suspect.datum if found.suspect else None) == suspect


@pytest.mark.parametrize(("datum", "suspect"), [("wgs84", None), ("gcj02", "gcj02"), ("bd09", "bd09")])
def test_a_single_area_of_the_same_code_is_enough_to_tell(datum, suspect):
    old = Polygon([(X, Y), (X + 4000, Y + 60), (X + 3950, Y + 4000), (X, Y + 3900)])
    found = by_shape({"甲": in_datum(DISTRICTS["甲"], datum)}, {"甲": old}, "wgs84")
    assert (found.suspect.datum if found.suspect else None) == suspect
    if suspect:
        assert found.suspect.metres < 50
        assert found.fits[0].metres > 400


@pytest.mark.parametrize(("datum", "suspect"), [("wgs84", None), ("gcj02", "gcj02"), ("bd09", "bd09")])
def test_things_of_the_same_name_tell_by_their_distance(datum, suspect):
    known = PLACES + RNG.normal(0, 30, PLACES.shape)
    found = by_twin(points_in(datum), [tuple(xy) for xy in known], "wgs84")
    assert (found.suspect.datum if found.suspect else None) == suspect
    if suspect:
        assert found.suspect.metres < 60


def test_noise_is_no_other_datum():
    """A third of the rows states a wrong district, and the places lie 100 m off: nothing fits better than as stated."""
    stated = [name if i % 3 else "乙" for i, name in enumerate(STATED)]
    noisy = [Point(*xy) for xy in from_city(PLACES + RNG.normal(0, 100, PLACES.shape), "wgs84")]
    found = by_district(noisy, stated, DISTRICTS, "wgs84")
    assert found.suspect is None
    assert found.fits[0].agrees < 0.9


def test_degrees_that_somebody_projected_are_found_out_too():
    xy = to_city(from_city(PLACES, "gcj02"), "wgs84")
    found = by_district([Point(*one) for one in xy], STATED, DISTRICTS, "city")
    assert found.suspect.datum == "gcj02"


def test_nothing_can_be_said_without_anything_to_compare_with():
    assert by_district(points_in("wgs84"), ["丙"] * 300, DISTRICTS, "wgs84") is None
    assert by_shape({"丙": DISTRICTS["甲"]}, DISTRICTS, "city") is None
    assert by_twin([], [], "wgs84") is None
    assert by_district(points_in("wgs84")[:9], STATED[:9], DISTRICTS, "wgs84") is None
    assert by_loaded_points(DISTRICTS, {}, "city") is None


def test_where_nothing_is_shifted_there_is_one_reading_only(settings):
    from dataclasses import replace

    settings.CITY = replace(settings.CITY, srid=3826, proj="")
    tainan = {"甲": box(*to_city((120.15, 22.95), "wgs84")[0], *to_city((120.25, 23.05), "wgs84")[0])}
    points = [Point(120.15 + i / 1000, 23.0) for i in range(90)]
    assert by_district(points, ["甲"] * 90, tainan, "wgs84") is None


def test_every_other_datum_is_a_reading_of_file_and_of_what_is_loaded():
    assert [tuple(reading) for reading in turns("wgs84")] == [
        *[("file", "wgs84"), ("file", "gcj02"), ("file", "bd09"), ("loaded", "gcj02"), ("loaded", "bd09")]
    ]
    assert ("file", "wgs84") in turns("gcj02")
    assert ("file", "wgs84") not in turns("cgcs2000-gk3:120")


def test_the_finding_can_be_kept_as_json():
    import json

    found = by_district(points_in("gcj02"), STATED, DISTRICTS, "wgs84")
    kept = json.loads(json.dumps(found.as_json()))
    assert kept["suspect"]["datum"] == "gcj02"
    assert kept["rows"] == 300
