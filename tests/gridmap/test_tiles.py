"""Tiles of the base map, over the town of tests/town.py."""

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import LineString
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from shapely import MultiPolygon, box

from gridmap import tiles
from gridmap.copying import copy_in
from gridmap.datums import lonlat
from gridmap.models import Area, Cell, Component, LayerChange, Layout, Place
from tests.town import ORIGIN, Town, at, square

DAY = date(2026, 11, 18)
SQUARE = MultiPolygon([box(ORIGIN[0], ORIGIN[1], ORIGIN[0] + 10, ORIGIN[1] + 10)])
SQUARE_SHAPE = square(60, 50, 10, 10)
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


def path_at(zoom: int = 15, layer: str = "", **query: str) -> str:
    z, x, y = tile_at(200, 50, zoom)
    asked = "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""
    return f"/tiles/{layer + '/' if layer else ''}{z}/{x}/{y}.mvt{asked}"


def test_a_tile_that_has_not_changed_is_not_sent_again(login: Login) -> None:
    client = login("inspector")
    first = client.get(path_at())
    assert (first.status_code, first["Cache-Control"]) == (200, "private, no-cache")
    again = client.get(path_at(), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    road()
    assert client.get(path_at(), headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_tile_that_has_not_changed_is_not_even_made(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    client = login("inspector")
    etag = client.get(path_at())["ETag"]
    monkeypatch.setattr(tiles, "tile", lambda *_: pytest.fail("made"))
    assert client.get(path_at(), headers={"If-None-Match": etag}).status_code == 304


def described(client: Client, layer: str = "base") -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/tiles/{layer}.json").json()
    return found


@pytest.mark.parametrize("layer", list(tiles.SETS))
def test_every_set_of_layers_describes_itself_and_answers(login: Login, layer: str) -> None:
    client = login("inspector")
    road()
    found = described(client, layer)
    west, south, east, north = found["bounds"]
    lon, lat = lonlat(at(200, 50))
    assert west < lon < east
    assert south < lat < north
    assert {one["id"] for one in found["vector_layers"]} == {one.name for one in tiles.SETS[layer]}
    z, x, y = tile_at(200, 50, 18)
    address = found["tiles"][0].replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
    assert address.startswith("http://testserver/tiles/")
    response = client.get(address)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"


def test_an_address_with_an_old_version_is_not_kept_for_good(login: Login) -> None:
    client = login("inspector")
    assert client.get(path_at(v="0123456789abcdef"))["Cache-Control"] == "private, no-cache"


def area_renamed(town: Town) -> None:
    Area.objects.filter(level="district").update(name="新区")


def cell_moved(town: Town) -> None:
    Cell.objects.filter(pk=town.cells[0].pk).update(area_m2=5)


def layout_retired(town: Town) -> None:
    Layout.objects.update(active_to=date(2020, 1, 1), state="retired")


def component_broken(town: Town) -> None:
    Component.objects.update(state="damaged")


def street_added(town: Town) -> None:
    road()


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (area_renamed, {"areas"}),
        (cell_moved, {"cells"}),
        (layout_retired, {"cells"}),
        (component_broken, {"components"}),
        (street_added, {"streets", "buildings", "water", "places"}),
    ],
)
def test_a_change_gives_new_addresses_to_the_layers_that_show_it_and_to_no_others(
    login: Login, town: Town, change: Callable[[Town], None], changed: set[str]
) -> None:
    client = login("inspector")
    before = {layer: described(client, layer)["tiles"] for layer in tiles.SETS}
    change(town)
    after = {layer: described(client, layer)["tiles"] for layer in tiles.SETS}
    assert {layer for layer in tiles.SETS if before[layer] != after[layer]} == {*changed, "base"}


def test_the_day_on_which_another_layout_comes_into_force_changes_the_cells_without_any_write(town: Town) -> None:
    now, before = (LayerChange.objects.versions(day) for day in (DAY, date(2001, 1, 1)))
    assert tiles.version("cells", now) != tiles.version("cells", before)
    assert tiles.version("base", now, 12) == tiles.version("base", before, 12)
    assert tiles.version("areas", now) == tiles.version("areas", before)


def test_rows_copied_in_change_the_version_too(town: Town) -> None:
    before = LayerChange.objects.versions(DAY)
    list(
        copy_in(
            Area, ("code", "name", "level", "geom", "built_up", "area_class"), [("77", "抄", "city", SQUARE, True, "")]
        )
    )
    assert LayerChange.objects.versions(DAY)["areas"] == before["areas"] + 1


def test_the_log_of_changes_is_summed_up_without_changing_a_version(town: Town) -> None:
    LayerChange.objects.bulk_create([LayerChange(layer="areas", count=2) for _ in range(600)])
    before = LayerChange.objects.versions(DAY)
    assert LayerChange.objects.filter(layer="areas").count() == 1
    assert LayerChange.objects.versions(DAY) == before


def test_components_that_are_drafts_are_not_drawn(town: Town) -> None:
    code = Component.objects.all()[0].code
    east, north = Component.objects.all()[0].geom.centroid.coords
    place = tile_at(east - ORIGIN[0], north - ORIGIN[1], 18)
    assert code.encode() in tiles.tile(*place, DAY, "components")
    Component.objects.update(draft=True)
    assert code.encode() not in tiles.tile(*place, DAY, "components")


def test_a_set_holds_its_own_layers_only(town: Town) -> None:
    road()
    content = tiles.tile(*tile_at(200, 50, 15), DAY, "streets")
    assert b"roads" in content
    assert b"areas" not in content
    assert b"cells" not in content


def test_visitors_get_no_description(client: Client, db: None) -> None:
    assert client.get("/tiles/base.json").status_code == 302


@pytest.mark.parametrize(
    "path", ["/tiles/15/99999/1.mvt", "/tiles/19/1/1.mvt", "/tiles/mars/15/1/1.mvt", "/tiles/mars.json"]
)
def test_a_tile_that_cannot_be_is_not_found(login: Login, path: str) -> None:
    assert login("operator").get(path).status_code == 404


def test_visitors_get_no_tiles(client: Client, db: None) -> None:
    assert client.get("/tiles/15/1/1.mvt").status_code == 302


def placed(kind: str, name: str, **more: Any) -> None:
    Place.objects.create(kind=kind, name=name, point=at(60, 50), source="test", **more)


def test_visitors_see_streets_and_names_and_no_component_cell_or_house_number(town: Town, client: Client) -> None:
    road()
    placed("poi", "银春旅馆")
    placed("doorplate", "西仓路7号", geom=SQUARE_SHAPE)
    placed("building", "3号楼")
    placed("poi", "王家后院", source_rank=3)  # learned from what people pointed at
    z, x, y = tile_at(60, 50, 18)
    answer = client.get(f"/town/{z}/{x}/{y}.mvt")
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    for shown in ("roads", "西仓路", "银春旅馆", "甲社区"):
        assert shown.encode() in answer.content
    codes = [*(cell.code for cell in town.cells), town.component.code]
    for hidden in ("components", "cells", "7号", "3号楼", "王家后院", *codes):
        assert hidden.encode() not in answer.content, hidden
    everything = tiles.tile(z, x, y, DAY)
    assert b"components" in everything
    assert "西仓路7号".encode() in everything


def test_visitors_tiles_are_described_and_kept(town: Town, client: Client) -> None:
    found = client.get("/town/tiles.json").json()
    shown = {one["id"] for one in found["vector_layers"]}
    assert shown == {"green", "water", "compounds", "buildings", "roads", "lanes", "areas", "area_names", "place_names"}
    z, x, y = tile_at(200, 50, 15)
    address = found["tiles"][0].replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
    assert client.get(address)["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/town/15/99999/1.mvt").status_code == 404
    assert client.post("/town/tiles.json").status_code == 405


def test_nobody_asks_for_the_visitors_tiles_by_another_name(login: Login, client: Client) -> None:
    assert login("operator").get("/tiles/visitors.json").status_code == 404
    assert client.get("/town/components/15/1/1.mvt").status_code == 404
