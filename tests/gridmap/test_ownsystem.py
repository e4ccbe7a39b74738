"""A city with a PROJ string of its own, on a database of its own: made, migrated, written and read back."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from uuid import uuid4

import psycopg2  # type: ignore[import-untyped]
import pytest
from django.conf import settings

PROJ = "+proj=tmerc +lat_0=0 +lon_0=119.9 +k=1 +x_0=40000 +y_0=-3500000 +ellps=GRS80 +units=m +no_defs"
WRITE_AND_READ = """
    from django.db import connection
    from gridmap.datums import lonlat, point_from
    from gridmap.models import CityMark, Place

    Place.objects.create(kind="poi", name="点", source="t", point=point_from(119.91, 32.4562, "wgs84"))
    point = Place.objects.get().point
    lon, lat = lonlat(point)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(point, 4326) g FROM gridmap_place) p")
        sql = cursor.fetchone()
    print("read", point.srid, CityMark.objects.get().srid, round(point.x, 2), lon, lat, *sql)
"""


@pytest.fixture
def city_file(tmp_path: Path) -> Iterator[Path]:
    name = f"gridmap_own_{uuid4().hex[:8]}"
    path = tmp_path / "own.toml"
    path.write_text(
        dedent(f"""
            name = "自测市"
            srid = 990017
            proj = "{PROJ}"
            zone = "Asia/Shanghai"
            database = "{name}"
            [codes]
            area_digits = {{ city = 4, district = 6, subdistrict = 9, community = 12 }}
            cell_digits = 3
            [map]
            longitude = 119.9
            latitude = 32.4562
        """),
        encoding="utf-8",
    )
    known = settings.DATABASES["default"]
    # a database cannot be made inside a transaction, and the test's own connection is in one
    server = psycopg2.connect(
        dbname="postgres", user="gridmap_owner", host=known["HOST"], port=known["PORT"], password=known["PASSWORD"]
    )
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE gridmap_template")
        yield path
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


def manage(city_file: Path, *arguments: str) -> str:
    root = Path(settings.BASE_DIR)
    environment = {**os.environ, "GRIDMAP_CITY": str(city_file)}
    environment.pop("GRIDMAP_DB_ROLE", None)
    done = subprocess.run(
        [sys.executable, str(root / "manage.py"), *arguments],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_a_city_with_a_proj_string_is_migrated_and_gives_back_what_was_put_in(city_file: Path):
    manage(city_file, "migrate")
    told = manage(city_file, "shell", "-c", dedent(WRITE_AND_READ))
    line = next(line for line in told.splitlines() if line.startswith("read"))
    _, srid, mark, x, lon, lat, sql_lon, sql_lat = line.split()
    assert (srid, mark) == ("990017", "990017")
    assert float(x) == pytest.approx(40_940, abs=5)
    assert (float(lon), float(lat)) == pytest.approx((119.91, 32.4562), abs=1e-7)
    assert (float(sql_lon), float(sql_lat)) == pytest.approx((119.91, 32.4562), abs=1e-7)
