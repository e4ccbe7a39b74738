"""Cells are changed without a gap, an overlap or a lost square metre.

   y
 100 ┌─────┬─────┬─────┐╌╌╌╌╌┐
     │  1  │  2  │  3  │     ╎   community of six cells of 100 m × 100 m;
   0 ├─────┼─────┼─────┤  X  ╎   X is a cell of the next community
     │  4  │  5  │  6  │     ╎
-100 └─────┴─────┴─────┘╌╌╌╌╌┘
     0    100   200   300   400 x
"""

import random

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box

from gridmap.cells import draw, knit
from gridmap.coverage import is_clean
from gridmap.layouts.editing import EditError, Ground, Reason, Shift, applied, merge, move, same_ground, split

SQUARES = {
    "1": box(0, 0, 100, 100),
    "2": box(100, 0, 200, 100),
    "3": box(200, 0, 300, 100),
    "4": box(0, -100, 100, 0),
    "5": box(100, -100, 200, 0),
    "6": box(200, -100, 300, 0),
}
COMMUNITY = box(0, -100, 300, 100)


def town() -> Ground:
    shapes = knit([*SQUARES.values(), box(300, -100, 400, 100)])
    return Ground(dict(zip(SQUARES, shapes, strict=False)), {"X": shapes[-1]}, COMMUNITY)


def refused(reason: Reason):
    return pytest.raises(EditError, match=reason.value)


def sound(ground: Ground) -> None:
    """A coverage at 1 mm with the whole ground of the community."""
    cells = list(ground.cells.values())
    assert is_clean([*cells, *ground.others.values()])
    assert all(isinstance(cell, Polygon) and cell.is_valid for cell in cells)
    assert sum(cell.area for cell in cells) == pytest.approx(ground.community.area, abs=0.01)
    assert shapely.symmetric_difference(shapely.union_all(cells), ground.community).area < 0.01


def test_a_line_splits_a_cell_and_neighbours_get_its_ends_as_corners():
    ground = town()
    change = split(ground, "1", LineString([(40, 110), (40, -10)]))
    assert change.ended == ("1",)
    assert [round(piece.area) for piece in change.made] == [4000, 6000]
    assert set(change.touched) == {"4"}
    assert same_ground(change.touched["4"], SQUARES["4"])
    sound(applied(ground, change, ["7", "8"]))


def test_a_split_beside_another_community_gives_its_cell_the_corner_too():
    ground = town()
    change = split(ground, "3", LineString([(190, 50), (310, 50)]))
    assert set(change.touched) == {"2", "X"}
    assert (300, 50) in change.touched["X"].exterior.coords
    sound(applied(ground, change, ["7", "8"]))


def test_a_line_that_stops_short_of_the_outline_is_led_to_it():
    change = split(town(), "1", LineString([(40, 98), (40, 1)]))
    assert [round(piece.area) for piece in change.made] == [4000, 6000]


def test_a_line_close_to_a_corner_goes_through_it():
    change = split(town(), "1", LineString([(0.1, 100), (99.9, 0)]))
    assert [piece.area for piece in change.made] == [5000, 5000]
    assert change.touched == {}


def test_a_bent_line_splits_along_its_corners():
    change = split(town(), "1", LineString([(50, 110), (50, 50), (110, 50)]))
    assert sorted(round(piece.area) for piece in change.made) == [2500, 7500]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ([(50, 110), (50, 50)], Reason.ENDS_INSIDE),
        ([(150, 110), (150, -10)], Reason.MISSES),
        ([(50, 50), (50, 50)], Reason.SHORT_LINE),
        ([(-10, 20), (110, 20), (110, 80), (50, 80), (50, -10)], Reason.CROSSED_LINE),
        ([(0.5, 110), (0.5, -10)], Reason.TOO_SMALL),
        ([(2, 110), (2, -10)], Reason.TOO_NARROW),
        ([(-10, 99), (20, 99), (20, -10)], Reason.SPIKE),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(line, reason):
    with refused(reason):
        split(town(), "1", LineString(line))


def test_merging_neighbours_makes_one_cell_with_their_ground():
    ground = town()
    change = merge(ground, ["1", "2", "5"])
    assert change.ended == ("1", "2", "5")
    assert change.made[0].area == 30_000
    sound(applied(ground, change, ["7"]))


def test_cells_that_meet_in_a_corner_only_are_not_merged():
    with refused(Reason.APART):
        merge(town(), ["1", "5"])


def test_one_cell_is_not_merged():
    with refused(Reason.ONE_CELL):
        merge(town(), ["1", "1"])


def test_an_inner_corner_moves_with_all_four_cells_that_share_it():
    ground = town()
    change = move(ground, [Shift((100, 0), (120, 10))])
    assert set(change.moved) == {"1", "2", "4", "5"}
    assert change.moved["1"].area == 10_000 + 1000 - 500
    sound(applied(ground, change, []))


def test_an_edge_that_ends_on_the_border_slides_along_it():
    ground = town()
    change = move(ground, [Shift((100, 100), (130, 120)), Shift((100, 0), (130, 0))])
    assert change.moved["1"].area == pytest.approx(13_000)
    after = applied(ground, change, [])
    assert (130, 100) in after.cells["1"].exterior.coords
    sound(after)


