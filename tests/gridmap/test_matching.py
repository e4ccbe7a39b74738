"""Bulk matching gives the same answers as the single-point query, also on edges and corners."""

import random
from itertools import pairwise

import numpy as np
import pytest
from django.contrib.gis.geos import MultiPolygon
from shapely import Polygon, box

from gridmap.cells import draw
from gridmap.copying import copy_all
from gridmap.loaders.cells import index_of
from gridmap.matching import OUTSIDE, CellIndex
from gridmap.models import Area, Cell, Layout
from gridmap.shapes import to_django, to_shapely
from tests.town import ORIGIN, at

#   100 ┌───┬───┐
#       │ a │ b │   every cell 100 m × 100 m, codes in the order a b c d
#     0 ├───┼───┤
#       │ c │ d │
#  -100 └───┴───┘
SQUARES = [box(0, 0, 100, 100), box(100, 0, 200, 100), box(0, -100, 100, 0), box(100, -100, 200, 0)]


def match(*points: tuple[float, float]) -> list[int]:
    return [int(i) for i in CellIndex(["a", "b", "c", "d"], SQUARES).match(np.array(points, dtype=float))]


def test_a_point_inside_a_cell_is_found():
    assert match((50, 50), (150, 50), (50, -50), (150, -50)) == [0, 1, 2, 3]


def test_a_point_on_a_shared_edge_belongs_to_the_lowest_code():
    assert match((100, 50), (50, 0), (150, 0)) == [0, 0, 1]


def test_the_corner_of_four_cells_belongs_to_the_lowest_code():
    assert match((100, 0)) == [0]


def test_the_order_of_codes_decides_not_the_order_of_the_list():
    index = CellIndex(["z", "b", "c", "a"], SQUARES)
    assert index.match(np.array([(100.0, 0.0)])).tolist() == [3]


def test_outside_and_unknown_are_minus_one():
    assert match((201, 50), (float("nan"), 50)) == [OUTSIDE, OUTSIDE]


def test_the_outer_edge_still_belongs_to_the_cell():
    assert match((0, 50), (200, 100)) == [0, 1]


def test_no_points_give_no_answers():
    assert CellIndex(["a"], SQUARES[:1]).match(np.empty((0, 2))).tolist() == []


@pytest.fixture
def layout(db: None) -> Layout:
    """A community with a slanting outline, drawn and stored."""
    outline = Polygon(
        [(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in ((0, 0), (700, 130), (810, 590), (250, 720), (-90, 410))]
    )
    ground = to_django(outline)
    area = Area.objects.create(code="321299001001", name="斜村", level="community", geom=MultiPolygon(ground))
    layout = Layout.objects.create(name="slanting")
    cells = draw(outline)
    rows = [(f"{area.code}{i:03}", layout.pk, area.pk, cell, cell.area) for i, cell in enumerate(cells, 1)]
    copy_all(Cell, ("code", "layout_id", "community_id", "geom", "area_m2"), rows)
    return layout


def one_by_one(points: list[tuple[float, float]]) -> list[str]:
    found = []
    for x, y in points:
        cell = Cell.objects.covering(at(x - ORIGIN[0], y - ORIGIN[1])).first()
        found.append(cell.code if cell else "")
    return found


def in_bulk(layout: Layout, points: list[tuple[float, float]]) -> list[str]:
    index, keys, _ = index_of(layout)
    codes = dict(Cell.objects.values_list("pk", "code"))
    return [codes[keys[i]] if i != OUTSIDE else "" for i in index.match(np.array(points))]


def test_bulk_and_single_agree_on_random_points(layout: Layout, chance: random.Random):
    points = [(ORIGIN[0] + chance.uniform(-150, 850), ORIGIN[1] + chance.uniform(-50, 750)) for _ in range(400)]
    assert in_bulk(layout, points) == one_by_one(points)
    assert 0 < in_bulk(layout, points).count("") < 400


def test_bulk_and_single_agree_on_every_corner(layout: Layout):
    corners = [point for cell in Cell.objects.all() for point in to_shapely(cell.geom).boundary.coords]
    bulk = in_bulk(layout, corners)
    assert bulk == one_by_one(corners)
    assert "" not in bulk


def test_bulk_and_single_agree_on_the_middle_of_every_edge(layout: Layout):
    middles = []
    for cell in Cell.objects.all():
        ring = list(to_shapely(cell.geom).boundary.coords)
        middles += [((ax + bx) / 2, (ay + by) / 2) for (ax, ay), (bx, by) in pairwise(ring)]
    assert in_bulk(layout, middles) == one_by_one(middles)
