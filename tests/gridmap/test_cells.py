"""Drawing of unit cells on round squares: metres, no database."""

import math
import random

import pytest
import shapely
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate, translate

from gridmap.cells import describe, draw, draw_all, in_reading_order, knit, number, splits
from gridmap.coverage import is_clean

# a 200 m wide hook with an inner corner, so that straight cuts could leave loose ends
HOOK = Polygon([(0, 0), (600, 0), (600, 200), (200, 200), (200, 600), (0, 600)])


def test_cells_tile_the_community_without_gap_or_overlap():
    cells = draw(HOOK)
    assert is_clean(cells)
    assert shapely.union_all(cells).symmetric_difference(HOOK).area < 1e-6
    assert sum(cell.area for cell in cells) == pytest.approx(HOOK.area)


def test_a_square_of_100_000_m2_has_ten_cells_near_the_target():
    cells = draw(box(0, 0, 500, 200))
    assert len(cells) == 10
    assert all(cell.area == pytest.approx(10_000, rel=0.02) for cell in cells)


def test_every_cell_is_one_compact_polygon():
    for cell in draw(HOOK):
        assert isinstance(cell, Polygon)
        assert 4 * math.pi * cell.area / cell.length**2 > 0.5


def test_a_coarser_target_gives_fewer_cells():
    assert len(draw(box(0, 0, 1000, 1000), 250_000)) == 4


def test_the_same_community_always_gives_the_same_cells():
    assert [cell.wkt for cell in draw(HOOK)] == [cell.wkt for cell in draw(HOOK)]


def test_numbers_run_from_west_to_east_and_then_from_north_to_south():
    #   1 2 3
    #   4 5 6
    centres = [(round(c.centroid.x), round(c.centroid.y)) for c in draw(box(0, 0, 300, 200))]
    assert centres == [(50, 150), (150, 150), (250, 150), (50, 50), (150, 50), (250, 50)]


def test_in_reading_order_sorts_shuffled_cells():
    cells = draw(box(0, 0, 300, 200))
    assert in_reading_order(cells[::-1], 10_000) == cells


def test_streets_become_edges_of_cells():
    #  two streets cut blocks that need no further cut:  ▭|▭
    streets = [LineString([(120, -10), (120, 210)]), LineString([(-10, 90), (250, 90)])]
    cells = draw(box(0, 0, 240, 200), streets=streets)
    assert len(cells) == 4
    for street in streets:
        assert all(cell.intersection(street).area == 0 and not cell.crosses(street) for cell in cells)


def test_the_outline_of_a_lake_becomes_an_edge():
    lake = box(50, 50, 150, 150)
    cells = draw(box(0, 0, 200, 200), waters=[lake])
    assert any(cell.equals(lake) for cell in cells)


def test_a_street_that_ends_inside_cuts_nothing():
    assert len(draw(box(0, 0, 100, 100), streets=[LineString([(50, -10), (50, 60)])])) == 1


def test_a_strip_beside_a_street_joins_its_neighbour():
    cells = draw(box(0, 0, 100, 100), streets=[LineString([(4, -10), (4, 110)])])
    assert len(cells) == 1


def test_a_cut_moves_aside_for_a_compound():
    compound = box(95, 20, 115, 80)  # in the way of a cut at x = 100
    plain, shifted = draw(box(0, 0, 200, 100)), draw(box(0, 0, 200, 100), compounds=[compound])
    assert not any(cell.covers(compound) for cell in plain)
    assert any(cell.covers(compound) for cell in shifted)


def test_a_component_in_the_way_of_every_cut_does_not_stop_the_drawing():
    assert len(draw(box(0, 0, 200, 100), components=[box(10, 40, 190, 60)])) == 2


def whole(thing: Polygon, cells: list[Polygon]) -> bool:
    """Whether one cell has all of it."""
    return any(cell.buffer(0.01).covers(thing) for cell in cells)


def test_a_cut_goes_around_a_building_that_it_cannot_move_aside_for():
    #  the building is in the way of every straight cut from x = 60 to x = 140
    building = box(60, 20, 140, 60)
    cells = draw(box(0, 0, 200, 100), compounds=[building])
    assert len(cells) == 2
    assert whole(building, cells)
    assert is_clean(cells)
    assert sum(cell.area for cell in cells) == pytest.approx(20_000)


def test_a_street_through_a_building_leaves_it_whole():
    #  an underpass:  ──▭──
    building = box(90, 80, 130, 120)
    street = LineString([(-10, 100), (210, 100)])
    cells = draw(box(0, 0, 200, 200), streets=[street], compounds=[building])
    assert whole(building, cells)
    assert not any(cell.crosses(LineString([(1, 100), (89, 100)])) for cell in cells)


