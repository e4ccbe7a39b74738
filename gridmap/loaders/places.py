"""Loads the gazetteer from lists of stops, compounds, lanes and points of interest."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from gridmap.copying import copy_all
from gridmap.imports import Run, as_of, need, running
from gridmap.layers import Row, find, points_of, read_rows, shapes_in_city
from gridmap.loaders.comparing import compare_places, compare_reference
from gridmap.loaders.doubles import settle_doubles
from gridmap.loaders.joining import groups, joined_lines
from gridmap.models import Area, Place
from gridmap.placekeys import length_of, place_row, settle_roads
from gridmap.shapes import point_of, to_django, to_shapely

LEFT_OUT = "left out"
OUTSIDE_M = 2_000.0  # a place may lie this far outside the city's border
COLUMNS = (
    *("kind", "name", "keys", "bigrams", "aliases", "former_names", "address", "area_key", "road_key", "parent_key"),
    *("branch", "number", "sub_number", "point", "geom", "length_m", "accuracy_m", "source_rank", "source"),
    *("valid_from", "valid_to"),
)
DAYS = ("former_until", "valid_from", "valid_to")
_BETWEEN = re.compile(r"[;；、|]")
Given = tuple[BaseGeometry, Place]  # a shape in the file's own numbers, and the place that it becomes


def load_places(folder: Path, at: datetime, rejects: Path | None = None) -> list[Run]:
    """Load every list of the city's file tables [[places]]; a list loaded again replaces its own rows.

    What several lists tell is one place: the row of the best list answers, the others name it in `same_as`. Columns
    of a mapping: name, address, area, aliases, former, former_until, valid_from, valid_to; several names in one field
    stand between ; 、 or |. Raises LayerError for an unreadable file, KeyError for an incomplete mapping.
    """
    outline = city_outline()
    return [_load_list(folder, mapping, outline, at, rejects) for mapping in settings.CITY.mapping.get("places", [])]


def city_outline() -> BaseGeometry | None:
    """The ground of the city: what its highest areas cover; None while no area is loaded."""
    top = [to_shapely(area.geom) for area in Area.objects.filter(parent=None)]
    if not top:
        return None
    outline = shapely.union_all(top)
    shapely.prepare(outline)  # asked once per row
    return outline


def _load_list(
    folder: Path, mapping: Mapping[str, Any], outline: BaseGeometry | None, at: datetime, rejects: Path | None
) -> Run:
    path = find(folder, need(mapping, "file", "places"))
    datum, source = need(mapping, "datum", "places"), need(mapping, "source", "places")
    with running("places", path.name, datum, at, rejects) as run, transaction.atomic():
        rows = read_rows(path, mapping.get("layer", ""), mapping.get("encoding", ""))
        run.read = len(rows)
        if "x" in mapping:
            rows = points_of(rows, mapping["x"], need(mapping, "y", "places"))
        compare_reference(run, rows, datum)
        given: list[Given] = []
        for row, shape in zip(rows, shapes_in_city(rows, datum), strict=True):
            place = _accepted(run, row, shape, mapping, outline)
            if place is not None and row.shape is not None:
                given.append((row.shape, place))
        compare_places(run, given, datum)
        run.kept = len(given)
        places = [place for _, place in given]
        if mapping.get("join", False):
            places = _joined(run, places)
        run.report |= {"list": source} | as_of(mapping)
        run.report["roads settled"] = settle_roads(places)
        Place.objects.filter(source=source).delete()
        copy_all(Place, COLUMNS, (_values(place) for place in places))
        for name, other in settle_doubles(source):
            run.change(name, "place", f"told by {other} too")
    return run


def _joined(run: Run, places: list[Place]) -> list[Place]:
    """One place for each street that the list gives in pieces; the report says of how many pieces."""
    shapes = [to_shapely(place.geom or place.point) for place in places]
    found = []
    for members in groups([(place.kind, place.name) if place.name else "" for place in places], shapes):
        first = places[members[0]]
        if len(members) > 1:
            whole = joined_lines([shapes[i] for i in members])
            first.geom, first.point = to_django(whole), point_of(whole)
            first.length_m = length_of(first.geom, first.point)
            run.change(first.name, "geometry", f"joined from {len(members)} pieces")
        found.append(first)
    return found


def _accepted(
    run: Run, row: Row, shape: BaseGeometry | None, mapping: Mapping[str, Any], outline: BaseGeometry | None
) -> Place | None:
    name, address = _text(row, mapping, "name"), _text(row, mapping, "address")
    kind = _kind(row, mapping)
    if row.fault:
        run.reject(row, "", row.fault)
    elif kind == LEFT_OUT:
        run.reject(row, mapping["kind"]["column"], "a kind that the mapping leaves out")
    elif not name and not mapping.get("unnamed", False):
        run.reject(row, mapping["name"], "no name")
    elif len(name) > 100 or len(address) > 200:
        run.reject(row, mapping["name"], "name over 100 or address over 200 characters")
    elif shape is None or shape.is_empty:
        run.reject(row, "geometry", f"no coordinates, or outside of what {mapping['datum']} can mean here")
    elif outline is not None and not shapely.dwithin(outline, shape, OUTSIDE_M):
        run.reject(row, "geometry", "more than 2 km outside the city")
    elif not name:
        return _unnamed(kind, shape, mapping)
    elif (days := _days(run, row, mapping)) is not None:
        return place_row(
            kind,
            name,
            point_of(shape),
            source=mapping["source"],
            address=address,
            area=_text(row, mapping, "area"),
            aliases=_names(row, mapping, "aliases"),
            former_names=dict.fromkeys(_names(row, mapping, "former"), days["former_until"]),
            valid_from=date.fromisoformat(days["valid_from"]) if days["valid_from"] else None,
            valid_to=date.fromisoformat(days["valid_to"]) if days["valid_to"] else None,
            geom=None if isinstance(shape, shapely.Point) else to_django(shape),
            accuracy_m=float(mapping.get("accuracy_m", 10)),
            source_rank=int(mapping.get("rank", 2)),
        )
    return None


def _days(run: Run, row: Row, mapping: Mapping[str, Any]) -> dict[str, str] | None:
    """The days of a row as "2019-05-01", or empty; None for a row that is rejected for one."""
    found: dict[str, str] = {}
    for column in DAYS:
        told = _text(row, mapping, column).replace("/", "-").split(" ")[0].split("T")[0]
        try:
            found[column] = date(*map(int, told.split("-"))).isoformat() if told else ""
        except (ValueError, TypeError):
            run.reject(row, mapping[column], "not a day: expected 2019-05-01")
            return None
    return found


def _names(row: Row, mapping: Mapping[str, Any], wanted: str) -> list[str]:
    """Names in one field, as long as a name may be."""
    names = (name.strip()[:100] for name in _BETWEEN.split(_text(row, mapping, wanted)))
    return list(dict.fromkeys(filter(None, names)))


def _kind(row: Row, mapping: Mapping[str, Any]) -> str | None:
    """What a row is: the list's one kind, what its column says by the mapping's table, or None to be found out."""
    kind = mapping.get("kind")
    if not isinstance(kind, Mapping):
        return kind
    value = row.values.get(kind["column"], "").strip()
    return str(kind.get("values", {}).get(value, LEFT_OUT))


def _unnamed(kind: str | None, shape: BaseGeometry, mapping: Mapping[str, Any]) -> Place:
    """A building or street without a name: drawn and followed by cells, found by no search."""
    return Place(
        kind=kind or Place.Kind.POI,
        name="",
        point=point_of(shape),
        geom=None if isinstance(shape, shapely.Point) else to_django(shape),
        accuracy_m=float(mapping.get("accuracy_m", 10)),
        source_rank=int(mapping.get("rank", 2)),
        source=mapping["source"],
    )


def _text(row: Row, mapping: Mapping[str, Any], wanted: str) -> str:
    """A column's words, or several as "{street}{number}号", none where one of them is empty.

    `cut` is a pattern of what lists write around names and addresses, such as [717].
    """
    column = mapping.get(wanted)
    if column and "{" in column:
        parts = [row.values.get(name, "").strip() for name in re.findall(r"{([^{}]+)}", column)]
        value = column.format_map(row.values).strip() if all(parts) else ""
    else:
        value = row.values.get(column, "").strip() if column else ""
    return re.sub(mapping["cut"], "", value).strip() if "cut" in mapping else value


def _values(place: Place) -> list[object]:
    shapes = {name: getattr(place, name) for name in ("point", "geom")}
    found = {name: None if shape is None else to_shapely(shape) for name, shape in shapes.items()}
    return [found[name] if name in found else getattr(place, name) for name in COLUMNS]
