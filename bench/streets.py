"""Draws cells where streets and buildings are known, against the same ground cut without looking at them.

The ground is the rectangle around the streets of a file (Lujiazui), and the communities of the demo city. The shares of
streets that became edges, of edges along streets, and the buildings that were split are the result.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import report
import shapely
from shapely import MultiPolygon, Polygon, box

COMMAND = "python bench/streets.py --data DIR --write"
NO_STREETS = {"path", "rail", "ferry"}  # people walk there, or nobody does
NEAR_M = 1.0  # an edge this near to a street is along it
Ground = dict[str, Polygon | MultiPolygon]


def main() -> int:
    """Parse, draw both ways, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with the files of Shanghai")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    report.prepare("demo")
    text = "\n\n".join((compared("Lujiazui", *lujiazui(options.data)), compared("demo city", *demo())))
    print(text)
    if options.write:
        report.write(
            "streets", "Cells along streets", COMMAND, text, "one process, no database; seconds of the processor"
        )
    return 0


def lujiazui(data: Path) -> tuple[Ground, list[Any], list[Any]]:
    """The rectangle of the streets as one community, streets above ground, and buildings; metres."""
    from gridmap.layers import find, read_rows, shapes_in_city

    lines = read_rows(find(data, "lujiazui_roads.geojson.gz"))
    roads = [row for row in lines if row.values["kind"] not in NO_STREETS and row.values["is_tunnel"] in ("", "0")]
    houses = read_rows(find(data, "lujiazui_buildings.geojson.gz"))
    streets = [shape for shape in shapes_in_city(roads, "wgs84") if shape is not None]
    buildings = [shapely.make_valid(shape) for shape in shapes_in_city(houses, "wgs84") if shape is not None]
    return {"L": box(*shapely.total_bounds(streets))}, streets, buildings


def demo() -> tuple[Ground, list[Any], list[Any]]:
    """Communities, streets with lanes, and houses with compounds of the demo city."""
    from fixtures.demo.town import build
    from gridmap.loaders.obstacles import COMPOUNDS, STREETS

    town = build()
    ground: Ground = {area.code: area.shape for area in town.areas if area.level == "community"}
    shapes = [(place.kind, place.geom) for place in town.places if place.geom is not None]
    streets = [shape for kind, shape in shapes if kind in STREETS]
    return ground, streets, [shape for kind, shape in shapes if kind in COMPOUNDS and shape.area > 0]


def compared(name: str, ground: Ground, streets: list[Any], buildings: list[Any]) -> str:
    """The lines of one ground: straight cuts beside the product's drawing."""
    from gridmap.cells import draw, knit_all

    plain = knit_all([draw(shape) for shape in ground.values()])
    started = time.process_time()
    cells = knit_all([draw(shape, streets=streets, compounds=buildings) for shape in ground.values()])
    seconds = time.process_time() - started
    before, after = figures(ground, plain, streets, buildings), figures(ground, cells, streets, buildings)
    head = f"{f'{name}: {len(streets):,} streets, {len(buildings):,} buildings':48} {'straight cuts':>14} {'drawn':>10}"
    lines = [head, *(f"{key:48} {before[key]:>14} {after[key]:>10}" for key in after)]
    return "\n".join([*lines, f"{'seconds':48} {'':>14} {seconds:10.1f}"])


def figures(ground: Ground, drawn: list[list[Polygon]], streets: list[Any], buildings: list[Any]) -> dict[str, str]:
    """What a drawing is judged by, as text."""
    from gridmap.cells import BUILT_UP_M2, describe, splits

    cells = [cell for found in drawn for cell in found]
    owners = [code for code, found in zip(ground, drawn, strict=True) for _ in found]
    split = splits(buildings, cells, owners, dict.fromkeys(ground, BUILT_UP_M2))
    outline = shapely.union_all([shape.boundary for shape in ground.values()]).buffer(NEAR_M)
    edges = shapely.union_all([cell.boundary for cell in cells]).difference(outline)
    lines = shapely.union_all(streets).intersection(shapely.union_all(list(ground.values()))).difference(outline)
    along = edges.intersection(lines.buffer(NEAR_M)).length / edges.length
    kept = lines.intersection(edges.buffer(NEAR_M)).length / lines.length
    return {
        "cells": f"{len(cells):,}",
        "within ±40 % of 10,000 m²": f"{describe(cells, BUILT_UP_M2)['share_near_target']:.1%}",
        "length of streets that are edges": f"{kept:.1%}",
        "length of edges along streets": f"{along:.1%}",
        "buildings split": f"{len(split):,}",
        "  of them larger than a cell may be": f"{sum(one.why == 'large' for one in split):,}",
        "  of them over the edge of communities": f"{sum(one.why == 'border' for one in split):,}",
    }


if __name__ == "__main__":
    sys.exit(main())
