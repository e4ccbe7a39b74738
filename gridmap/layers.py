"""Reads rows of map files and tables: GeoJSON, GeoPackage, Shapefile and other OGR formats, or CSV; gzipped or not."""

import csv
import gzip
import math
import multiprocessing
import resource
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.datums import to_city

# A map file comes from outside and its reader is C code: it works in a process of its own with these limits.
MOST_MEMORY = 6 * 1024**3  # bytes of address space
MOST_SECONDS = 600  # of computing
MOST_UNPACKED = 4 * 1024**3  # bytes of a file after gunzip
TABLES = (".csv", ".tsv")


class LayerError(Exception):
    """A file that cannot be read at all; the text names file and reason."""


@dataclass(frozen=True)
class Row:
    """One row of a file: its number from 1 (header not counted), values as text, shape in the file's own reference.

    `fault` says what is wrong with the row as a whole (too many columns).
    """

    number: int
    values: dict[str, str]
    shape: BaseGeometry | None = None
    fault: str = ""


class Rows(list[Row]):
    """The rows of a file; `crs` is what a map file itself says of its reference ("EPSG:4549", WKT or "")."""

    crs: str = ""


def find(folder: Path, name: str) -> Path:
    """A file of a folder by the name in the mapping, gzipped or not; raises LayerError when neither is there."""
    options = [folder / name, folder / f"{name}.gz", folder / name.removesuffix(".gz")]
    for path in options:
        if path.is_file():
            return path
    raise LayerError(f"{folder}: neither {name} nor {name.removesuffix('.gz')} is there")


def read_rows(path: Path, layer: str = "", encoding: str = "") -> Rows:
    """All rows of a file, in its order; empty values are "". Raises LayerError when it cannot be read.

    A file with several layers needs the name of one. Tables are UTF-8 unless `encoding` says otherwise; a Shapefile
    that does not say its own is tried as UTF-8, then as GB18030 (which holds GBK and GB2312).
    """
    bare = Path(path.name.removesuffix(".gz"))
    if not path.is_file():
        raise LayerError(f"{path}: no such file")
    if bare.suffix.lower() in TABLES:
        encoding = encoding or "utf-8-sig"
        try:
            return Rows(_table(path, "\t" if bare.suffix.lower() == ".tsv" else ",", encoding))
        except (UnicodeDecodeError, csv.Error, OSError, EOFError) as error:
            raise LayerError(f"{path.name}: not a table in {encoding.removesuffix('-sig').upper()}: {error}") from error
        except LookupError as error:
            raise LayerError(f"{path.name}: {error}") from error
    return _map_file(path, layer, encoding)


def points_of(rows: Sequence[Row], x: str, y: str) -> Rows:
    """The same rows with a point from two of their columns, `x` east or longitude; without one where none is a number.

    Surveyors' lists call the northing X: `x` names the column of the easting, whatever its head says.
    """
    return Rows(
        Row(row.number, row.values, _point(row.values.get(x, ""), row.values.get(y, "")), row.fault) for row in rows
    )


def shapes_in_city(rows: Sequence[Row], datum: str) -> list[BaseGeometry | None]:
    """Shapes in the city's metres, flat; None where there is none or it cannot lie in the stated datum."""
    shapes = shapely.force_2d(np.array([row.shape for row in rows], dtype=object))
    # one call for all corners of all shapes: projecting shape by shape takes minutes
    project = cast(
        Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]],
        lambda corners: to_city(corners, datum, strict=False),
    )
    moved = shapely.transform(shapes, project)
    bounds = shapely.bounds(moved)
    bad = ~np.isfinite(bounds).all(axis=1) | _has_nan(moved)
    return [None if wrong else shape for shape, wrong in zip(moved, bad, strict=True)]


