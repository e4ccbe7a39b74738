import re

import pytest

from gridmap.datums import Datum, to_wgs84
from inspectors.maplinks import map_links

PLACE = (119.92, 32.45)


def test_each_app_gets_the_place_in_its_own_datum() -> None:
    links = map_links(*PLACE, "西仓路 12 号")
    assert links.phone.startswith("geo:32.450000,119.920000")
    lon, lat = map(float, re.findall(r"to=([\d.]+),([\d.]+)", links.amap)[0])
    assert abs(lon - PLACE[0]) > 0.003  # some 500 m: WGS84 numbers would lead to the next street but three
    assert to_wgs84((lon, lat), Datum.GCJ02)[0] == pytest.approx(PLACE, abs=2e-6)
    lat, lon = map(float, re.findall(r"location=([\d.]+),([\d.]+)", links.baidu)[0])
    assert to_wgs84((lon, lat), Datum.BD09)[0] == pytest.approx(PLACE, abs=2e-6)


def test_where_nothing_is_shifted_the_numbers_stay() -> None:
    assert "to=120.200000,22.990000," in map_links(120.2, 22.99, "").amap


def test_a_name_cannot_break_out_of_the_address() -> None:
    assert "&mode=walk" not in map_links(*PLACE, "a&mode=walk").amap
