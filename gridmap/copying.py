"""Rows in and out of the database by COPY: for loaders, where one INSERT per row would take hours."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any

import shapely
from django.contrib.gis.db.models.fields import BaseSpatialField
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from shapely.geometry.base import BaseGeometry

CHUNK = 20_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
Adapter = Callable[[Any], str]


def copy_in(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[int]:
    """Write rows of a model; yields how many were written after each chunk, so that a caller can show progress.

    Columns are attribute names (`category_id`); geometries are shapely shapes in the city's SRID; what Django would
    default must be given. Text longer than its column fails, it is not cut: check it before, where the row can still
    be rejected by number. Run it inside a transaction. Raises Django's database errors.
    """
    fields: list[models.Field[Any, Any]] = [_field(model, column) for column in columns]
    adapters = [_adapter(field) for field in fields]
    names = ", ".join(f'"{field.column}"' for field in fields)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    waiting, written = iter(rows), 0
    with connection.cursor() as cursor:
        while chunk := list(islice(waiting, CHUNK)):
            lines = ("\t".join([adapt(value) for adapt, value in zip(adapters, row, strict=True)]) for row in chunk)
            with connection.wrap_database_errors:
                cursor.copy_expert(statement, io.StringIO("\n".join(lines) + "\n"))
            written += len(chunk)
            yield written


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


def _adapter(field: "models.Field[Any, Any]") -> Adapter:
    write: Adapter = _text
    if isinstance(field, BaseSpatialField):
        write = partial(_shape, int(field.srid))
    elif isinstance(field, models.JSONField):
        write = _json
    elif isinstance(field, ArrayField):
        write = _array
    return lambda value: "\\N" if value is None else write(value)


def _shape(srid: int, shape: BaseGeometry) -> str:
    return str(shapely.to_wkb(shapely.set_srid(shape, srid), hex=True, include_srid=True))


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return text.replace("\\u0000", "").translate(_ESCAPES)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime | date):
        return value.isoformat()
    # NUL cannot be stored in PostgreSQL text
    return str(value).replace("\0", "").translate(_ESCAPES)


def _array(values: Sequence[object]) -> str:
    quoted = (str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return ("{" + ",".join(f'"{value}"' for value in quoted) + "}").translate(_ESCAPES)


def _unescape(value: str) -> str:
    if "\\" not in value:
        return value
    return (
        value.replace("\\\\", "\0").replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r").replace("\0", "\\")
    )
