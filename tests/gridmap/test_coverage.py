"""Cleaning of areas as one coverage, on round squares."""

import pytest
from shapely import MultiPolygon, Polygon, box

from gridmap.coverage import clean, is_clean, joined


def test_a_clean_coverage_stays_and_reports_nothing():
    cleaned = clean({"a": box(0, 0, 100, 100), "b": box(100, 0, 200, 100)})
    assert cleaned.changes == []
    assert cleaned.shapes["a"].equals(box(0, 0, 100, 100))


def test_an_overlap_goes_to_one_of_the_two_and_is_reported():
    #  a: 0–102, b: 100–200
    cleaned = clean({"a": box(0, 0, 102, 100), "b": box(100, 0, 200, 100)})
    assert is_clean(list(cleaned.shapes.values()))
    assert [(change.what, change.m2) for change in cleaned.changes] == [("lost from overlaps", 200.0)]


def test_a_narrow_gap_is_closed_and_reported_with_its_square_metres():
    #  a ▭ 3 m ▭ b, closed on both ends by c
    c = Polygon([(-10, -10), (210, -10), (210, 110), (-10, 110)], [[(0, 0), (203, 0), (203, 100), (0, 100)]])
    cleaned = clean({"a": box(0, 0, 100, 100), "b": box(103, 0, 203, 100), "c": c})
    assert sum(change.m2 for change in cleaned.changes if change.what.startswith("gained")) == pytest.approx(300)
    assert joined(list(cleaned.shapes.values())).area == pytest.approx(220 * 120)


def test_a_wide_hole_is_land_of_nobody_and_stays():
    ring = Polygon([(0, 0), (300, 0), (300, 300), (0, 300)], [[(100, 100), (200, 100), (200, 200), (100, 200)]])
    assert clean({"a": ring}).shapes["a"].area == 80_000


def test_corners_on_a_neighbours_edge_become_corners_of_both():
    halves = {"a": box(0, 0, 100, 100), "b": box(100, 0, 200, 50), "c": box(100, 50, 200, 100)}
    assert not is_clean(list(halves.values()))
    assert is_clean(list(clean(halves).shapes.values()))


def test_an_invalid_ring_is_mended_and_reported():
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    cleaned = clean({"a": bow})
    assert cleaned.shapes["a"].is_valid
    assert cleaned.changes[0].code == "a"
    assert "Self-intersection" in cleaned.changes[0].what


def test_a_detached_sliver_is_given_to_the_area_around_it():
    islet = box(150, 50, 150.5, 50.5)
    cleaned = clean({"a": MultiPolygon([box(0, 0, 100, 100), islet]), "b": box(100, 0, 200, 100).difference(islet)})
    assert len(cleaned.shapes["a"].geoms) == 1
    assert cleaned.shapes["b"].area == pytest.approx(10_000)
    assert any("sliver" in change.what for change in cleaned.changes)


def test_an_area_under_another_one_is_an_error_not_a_silent_loss():
    with pytest.raises(ValueError, match="b"):
        clean({"a": box(0, 0, 100, 100), "b": box(10, 10, 20, 20)})


def test_an_area_without_ground_is_refused():
    with pytest.raises(ValueError, match="a: has no area"):
        clean({"a": Polygon()})