def test_buildings_that_touch_stay_together():
    row = [box(80 + 8 * i, 40, 88 + 8 * i, 60) for i in range(5)]
    cells = draw(box(0, 0, 200, 100), compounds=row)
    assert whole(box(80, 40, 120, 60), cells)


def test_the_wall_of_a_large_compound_is_an_edge_and_cells_are_on_one_side():
    compound = box(0, 0, 210, 210)  # of four cells
    cells = draw(box(0, 0, 400, 400), compounds=[compound])
    inside = [cell for cell in cells if cell.intersection(compound).area > 1]
    assert len(inside) == 4
    assert shapely.union_all(inside).symmetric_difference(compound).area < 0.1


def test_a_town_of_blocks_has_its_streets_as_edges_and_no_building_split():
    """Streets of 110 m × 90 m blocks, a row of ten houses along each: nine rows of nine blocks."""
    streets = [LineString([(110 * i, -5), (110 * i, 815)]) for i in range(1, 9)]
    streets += [LineString([(-5, 90 * i), (995, 90 * i)]) for i in range(1, 9)]
    houses = [
        box(110 * i + 5 + 10 * k, 90 * j + 40, 110 * i + 14 + 10 * k, 90 * j + 55)
        for i in range(9)
        for j in range(9)
        for k in range(10)
    ]
    town = box(0, 0, 990, 810)
    cells = draw(town, streets=streets, compounds=houses)
    assert describe(cells, 10_000)["share_near_target"] == 1
    edges = shapely.union_all([cell.boundary for cell in cells]).buffer(0.01)
    assert all(edges.covers(street.intersection(town)) for street in streets)
    assert splits(houses, cells, ["C"] * len(cells), {"C": 10_000}) == []
    # the same town without looking at its houses and streets
    plain = draw(town)
    assert len(splits(houses, plain, ["C"] * len(plain), {"C": 10_000})) > 50


def test_what_joining_made_too_big_is_cut_in_halves():
    #  14 500 m² are nearer to one cell than to two, but no cell may have more than 14 000
    assert [cell.area for cell in draw(box(0, 0, 145, 100))] == pytest.approx([7250, 7250], rel=0.01)


def test_a_split_object_says_why():
    cells = [box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)]
    things = [box(150, 0, 250, 10), box(50, 0, 150, 10), box(0, 0, 200, 90), box(10, 10, 20, 20), box(0, 0, 100.5, 1)]
    found = splits(things, cells, ["C", "C", "D"], {"C": 10_000, "D": 10_000})
    assert found == [(0, "border", (1, 2)), (1, "in the way", (0, 1)), (2, "large", (0, 1))]


def test_nothing_to_leave_whole_splits_nothing():
    assert splits([], [box(0, 0, 1, 1)], ["C"], {"C": 1}) == []


def test_streets_and_houses_give_the_same_cells_every_time_without_gap_or_overlap():
    street, house = LineString([(-10, 70), (300, 75)]), box(120, 20, 160, 60)
    cells = draw(HOOK, streets=[street], compounds=[house])
    assert [cell.wkt for cell in draw(HOOK, streets=[street], compounds=[house])] == [cell.wkt for cell in cells]
    assert is_clean(cells)
    assert shapely.union_all(cells).symmetric_difference(HOOK).area < 1e-3


def test_a_detached_part_has_cells_of_its_own():
    cells = draw(MultiPolygon([box(0, 0, 100, 100), box(500, 0, 520, 20)]))
    assert sorted(cell.area for cell in cells) == [400, 10_000]


def test_a_hole_stays_a_hole():
    ring = box(0, 0, 400, 400).difference(box(150, 150, 250, 250))
    assert isinstance(ring, Polygon)
    cells = draw(ring)
    assert not any(cell.intersects(Point(200, 200)) for cell in cells)
    assert sum(cell.area for cell in cells) == pytest.approx(150_000)


def test_neighbouring_communities_share_every_corner():
    left, right = box(0, 0, 300, 500), box(300, 0, 1000, 500)
    drawn = draw_all([left, right], [10_000, 40_000])
    assert is_clean([cell for cells in drawn for cell in cells])
    assert all(left.buffer(0.001).covers(cell) for cell in drawn[0])


def test_without_knitting_communities_do_not_share_corners():
    """The test above would notice."""
    cells = draw(box(0, 0, 300, 500)) + draw(box(300, 0, 1000, 500), 40_000)
    assert not is_clean(cells)


