"""Tiles of the base map, over the town of tests/town.py."""

import math
from collections.abc import Callable
from datetime import date

import pytest
from django.contrib.gis.geos import LineString
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from gridmap import tiles
from gridmap.datums import lonlat
from gridmap.models import Cell, Layout, Place
from tests.town import Town, at

DAY = date(2026, 11, 18)
Login = Callable[[str], Client]


def tile_at(x: float, y: float, zoom: int) -> tuple[int, int, int]:
    """The tile in which a point of the picture lies."""
    lon, lat = lonlat(at(x, y))
    n = 2**zoom
    return zoom, int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def road(name: str = "西仓路") -> Place:
    line = LineString((*at(0, 50),), (*at(400, 50),), srid=at(0, 0).srid)
    return Place.objects.create(kind="road", name=name, point=at(200, 50), geom=line, source="test")


def test_a_street_is_drawn_with_its_name(town: Town) -> None:
    road()
    content = tiles.tile(*tile_at(200, 50, 15), DAY)
    assert b"roads" in content
    assert "西仓路".encode() in content


def test_a_tile_far_away_is_empty(town: Town) -> None:
    road()
    zoom, x, y = tile_at(200, 50, 15)
    assert tiles.tile(zoom, x + 500, y, DAY) == b""


def test_cells_of_a_layout_that_is_not_in_force_are_not_drawn(town: Town) -> None:
    place = tile_at(200, 50, 15)
    code = town.cells[0].code.encode()
    assert code in tiles.tile(*place, DAY)
    Layout.objects.update(active_to=date(2026, 11, 17), state="retired")
    assert code not in tiles.tile(*place, DAY)
    assert Cell.objects.count() == 4


def test_cells_appear_only_where_they_can_be_told_apart(town: Town) -> None:
    assert town.cells[0].code.encode() not in tiles.tile(*tile_at(200, 50, 13), DAY)


@pytest.mark.parametrize(("zoom", "named"), [(9, False), (12, True)])
def test_subdistricts_are_named_from_zoom_ten(town: Town, zoom: int, named: bool) -> None:
    assert ("测试街道".encode() in tiles.tile(*tile_at(200, 50, zoom), DAY)) is named


def test_a_tile_is_one_statement(town: Town, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        tiles.tile(*tile_at(200, 50, 18), DAY)


def test_a_tile_that_has_not_changed_is_not_sent_again(login: Login) -> None:
    client = login("inspector")
    path = "/tiles/{}/{}/{}.mvt".format(*tile_at(200, 50, 15))
    first = client.get(path)
    assert first.status_code == 200
    assert first["Cache-Control"] == "private, max-age=600"
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    road()
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/tiles/15/99999/1.mvt", "/tiles/19/1/1.mvt"])
def test_a_tile_that_cannot_be_is_not_found(login: Login, path: str) -> None:
    assert login("operator").get(path).status_code == 404


def test_visitors_get_no_tiles(client: Client, db: None) -> None:
    assert client.get("/tiles/15/1/1.mvt").status_code == 302
