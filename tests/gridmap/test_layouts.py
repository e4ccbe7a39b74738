"""Every kind of defect of a layout is injected, and found.

 y
100 ┌────┬────┐
    │ 1  │ 2  │   community C: two cells of 100 m × 100 m
  0 └────┴────┘
    0   100  200 x
"""

import pytest
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from gridmap.layouts.defects import FAIL, WARN, CellFact, Defect, Item, Rules, defects, failing, same_ground

COMMUNITY = {"C": box(0, 0, 200, 100)}
LEFT = CellFact("C1", "C", box(0, 0, 100, 100))
RIGHT = CellFact("C2", "C", box(100, 0, 200, 100))
RULES = Rules({"C": 10_000}, digits=1)


def found(*cells: CellFact, earlier: tuple[Item, ...] = (), items: tuple[Item, ...] = ()) -> list[Defect]:
    return defects(cells, COMMUNITY, RULES, earlier=earlier, items=items)


def kinds(*cells: CellFact, earlier: tuple[Item, ...] = (), items: tuple[Item, ...] = ()) -> set[str]:
    return {defect.kind for defect in found(*cells, earlier=earlier, items=items)}


def only(given: list[Defect]) -> Defect:
    assert len(given) == 1, given
    return given[0]


def same(defect: Defect, shape: BaseGeometry) -> bool:
    return defect.where is not None and bool(defect.where.equals(shape))


def test_a_good_layout_has_no_defect():
    items = (Item("a", Point(50, 50)), Item("b", LineString([(10, 10), (190, 10)])), Item("c", box(10, 10, 90, 90)))
    assert found(LEFT, RIGHT, items=items) == []


def test_a_missing_cell_is_a_gap_with_its_place_and_square_metres():
    gap = only(found(LEFT))
    assert gap[:5] == ("gap", "C", "", 10_000, FAIL)
    assert same(gap, RIGHT.shape)


def test_two_gaps_of_a_community_are_two_defects():
    ends = CellFact("C1", "C", box(50, 0, 150, 100))
    assert [defect.m2 for defect in found(ends)] == [5000, 5000]


def test_a_community_without_any_cell_is_a_gap():
    given = defects([LEFT, RIGHT], {**COMMUNITY, "D": box(200, 0, 210, 10)})
    assert only(given)[:4] == ("gap", "D", "", 100)


def test_overlapping_cells_name_each_other_and_their_common_ground():
    wide = CellFact("C1", "C", box(0, 0, 110, 100))
    overlap = only(found(wide, RIGHT))
    assert overlap[:4] == ("overlap", "C1", "C2", 1000)
    assert same(overlap, box(100, 0, 110, 100))


def test_a_cell_over_the_border_is_outside_with_what_is_beyond():
    over = CellFact("C2", "C", box(100, 0, 230, 100))
    outside = only(found(LEFT, over))
    assert outside[:4] == ("outside", "C2", "C", 3000)
    assert same(outside, box(200, 0, 230, 100))


def test_a_cell_that_crosses_itself_is_invalid_at_the_crossing():
    bow = CellFact("C2", "C", Polygon([(100, 0), (200, 100), (200, 0), (100, 100)]))
    invalid = next(defect for defect in found(LEFT, bow) if defect.kind == "invalid")
    assert same(invalid, Point(150, 50))


def test_a_code_of_another_community_is_found():
    assert kinds(LEFT, RIGHT._replace(code="D2")) == {"prefix"}


@pytest.mark.parametrize("code", ["Cx", "C", "C0", "C1a"])
def test_a_code_without_a_running_number_is_found(code: str):
    assert "numbering" in kinds(LEFT, RIGHT._replace(code=code))


def test_a_number_with_too_few_digits_is_found_and_one_with_more_is_not():
    rules = Rules(digits=3)
    wide = [LEFT._replace(code="C0001"), RIGHT._replace(code="C1000")]
    assert defects(wide, COMMUNITY, rules) == []
    assert {defect.kind for defect in defects([LEFT, RIGHT], COMMUNITY, rules)} == {"numbering"}


