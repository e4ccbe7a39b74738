"""Writes components to files that can be read in again without loss: SHP, GPKG, GeoJSON, CSV, XLSX."""

import csv
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import shapely
import xlsxwriter
from django.conf import settings
from django.db.models import Q
from shapely.geometry.base import BaseGeometry

from gridmap.components.columns import HEADERS, state_word
from gridmap.datums import Datum, from_city, parse_datum
from gridmap.loaders.layouts import index_of
from gridmap.matching import OUTSIDE
from gridmap.models import Cell, Component, ComponentQuerySet, Layout
from gridmap.shapes import point_of, to_shapely

FORMATS: Final = ("shp", "gpkg", "geojson", "csv", "xlsx")
# what stands in a file of attributes, in the order of the standard's record
WRITTEN: Final = (
    *("code", "name", "class", "edition", "competent", "competent_name", "owner", "owner_name", "maintainer"),
    *("maintainer_name", "cell", "state", "grade", "surveyed_on", "changed_on", "source", "source_id", "note"),
)
NAMES: Final = [HEADERS[what][0] for what in WRITTEN]
DBF_BYTES: Final = 254  # the most that a shapefile keeps of a value
KINDS: Final = {"point": ("Point", "MultiPoint"), "line": ("LineString", "MultiLineString")}
AREAS: Final = ("Polygon", "MultiPolygon")
Line = tuple[list[str], BaseGeometry]


def suffix(kind: str) -> str:
    """How the name of a file of a format ends."""
    return ".zip" if kind == "shp" else f".{kind}"


def write(path: Path, components: ComponentQuerySet, kind: str, datum: str = "", *, on: date) -> int:
    """Write components to a file of one of FORMATS; how many. `datum` is that of its coordinates, `on` that of cells.

    GeoJSON is always WGS84 (RFC 7946); the others are in the city's metres unless a datum is named. A shapefile comes
    as a .zip, points, lines and areas apart. Raises ValueError for another format, DatumError for an unknown datum.
    """
    datum = Datum.WGS84 if kind == "geojson" else parse_datum(datum or Datum.CITY)
    lines = list(_lines(components, datum, on))
    writers: dict[str, Callable[[Path, Sequence[Line], str], None]] = {
        "shp": _shp,
        "gpkg": _gpkg,
        "geojson": _geojson,
        "csv": _csv,
        "xlsx": _xlsx,
    }
    if kind not in writers:
        raise ValueError(f"no format '{kind}': one of {', '.join(FORMATS)}")
    writers[kind](path, lines, datum)
    return len(lines)


def _lines(components: ComponentQuerySet, datum: str, on: date) -> Iterator[Line]:
    rows = list(
        components.select_related(
            "category__dictionary", "competent_agency", "owning_agency", "maintaining_agency"
        ).order_by("code")
    )
    shapes = [to_shapely(row.geom) for row in rows]
    cells = _cells(shapes, on)
    moved = shapely.transform(np.array(shapes, dtype=object), lambda corners: from_city(corners, datum))
    for row, shape, cell in zip(rows, moved, cells, strict=True):
        yield _values(row, cell), shape


def _cells(shapes: Sequence[BaseGeometry], on: date) -> list[str]:
    """The cell of each shape in the layout in force on a day; empty where there is none."""
    layouts = Layout.objects.filter(state__in=[Layout.State.ACTIVE, Layout.State.RETIRED], active_from__lte=on)
    layout = layouts.filter(Q(active_to=None) | Q(active_to__gte=on)).first()
    if layout is None or not shapes:
        return [""] * len(shapes)
    index, keys, _communities = index_of(layout)
    codes = dict(Cell.objects.filter(layout=layout).values_list("pk", "code"))
    points = [point_of(shape) for shape in shapes]
    found = index.match(np.array([(point.x, point.y) for point in points], dtype=float))
    return ["" if cell == OUTSIDE else codes[keys[cell]] for cell in found]


def _values(row: Component, cell: str) -> list[str]:
    agencies: list[str] = []
    for agency in (row.competent_agency, row.owning_agency, row.maintaining_agency):
        agencies += [agency.code, agency.name] if agency else ["", ""]
    return [
        *(row.code, row.name, row.category.code, row.category.dictionary.edition),
        *agencies,
        *(cell, state_word(row.state), row.accuracy_grade),
        *(day.isoformat() if day else "" for day in (row.surveyed_on, row.changed_on)),
        *(row.source, row.source_id, row.note),
    ]