def test_knitting_refuses_cells_that_overlap():
    with pytest.raises(ValueError, match="no tiling"):
        knit([box(0, 0, 100, 100), box(50, 0, 150, 100)])


def test_a_cell_with_a_neck_thinner_than_a_millimetre_becomes_two():
    #  ▭·▭  joined by half a millimetre
    below = [(0, 0), (100, 0), (100, 50), (110, 50), (110, 0), (200, 0)]
    bone = Polygon([*below, (200, 100), (110, 100), (110, 50.0005), (100, 50.0005), (100, 100), (0, 100)])
    around = box(-10, -10, 210, 110).difference(bone)
    parts = knit([bone, *shapely.get_parts(around)])
    assert is_clean(parts)
    assert sorted(round(part.area) for part in parts)[-2:] == [9000, 10_000]


def test_an_invalid_community_is_refused():
    with pytest.raises(ValueError, match="valid polygon"):
        draw(Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]))


def test_codes_begin_with_the_community_and_count_from_one():
    assert number(2, "321202001001", 3) == ["321202001001001", "321202001001002"]


@pytest.mark.parametrize(
    ("community", "digits", "code"),
    [
        ("32120200101", 3, "32120200101001"),  # 14: CJ/T 213-2005
        ("321202001001", 3, "321202001001001"),  # 15: GB/T 30428.1
        ("321202001001", 4, "3212020010010001"),  # 16
    ],
)
def test_codes_have_the_length_of_the_citys_scheme(community: str, digits: int, code: str):
    assert number(1, community, digits) == [code]


def test_codes_go_on_after_every_code_that_was_ever_used():
    assert number(1, "C1", 3, taken=["C1001", "C1007", "C2009"]) == ["C1008"]


def test_a_community_with_more_than_999_cells_gets_wider_numbers_in_text_order():
    codes = number(1000, "C1", 3)
    assert codes[0] == "C10001"
    assert codes[-1] == "C11000"
    assert codes == sorted(codes)


def test_the_description_counts_cells_near_the_target():
    told = describe([box(0, 0, 100, 100), box(0, 0, 100, 30)], 10_000)
    assert told["cells"] == 2
    assert told["least_m2"] == 3000
    assert told["share_near_target"] == 0.5


def rough_ground(chance: random.Random) -> tuple[Polygon, list[LineString], list[Polygon]]:
    """A community of any outline with streets and houses anywhere, as far from round metres as surveys are."""
    reach = chance.uniform(60, 500)

    def anywhere() -> tuple[float, float]:
        return 493_000 + chance.uniform(-reach, reach), 3_592_000 + chance.uniform(-reach, reach)

    outline: Polygon | MultiPolygon = MultiPolygon()
    while not isinstance(outline, Polygon) or outline.area < 5000:
        hull = shapely.convex_hull(MultiPoint([anywhere() for _ in range(chance.randint(3, 12))]))
        outline = hull.difference(Point(anywhere()).buffer(reach / 4, quad_segs=3))  # type: ignore[assignment]
    streets = [LineString([anywhere() for _ in range(chance.randint(2, 5))]) for _ in range(chance.randint(0, 10))]
    houses = []
    for _ in range(chance.randint(0, 50)):
        house = rotate(box(0, 0, chance.uniform(5, 60), chance.uniform(5, 40)), chance.uniform(0, 90))
        houses.append(translate(house, *anywhere()))
    return outline, streets, houses


def lies_well(chance: random.Random) -> tuple[int, int]:
    """Draws a rough ground and checks it; how many houses inside were split, and how many there were."""
    ground, streets, houses = rough_ground(chance)
    cells = draw(ground, streets=streets, compounds=houses)
    assert is_clean(cells)
    assert all(isinstance(cell, Polygon) and cell.is_valid for cell in cells)
    # corners move by less than 1 mm when they are knitted
    assert shapely.union_all(cells).symmetric_difference(ground).area < ground.length * 0.002
    assert all(cell.area <= 14_000 + 1 for cell in cells)
    inside = [house for house in houses if ground.buffer(-0.1).covers(house)]
    return len(splits(inside, cells, ["C"] * len(cells), {"C": 10_000})), len(inside)


def test_any_ground_is_tiled_without_gap_or_overlap(chance: random.Random):
    drawn = [lies_well(chance) for _ in range(20)]
    assert sum(split for split, _ in drawn) <= 0.02 * sum(houses for _, houses in drawn)


@pytest.mark.long
def test_five_hundred_grounds_are_tiled_without_gap_or_overlap(chance: random.Random):
    drawn = [lies_well(chance) for _ in range(500)]
    assert sum(split for split, _ in drawn) <= 0.01 * sum(houses for _, houses in drawn)
