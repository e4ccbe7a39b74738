"""Rows in and out of the database by COPY: for loaders, where one INSERT per row would take hours."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any

import shapely
from django.contrib.gis.db.models.fields import BaseSpatialField
from django.contrib.gis.geos import GEOSGeometry
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from shapely.geometry.base import BaseGeometry

CHUNK = 20_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
Adapter = Callable[[Any], str]


def copy_in(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[int]:
    """Write rows of a model; yields how many were written after each chunk, so that a caller can show progress.

    Columns are attribute names (`category_id`); geometries are shapely's or Django's, in the city's SRID; what Django
    would default must be given. Text longer than its column fails, it is not cut: check it before, where the row can
    still be rejected by number. Run it inside a transaction. Raises Django's database errors.
    """
    adapters = [_adapter(_field(model, column)) for column in columns]
    waiting, written = iter(rows), 0
    while chunk := list(islice(waiting, CHUNK)):
        lines = ("\t".join([adapt(value) for adapt, value in zip(adapters, row, strict=True)]) for row in chunk)
        _send(model, columns, lines)
        written += len(chunk)
        yield written


class Lines:
    """Rows of a model, each kept as the line that it will be in a COPY: a tenth of the room of a row in memory."""

    def __init__(self, model: type[models.Model], columns: Sequence[str]) -> None:
        fields = {column: _field(model, column) for column in columns}
        own = [column for column in columns if isinstance(fields[column], _OWN_FORM)]
        plain = [column for column in columns if column not in own]
        self.model, self.columns = model, [*plain, *own]
        self._plain = itemgetter(*plain)
        self._own = [(column, _adapter(fields[column])) for column in own]
        self._lines: list[str] = []

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, row: Mapping[str, Any]) -> str:
        """The line of a row, given as columns by name."""
        cells = [_PLAIN[value.__class__](value) for value in self._plain(row)]
        return "\t".join(cells + [adapt(row[column]) for column, adapt in self._own])

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a row, given as columns by name."""
        self._lines.append(self.line(row))

    @property
    def statement(self) -> str:
        """The COPY that reads such lines."""
        return _statement(self.model, self.columns)

    def send(self) -> None:
        """Write all of them, as `copy_in` writes its rows, and forget them."""
        for first in range(0, len(self._lines), CHUNK):
            _send(self.model, self.columns, self._lines[first : first + CHUNK])
        self._lines = []


def _send(model: type[models.Model], columns: Sequence[str], lines: Iterable[str]) -> None:
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(_statement(model, columns), io.StringIO("\n".join(lines) + "\n"))


def _statement(model: type[models.Model], columns: Sequence[str]) -> str:
    names = ", ".join(f'"{_field(model, column).column}"' for column in columns)
    return f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'


def copy_all(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write all rows at once without showing progress; how many there were."""
    return max(copy_in(model, columns, rows), default=0)


def copy_out(query: str) -> Iterator[list[str | None]]:
    """Rows of a query as text; the query must not contain anything that a person typed."""
    sink = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT", sink)
    for line in sink.getvalue().splitlines():
        yield [None if value == "\\N" else _unescape(value) for value in line.split("\t")]


def new_keys(model: type[models.Model], count: int) -> list[int]:
    """Primary keys that nobody else gets, for rows that point at each other within one load."""
    table, key = model._meta.db_table, model._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, key.column if key else "id", count],
        )
        return [number for (number,) in cursor.fetchall()]


def _field(model: type[models.Model], column: str) -> "models.Field[Any, Any]":
    for field in model._meta.concrete_fields:
        if column in (field.attname, field.name):
            return field
    raise ValueError(f"{model.__name__} has no column {column}")


# what is written by the kind of its column, not by the type of the value
_OWN_FORM = (BaseSpatialField, models.JSONField, ArrayField)


def _adapter(field: "models.Field[Any, Any]") -> Adapter:
    if isinstance(field, BaseSpatialField):
        write: Adapter = partial(_shape, int(field.srid))
    elif isinstance(field, models.JSONField):
        write = _json
    elif isinstance(field, ArrayField):
        write = _array
    else:
        return lambda value: _PLAIN[value.__class__](value)
    return lambda value: "\\N" if value is None else write(value)


def _shape(srid: int, shape: BaseGeometry | GEOSGeometry) -> str:
    if isinstance(shape, GEOSGeometry):
        return str(shape.hexewkb.decode())
    return str(shapely.to_wkb(shapely.set_srid(shape, srid), hex=True, include_srid=True))


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return text.replace("\\u0000", "").translate(_ESCAPES)


def _text(value: object) -> str:
    # NUL cannot be stored in PostgreSQL text
    return str(value).replace("\0", "").translate(_ESCAPES)


class _Plain(dict[type, Adapter]):
    """How a value of a type is written; other types are told apart once."""

    def __missing__(self, kind: type) -> Adapter:
        if issubclass(kind, datetime | date):
            self[kind] = kind.isoformat
        else:
            self[kind] = _text
        return self[kind]


_PLAIN = _Plain({type(None): lambda _none: "\\N", bool: lambda value: "t" if value else "f", int: str, float: str})


def _array(values: Sequence[object]) -> str:
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return ("{" + ",".join(f'"{value}"' for value in quoted) + "}").translate(_ESCAPES)


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return (
        value.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r").replace("\0", "\\")
    )
