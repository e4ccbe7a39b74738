"""What is exported can be taken in again, in every format, with every value."""

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from shapely import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap.components import publish
from gridmap.components.export import FORMATS, suffix, write
from gridmap.loaders.components import load_file, read_file
from gridmap.models import Component, Import
from gridmap.shapes import to_django, to_shapely
from people.models import Agency
from tests.town import NOW, ORIGIN, Town

X, Y = ORIGIN
DAY = date(2026, 11, 18)
SHAPES: dict[str, BaseGeometry] = {
    "2": LineString([(X + 10, Y + 10.123456), (X + 90, Y + 10)]),
    "3": MultiLineString([[(X, Y), (X + 5, Y)], [(X, Y + 5), (X + 5, Y + 5)]]),
    "4": Polygon([(X, Y), (X + 8, Y), (X + 8, Y + 8), (X, Y + 8)], [[(X + 2, Y + 2), (X + 3, Y + 2), (X + 3, Y + 3)]]),
}


@pytest.fixture
def parts(town: Town) -> list[dict[str, Any]]:
    """A point with every value that there is, in awkward words, and three other shapes."""
    gas = Agency.objects.create(code="gas", name="燃气公司")
    Component.objects.filter(pk=town.component.pk).update(
        name='上水,"井"盖 =1+1',
        state="missing",
        competent_agency=gas,
        maintaining_agency=town.office,
        accuracy_grade="B",
        surveyed_on=date(2024, 5, 6),
        changed_on=date(2025, 1, 2),
        source="普查2024",
        source_id="0007",
        note="很长的备注，" * 28 + " 两 端 有 空 格",
    )
    for number, shape in SHAPES.items():
        code = f"{town.component.code[:-1]}{number}"
        Component.objects.create(code=code, category=town.cover, geom=to_django(shape))
    return stored()


def stored() -> list[dict[str, Any]]:
    rows = Component.objects.published().order_by("code").values()
    return [{name: value for name, value in row.items() if name not in ("id", "batch_id")} for row in rows]


@pytest.mark.parametrize("kind", FORMATS)
def test_an_export_taken_into_an_empty_city_gives_the_same_rows(parts: list[dict[str, Any]], tmp_path: Path, kind: str):
    path = tmp_path / f"parts{suffix(kind)}"
    assert write(path, Component.objects.published(), kind, on=DAY) == 4
    Component.objects.all().delete()
    datum = "wgs84" if kind == "geojson" else "city"
    batch, run = load_file(path, at=NOW, datum=datum, rejects=tmp_path)
    assert (run.read, run.kept, run.rejected) == (4, 4, 0)
    publish(batch.components.drafts(), by=None, at=NOW)
    for before, after in zip(parts, stored(), strict=True):
        here, there = to_shapely(before.pop("geom")), to_shapely(after.pop("geom"))
        assert after == before
        assert here.normalize().equals_exact(there.normalize(), 0.001 if kind == "geojson" else 0.0)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_export_says_nothing_new_to_the_city_that_it_came_from(
    parts: list[dict[str, Any]], tmp_path: Path, kind: str
):
    path = tmp_path / f"parts{suffix(kind)}"
    write(path, Component.objects.published(), kind, on=DAY)
    batch, _run = load_file(path, at=NOW, datum="wgs84" if kind == "geojson" else "city", rejects=tmp_path)
    assert (batch.rows_same, batch.rows_new, batch.rows_changed) == (4, 0, 0)
    assert batch.stage == "published"


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09", "cgcs2000"])
def test_coordinates_are_in_the_datum_that_was_asked_for(parts: list[dict[str, Any]], tmp_path: Path, datum: str):
    path = tmp_path / "parts.gpkg"
    write(path, Component.objects.published(), "gpkg", datum, on=DAY)
    batch, _run = load_file(path, at=NOW, datum=datum, rejects=tmp_path)
    assert batch.rows_same == 4


def test_the_cell_in_force_stands_beside_each_component(parts: list[dict[str, Any]], tmp_path: Path, town: Town):
    path = tmp_path / "parts.csv"
    write(path, Component.objects.published(), "csv", on=DAY)
    assert read_file(path)[0].values["BGID"] == town.cells[0].code


def test_a_shapefile_comes_in_one_archive_with_a_layer_for_each_kind_of_shape(
    parts: list[dict[str, Any]], tmp_path: Path
):
    path = tmp_path / "parts.zip"
    write(path, Component.objects.published(), "shp", on=DAY)
    names = {name.rsplit(".", 1)[0] for name in zipfile.ZipFile(path).namelist()}
    assert names == {"components_point", "components_line", "components_area"}


def test_a_shapefile_in_gbk_without_a_word_about_it_is_read(parts: list[dict[str, Any]], tmp_path: Path):
    import numpy as np
    from pyogrio.raw import write as write_ogr
    from shapely import Point

    path = tmp_path / "gbk.shp"
    columns = [np.array(["3299110101000009"], dtype=object), np.array(["上水井盖"], dtype=object)]
    write_ogr(path, np.array([Point(X, Y).wkb], dtype=object), columns, ["ObjID", "ObjName"],
              geometry_type="Point", crs='EPSG:4326', encoding="GBK")  # fmt: skip
    (tmp_path / "gbk.cpg").unlink(missing_ok=True)
    with zipfile.ZipFile(tmp_path / "gbk.zip", "w") as packed:
        for part in tmp_path.glob("gbk.[sd]*"):
            packed.write(part, f"some folder/{part.name}")
    assert read_file(tmp_path / "gbk.zip")[0].values["ObjName"] == "上水井盖"


def test_the_commands_write_and_read_files(parts: list[dict[str, Any]], tmp_path: Path, capsys: Any):
    path = tmp_path / "all.gpkg"
    call_command("export_components", str(path), "--datum", "wgs84")
    Component.objects.all().delete()
    call_command("import_components", "--file", str(path), "--datum", "wgs84", "--rejects", str(tmp_path))
    assert Component.objects.drafts().count() == 4
    assert not Component.objects.published().exists()
    assert Import.objects.get(layer="components").rows_kept == 4
    call_command("import_components", "--file", str(path), "--datum", "wgs84", "--rejects", str(tmp_path), "--publish")
    assert Component.objects.published().count() == 4
    assert "4 published" in capsys.readouterr().out


def test_the_command_takes_columns_by_name(town: Town, tmp_path: Path):
    path = tmp_path / "own.csv"
    path.write_text(f"nr,kind,e,n\nA7,上水井盖,{X + 20},{Y + 20}\n")
    options = ["--column", "source_id=nr", "--column", "class=kind", "--column", "x=e", "--column", "y=n"]
    call_command("import_components", "--file", str(path), "--datum", "city", *options, "--source", "自查", "--publish")
    made = Component.objects.get(source_id="A7")
    assert (made.code, made.source) == ("3299110101000002", "自查")


def test_a_command_without_a_datum_is_refused(town: Town, tmp_path: Path):
    with pytest.raises(CommandError, match="datum"):
        call_command("import_components", "--file", str(tmp_path / "a.csv"))
