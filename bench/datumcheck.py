"""Are district files of Shanghai that every reader calls WGS84 found out to be GCJ-02? Three comparisons.

    GRIDMAP_CITY=shanghai python bench/datumcheck.py --data DIR

Reads files only, no database. DIR holds districts_17, districts_datav_gcj02 (.geojson.gz) and pois.csv.gz.
"""

import argparse
import os
import sys
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    folder = parser.parse_args().data
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    import shapely
    from shapely.geometry.base import BaseGeometry

    from gridmap.datumcheck import Finding, by_district, by_shape
    from gridmap.layers import Rows, points_of, read_rows, shapes_in_city

    def in_city(rows: Rows, datum: str, name: str) -> dict[str, BaseGeometry]:
        shapes = shapes_in_city(rows, datum)
        return {row.values[name]: shapely.make_valid(s) for row, s in zip(rows, shapes, strict=True) if s is not None}

    def told(what: str, found: Finding | None, seconds: float) -> None:
        print(f"\n{what}  ({seconds:.1f} s)")
        for fit in found.fits if found else ():
            agrees = "" if fit.agrees is None else f"{fit.agrees:7.1%}"
            metres = "" if fit.metres is None else f"{fit.metres:7,.0f} m"
            mark = "  <- fits clearly better" if found and fit == found.suspect else ""
            print(f"  {fit.who:6} as {fit.datum:6} {agrees:>8} {metres:>10} {fit.better:6} {fit.worse:6}{mark}")
        print(f"  suspect: {found.suspect.who + ' ' + found.suspect.datum if found and found.suspect else 'none'}")

    datav = read_rows(folder / "districts_datav_gcj02.geojson.gz")
    official = read_rows(folder / "districts_17.geojson.gz")
    places = points_of(read_rows(folder / "pois.csv.gz"), "lon", "lat")
    shapes = {row.values["name"]: row.shape for row in datav if row.shape is not None}
    points = [row.shape for row in places if row.shape is not None]
    stated = [row.values["district"] for row in places if row.shape is not None]
    for datum in ("wgs84", "gcj02"):
        started = perf_counter()
        found = by_shape(shapes, in_city(official, "wgs84", "NAME"), datum)
        told(f"districts_datav stated as {datum}, against districts_17", found, perf_counter() - started)
    for datum in ("wgs84", "gcj02"):
        started = perf_counter()
        found = by_district(points, stated, in_city(datav, datum, "name"), "wgs84")
        told(f"places (WGS84), against districts_datav loaded as {datum}", found, perf_counter() - started)
    started = perf_counter()
    found = by_district(points, stated, in_city(official, "wgs84", "NAME"), "wgs84")
    told("places (WGS84), against districts_17", found, perf_counter() - started)
    return 0


if __name__ == "__main__":
    sys.exit(main())