def test_a_cell_of_an_unknown_community_is_found():
    assert "no_community" in kinds(LEFT, RIGHT, CellFact("X1", "X", box(300, 0, 400, 100)))


def test_the_same_code_twice_is_found_once():
    twice = [defect for defect in found(LEFT, RIGHT._replace(code="C1")) if defect.kind == "code_twice"]
    assert only(twice).code == "C1"


def test_a_code_of_another_layout_on_other_ground_is_found():
    assert kinds(LEFT, RIGHT, earlier=(Item("C2", box(100, 0, 200, 99)),)) == {"code_reused"}


def test_a_code_that_goes_on_with_the_same_ground_is_none():
    #  the neighbour was split: one corner more on the edge
    corner = Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100, 50)])
    assert same_ground(RIGHT.shape, corner)
    assert found(LEFT, RIGHT, earlier=(Item("C2", corner), Item("C9", box(0, 0, 1, 1)))) == []


def test_neighbours_that_do_not_share_a_corner_are_found_at_their_edge():
    low, high = CellFact("C2", "C", box(100, 0, 200, 50)), CellFact("C3", "C", box(100, 50, 200, 100))
    edges = next(defect for defect in found(LEFT, low, high) if defect.kind == "edges")
    assert edges.code == "C1"
    assert same(edges, LineString([(100, 0), (100, 100)]))


def test_an_unshared_corner_is_found_beside_an_overlap_elsewhere():
    other = {"C": box(0, 0, 200, 100), "D": box(1000, 0, 1200, 100)}
    low, high = CellFact("C2", "C", box(100, 0, 200, 50)), CellFact("C3", "C", box(100, 50, 200, 100))
    far = [CellFact("D1", "D", box(1000, 0, 1110, 100)), CellFact("D2", "D", box(1100, 0, 1200, 100))]
    assert {d.kind for d in defects([LEFT, low, high, *far], other)} == {"edges", "overlap"}


def test_a_gap_of_two_millimetres_is_found():
    shifted = CellFact("C2", "C", box(100.002, 0, 200, 100))
    assert "gap" in kinds(LEFT, shifted)


def test_a_detached_community_is_checked_part_by_part():
    parts = {"C": MultiPolygon([box(0, 0, 100, 100), box(300, 0, 400, 100)])}
    assert only(defects([LEFT], parts))[:4] == ("gap", "C", "", 10_000)


def test_a_cell_far_from_its_target_is_a_warning():
    narrow, wide = CellFact("C1", "C", box(0, 0, 59, 100)), CellFact("C2", "C", box(59, 0, 200, 100))
    assert [(d.kind, d.code, d.m2, d.severity) for d in found(narrow, wide)] == [
        ("area", "C1", 5900, WARN),
        ("area", "C2", 14_100, WARN),
    ]
    assert failing(found(narrow, wide)) == []


def test_a_cell_at_the_edge_of_its_tolerance_is_good():
    assert found(CellFact("C1", "C", box(0, 0, 60, 100)), CellFact("C2", "C", box(60, 0, 200, 100))) == []


def test_numbers_out_of_reading_order_are_one_warning_a_community():
    order = only(found(LEFT._replace(code="C2"), RIGHT._replace(code="C1")))
    assert order[:5] == ("order", "C1", "C", 0, WARN)


def test_a_component_in_no_cell_is_a_warning():
    none = only(found(LEFT, RIGHT, items=(Item("cover", Point(300, 50)),)))
    assert none[:5] == ("component_none", "cover", "", 0, WARN)
    assert same(none, Point(300, 50))


def test_an_area_in_two_cells_is_a_split_component():
    split = only(found(LEFT, RIGHT, items=(Item("green", box(90, 0, 120, 10)),)))
    assert split[:5] == ("component_split", "green", "C1 C2", 100, WARN)


def test_a_point_on_an_edge_and_an_area_that_touches_one_are_in_one_cell():
    assert found(LEFT, RIGHT, items=(Item("cover", Point(100, 50)), Item("bed", box(80, 0, 100, 10)))) == []


def test_failing_defects_come_before_warnings():
    severities = [defect.severity for defect in found(LEFT, items=(Item("cover", Point(300, 50)),))]
    assert severities == [FAIL, WARN]
