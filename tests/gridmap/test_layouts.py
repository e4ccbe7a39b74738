"""Every kind of defect of a layout is injected, and found.

 y
100 ┌────┬────┐
    │ 1  │ 2  │   community C: two cells of 100 m × 100 m
  0 └────┴────┘
    0   100  200 x
"""

from shapely import MultiPolygon, Polygon, box

from gridmap.layouts import CellFact, Defect, defects

COMMUNITY = {"C": box(0, 0, 200, 100)}
LEFT = CellFact("C1", "C", box(0, 0, 100, 100))
RIGHT = CellFact("C2", "C", box(100, 0, 200, 100))


def kinds(*cells: CellFact, used: tuple[str, ...] = ()) -> set[str]:
    return {defect.kind for defect in defects(cells, COMMUNITY, used)}


def test_a_good_layout_has_no_defect():
    assert defects([LEFT, RIGHT], COMMUNITY) == []


def test_a_missing_cell_is_a_gap_with_its_square_metres():
    assert defects([LEFT], COMMUNITY) == [Defect("gap", "C", "", 10_000)]


def test_a_community_without_any_cell_is_a_gap():
    assert Defect("gap", "D", "", 100) in defects([LEFT, RIGHT], {**COMMUNITY, "D": box(200, 0, 210, 10)})


def test_overlapping_cells_name_each_other():
    wide = CellFact("C1", "C", box(0, 0, 110, 100))
    assert Defect("overlap", "C1", "C2", 1000) in defects([wide, RIGHT], COMMUNITY)


def test_a_cell_over_the_border_is_outside():
    over = CellFact("C2", "C", box(100, 0, 250, 100))
    assert Defect("outside", "C2", "C", 5000) in defects([LEFT, over], COMMUNITY)


def test_a_cell_that_crosses_itself_is_invalid():
    bow = CellFact("C2", "C", Polygon([(100, 0), (200, 100), (200, 0), (100, 100)]))
    assert "invalid" in kinds(LEFT, bow)


def test_a_code_of_another_community_is_found():
    assert "prefix" in kinds(LEFT, RIGHT._replace(code="D2"))


def test_a_cell_of_an_unknown_community_is_found():
    assert "no_community" in kinds(LEFT, RIGHT, CellFact("X1", "X", box(300, 0, 400, 100)))


def test_the_same_code_twice_is_found():
    assert "code_twice" in kinds(LEFT, RIGHT._replace(code="C1"))


def test_a_code_of_an_earlier_layout_is_found():
    assert "code_reused" in kinds(LEFT, RIGHT, used=("C2",))


def test_neighbours_that_do_not_share_a_corner_are_found():
    low, high = CellFact("C2", "C", box(100, 0, 200, 50)), CellFact("C3", "C", box(100, 50, 200, 100))
    assert kinds(LEFT, low, high) == {"edges"}


def test_a_gap_of_two_millimetres_is_found():
    shifted = CellFact("C2", "C", box(100.002, 0, 200, 100))
    assert "gap" in kinds(LEFT, shifted)


def test_a_detached_community_is_checked_part_by_part():
    parts = {"C": MultiPolygon([box(0, 0, 100, 100), box(300, 0, 400, 100)])}
    assert defects([LEFT], parts) == [Defect("gap", "C", "", 10_000)]