def _shp(path: Path, lines: Sequence[Line], datum: str) -> None:
    with TemporaryDirectory() as folder, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in ("point", "line", "area"):
            some = [line for line in lines if line[1].geom_type in KINDS.get(name, AREAS)]
            if some or (name == "point" and not lines):
                _ogr(Path(folder) / f"components_{name}.shp", some, datum, "ESRI Shapefile", _kind_of(some))
        for part in sorted(Path(folder).iterdir()):
            packed.write(part, part.name)


def _kind_of(lines: Sequence[Line]) -> str:
    """The one type that a shapefile needs to name; several parts where any has several."""
    kinds = {shape.geom_type for _values, shape in lines} or {"Point"}
    return kinds.pop() if len(kinds) == 1 else next(kind for kind in kinds if kind.startswith("Multi"))


def _gpkg(path: Path, lines: Sequence[Line], datum: str) -> None:
    _ogr(path, lines, datum, "GPKG", "Unknown", layer="components")


def _geojson(path: Path, lines: Sequence[Line], datum: str) -> None:
    # nine decimals of a degree are a tenth of a millimetre
    _ogr(path, lines, datum, "GeoJSON", "Unknown", RFC7946="YES", COORDINATE_PRECISION="9")


def _ogr(
    path: Path, lines: Sequence[Line], datum: str, driver: str, kind: str, layer: str = "", **options: str
) -> None:
    from pyogrio.raw import write as write_ogr

    names, table = NAMES, [values for values, _shape in lines]
    if driver == "ESRI Shapefile":
        names, table = _split_notes(names, table)
    columns = [np.array([values[i] for values in table], dtype=object) for i in range(len(names))]
    with warnings.catch_warnings():
        # a shifted datum has no reference that a file could state: that is said by the file's name
        warnings.simplefilter("ignore")
        write_ogr(
            path,
            np.array([shape.wkb for _values, shape in lines], dtype=object),
            columns,
            names,
            layer=layer or None,
            driver=driver,
            geometry_type=kind,
            crs=_crs(datum),
            encoding="UTF-8",
            layer_options=options or None,
        )


def _split_notes(names: Sequence[str], table: Sequence[list[str]]) -> tuple[list[str], list[list[str]]]:
    """A note that is longer than a shapefile's value goes on in further columns."""
    pieces = [_pieces(values[-1]) for values in table]
    most = max((len(parts) for parts in pieces), default=1)
    wide = [values[:-1] + parts + [""] * (most - len(parts)) for values, parts in zip(table, pieces, strict=True)]
    return [*names, *(f"Note_{number}" for number in range(2, most + 1))], wide


def _pieces(text: str) -> list[str]:
    """Pieces that fit, none with a blank at its end: a shapefile fills values up with blanks."""
    found, rest = [], text
    while len(rest.encode()) > DBF_BYTES:
        piece = rest.encode()[:DBF_BYTES].decode(errors="ignore").rstrip()
        # a blank at the beginning of the next piece would be lost too
        while len(piece) > 1 and rest[len(piece)].isspace():
            piece = piece[:-1].rstrip()
        found.append(piece)
        rest = rest[len(piece) :]
    return [*found, rest]


def _crs(datum: str) -> str | None:
    """The reference that the file states; none for the shifted datums, which no register knows."""
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return "EPSG:4326" if datum == Datum.WGS84 else "EPSG:4490"
    if datum == Datum.CITY:
        return settings.CITY.proj or f"EPSG:{settings.CITY.srid}"
    return datum if datum.startswith("EPSG:") else None


def _places(shape: BaseGeometry) -> list[str]:
    """x, y of a point, to the last digit; the words of any other shape."""
    if isinstance(shape, shapely.Point):
        return [repr(float(shape.x)), repr(float(shape.y)), ""]
    return ["", "", shapely.to_wkt(shape, rounding_precision=-1)]


def _csv(path: Path, lines: Sequence[Line], datum: str) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow([*NAMES, "X", "Y", "WKT"])
        writer.writerows([*values, *_places(shape)] for values, shape in lines)


def _xlsx(path: Path, lines: Sequence[Line], datum: str) -> None:
    """All cells as text: a code of sixteen digits is no number, and a name that begins with = is no formula."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("部件")
    bold = book.add_format({"bold": True})
    for column, name in enumerate([*NAMES, "X", "Y", "WKT"]):
        sheet.write_string(0, column, name, bold)
    for number, (values, shape) in enumerate(lines, 1):
        for column, value in enumerate([*values, *_places(shape)]):
            if len(value) > 32_767:
                book.close()
                raise ValueError(f"row {number}: a shape too long for a cell of XLSX; choose GPKG")
            if value:
                sheet.write_string(number, column, value)
    sheet.set_column(0, 0, 20)
    sheet.freeze_panes(1, 1)
    book.close()
