"""Imports of areas and places from any file: formats, code schemes, mending, and datums that cannot be right.

y km
4 ┌────┬────┐      districts 990101 甲区 and 990102 乙区, 4 km × 4 km each
  │ 甲 │ 乙 │
0 └────┴────┘
  0    4    8 x
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command
from pyogrio.raw import write
from shapely import Polygon, box
from shapely.affinity import translate
from shapely.geometry import mapping as as_json
from shapely.geometry.base import BaseGeometry

from config.city import CityFileError, load_city
from gridmap.datums import from_city
from gridmap.loaders.areas import load_areas
from gridmap.loaders.places import load_places
from gridmap.models import Area, Import, Layout, Place
from tests.town import ORIGIN

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
X, Y = ORIGIN
WEST, EAST = box(0, 0, 4000, 4000), box(4000, 0, 8000, 4000)
Found = tuple[BaseGeometry, str, str]
BOTH: list[Found] = [(WEST, "990101", "甲区"), (EAST, "990102", "乙区")]
RNG = np.random.default_rng(5)
SPOTS = np.column_stack((RNG.uniform(X, X + 8000, 400), RNG.uniform(Y, Y + 4000, 400)))


def mapping_of(file: str = "a.geojson", datum: str = "city", **level: str) -> dict[str, Any]:
    levels = [{"level": "district", "file": file, "code": "code", "name": "name", **level}]
    areas = {"datum": datum, "city": {"code": "9901", "name": "方市"}, "levels": levels}
    spots = {"file": "p.csv", "source": "p", "datum": "wgs84", "x": "x", "y": "y", "name": "name", "area": "area"}
    return {"areas": areas, "places": [{**spots, "kind": "poi"}]}


def use(settings: Any, **changes: str) -> None:
    settings.CITY = replace(settings.CITY, mapping=mapping_of(**changes))


def geojson(folder: Path, found: list[Found] = BOTH, datum: str = "city", name: str = "a.geojson") -> None:
    rows = []
    for shape, code, label in found:
        moved = shapely.transform(translate(shape, X, Y), lambda corners: from_city(corners, datum))
        rows.append({"type": "Feature", "properties": {"code": code, "name": label}, "geometry": as_json(moved)})
    (folder / name).write_text(json.dumps({"type": "FeatureCollection", "features": rows}))


def spots(folder: Path, datum: str = "wgs84") -> None:
    rows = ["name,area,x,y"]
    for i, ((x, _), (lon, lat)) in enumerate(zip(SPOTS, from_city(SPOTS, datum), strict=True)):
        rows.append(f"店{i}号店,{'甲区' if x < X + 4000 else '乙区'},{lon:.7f},{lat:.7f}")
    (folder / "p.csv").write_text("\n".join(rows))


def ogr(path: Path, found: list[Found] = BOTH, crs: str = "EPSG:4549", **options: Any) -> None:
    shapes = np.array([translate(shape, X, Y).wkb for shape, _, _ in found])
    columns = [np.array([row[i] for row in found], dtype=object) for i in (1, 2)]
    write(path, shapes, columns, ["code", "name"], geometry_type="Polygon", crs=crs, **options)


def names() -> list[str]:
    return list(Area.objects.level("district").order_by("code").values_list("name", flat=True))


def changes(layer: str = "areas:district") -> list[tuple[str, str]]:
    return [(c["row"], c["reason"]) for c in Import.objects.get(layer=layer).report["changes"]]


@pytest.mark.django_db
def test_areas_come_from_a_shapefile_in_gbk(tmp_path: Path, settings: Any):
    ogr(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").unlink()
    use(settings, file="a.shp")
    load_areas(tmp_path, NOW)
    assert names() == ["甲区", "乙区"]


@pytest.mark.django_db
def test_areas_come_from_the_named_layer_of_a_geopackage(tmp_path: Path, settings: Any):
    ogr(tmp_path / "a.gpkg", layer="2025")
    ogr(tmp_path / "a.gpkg", [(WEST, "990101", "新甲区")], layer="2026", append=True)
    use(settings, file="a.gpkg")
    with pytest.raises(CommandError, match="several layers: 2025, 2026"):
        call_command("import_areas", str(tmp_path))
    use(settings, file="a.gpkg", layer="2026")
    load_areas(tmp_path, NOW)
    assert names() == ["新甲区"]


@pytest.mark.django_db
def test_an_invalid_ring_is_mended_and_told(tmp_path: Path, settings: Any):
    bowtie = Polygon([(0, 0), (4000, 4000), (4000, 0), (0, 4000)])
    geojson(tmp_path, [(bowtie, "990101", "甲区"), (EAST, "990102", "乙区")])
    use(settings)
    load_areas(tmp_path, NOW)
    assert any(code == "990101" and what.startswith("made valid: Self-intersection") for code, what in changes())
    assert Area.objects.get(code="990101").geom.valid


@pytest.mark.django_db
def test_overlaps_and_gaps_are_mended_one_by_one(tmp_path: Path, settings: Any):
    slit = box(3998, 0, 8000, 4000).difference(box(3990, 1000, 4003, 2000))
    geojson(tmp_path, [(WEST, "990101", "甲区"), (slit, "990102", "乙区")])
    use(settings)
    load_areas(tmp_path, NOW)
    told = sorted(what for _, what in changes())
    assert told == ["gained from gaps and overlaps: 3000.0 m²", "lost from overlaps: 6000.0 m²"]


@pytest.mark.django_db
def test_an_area_that_another_one_covers_is_rejected_and_the_others_stay(tmp_path: Path, settings: Any):
    geojson(tmp_path, [*BOTH, (EAST, "990103", "丙区")])
    use(settings)
    (run,) = load_areas(tmp_path, NOW, tmp_path / "rejects")
    assert (run.read, run.kept, run.rejected) == (3, 2, 1)
    assert list(run.reasons) == ["nothing is left of this area, another one covers it"]


@pytest.mark.django_db
def test_codes_that_are_not_of_the_citys_scheme_are_rejected(tmp_path: Path, settings: Any):
    geojson(tmp_path, [*BOTH, (translate(EAST, 9000, 0), "880101", "外区"), (EAST, "99010", "短区")])
    use(settings)
    (run,) = load_areas(tmp_path, NOW, tmp_path / "rejects")
    assert set(run.reasons) == {"the code does not begin with the city's 9901", "the code of a district has 6 digits"}


@pytest.mark.django_db
def test_areas_without_one_above_them_are_told(tmp_path: Path, settings: Any):
    use(settings)
    settings.CITY.mapping["areas"]["levels"].append(
        {"level": "community", "file": "c.geojson", "code": "code", "name": "name"}
    )
    geojson(tmp_path)
    rows: list[Found] = [
        (WEST, "990101001001", "一社区"),
        (EAST, "990102001001", "二社区"),
        (box(0, -900, 900, 0), "990103001001", "三"),
    ]
    geojson(tmp_path, rows, name="c.geojson")
    del settings.CITY.mapping["areas"]["city"]
    community = next(run for run in load_areas(tmp_path, NOW) if run.layer == "areas:community")
    told = ["1 areas have no area above them by their code: 990103001001"]
    assert community.warnings == told
    assert Import.objects.get(layer="areas:community").report["warnings"] == told


@pytest.mark.django_db
def test_areas_that_look_like_gcj02_are_told_by_the_places_that_are_loaded(tmp_path: Path, settings: Any):
    use(settings, datum="wgs84")
    spots(tmp_path)
    load_places(tmp_path, NOW)
    geojson(tmp_path, datum="gcj02")
    out = StringIO()
    call_command("import_areas", str(tmp_path), stdout=out)
    assert "WARNING these coordinates look like GCJ-02" in out.getvalue().replace("GCJ02", "GCJ-02")
    (finding,) = Import.objects.get(layer="areas:district").report["datum"]
    assert finding["suspect"]["datum"] == "gcj02"
    assert finding["suspect"]["agrees"] > 0.99 > 0.96 > finding["fits"][0]["agrees"]


@pytest.mark.django_db
def test_a_strict_import_refuses_them_and_leaves_nothing_behind(tmp_path: Path, settings: Any):
    use(settings, datum="wgs84")
    spots(tmp_path)
    load_places(tmp_path, NOW)
    geojson(tmp_path, datum="gcj02")
    with pytest.raises(CommandError, match="look like GCJ02"):
        call_command("import_areas", str(tmp_path), "--strict")
    assert not Area.objects.exists()
    assert not Import.objects.filter(layer="areas:district").exists()


@pytest.mark.django_db
def test_the_same_areas_loaded_in_another_datum_are_told(tmp_path: Path, settings: Any):
    use(settings, datum="wgs84")
    geojson(tmp_path, datum="wgs84")
    assert load_areas(tmp_path, NOW)[0].warnings == []
    geojson(tmp_path, datum="bd09")
    (run,) = load_areas(tmp_path, NOW)
    assert "look like BD09" in run.warnings[0]


@pytest.mark.django_db
@pytest.mark.parametrize(("datum", "told"), [("wgs84", []), ("gcj02", ["these coordinates look like GCJ02"])])
def test_places_are_judged_by_the_area_that_they_state(tmp_path: Path, settings: Any, datum: str, told: list[str]):
    use(settings)
    geojson(tmp_path)
    load_areas(tmp_path, NOW)
    spots(tmp_path, datum)
    (run,) = load_places(tmp_path, NOW)
    assert [sentence.split(", stated")[0] for sentence in run.warnings] == told
    assert Place.objects.count() == run.kept > 390


@pytest.mark.django_db
def test_right_places_on_wrong_areas_put_the_blame_on_the_areas(tmp_path: Path, settings: Any):
    use(settings, datum="wgs84")
    geojson(tmp_path, datum="gcj02")
    load_areas(tmp_path, NOW)
    spots(tmp_path)
    (run,) = load_places(tmp_path, NOW)
    assert run.warnings[0].startswith("what is loaded already looks like GCJ02")


@pytest.mark.django_db
def test_a_file_that_names_another_projection_than_the_mapping_is_told(tmp_path: Path, settings: Any):
    ogr(tmp_path / "a.gpkg", crs="EPSG:4550")
    use(settings, file="a.gpkg", datum="cgcs2000-gk3:120")
    (run,) = load_areas(tmp_path, NOW)
    assert run.warnings == ["the file says of itself that it is in EPSG:4550, the mapping states cgcs2000-gk3:120"]
    ogr(tmp_path / "a.gpkg", crs="EPSG:4549")
    assert load_areas(tmp_path, NOW)[0].warnings == []


@pytest.mark.django_db
def test_a_list_says_kinds_by_a_column_and_may_keep_what_has_no_name(tmp_path: Path, settings: Any):
    use(settings)
    kinds = {"column": "what", "values": {"street": "road", "house": "building"}}
    given = {"file": "s.geojson", "source": "s", "datum": "city", "name": "name", "kind": kinds, "unnamed": True}
    settings.CITY.mapping["places"] = [given]
    line = {"type": "LineString", "coordinates": [(X, Y), (X + 100, Y)]}
    rows = [("street", "东路"), ("street", None), ("house", None), ("pier", "码头")]
    features = [{"type": "Feature", "properties": {"what": w, "name": n}, "geometry": line} for w, n in rows]
    (tmp_path / "s.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (run,) = load_places(tmp_path, NOW, tmp_path / "rejects")
    assert list(run.reasons) == ["a kind that the mapping leaves out"]
    assert sorted(Place.objects.values_list("kind", "name")) == [("building", ""), ("road", ""), ("road", "东路")]


@pytest.mark.django_db
def test_a_street_in_pieces_becomes_one_place_and_two_far_apart_stay_two(tmp_path: Path, settings: Any):
    use(settings)
    given = {"file": "s.geojson", "source": "s", "datum": "city", "name": "name", "kind": "road", "join": True}
    settings.CITY.mapping["places"] = [given]
    starts = [0, 100, 200, 5000]  # the fourth piece lies 4.7 km from the third
    features = [
        {
            "type": "Feature",
            "properties": {"name": "东路"},
            "geometry": {"type": "LineString", "coordinates": [(X + start, Y), (X + start + 100, Y)]},
        }
        for start in starts
    ]
    (tmp_path / "s.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (run,) = load_places(tmp_path, NOW)
    assert (run.read, run.kept) == (4, 4)
    assert [change["reason"] for change in run.changes] == ["joined from 3 pieces"]
    lengths = [place.geom.length for place in Place.objects.order_by("pk") if place.geom]
    assert lengths == pytest.approx([300, 100])


@pytest.mark.django_db
def test_an_address_may_stand_in_several_columns(tmp_path: Path, settings: Any):
    use(settings)
    given = {"file": "s.csv", "source": "s", "datum": "city", "x": "x", "y": "y", "name": "name", "kind": "building"}
    settings.CITY.mapping["places"] = [given | {"address": "{street}{number}号"}]
    (tmp_path / "s.csv").write_text(f"name,street,number,x,y\n甲楼,东路,5,{X},{Y}\n乙楼,东路,,{X},{Y}\n")
    load_places(tmp_path, NOW)
    assert list(Place.objects.order_by("pk").values_list("address", "number")) == [("东路5号", 5), ("", None)]


@pytest.mark.django_db
def test_the_day_of_the_data_by_the_city_file_is_kept(tmp_path: Path, settings: Any):
    use(settings)
    settings.CITY.mapping["areas"]["as_of"] = date(2019, 6, 30)
    geojson(tmp_path)
    load_areas(tmp_path, NOW)
    assert Import.objects.get().report["as_of"] == "2019-06-30"


@pytest.mark.django_db
def test_a_city_without_communities_is_loaded_without_cells(tmp_path: Path, settings: Any):
    use(settings)
    geojson(tmp_path)
    spots(tmp_path)
    call_command("load_city", str(tmp_path))
    assert (Area.objects.count(), Layout.objects.count()) == (3, 0)


@pytest.mark.django_db
def test_loading_a_city_strictly_stops_at_a_datum_that_cannot_be(tmp_path: Path, settings: Any):
    use(settings)
    geojson(tmp_path)
    spots(tmp_path, "gcj02")
    with pytest.raises(CommandError, match=r"places: p\.csv: these coordinates look like GCJ02"):
        call_command("load_city", str(tmp_path), "--strict")
    assert not Place.objects.exists()


@pytest.mark.parametrize(
    ("digits", "why"),
    [
        ("{ city = 4, district = 4 }", "each level has more"),
        ("{ district = 6, city = 4, community = 5 }", "each level has more"),
        ("{ city = 4, village = 11 }", "names levels of"),
        ("{ community = 20 }", "from 1 to 16"),
        ('{ community = "12" }', "whole numbers"),
    ],
)
def test_a_code_scheme_that_cannot_be_stops_the_start(tmp_path: Path, digits: str, why: str):
    path = tmp_path / "c.toml"
    path.write_text(
        f'name = "市"\nsrid = 4549\nzone = "Asia/Shanghai"\ndatabase = "c"\n[codes]\narea_digits = {digits}\n'
        "cell_digits = 3\n[map]\nlongitude = 120\nlatitude = 32\n"
    )
    with pytest.raises(CityFileError, match=why):
        load_city(str(path))


def test_the_national_scheme_and_those_of_the_example_cities_are_accepted():
    assert load_city("shanghai").area_digits == {"city": 2, "district": 6, "subdistrict": 9, "community": 12}
    assert load_city("demo").area_digits == {"city": 4, "district": 6, "subdistrict": 9, "community": 12}
    assert load_city("tainan").area_digits == {"city": 5, "district": 8, "community": 11}
