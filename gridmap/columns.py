"""Columns of numbers in and out of the database by binary COPY: a million rows without one Python object a row."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from django.db import connection

# PostgreSQL's binary COPY: a signature of 11 bytes, flags, length of the extension; then rows; then -1 as a count
HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
END = b"\xff\xff"
WIDE = 8  # bytes of a bigint and of a double precision: the two kinds that are taken
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]


def numbers_out(query: str, columns: Mapping[str, type]) -> dict[str, Numbers]:
    """Columns of a query as arrays; `columns` names them in order with their Python type, int or float.

    The query must give bigint for int and double precision for float (cast where needed), no NULL, and contain
    nothing that a person typed. Raises ValueError for a row of another form.
    """
    sink = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", sink)
    row = _row([np.dtype(kind) for kind in columns.values()])
    body, fixed = sink.getbuffer()[len(HEAD) : -len(END)], _fixed(row)
    rows = np.frombuffer(body[: len(body) - len(body) % row.itemsize], dtype=row)
    if len(body) % row.itemsize or any((rows[name] != fixed[name]).any() for name in _sizes(row)):
        raise ValueError("the query gives NULL, or another number or kind of columns than was said")
    return {name: rows[f"value{i}"].astype(kind) for i, (name, kind) in enumerate(columns.items())}


def numbers_in(table: str, columns: Sequence[str], arrays: Sequence[Numbers]) -> int:
    """Write columns of numbers to a table (bigint for int64, double precision for float64); how many rows.

    Names must not contain anything that a person typed. Raises ValueError for arrays of different lengths.
    """
    if len({len(array) for array in arrays}) != 1:
        raise ValueError("all columns must have the same number of rows")
    row = _row([array.dtype for array in arrays])
    rows = np.empty(len(arrays[0]), dtype=row)
    rows[:] = _fixed(row)
    for i, array in enumerate(arrays):
        rows[f"value{i}"] = array
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(
            f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)', io.BytesIO(HEAD + rows.tobytes() + END)
        )
    return len(rows)


def _row(kinds: Sequence["np.dtype[np.int64] | np.dtype[np.float64]"]) -> "np.dtype[np.void]":
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for i, kind in enumerate(kinds):
        fields += [(f"size{i}", ">i4"), (f"value{i}", f">{kind.kind}{WIDE}")]
    return np.dtype(fields)


def _sizes(row: "np.dtype[np.void]") -> list[str]:
    return [name for name in row.names or () if not name.startswith("value")]


def _fixed(row: "np.dtype[np.void]") -> np.void:
    """One row with its counts and sizes set and all values zero."""
    one = np.zeros(1, dtype=row)
    for name in _sizes(row):
        one[name] = WIDE
    one["count"] = (len(row.names or ()) - 1) // 2
    found: np.void = one[0]
    return found
