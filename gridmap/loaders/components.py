"""Loads components: surveyed objects and lines, with the agencies that answer for them."""

import shutil
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely
from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Left, Length, Right
from shapely.geometry.base import BaseGeometry

from gridmap.componentcodes import configured
from gridmap.components import publish, record
from gridmap.components.columns import HEADERS, Reading, guess
from gridmap.components.rows import Findings, Known, judge
from gridmap.imports import Run, need, running
from gridmap.layers import LayerError, Row, Rows, find, read_rows, shapes_in_city
from gridmap.loaders.comparing import compare_components, compare_reference
from gridmap.loaders.places import city_outline
from gridmap.models import Area, Category, Component, ComponentBatch
from gridmap.shapes import to_shapely
from people.models import Agency, User

COLUMNS = (
    *("category_id", "name", "state", "competent_agency_id", "owning_agency_id", "maintaining_agency_id"),
    *("accuracy_grade", "surveyed_on", "changed_on", "source", "source_id", "note"),
)
SUFFIXES = (".zip", ".shp", ".gpkg", ".geojson", ".json", ".csv", ".xlsx")
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MOST_ZIPPED = 1024**3  # bytes of an archive after unpacking
CHUNK = 5_000


def load_components(folder: Path, at: datetime, rejects: Path | None = None) -> list[Run]:
    """Load and publish every list of the city's file tables [[components]]; what is there already is updated.

    Classes and agencies must be loaded before. Raises LayerError for an unreadable file, KeyError for a mapping
    that is incomplete or names an unknown class or agency.
    """
    return [_load_list(folder, mapping, at, rejects) for mapping in settings.CITY.mapping.get("components", [])]


def _load_list(folder: Path, mapping: Mapping[str, Any], at: datetime, rejects: Path | None) -> Run:
    reading = reading_of(mapping)
    _refuse_unknown(reading)
    path = find(folder, need(mapping, "file", "components"))
    batch, run = load_file(path, reading, at=at, rejects=rejects, layer=mapping.get("layer", ""))
    publish(batch.components.drafts(), by=None, at=at)
    return run


def reading_of(mapping: Mapping[str, Any]) -> Reading:
    """How the city's file says that a list is to be read; the keys are those of components.columns.HEADERS."""
    columns = {what: mapping[what] for what in HEADERS if what in mapping and what not in ("source", "grade")}
    if not {"code", "source_id"} & columns.keys():
        need(mapping, "code", "components")
    return Reading(
        datum=need(mapping, "datum", "components"),
        columns=columns,
        classes=dict(mapping.get("classes", {})),
        agencies=dict(mapping.get("owners", {})),
        source=need(mapping, "source", "components"),
        grade=mapping.get("grade", ""),
    )


def load_file(
    path: Path,
    reading: Reading | None = None,
    *,
    at: datetime,
    datum: str = "",
    by: User | None = None,
    rejects: Path | None = None,
    layer: str = "",
) -> tuple[ComponentBatch, Run]:
    """Take a file as drafts, with its Import row and rejects file; without a reading its headers are guessed.

    Raises LayerError, DatumError.
    """
    rows = read_file(path, layer)
    reading = reading or guessed(rows, datum)
    with running("components", path.name, reading.datum, at, rejects) as run:
        compare(run, rows, reading)
        found = examine(rows, reading, at=at)
        batch = record(path.name, reading, found, headers_of(rows), by=by, at=at, draft=True)
        by_number = {row.number: row for row in rows}
        for note in found.refused:
            run.reject(by_number[note.row], note.column, note.reason)
        for note in found.changed:
            run.change(note.row, note.column, note.reason)
        if found.made_codes:
            run.report["codes made by rule"] = found.made_codes
        run.read, run.kept = found.read, len(found.accepted) + found.same
        run.report |= {"new": found.new, "updated": len(found.accepted) - found.new, "same": found.same}
    return batch, run


