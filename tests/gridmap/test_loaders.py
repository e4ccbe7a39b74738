"""A small city from files: what is kept, what is changed on the way, what is rejected and why.

y
100 ┌────┬────┐      city 99, one district 9901,
    │ 甲 │ 乙 │      communities 9901001 甲村 and 9901002 乙村;
  0 └────┴────┘      in the file 乙 overlaps 甲 by 1 m
    0   100  200 x
"""

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from shapely import LineString, MultiPolygon, box
from shapely.affinity import translate
from shapely.geometry import mapping as as_json
from shapely.geometry.base import BaseGeometry

from gridmap.coverage import is_clean
from gridmap.loaders.areas import load_areas
from gridmap.loaders.cells import check, draw_layout
from gridmap.loaders.components import load_components
from gridmap.loaders.places import load_places
from gridmap.models import Area, Category, Cell, Component, Dictionary, Import, Layout, Place
from gridmap.shapes import to_django, to_shapely
from people.models import Agency
from tests.town import ORIGIN, at

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
MAPPING: dict[str, Any] = {
    "areas": {
        "datum": "city",
        "city": {"code": "99", "name": "方市"},
        "built_up": ["甲村"],
        "levels": [
            {"level": "district", "file": "districts.geojson", "code": "code", "name": "name"},
            {"level": "community", "file": "villages.geojson", "code": "code", "name": "name"},
        ],
    },
    "cells": {"built_up_m2": 2500, "other_m2": 5000},
    "places": [
        {"file": "stops.csv", "source": "stops", "datum": "city", "x": "x", "y": "y", "name": "name", "area": "area"}
    ],
    "components": [
        {
            "file": "lines.geojson",
            "source": "lines",
            "datum": "city",
            "source_id": "id",
            "class": "layer",
            "owner": "who",
            "classes": {"7": "90-01"},
            "owners": {"燈": "L"},
        }
    ],
}


def features(path: Path, *found: tuple[BaseGeometry | None, dict[str, object]]) -> None:
    rows = [
        {"type": "Feature", "properties": values, "geometry": shape and as_json(translate(shape, *ORIGIN))}
        for shape, values in found
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))


@pytest.fixture
def folder(tmp_path: Path, settings: Any, db: None) -> Path:
    digits = {"city": 2, "district": 4, "community": 7}
    settings.CITY = replace(settings.CITY, mapping=MAPPING, area_digits=digits, cell_digits=3)
    features(tmp_path / "districts.geojson", (box(0, 0, 205, 100), {"code": "9901", "name": "方區"}))
    features(
        tmp_path / "villages.geojson",
        (box(0, 0, 100, 100), {"code": "9901001", "name": "甲村"}),
        (box(99, 0, 200, 100), {"code": "9901002", "name": "乙村"}),
    )
    return tmp_path


def rejects(folder: Path) -> list[tuple[str, str, str]]:
    """(row, field, reason) of everything that was rejected."""
    found = []
    for path in sorted((folder / "rejects").glob("*.csv")):
        rows = csv.DictReader(path.read_text().splitlines())
        found += [(row["row"], row["field"], row["reason"]) for row in rows]
    return found


def test_areas_become_a_tree_and_a_clean_coverage(folder: Path):
    load_areas(folder, NOW)
    parents = dict(Area.objects.values_list("code", "parent__code"))
    assert parents == {"99": None, "9901": "99", "9901001": "9901", "9901002": "9901"}
    villages = [to_shapely(area.geom) for area in Area.objects.level("community")]
    assert is_clean(villages)
    district = to_shapely(Area.objects.get(code="9901").geom)
    assert district.symmetric_difference(MultiPolygon([translate(box(0, 0, 200, 100), *ORIGIN)])).area < 0.01


def test_every_change_of_an_area_is_reported_with_its_square_metres(folder: Path):
    load_areas(folder, NOW)
    (change,) = Import.objects.get(layer="areas:community").report["changes"]
    assert change["row"] in ("9901001", "9901002")
    assert change["reason"] == "lost from overlaps: 100.0 m²"
    (of_district,) = Import.objects.get(layer="areas:district").report["changes"]
    assert "500.0 m² differ" in of_district["reason"]


def test_only_the_named_areas_are_built_up(folder: Path):
    load_areas(folder, NOW)
    assert [area.name for area in Area.objects.filter(built_up=True)] == ["甲村"]


def test_areas_that_cannot_be_used_are_rejected_with_row_field_and_reason(folder: Path):
    good: tuple[BaseGeometry, dict[str, object]] = box(0, 0, 100, 100), {"code": "9901001", "name": "甲村"}
    features(
        folder / "villages.geojson",
        good,
        (box(100, 0, 200, 100), {"code": "99010", "name": "短"}),
        (box(200, 0, 300, 100), {"code": "9901001", "name": "重"}),
        (box(300, 0, 400, 100), {"code": "9901003", "name": ""}),
        (None, {"code": "9901004", "name": "無"}),
        (LineString([(0, 0), (1, 1)]), {"code": "9901005", "name": "線"}),
    )
    load_areas(folder, NOW, folder / "rejects")
    assert [(row, field) for row, field, _ in rejects(folder)] == [
        *[("2", "code"), ("3", "code"), ("4", "name"), ("5", "geometry"), ("6", "geometry")]
    ]
    done = Import.objects.get(layer="areas:community")
    assert (done.rows_read, done.rows_kept, done.rows_rejected) == (6, 1, 5)


