"""The geocode and locate commands."""

import csv
import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command

from gridmap.datums import from_wgs84, lonlat
from gridmap.models import Place
from tests.gridmap.test_geocode import rows
from tests.town import at

pytestmark = pytest.mark.django_db


def run(*args, **options):
    out = io.StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def stored(db):
    Place.objects.bulk_create(rows())


def test_a_text_is_answered_with_place_and_reasons(stored):
    found = run("geocode", "西仓路14号")
    assert "西仓路14号" in found
    assert "119." in found


def test_json_has_one_object_for_each_text(stored):
    found = [json.loads(line) for line in run("geocode", "西仓路14号", "没有", json=True).splitlines()]
    assert [answer["level"] for answer in found] == ["doorplate", "none"]
    assert (found[0]["lon"], found[0]["lat"]) == lonlat(at(280, 100))
    assert found[1]["lon"] == ""


def test_a_file_keeps_every_row_and_column_and_overwrites_none(stored, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv.gz"
    source.write_text("id,where,lat,区\n1,西仓路14号,keep,甲区\n2,,,\n3,中山路5号,,乙区\n", encoding="utf-8-sig")
    args = ("--in", str(source), "--out", str(target), "--address-column", "where", "--area-column", "区")
    report = json.loads(run("geocode", *args, "--json"))
    with gzip.open(target, "rt", encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    assert report["rows"] == len(found) == 3
    assert [row["level"] for row in found] == ["doorplate", "none", "doorplate"]
    assert found[0]["lat"] == "keep"
    assert float(found[0]["geocoded_lat"]) == lonlat(at(280, 100))[1]
    assert float(found[2]["lon"]) == lonlat(at(9000, 300))[0]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "give a TEXT"),
        (("--in", "x.csv"), "needs --out"),
        (("--in", "/nowhere/x.csv", "--out", "/nowhere/y.csv"), "No such file"),
    ],
)
def test_wrong_calls_say_what_is_missing(args, words):
    with pytest.raises(CommandError, match=words):
        run("geocode", *args)


def test_a_missing_column_names_those_that_are_there(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("id,where\n1,x\n", encoding="utf-8")
    with pytest.raises(CommandError, match="id, where"):
        run("geocode", "--in", str(source), "--out", str(tmp_path / "out.csv"))


def test_a_coordinate_says_cell_community_and_address(town, stored):
    lon, lat = lonlat(at(50, 50))
    found = json.loads(run("locate", str(lon), str(lat), json=True))
    assert found["cell"] == town.cells[0].code
    assert found["community"] == town.communities[0].name
    assert found["address"]


def test_the_same_spot_in_another_datum_is_the_same_spot(town):
    lon, lat = from_wgs84(lonlat(at(50, 50)), "gcj02")[0]
    found = json.loads(run("locate", str(lon), str(lat), datum="gcj02", json=True))
    assert found["cell"] == town.cells[0].code


def test_an_impossible_coordinate_is_refused():
    with pytest.raises(CommandError, match="cannot be a place"):
        run("locate", "119.9", "95")
