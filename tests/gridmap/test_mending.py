"""Cells that do not tile their community any more are mended; sound ones stay as they are.

 y
100 ┌────┬────┐╌╌╌╌┐
    │ 1  │ 2  │ X  ╎   community of two cells of 100 m × 100 m, and a cell of the next one
  0 └────┴────┘╌╌╌╌┘
    0   100  200  300 x
"""

import pytest
import shapely
from shapely import Polygon, box

from gridmap.coverage import is_clean
from gridmap.layouts.editing import Change, EditError, Ground, applied
from gridmap.layouts.mending import mend

ONE, TWO, X = box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)
COMMUNITY = box(0, 0, 200, 100)


def mended(cells: dict[str, Polygon], community: Polygon = COMMUNITY, others: dict[str, Polygon] | None = None):
    ground = Ground(cells, {"X": X} if others is None else others, community)
    change = mend(ground)
    after = applied(ground, change, [f"new{i}" for i in range(len(change.made))])
    shapes = list(after.cells.values())
    assert is_clean([*shapes, *after.others.values()])
    assert shapely.symmetric_difference(shapely.union_all(shapes), community).area < 0.01
    return change, after


def test_sound_cells_are_left_alone():
    with pytest.raises(EditError, match="sound"):
        mend(Ground({"1": ONE, "2": TWO}, {"X": X}, COMMUNITY))


def test_ground_of_two_cells_goes_to_the_lower_code():
    change, after = mended({"1": box(0, 0, 110, 100), "2": TWO})
    assert set(change.moved) == {"2"}
    assert after.cells["2"].area == pytest.approx(9000)


def test_a_gap_goes_to_the_cell_with_the_longest_border():
    change, after = mended({"1": ONE, "2": box(100, 0, 200, 95)})
    assert set(change.moved) == {"2"}
    assert after.cells["2"].area == pytest.approx(10_000)


def test_a_large_gap_becomes_a_cell():
    change, _after = mended({"1": ONE, "2": box(100, 0, 200, 70)})
    assert [round(cell.area) for cell in change.made] == [3000]
    assert change.moved == {}


def test_a_cell_beyond_a_new_border_is_clipped_and_one_outside_ends():
    community = box(0, 0, 150, 100)
    change, after = mended({"1": ONE, "2": TWO, "3": box(200, 0, 300, 100)}, community, {})
    assert change.ended == ("3",)
    assert after.cells["2"].area == pytest.approx(5000)


def test_a_border_that_grew_gives_its_strip_to_the_cells_beside_it():
    change, after = mended({"1": ONE, "2": TWO}, box(0, 0, 200, 105), {})
    assert sum(cell.area for cell in after.cells.values()) == pytest.approx(21_000)
    assert change.ended == ()


def test_cells_that_do_not_share_a_corner_get_it_and_stay_the_same_ground():
    low, high = box(100, 0, 200, 50), box(100, 50, 200, 100)
    change, after = mended({"1": ONE, "2": low, "3": high})
    assert change.moved == {}
    assert set(change.touched) == {"1", "X"}
    assert (100, 50) in after.cells["1"].exterior.coords


def test_a_cell_that_crosses_itself_is_made_whole():
    bow = Polygon([(100, 0), (200, 100), (200, 0), (100, 100)])
    change, _after = mended({"1": ONE, "2": bow})
    assert isinstance(change, Change)


def test_a_community_without_a_cell_gets_one():
    change, _after = mended({}, COMMUNITY)
    assert [cell.area for cell in change.made] == [20_000]
