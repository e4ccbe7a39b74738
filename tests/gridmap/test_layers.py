"""Reading of map files and tables, gzipped or not."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio.raw import write
from shapely import Point

from gridmap.layers import LayerError, Row, find, points_of, read_rows, shapes_in_city
from tests.town import ORIGIN

SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 0]]]


def geojson(*features: dict[str, object]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def feature(shape: object, **values: object) -> dict[str, object]:
    return {"type": "Feature", "properties": values, "geometry": shape}


@pytest.mark.parametrize("packed", [False, True])
def test_a_geojson_file_gives_rows_with_values_as_text(tmp_path: Path, packed: bool):
    path = tmp_path / ("a.geojson.gz" if packed else "a.geojson")
    data = geojson(feature({"type": "Polygon", "coordinates": SQUARE}, code=7, name="甲", part=0.5))
    path.write_bytes(gzip.compress(data) if packed else data)
    (row,) = read_rows(path)
    assert (row.number, row.values) == (1, {"code": "7", "name": "甲", "part": "0.5"})
    assert row.shape is not None
    assert row.shape.area == 0.5


def test_a_whole_number_beside_an_empty_place_stays_whole(tmp_path: Path):
    path = tmp_path / "a.geojson"
    point = {"type": "Point", "coordinates": [1, 2]}
    path.write_bytes(geojson(feature(point, code=7), feature(point, code=None)))
    assert [row.values["code"] for row in read_rows(path)] == ["7", ""]


def test_a_feature_without_geometry_is_a_row_without_shape(tmp_path: Path):
    path = tmp_path / "a.geojson"
    path.write_bytes(geojson(feature(None, code="1")))
    assert read_rows(path)[0].shape is None


def test_a_geopackage_is_read_too(tmp_path: Path):
    path = tmp_path / "a.gpkg"
    write(
        path,
        np.array([Point(1, 2).wkb]),
        [np.array(["甲"], dtype=object)],
        ["name"],
        geometry_type="Point",
        crs="EPSG:4326",
    )
    (row,) = read_rows(path)
    assert row.values == {"name": "甲"}
    assert row.shape == Point(1, 2)


def written(path: Path, names: list[str], crs: str = "EPSG:4549", **options: Any) -> Path:
    x, y = (119.9, 32.4) if crs == "EPSG:4326" else (500_000, 3_600_000)
    points = np.array([Point(x + i / 1000, y).wkb for i in range(len(names))])
    field = options.pop("field", "名称")
    write(path, points, [np.array(names, dtype=object)], [field], geometry_type="Point", crs=crs, **options)
    return path


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("silent", [False, True])
def test_a_shapefile_is_read_in_its_encoding_also_where_it_does_not_say_it(tmp_path: Path, encoding: str, silent: bool):
    path = written(tmp_path / "a.shp", ["甲社区西", "镕基"], encoding=encoding)
    if silent:
        path.with_suffix(".cpg").unlink()
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[29] = 0  # the language driver of the table
        path.with_suffix(".dbf").write_bytes(table)
    rows = read_rows(path)
    assert [row.values["名称"] for row in rows] == ["甲社区西", "镕基"]
    assert rows.crs == "EPSG:4549"


def test_an_encoding_that_is_said_is_used(tmp_path: Path):
    path = written(tmp_path / "a.shp", ["臺南"], field="name", encoding="BIG5")
    path.with_suffix(".cpg").unlink()
    assert read_rows(path, encoding="BIG5")[0].values == {"name": "臺南"}
    (tmp_path / "a.csv").write_bytes("名\n甲".encode("gbk"))
    assert read_rows(tmp_path / "a.csv", encoding="gbk")[0].values == {"名": "甲"}


def test_of_several_layers_one_has_to_be_named(tmp_path: Path):
    path = written(tmp_path / "a.gpkg", ["甲"], layer="districts")
    written(path, ["乙", "丙"], layer="villages", append=True)
    with pytest.raises(LayerError, match="districts, villages"):
        read_rows(path)
    with pytest.raises(LayerError, match="no layer 'roads'; it has districts, villages"):
        read_rows(path, layer="roads")
    assert [row.values["名称"] for row in read_rows(path, layer="villages")] == ["乙", "丙"]


@pytest.mark.parametrize(("name", "driver"), [("a.kml", "KML"), ("a.fgb", "FlatGeobuf"), ("a.gml", "GML")])
def test_other_formats_of_map_files_are_read_too(tmp_path: Path, name: str, driver: str):
    degrees = {"crs": "EPSG:4326"} if driver == "KML" else {}
    written(tmp_path / name, ["甲"], field="Name", driver=driver, **degrees)
    (row,) = read_rows(tmp_path / name)
    assert row.values["Name"] == "甲"
    assert isinstance(row.shape, Point)


def test_a_zipped_shapefile_is_read(tmp_path: Path):
    written(tmp_path / "a.shp", ["甲"], encoding="UTF-8")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for part in sorted(tmp_path.glob("a.[!z]*")):
            packed.write(part, part.name)
    assert read_rows(tmp_path / "a.zip")[0].values == {"名称": "甲"}


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_table_with_a_byte_order_mark_is_read(tmp_path: Path, name: str):
    data = '\ufeffname,text\n甲,"two\nlines"\n'.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    (row,) = read_rows(tmp_path / name)
    assert row.values == {"name": "甲", "text": "two\nlines"}


def test_a_row_with_too_many_or_too_few_columns_says_so(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n1,2,3\n1\n")
    assert [row.fault for row in read_rows(tmp_path / "a.csv")] == [
        "",
        "3 columns, expected 2",
        "1 columns, expected 2",
    ]


def test_a_table_in_another_encoding_is_an_error(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("名\n甲".encode("big5"))
    with pytest.raises(LayerError, match="UTF-8"):
        read_rows(tmp_path / "a.csv")


def test_a_broken_map_file_is_an_error_with_its_name(tmp_path: Path):
    (tmp_path / "a.geojson").write_text("{ nothing")
    with pytest.raises(LayerError, match=r"a\.geojson"):
        read_rows(tmp_path / "a.geojson")


def test_a_cut_off_gzip_is_an_error(tmp_path: Path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n" * 1000)[:20])
    with pytest.raises(LayerError):
        read_rows(tmp_path / "a.csv.gz")


def test_a_missing_file_is_an_error():
    with pytest.raises(LayerError, match="no such file"):
        read_rows(Path("/nowhere/a.csv"))


def test_a_file_is_found_gzipped_or_not(tmp_path: Path):
    (tmp_path / "a.csv").touch()
    assert find(tmp_path, "a.csv.gz") == tmp_path / "a.csv"
    with pytest.raises(LayerError, match=r"b\.csv"):
        find(tmp_path, "b.csv")


def test_points_come_from_two_columns_or_not_at_all():
    rows = [Row(1, {"x": "1.5", "y": "2"}), Row(2, {"x": "", "y": "2"}), Row(3, {"x": "nan", "y": "2"})]
    assert [row.shape for row in points_of(rows, "x", "y")] == [Point(1.5, 2), None, None]


def test_shapes_are_moved_into_the_citys_metres():
    (shape,) = shapes_in_city([Row(1, {}, Point(119.9236, 32.4562))], "wgs84")
    assert shape is not None
    assert shape.distance(Point(*ORIGIN)) < 1000


def test_a_shape_that_cannot_lie_there_is_none():
    line = shapely.LineString([(119.9, 32.4), (119.9, 132.4)])
    assert shapes_in_city([Row(1, {}, Point(1, 200)), Row(2, {}, line), Row(3, {})], "wgs84") == [None, None, None]