def compare(run: Run, rows: Sequence[Row], reading: Reading) -> None:
    """Note in the books whether the file's coordinates look as if they were in another datum than the stated one."""
    compare_reference(run, rows, reading.datum)
    given = [(_shape(row, reading), reading.value(row.values, "code")) for row in rows]
    there = [(shape, code) for shape, code in given if shape is not None and not shape.is_empty]
    if there:
        compare_components(run, there, reading.datum, configured().district)


def read_file(path: Path, layer: str = "") -> Sequence[Row]:
    """Rows of a file of components; all shapefiles of a .zip one after the other, a table also in GBK.

    Raises LayerError.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if not suffixes or suffixes[-1] not in SUFFIXES:
        raise LayerError(f"{path.name}: none of {', '.join(SUFFIXES)}")
    if suffixes[-1] == ".zip":
        return _zipped(path)
    if suffixes[-1] == ".csv":
        try:
            return read_rows(path)
        except LayerError:
            return read_rows(path, encoding="gb18030")
    return read_rows(path, layer)


def _zipped(path: Path) -> Rows:
    rows = Rows()
    with TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as packed:
                files = [info for info in packed.infolist() if Path(info.filename).suffix.lower() in PARTS]
                if sum(info.file_size for info in files) > MOST_ZIPPED:
                    raise LayerError(f"{path.name}: unpacks to more than {MOST_ZIPPED // 1024**2} MB")
                for info in files:
                    # the bare name: nothing in the archive says where it is written
                    with packed.open(info) as part, (Path(folder) / Path(info.filename).name).open("wb") as unpacked:
                        shutil.copyfileobj(part, unpacked)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
            raise LayerError(f"{path.name}: {error}") from error
        shapefiles = sorted(Path(folder).glob("*.[sS][hH][pP]"))
        if not shapefiles:
            raise LayerError(f"{path.name}: no .shp in it")
        for shapefile in shapefiles:
            found = read_rows(shapefile)
            rows.crs = rows.crs or found.crs
            rows += [Row(len(rows) + n, row.values, row.shape, row.fault) for n, row in enumerate(found, 1)]
    return rows


def headers_of(rows: Sequence[Row]) -> list[str]:
    """The columns of a file in their order, of all its layers."""
    return list(dict.fromkeys(name for row in rows for name in row.values))


def guessed(
    rows: Sequence[Row], datum: str, source: str = "", stated: Mapping[str, str] | None = None, *, must: bool = True
) -> Reading:
    """A reading by the standard's headers; `stated` columns overrule what is guessed, also by none at all ("").

    With `must` raises LayerError where nothing names the components: neither a code nor a number of the source.
    """
    columns = guess(headers_of(rows)) | dict(stated or {})
    columns = {what: column for what, column in columns.items() if column}
    if rows and rows[0].shape is not None:
        # a map file's own shapes count, not what its table says besides
        columns = {what: column for what, column in columns.items() if what not in ("x", "y", "wkt")}
    if must and not {"code", "source_id"} & columns.keys():
        raise LayerError("no column of codes: expected ObjID (标识码), or SourceID (来源编号)")
    return Reading(datum, columns, source=source)


def examine(rows: Sequence[Row], reading: Reading, *, at: datetime, allowed: tuple[str, ...] | None = None) -> Findings:
    """What the file would do now; writes nothing. `allowed` are beginnings of codes that the user may write."""
    return judge(rows, shapes_of(rows, reading), reading, known(rows, reading, at, allowed))


def shapes_of(rows: Sequence[Row], reading: Reading) -> list[BaseGeometry | None]:
    """Shapes in the city's metres: the file's own, else those of its WKT, else points of its columns x and y."""
    return shapes_in_city([Row(row.number, {}, _shape(row, reading)) for row in rows], reading.datum)


def _shape(row: Row, reading: Reading) -> BaseGeometry | None:
    wkt = reading.value(row.values, "wkt")
    if wkt:
        return shapely.from_wkt(wkt, on_invalid="ignore")
    try:
        x, y = (float(reading.value(row.values, axis)) for axis in "xy")
    except ValueError:
        return row.shape
    return shapely.Point(x, y)


def known(rows: Sequence[Row], reading: Reading, at: datetime, allowed: tuple[str, ...] | None) -> Known:
    """Everything that the rows refer to; three queries, and one for each 5,000 rows."""
    scheme = configured()
    published, by_source = _published(rows, reading)
    root = Area.objects.filter(parent=None).order_by("code").values_list("code", flat=True).first() or ""
    ground = {area.code: to_shapely(area.geom) for area in Area.objects.level(Area.Level.DISTRICT)}
    for shape in ground.values():
        shapely.prepare(shape)
    words, editions, by_key = _classes(at)
    numbered = Component.objects.annotate(length=Length("code"), prefix=Left("code", scheme.length - scheme.serial))
    taken = numbered.filter(length=scheme.length).values_list("prefix").annotate(most=Max(Right("code", scheme.serial)))
    return Known(
        scheme=scheme,
        classes=words,
        editions=editions,
        by_key=by_key,
        agencies=_agencies(),
        districts={scheme.district_digits(code): shape for code, shape in ground.items()},
        outline=city_outline(),
        published=published,
        by_source=by_source,
        serials={prefix: int(most) for prefix, most in taken if most.isdecimal()} if reading.makes_codes else {},
        city_code=root[: settings.CITY.area_digits.get("city", 4)],
        allowed=allowed,
    )


def _classes(at: datetime) -> tuple[dict[str, tuple[int, str]], dict[tuple[str, str], tuple[int, str]], dict[int, str]]:
    """Classes by code, digits of the code, and name, those of the newest edition in force first."""
    scheme, day = configured(), at.astimezone(settings.CITY.zone).date()
    every = Category.objects.classes().filter(kind=Category.Kind.COMPONENT).select_related("dictionary")
    in_force = set(every.on(day).values_list("pk", flat=True))
    words: dict[str, tuple[int, str]] = {}
    for row in sorted(every, key=lambda c: (c.pk not in in_force, -c.dictionary.valid_from.toordinal(), c.code)):
        for word in (row.code, scheme.class_digits(row.code), row.name):
            words.setdefault(word, (row.pk, row.code))
    editions = {(row.dictionary.edition, row.code): (row.pk, row.code) for row in every}
    return words, editions, {row.pk: row.code for row in every}


def _agencies() -> dict[str, int]:
    """Agencies by code, and by those names that are only one's."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for key, *names in Agency.objects.values_list("pk", "name", "short_name"):
        for name in {name for name in names if name}:
            twice |= {name} if name in found else set()
            found[name] = key
    by_name = {name: key for name, key in found.items() if name not in twice}
    return by_name | dict(Agency.objects.values_list("code", "pk"))


