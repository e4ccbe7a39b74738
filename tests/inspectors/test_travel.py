"""Metres along streets that are drawn in round numbers.

y
200 ├────┼────┤         a grid of streets 100 m apart, drawn as six lines that only cross;
100 ├────┼────┤         the line at x = 900 is joined to nothing
  0 ├────┼────┤
    0   100  200 x
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString

from inspectors.travel import DETOUR, Straight, Streets, straight

GRID = [LineString([(0, y), (200, y)]) for y in (0, 100, 200)] + [LineString([(x, 0), (x, 200)]) for x in (0, 100, 200)]
ISLAND = LineString([(900, 0), (900, 200)])


def streets(*more: LineString) -> Streets:
    found = Streets.of([*GRID, *more])
    assert found is not None
    return found


def way(start: tuple[float, float], goal: tuple[float, float], *more: LineString) -> float:
    return float(streets(*more).metres(np.array([start]), np.array([goal]))[0, 0])


def test_streets_turn_where_they_cross() -> None:
    assert way((0, 0), (200, 200)) == pytest.approx(400)
    assert way((50, 0), (0, 50)) == pytest.approx(100)


def test_both_ends_are_brought_to_the_street() -> None:
    assert way((50, 10), (150, 190)) == pytest.approx(10 + 50 + 200 + 50 + 10)


def test_along_one_piece_of_street_nobody_goes_to_the_junction_first() -> None:
    assert way((20, 0), (70, 0)) == pytest.approx(50)


def test_two_doors_of_one_yard_are_not_joined_by_the_street() -> None:
    assert way((45, 45), (55, 45)) < 2 * 10


def test_where_no_street_leads_it_is_the_straight_line_times_the_factor() -> None:
    network = streets(ISLAND)
    assert way((100, 0), (900, 0), ISLAND) == pytest.approx(800 * network.detour)
    assert way((0, 0), (0, 5000)) == pytest.approx(5000 * network.detour)


def test_axes_that_nearly_touch_are_one_junction() -> None:
    near = LineString([(200.8, 200), (400, 200)])
    assert way((200, 100), (400, 200), near) == pytest.approx(300, abs=2)
    gap = LineString([(205, 200), (400, 200)])
    assert way((200, 100), (400, 200), gap) == pytest.approx(np.hypot(200, 100) * streets(gap).detour)


def test_the_factor_is_measured_on_the_streets() -> None:
    wide = [LineString([(0, y), (2000, y)]) for y in range(0, 2001, 100)]
    network = Streets.of([*wide, *(LineString([(x, 0), (x, 2000)]) for x in range(0, 2001, 100))])
    assert network is not None
    assert 1.2 < network.detour < 1.4
    assert network.detour == pytest.approx(network.detour)
    assert streets().detour == DETOUR  # too few pairs say nothing


def test_no_streets_are_no_network() -> None:
    assert Streets.of([]) is None
    assert Streets.of([LineString()]) is None
    assert Straight().metres(np.array([[0.0, 0]]), np.array([[0.0, 1000]]))[0, 0] == pytest.approx(1000 * DETOUR)


def test_the_path_follows_the_streets_and_is_as_long_as_the_way() -> None:
    stops = np.array([[50.0, 5], [195, 150], [150, 200], [60, 0]])
    network = streets()
    line = network.path(stops)
    assert line[0].tolist() == [50, 5]
    assert line[-1].tolist() == [60, 0]
    legs = sum(float(network.metres(stops[i : i + 1], stops[i + 1 : i + 2])[0, 0]) for i in range(3))
    # the ends of each leg go straight to the street, as the way does
    assert LineString(line).length == pytest.approx(legs)


places = st.tuples(st.floats(-50, 250), st.floats(-50, 250))


@given(st.lists(places, min_size=1, max_size=4), st.lists(places, min_size=1, max_size=6))
def test_a_way_is_the_same_there_and_back_and_never_shorter_than_the_line(
    some: list[tuple[float, float]], others: list[tuple[float, float]]
) -> None:
    one, other, network = np.array(some), np.array(others), streets()
    there, back = network.metres(one, other), network.metres(other, one)
    assert there == pytest.approx(back.T)
    assert (there >= straight(one, other) - 1e-9).all()