def test_an_edge_at_another_community_slides_and_its_cell_gets_the_corner():
    ground = town()
    change = move(ground, [Shift((300, 0), (305, 40))])
    assert set(change.moved) == {"3", "6"}
    assert set(change.touched) == {"X"}
    sound(applied(ground, change, []))


def test_a_point_on_an_edge_becomes_a_corner_and_bends_it():
    ground = town()
    change = move(ground, [Shift((100, 50), (110, 50))])
    assert set(change.moved) == {"1", "2"}
    assert change.moved["1"].area == 10_500
    sound(applied(ground, change, []))


@pytest.mark.parametrize(
    ("shift", "reason"),
    [
        (Shift((0, 100), (10, 90)), Reason.BORDER),
        (Shift((50, 100), (50, 90)), Reason.BORDER),
        (Shift((50, 50), (60, 60)), Reason.NO_CORNER),
        (Shift((100, 0), (100, 0)), Reason.UNMOVED),
        (Shift((100, 0), (100, 150)), Reason.CROSSES),
        (Shift((100, 0), (250, 0)), Reason.CROSSES),
        (Shift((100, 0), (199, 99)), Reason.TOO_NARROW),
    ],
)
def test_a_bad_move_is_refused_with_its_reason(shift, reason):
    with refused(reason):
        move(town(), [shift])


def test_a_cell_that_was_small_before_may_be_merged_and_need_not_grow():
    ground = Ground({"1": box(0, 0, 50, 1), "2": box(0, 1, 50, 3), "3": box(0, 3, 50, 100)}, {}, box(0, 0, 50, 100))
    assert merge(ground, ["1", "2"]).made[0].area == 150
    with refused(Reason.TOO_SMALL):
        move(ground, [Shift((0, 1), (0, 0.5)), Shift((50, 1), (50, 0.5))])


def test_an_edit_beside_an_old_defect_is_possible_but_makes_no_new_one():
    cells = {**town().cells, "6": box(200, -100, 300, -5)}
    ground = Ground(cells, {}, COMMUNITY)
    change = split(ground, "1", LineString([(40, 110), (40, -10)]))
    assert len(change.made) == 2


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_after_any_changes_the_coverage_is_valid_and_no_ground_is_lost(seed):
    chance = random.Random(seed)
    ground, taken, done = ragged_town(chance), 1000, 0
    for _ in range(12):
        try:
            change = any_change(ground, chance)
        except EditError:
            continue
        codes = [str(taken + i) for i in range(len(change.made))]
        taken += len(codes)
        ground = applied(ground, change, codes)
        done += 1
        sound(ground)
    assert done


def ragged_town(chance: random.Random) -> Ground:
    """Two communities with a bent border between them, drawn as the product draws them."""
    x, y = chance.uniform(3e5, 7e5), chance.uniform(2.4e6, 4e6)
    bends = [(chance.uniform(280, 330), 100.0 * i + chance.uniform(-40, 40)) for i in range(1, 4)]
    bends = [(300.0, 0.0), *bends, (300.0, 400.0)]
    west = Polygon([(0, 0), *bends, (0, 400), (-40, chance.uniform(100, 300))])
    east = Polygon([*bends, (520, 410), (540, -15)])
    turn = chance.uniform(0, 1.5)
    west, east = (shapely.transform(shape, lambda xy: xy @ rotation(turn) + (x, y)) for shape in (west, east))
    mine, theirs = draw(west, 10_000), draw(east, 10_000)
    knitted = knit([*mine, *theirs])
    cells, others = knitted[: len(mine)], knitted[len(mine) :]
    named = {str(i): cell for i, cell in enumerate(cells)}
    return Ground(named, {f"X{i}": cell for i, cell in enumerate(others)}, shapely.union_all(cells))


def rotation(turn: float) -> np.ndarray:
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


def any_change(ground: Ground, chance: random.Random):
    codes = sorted(ground.cells)
    mine = chance.choice(codes)
    cell = ground.cells[mine]
    kind = chance.choice(["split", "merge", "move", "bend", "edge"])
    if kind == "split":
        left, low, right, high = cell.bounds
        ends = [(left - 5, chance.uniform(low, high)), (right + 5, chance.uniform(low, high))]
        middle = [(chance.uniform(left, right), chance.uniform(low, high))] if chance.random() < 0.4 else []
        return split(ground, mine, LineString([ends[0], *middle, ends[1]]))
    if kind == "merge":
        beside = [code for code in codes if ground.cells[code].touches(cell)]
        return merge(ground, [mine, *chance.sample(beside, min(len(beside), chance.choice([1, 1, 2])))])
    ring = [(x, y) for x, y, *_ in cell.exterior.coords]
    at = chance.randrange(len(ring) - 1)
    one, two = ring[at], ring[at + 1]
    dx, dy = chance.uniform(-25, 25), chance.uniform(-25, 25)
    if kind == "bend":
        one = ((one[0] + two[0]) / 2, (one[1] + two[1]) / 2)
    shifts = [Shift(one, (one[0] + dx, one[1] + dy))]
    if kind == "edge":
        shifts.append(Shift(two, (two[0] + dx, two[1] + dy)))
    return move(ground, shifts)