def _published(rows: Sequence[Row], reading: Reading) -> tuple[dict[str, dict[str, Any]], dict[tuple[str, str], str]]:
    """The published rows that a file speaks of, by code, and their codes by (source, its number)."""
    what = "source_id" if reading.makes_codes else "code"
    wanted = sorted({reading.value(row.values, what) for row in rows} - {""})
    by_code: dict[str, dict[str, Any]] = {}
    for start in range(0, len(wanted), CHUNK):
        some = Component.objects.published().filter(**{f"{what}__in": wanted[start : start + CHUNK]})
        for row in some.values("pk", "code", "geom", *COLUMNS):
            by_code[row["code"]] = {**row, "geom": to_shapely(row["geom"])}
    return by_code, {(row["source"], row["source_id"]): code for code, row in by_code.items() if row["source_id"]}


def _refuse_unknown(reading: Reading) -> None:
    """A mapping that names what the city does not have stops before anything is read."""
    have = Category.objects.classes().filter(kind=Category.Kind.COMPONENT).values_list("code", flat=True)
    _missing("classes", reading.classes.values(), have, "which the dictionary does not have")
    _missing("owners", reading.agencies.values(), Agency.objects.values_list("code", flat=True), "no agency's code")


def _missing(table: str, wanted: Iterable[str], have: Iterable[str], words: str) -> None:
    missing = sorted(set(wanted) - set(have))
    if missing:
        raise KeyError(f"[components] {table} names {', '.join(missing)}, {words}")
