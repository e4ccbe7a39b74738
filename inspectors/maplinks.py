"""Addresses that open a place in somebody's map app, each in the datum that the app expects. Pure."""

from typing import NamedTuple
from urllib.parse import quote

from gridmap.datums import Datum, from_wgs84


class MapLinks(NamedTuple):
    """WGS84 for the phone's own app (RFC 5870), GCJ-02 for AMap, BD-09 for Baidu."""

    phone: str
    amap: str
    baidu: str


def map_links(lon: float, lat: float, name: str) -> MapLinks:
    """Links to a place in WGS84 longitude and latitude; the apps show its name.

    A place where the shift does not apply (Taiwan, abroad) has the same numbers in GCJ-02.
    Sources: AMap URI API (coordinate=gaode), Baidu URI API (coord_type=bd09ll).
    """
    words = quote(name or "目的地", safe="")
    gcj_lon, gcj_lat = from_wgs84((lon, lat), Datum.GCJ02)[0]
    bd_lon, bd_lat = from_wgs84((lon, lat), Datum.BD09)[0]
    return MapLinks(
        f"geo:{lat:.6f},{lon:.6f}?q={lat:.6f},{lon:.6f}",
        f"https://uri.amap.com/navigation?to={gcj_lon:.6f},{gcj_lat:.6f},{words}&mode=ride&coordinate=gaode&callnative=1",
        f"https://api.map.baidu.com/marker?location={bd_lat:.6f},{bd_lon:.6f}&title={words}&content={words}"
        "&coord_type=bd09ll&output=html",
    )
