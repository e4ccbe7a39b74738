"""Bulk matching gives the same answers as the single-point query, also on edges and corners."""

import random
from itertools import pairwise

import numpy as np
import pytest
from django.contrib.gis.geos import MultiPolygon
from shapely import LineString, Polygon, box

from gridmap.cells import draw, knit_all
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


@pytest.fixture
def quarter(db: None, chance: random.Random) -> Layout:
    """Three communities of slanting streets, 600 cells and more, stored as they were drawn."""
    west, middle, east = (
        Polygon([(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in corners])
        for corners in (
            ((0, 0), (903.7, 41.3), (871.2, 2010.9), (-60.1, 1903.3)),
            ((903.7, 41.3), (1911.9, 77.7), (1850.5, 1955.1), (871.2, 2010.9)),
            ((1911.9, 77.7), (3001.3, -20.2), (2950.8, 2103.4), (1850.5, 1955.1)),
        )
    )
    layout, streets = Layout.objects.create(name="quarter"), []
    for k in range(30):
        y, x = chance.uniform(0, 2000), chance.uniform(0, 3000)
        ends = [(-200, y), (3200, y + 90)] if k % 2 else [(x, -200), (x + 70, 2300)]
        streets.append(LineString([(ORIGIN[0] + a, ORIGIN[1] + b) for a, b in ends]))
    drawn = knit_all([draw(outline, streets=streets) for outline in (west, middle, east)])
    rows: list[tuple[object, ...]] = []
    for number, (outline, cells) in enumerate(zip((west, middle, east), drawn, strict=True), 1):
        ground = MultiPolygon(to_django(outline))
        area = Area.objects.create(code=f"32129900100{number}", name="街坊", level="community", geom=ground)
        rows += [(f"{area.code}{i:03}", layout.pk, area.pk, cell, cell.area) for i, cell in enumerate(cells, 1)]
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


def scattered(chance: random.Random, count: int) -> list[tuple[float, float]]:
    """Points in and around the quarter."""
    return [(ORIGIN[0] + chance.uniform(-150, 3100), ORIGIN[1] + chance.uniform(-120, 2200)) for _ in range(count)]


def on_edges(chance: random.Random, count: int) -> list[tuple[float, float]]:
    """Corners of the quarter's cells, and points as exactly on their edges as numbers allow."""
    found: list[tuple[float, float]] = []
    for cell in Cell.objects.order_by("code"):
        ring = list(to_shapely(cell.geom).boundary.coords)
        found += ring[:-1]
        for (ax, ay), (bx, by) in pairwise(ring):
            share = chance.choice([0.5, 0.25, chance.random()])
            found.append((ax + (bx - ax) * share, ay + (by - ay) * share))
    return chance.sample(found, min(count, len(found)))


def test_bulk_and_single_agree_on_5_000_points_and_on_edges(quarter: Layout, chance: random.Random):
    assert quarter.cells.count() > 500
    points = scattered(chance, 4000) + on_edges(chance, 1000)
    assert in_bulk(quarter, points) == one_by_one(points)


@pytest.mark.long
def test_bulk_and_single_agree_on_100_000_points_and_on_every_edge(quarter: Layout, chance: random.Random):
    points = scattered(chance, 100_000) + on_edges(chance, 10**9)
    bulk = in_bulk(quarter, points)
    assert bulk == one_by_one(points)
    assert 100 < bulk.count("") < 30_000


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
