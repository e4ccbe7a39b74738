"""Drawing from the database: what is there is followed, what could not be honoured is reported.

 y    301       302
200 ┌─────────┬─────────┐
    │         │         │   communities of 300 m × 200 m of a city with the codes 99 / 9901 / 9901301
  0 └─────────┴─────────┘
    0        300       600 x
"""

import json
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.core.management import CommandError, call_command
from shapely import LineString, Point, Polygon, box
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from gridmap.datums import to_city
from gridmap.gazetteer import place_row
from gridmap.layouts.defects import Defect
from gridmap.loaders.cells import check, draw_layout, told
from gridmap.loaders.layouts import on_earth
from gridmap.loaders.targets import Targets
from gridmap.models import Area, Category, Cell, Component, Dictionary, Layout, LayoutCheck, LayoutEdit, Place
from gridmap.shapes import point_of, to_django, to_shapely
from people.models import User
from tests.town import NOW, ORIGIN, square

WEST, EAST = "9901301", "9901302"


def city(settings: Any, digits: int = 3, **cells: Any) -> None:
    codes = {"city": 2, "district": 4, "community": 7}
    settings.CITY = replace(settings.CITY, mapping={"cells": cells}, area_digits=codes, cell_digits=digits)


@pytest.fixture(autouse=True)
def _communities(settings: Any, db: None) -> None:
    city(settings)
    for x, code in ((0, WEST), (300, EAST)):
        ground = MultiPolygon(square(x, 0, 300, 200))
        Area.objects.create(code=code, name=f"第{code[-1]}村", level="community", geom=ground)


def place(kind: str, shape: BaseGeometry, name: str = "某") -> Place:
    geom = to_django(translate(shape, *ORIGIN))
    made = place_row(kind, name, point_of(to_shapely(geom)), source="s", geom=geom)
    made.save()
    return made


def cells(of: Layout) -> list[Polygon]:
    return [translate(to_shapely(cell.geom), -ORIGIN[0], -ORIGIN[1]) for cell in of.cells.order_by("code")]  # type: ignore[misc]


def crossed(by: LineString, layout: Layout) -> bool:
    return any(cell.crosses(by) for cell in cells(layout))


def test_a_drawn_layout_is_a_draft_without_any_defect():
    layout = draw_layout("1")
    assert layout.state == "draft"
    assert check(layout) == []
    codes = list(layout.cells.order_by("code").values_list("code", flat=True))
    assert codes == [f"{c}{i:03}" for c in (WEST, EAST) for i in range(1, 7)]


@pytest.mark.parametrize("kind", ["road", "lane", "water"])
def test_lines_of_the_gazetteer_become_edges(kind: str):
    line, inside = LineString([(130, -10), (130, 210)]), LineString([(130, 10), (130, 190)])
    assert crossed(inside, draw_layout("without"))
    place(kind, line)
    layout = draw_layout("with")
    assert not crossed(inside, layout)
    assert check(layout) == []


def test_a_lake_of_the_gazetteer_has_its_shore_as_an_edge():
    lake = box(30, 30, 130, 130)
    place("water", lake)
    assert any(cell.symmetric_difference(lake).area < 1 for cell in cells(draw_layout("1")))


@pytest.mark.parametrize("kind", ["building", "compound", "doorplate"])
def test_buildings_and_compounds_of_the_gazetteer_stay_whole(kind: str):
    house = box(80, 70, 120, 130)  # over a corner of four cells
    assert not any(cell.covers(house) for cell in cells(draw_layout("without")))
    place(kind, house)
    layout = draw_layout("with")
    assert any(cell.buffer(0.01).covers(house) for cell in cells(layout))
    assert layout.report["not honoured"]["split"] == {}


@pytest.fixture
def green(db: None) -> Category:
    dictionary = Dictionary.objects.create(kind="urban", edition="部件", valid_from="2020-01-01")
    major = Category.objects.create(dictionary=dictionary, kind="component", code="04", name="园林绿化")
    return Category.objects.create(dictionary=dictionary, kind="component", code="04-02", name="绿地", major=major)


def component(green: Category, code: str, shape: BaseGeometry, **fields: Any) -> None:
    Component.objects.create(code=code, category=green, geom=to_django(translate(shape, *ORIGIN)), **fields)