def test_loading_areas_again_changes_nothing(folder: Path):
    load_areas(folder, NOW)
    before = list(Area.objects.values_list("pk", "code", "name"))
    load_areas(folder, NOW)
    assert list(Area.objects.values_list("pk", "code", "name")) == before


def test_places_are_loaded_and_the_others_rejected(folder: Path):
    load_areas(folder, NOW)
    x, y = ORIGIN
    lines = ["name,area,x,y", f"和平路5號,方區,{x + 50},{y + 50}", f",方區,{x},{y}", f"遠方,方區,{x + 9000},{y}"]
    (folder / "stops.csv").write_text("\n".join([*lines, "無點,方區,,", f"三欄,方區,{x}"]))
    (run,) = load_places(folder, NOW, folder / "rejects")
    place = Place.objects.get()
    assert (place.name, place.number, place.kind, place.source) == ("和平路5號", 5, "doorplate", "stops")
    assert (run.read, run.kept, run.rejected) == (5, 1, 4)
    assert [row for row, _, _ in rejects(folder)] == ["2", "3", "4", "5"]


def test_a_list_loaded_again_replaces_only_its_own_places(folder: Path):
    (folder / "stops.csv").write_text(f"name,area,x,y\n和平路5號,方區,{ORIGIN[0]},{ORIGIN[1]}\n")
    load_places(folder, NOW)
    Place.objects.update(source="another")
    load_places(folder, NOW)
    load_places(folder, NOW)
    assert sorted(Place.objects.values_list("source", flat=True)) == ["another", "stops"]


@pytest.fixture
def classes(db: None) -> Agency:
    dictionary = Dictionary.objects.create(kind="urban", edition="方", valid_from=date(2020, 1, 1))
    major = Category.objects.create(dictionary=dictionary, kind="component", code="90", name="管線")
    Category.objects.create(dictionary=dictionary, kind="component", code="90-01", name="路燈管線", major=major)
    return Agency.objects.create(code="L", name="路燈單位")


def test_components_get_class_owner_and_shape(folder: Path, classes: Agency):
    line = LineString([(0, 0), (50, 0)])
    load_areas(folder, NOW)
    features(
        folder / "lines.geojson",
        (line, {"id": "a", "layer": "7", "who": "燈"}),
        (line, {"id": "a", "layer": "7", "who": "燈"}),
        (line, {"id": "b", "layer": "8", "who": "燈"}),
        (line, {"id": "c", "layer": "7", "who": "誰"}),
        (None, {"id": "d", "layer": "7", "who": "燈"}),
    )
    load_components(folder, NOW, folder / "rejects")
    component = Component.objects.published().get()
    assert (component.code, component.source_id) == ("99019001000001", "a")
    assert (component.owning_agency, component.category.code) == (classes, "90-01")
    assert component.geom.length == pytest.approx(50)
    assert [field for _, field, _ in rejects(folder)] == ["id", "layer", "who", "geometry"]


def test_a_mapping_that_names_an_unknown_agency_stops_before_anything_is_read(folder: Path, classes: Agency):
    Agency.objects.all().delete()
    features(folder / "lines.geojson")
    with pytest.raises(KeyError, match="L"):
        load_components(folder, NOW)


def test_a_drawn_layout_has_no_defect(folder: Path):
    load_areas(folder, NOW)
    layout = draw_layout("1")
    assert (layout.state, Cell.objects.count()) == ("draft", 4 + 2)
    assert check(layout) == []
    assert Cell.objects.order_by("code").values_list("code", flat=True)[0] == "9901001001"


def test_streets_of_the_gazetteer_become_edges(folder: Path):
    load_areas(folder, NOW)
    x, y = ORIGIN
    street = to_django(LineString([(x + 30, y - 5), (x + 30, y + 105)]))
    Place.objects.create(kind="road", name="路", point=at(30, 0), geom=street, source="s")
    draw_layout("1")
    east = translate(LineString([(30, 1), (30, 99)]), x, y)
    assert not any(to_shapely(cell.geom).crosses(east) for cell in Cell.objects.all())


def test_a_second_layout_never_uses_a_code_again(folder: Path):
    load_areas(folder, NOW)
    draw_layout("1")
    draw_layout("2")
    assert len(set(Cell.objects.values_list("code", flat=True))) == 12


def test_check_layout_fails_on_a_moved_cell_and_tells_json(folder: Path):
    load_areas(folder, NOW)
    layout = draw_layout("1")
    cell = Cell.objects.order_by("code")[0]
    cell.geom = to_django(translate(to_shapely(cell.geom), -10, 0))  # type: ignore[assignment]
    cell.save()
    out = StringIO()
    with pytest.raises(CommandError, match="gap"):
        call_command("check_layout", layout.name, "--json", stdout=out)
    assert json.loads(out.getvalue())["counts"]["outside"] == 1


def test_draw_cells_refuses_a_name_that_is_taken(folder: Path):
    load_areas(folder, NOW)
    Layout.objects.create(name="1")
    with pytest.raises(CommandError, match="is there already"):
        call_command("draw_cells", "--name", "1")


def test_a_missing_file_is_a_sentence(folder: Path):
    (folder / "villages.geojson").unlink()
    with pytest.raises(CommandError, match=r"villages\.geojson"):
        call_command("import_areas", str(folder))


def test_a_loader_that_loses_a_row_is_noticed(folder: Path):
    from gridmap.imports import running

    with pytest.raises(RuntimeError, match="3 rows read, 1 kept and 1 rejected"), running("x", "f", "city", NOW) as run:
        run.read, run.kept, run.rejected = 3, 1, 1