def _has_nan(shapes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    corners, owner = shapely.get_coordinates(shapes, return_index=True)
    wrong = np.zeros(len(shapes), dtype=bool)
    wrong[owner[~np.isfinite(corners).all(axis=1)]] = True
    return wrong


def _point(x: str, y: str) -> BaseGeometry | None:
    try:
        at = float(x), float(y)
    except ValueError:
        return None
    return shapely.Point(at) if all(map(math.isfinite, at)) else None


def _table(path: Path, delimiter: str, encoding: str) -> Iterator[Row]:
    opener: Callable[..., IO[str]] = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding=encoding, newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        header = [name.strip() for name in next(reader, [])]
        for number, values in enumerate(reader, 1):
            fault = "" if len(values) == len(header) else f"{len(values)} columns, expected {len(header)}"
            padded = values + [""] * (len(header) - len(values))
            row = dict(zip(header, padded, strict=False))
            if len(values) > len(header):
                row["…"] = delimiter.join(values[len(header) :])
            yield Row(number, row, None, fault)


def _map_file(path: Path, layer: str, encoding: str) -> Rows:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=limit_reader) as reader:
        try:
            crs, fields, columns, shapes = reader.submit(_read_ogr, str(path), layer, encoding).result()
        except BrokenProcessPool as error:
            raise LayerError(f"{path.name}: the reader was stopped: file too large or broken") from error
        except Exception as error:
            raise LayerError(f"{path.name}: {error}") from error
    geometries: npt.NDArray[Any] = shapely.from_wkb(shapes, on_invalid="ignore")
    rows = Rows(
        Row(number, dict(zip(fields, map(_word, values), strict=True)), shape)
        for number, (shape, *values) in enumerate(zip(geometries, *columns, strict=True), 1)
    )
    rows.crs = crs
    return rows


def limit_reader() -> None:
    """Bind a reading process to its memory and seconds."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))


Table = tuple[str, list[str], list[list[Any]], list[bytes | None]]


def _read_ogr(path: str, layer: str, encoding: str) -> Table:
    """Reference, names, columns and WKB of one layer; runs in the reading process."""
    from pyogrio import list_layers, set_gdal_config_options

    # the first line of a sheet names its columns, and a code of sixteen digits is a word, not a number
    set_gdal_config_options({"OGR_XLSX_HEADERS": "FORCE", "OGR_XLSX_FIELD_TYPES": "STRING"})
    warnings.simplefilter("ignore")  # about numbers of features and missing shapes: nothing that rows depend on
    with tempfile.TemporaryDirectory() as folder:
        source = path
        if path.endswith(".gz"):
            source = str(Path(folder) / Path(path).name.removesuffix(".gz"))
            with gzip.open(path) as packed, Path(source).open("wb") as unpacked:
                _unpack(packed, unpacked)
        elif path.endswith(".zip"):
            source = f"/vsizip/{path}"
        # a style table and the like are no layers of the map
        names = [str(name) for name, kind in list_layers(source) if kind is not None] or [""]
        if layer and layer not in names:
            raise ValueError(f"no layer '{layer}'; it has {', '.join(names)}")
        if not layer and len(names) > 1:
            raise ValueError(f'several layers: {", ".join(names)}; say in the mapping which one, as layer = "…"')
        meta, shapes, columns = _decoded(source, layer or names[0], encoding)
    count = len(columns[0]) if columns else 0 if shapes is None else len(shapes)
    wkb = [None] * count if shapes is None else list(shapes)
    return str(meta["crs"] or ""), [str(name) for name in meta["fields"]], [column.tolist() for column in columns], wkb


def _decoded(source: str, layer: str, encoding: str) -> tuple[dict[str, Any], Any, list[Any]]:
    """Read with the encoding that was said, that the file says, or that fits: a DBF is often silent about it."""
    from pyogrio.raw import read

    chosen = {"layer": layer} if layer else {}
    for attempt in (encoding,) if encoding else ("", "UTF-8", "GB18030"):
        try:
            meta, _, shapes, columns = read(source, encoding=attempt or None, **chosen)
        except UnicodeDecodeError:
            continue
        if attempt or meta["encoding"] != "ISO-8859-1":
            return meta, shapes, columns
    raise ValueError(f"names and words are not in {encoding or 'UTF-8 or GB18030: say encoding = in the mapping'}")


def _unpack(packed: gzip.GzipFile, unpacked: IO[bytes]) -> None:
    """Ends with an error past the limit: a small gzip can unpack to a full disk."""
    left = MOST_UNPACKED
    while block := packed.read(1024 * 1024):
        left -= len(block)
        if left < 0:
            raise ValueError(f"unpacks to more than {MOST_UNPACKED // 1024**3} GB")
        unpacked.write(block)


def _word(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    # a column of whole numbers with empty places comes as floats
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