def test_a_component_with_an_area_stays_whole(green: Category):
    component(green, "G1", box(80, 70, 120, 130))
    layout = draw_layout("1")
    assert layout.report["looked at"]["components"] == 1
    assert check(layout) == []


def test_drafts_and_abandoned_components_do_not_count(green: Category):
    component(green, "G1", box(80, 70, 120, 130), draft=True)
    component(green, "G2", box(80, 70, 120, 130), state="abandoned")
    component(green, "G3", Point(-50, -50), draft=True)
    layout = draw_layout("1")
    assert layout.report["looked at"]["components"] == 0
    assert check(layout) == []


def test_a_component_over_the_border_of_communities_is_told_by_the_check(green: Category):
    component(green, "G1", box(290, 50, 310, 60))
    component(green, "G2", Point(-50, -50))
    layout = draw_layout("1")
    assert layout.report["not honoured"]["split"] == {"border": 1}
    assert [(d.kind, d.code, d.severity) for d in check(layout)] == [
        ("component_none", "G2", "warn"),
        ("component_split", "G1", "warn"),
    ]


def test_what_had_to_be_split_is_named_with_its_cells():
    place("compound", box(20, 20, 200, 150), "大院")  # more than two cells
    layout = draw_layout("1")
    left = layout.report["not honoured"]
    assert left["split"] == {"large": 1}
    assert (left["objects"][0]["name"], left["objects"][0]["why"]) == ("大院", "large")
    assert len(left["objects"][0]["cells"]) > 1
    assert "compound 大院: large" in "\n".join(told(layout))


def test_cells_far_from_their_target_are_reported(settings: Any):
    city(settings, built_up_m2=200_000)
    layout = draw_layout("1")
    left = layout.report["not honoured"]
    assert (left["below"], left["above"]) == (2, 0)
    assert left["communities"][0] == {"code": WEST, "below": 1, "above": 0}


def test_more_cells_than_the_digits_can_count_get_wider_numbers_and_are_reported(settings: Any):
    city(settings, digits=1, built_up_m2=5000)
    layout = draw_layout("1")
    assert layout.report["not honoured"]["wider numbers"] == [{"code": WEST, "cells": 12}, {"code": EAST, "cells": 12}]
    codes = list(Cell.objects.order_by("code").values_list("code", flat=True))
    assert codes[:2] + codes[11:12] == [f"{WEST}01", f"{WEST}02", f"{WEST}12"]
    assert check(layout) == []


def test_open_land_gets_coarser_cells(settings: Any):
    city(settings, other_m2=60_000)
    Area.objects.filter(code=EAST).update(built_up=False)
    report = draw_layout("1").report
    assert [(line["target_m2"], line["cells"]) for line in report["distribution"]] == [(10_000, 6), (60_000, 1)]
    assert report["built up"] == "as stated with the areas: 1 of 2 communities"


def test_a_named_area_gets_the_target_of_its_table(settings: Any):
    city(settings, areas=[{"names": ["第2村"], "target_m2": 30_000}])
    assert [line["target_m2"] for line in draw_layout("1").report["distribution"]] == [10_000, 30_000]


def test_built_up_can_be_decided_by_the_density_of_places(settings: Any):
    city(settings, other_m2=60_000, built_up_per_hectare=0.5)
    for i in range(3):
        place("poi", Point(50 + i, 50), f"店{i}")
    place("crossing", Point(400, 50))  # not a built thing
    found = Targets.loaded()
    assert {area.code: found.built_up(area) for area in Area.objects.all()} == {WEST: True, EAST: False}
    assert draw_layout("1").report["built up"] == "at least 0.5 places on a hectare: 1 of 2 communities"


def test_numbers_go_on_after_those_of_every_layout_and_edit():
    first = draw_layout("1")
    west = Area.objects.get(code=WEST)
    LayoutEdit.objects.create(
        layout=first,
        version=1,
        operation="merge",
        community=west,
        by=User.objects.create_user("g"),
        why="w",
        at=NOW,
        before=[{"code": f"{WEST}090"}],
        after=[],
    )
    codes = draw_layout("2").cells.order_by("code").values_list("code", flat=True)
    assert (codes[0], codes[6]) == (f"{WEST}091", f"{EAST}007")


def test_the_same_ground_is_drawn_the_same_twice():
    place("road", LineString([(130, -10), (140, 210)]))
    assert [cell.wkb for cell in cells(draw_layout("1"))] == [cell.wkb for cell in cells(draw_layout("2"))]


def test_draw_cells_prints_its_report_and_can_put_it_in_force():
    out = StringIO()
    call_command("draw_cells", "--name", "1", "--active-from", "2015-01-01", stdout=out)
    text = out.getvalue()
    assert "target 10,000 m²: 12 cells" in text
    assert "100.0% within ±40 %" in text
    assert "objects split: none" in text
    assert Layout.objects.get().state == "active"


def test_draw_cells_refuses_a_day_in_the_past_where_a_layout_is_in_force():
    call_command("draw_cells", "--name", "1", "--active-from", "2015-01-01", stdout=StringIO())
    with pytest.raises(CommandError, match="不能早于今天"):
        call_command("draw_cells", "--name", "2", "--active-from", "2016-01-01", stdout=StringIO())
    assert Layout.objects.get(name="2").state == "checked"


def told_in_json(name: str) -> dict[str, Any]:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_layout", name, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_the_check_tells_every_defect_with_its_place_in_wgs84(settings: Any):
    layout = draw_layout("1")
    layout.cells.get(code=f"{WEST}001").delete()
    told = told_in_json("1")
    assert (told["counts"], told["failing"], told["warnings"]) == ({"gap": 1}, 1, 0)
    (gap,) = told["defects"]
    x, y = to_city((gap["longitude"], gap["latitude"]), "wgs84")[0]
    assert (x - ORIGIN[0], y - ORIGIN[1]) == pytest.approx((50, 150), abs=5)
    assert gap["where"]["type"] == "Polygon"
    longitudes = [at[0] for at in gap["where"]["coordinates"][0]]
    assert min(longitudes) < gap["longitude"] < max(longitudes)
    assert abs(gap["longitude"] - settings.CITY.centre[0]) < 0.1


def test_a_defect_without_a_place_is_told_too():
    assert on_earth([Defect("invalid", "C1")])[0] == {
        "kind": "invalid",
        "code": "C1",
        "other": "",
        "m2": 0.0,
        "severity": "fail",
        "where": None,
        "longitude": None,
        "latitude": None,
    }


def test_the_check_counts_warnings_and_lists_them_when_asked(settings: Any):
    city(settings, built_up_m2=200_000)
    draw_layout("1")
    short, full = StringIO(), StringIO()
    call_command("check_layout", "1", stdout=short)
    call_command("check_layout", "1", "--warnings", stdout=full)
    assert "warning: 2 area" in short.getvalue()
    assert "no defect" in short.getvalue()
    assert f"area {WEST}001 {WEST} 60000.0 m² at 1" in full.getvalue()
    assert f"area {WEST}001" not in short.getvalue()


def test_a_check_at_the_command_line_is_kept_for_the_page(settings: Any):
    city(settings, built_up_m2=200_000)
    layout = draw_layout("1")
    call_command("check_layout", "1", stdout=StringIO())
    kept = LayoutCheck.objects.get(layout=layout)
    assert (kept.counts, kept.failing, kept.by) == ({"area": 2}, 0, None)


def test_a_part_of_a_layout_can_be_checked_alone(green: Category):
    layout = draw_layout("1")
    component(green, "G1", Point(-50, -50))
    layout.cells.filter(code=f"{EAST}001").delete()
    assert check(layout, [WEST]) == []
    assert [defect.kind for defect in check(layout, [EAST])] == ["gap"]
    assert {defect.kind for defect in check(layout)} == {"gap", "component_none"}


def test_an_edited_border_between_communities_is_found(settings: Any):
    layout = draw_layout("1")
    cell = layout.cells.get(code=f"{EAST}001")
    cell.geom = to_django(to_shapely(cell.geom).difference(translate(box(300, 0, 301, 200), *ORIGIN)))  # type: ignore[assignment]
    cell.save()
    assert {"gap"} <= {defect.kind for defect in check(layout)}
