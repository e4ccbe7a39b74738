"""Reads a file of orders into rows of words: CSV in any usual encoding, JSON, XLSX. Never guesses what a row means."""

import csv
import io
import json
import multiprocessing
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Final

from django.utils.translation import gettext as _

from dispatch.orders.cleaning import storable
from dispatch.orders.heading import SEARCHED, find_heading
from gridmap.layers import limit_reader

MOST_BYTES: Final = 20 * 1024**2
MOST_ROWS: Final = 20_000
REST: Final = "…"  # cells beyond the last head
KINDS: Final = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx")
_DELIMITERS: Final = ",\t;|"
_FORMULA: Final = frozenset("=+-@\t\r")


class OrdersError(Exception):
    """A file that cannot be read at all; the text is a sentence for the person who has chosen it."""


@dataclass(frozen=True)
class Table:
    """Heads in the order of the file, and the rows that say anything, each with its number.

    A number is the row's own in a spreadsheet, where heads count too; in JSON objects are counted. `above` are the
    words over the heads: a title, the day of the export.
    """

    heads: list[str]
    rows: list[tuple[int, dict[str, str]]]
    encoding: str = ""
    above: tuple[tuple[int, str], ...] = ()


def read_table(name: str, data: bytes) -> Table:
    """The rows of a file by its name and bytes; raises OrdersError for one that is no table.

    Rows without any word are no rows. Every other one is there, however odd.
    """
    kind = PurePath(name).suffix.lower()
    if kind == ".xls":
        raise OrdersError(_("旧版 XLS 文件请先在表格软件里另存为 XLSX。"))
    if kind not in KINDS:
        raise OrdersError(_("只能导入 CSV、XLSX 或 JSON 文件。"))
    if len(data) > MOST_BYTES:
        raise OrdersError(_("文件超过 20 MB，请分成几个文件。"))
    table = _table(kind, data)
    if not table.heads or not table.rows:
        raise OrdersError(_("文件里没有数据行：先是一行列名，下面每行一件诉求。"))
    if len(table.rows) > MOST_ROWS:
        raise OrdersError(_("超过 2 万行，请分成几个文件。"))
    return table


def _table(kind: str, data: bytes) -> Table:
    if kind == ".xlsx":
        return _headed(_sheet(data))
    text, encoding = decoded(data)
    if kind in (".json", ".jsonl"):
        heads, lines = _json(text)
        return Table(heads, _rows(heads, lines, 1), encoding)
    return _headed(_separated(text), encoding)


def _headed(lines: Sequence[Sequence[object]], encoding: str = "") -> Table:
    """Lines of a sheet with their heads found."""
    found = find_heading([[storable(_word(cell)) for cell in line] for line in lines[: SEARCHED + 1]])
    heads, first = _named(found.heads), found.above + found.lines
    above = [(n, " | ".join(_row([], line).values())) for n, line in enumerate(lines[: found.above], 1)]
    rows = _rows(heads, lines[first:], first + 1)
    return Table(heads, rows, encoding, tuple((n, words) for n, words in above if words))


def _rows(heads: list[str], lines: Iterable[Iterable[object]], first: int) -> list[tuple[int, dict[str, str]]]:
    return [(number, row) for number, line in enumerate(lines, first) if (row := _row(heads, line))]


def decoded(data: bytes) -> tuple[str, str]:
    """Text and encoding of bytes: what their mark says, UTF-8, GB18030; each with marks for what is lost."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), encoding
    text = data.decode("utf-8-sig", errors="replace")
    lost, whole = text.count("\ufffd"), sum(c > "\x7f" and c != "\ufffd" for c in text)
    # a few broken characters do not make it another encoding: text in GB18030 loses nearly every one when read so
    if 4 * lost <= whole:
        return text, "utf-8-sig"
    return data.decode("gb18030", errors="replace"), "gb18030"


def _separated(text: str) -> list[list[str]]:
    csv.field_size_limit(MOST_BYTES)
    # a title above the heads has no delimiter
    first = next((line for line in text.split("\n", SEARCHED)[:SEARCHED] if any(c in line for c in _DELIMITERS)), ",")
    delimiter = max(_DELIMITERS, key=first.count)
    # every line break that a spreadsheet knows; NUL would end a line in some versions of the reader
    lines = io.StringIO(text.replace("\x00", "\u2400"), newline="")
    return list(csv.reader(lines, delimiter=delimiter))


def _named(heads: Iterable[object]) -> list[str]:
    """Every column has a name of its own: an empty one its number, a second one of the same name a number more."""
    names: list[str] = []
    for number, head in enumerate(heads, 1):
        name = storable(str(head if head is not None else "")).strip()[:100] or f"({number})"
        while name in names:
            name = f"{name} ({number})"
        names.append(name)
    return names


def _row(heads: list[str], cells: Iterable[object]) -> dict[str, str]:
    """The words of a row by head; {} for one without any."""
    words = [storable(_word(cell)) for cell in cells]
    if not any(word.strip() for word in words):
        return {}
    row = dict(zip(heads, words + [""] * (len(heads) - len(words)), strict=False))
    rest = [word for word in words[len(heads) :] if word.strip()]
    if rest:
        row[REST] = " | ".join(rest)
    return row


def _word(cell: object) -> str:
    """A cell as words; a number of a sheet without its ".0", a date with its time."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in _FORMULA:
        return cell[1:]
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False)
    return str(cell)


def shielded(word: str) -> str:
    """A word that a spreadsheet would take for a formula, with a mark before it; reading takes the mark off again."""
    return f"'{word}" if word[:1] in _FORMULA else word


def _json(text: str) -> tuple[list[str], list[list[object]]]:
    """A list of objects, an object with such a list, or one object a line; what is no object keeps its words."""
    found = _loaded(text)
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list) and value]
        found = lists[0] if lists else [found]
    items: list[Any] = found if isinstance(found, list) else [found]
    # features of a map keep their words one level down
    items = [one.get("properties", one) if isinstance(one, dict) else one for one in items]
    heads: dict[str, None] = {}
    for one in items:
        heads.update(dict.fromkeys(one if isinstance(one, dict) else ()))
    keys = list(heads)
    cells = [[one.get(key) for key in keys] if isinstance(one, dict) else [*[None] * len(keys), one] for one in items]
    return _named(keys) if keys else [REST], cells


def _loaded(text: str) -> Any:  # noqa: ANN401 - whatever the file says
    """What a text says as JSON, whole or line by line; the error names the place where it stops being any."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
    except (ValueError, RecursionError) as error:
        raise OrdersError(_("不是有效的 JSON 文件：嵌套太深或数字太长。")) from error
    found = []
    for number, said in enumerate(text.splitlines(), 1):
        try:
            found += [json.loads(said)] if said.strip() else []
        except (ValueError, RecursionError) as error:
            # where even the first line is no value, the whole was meant to be one
            told = {"line": number if found else line, "column": getattr(error, "colno", 1) if found else column}
            raise OrdersError(
                _("不是有效的 JSON 文件，第 %(line)s 行第 %(column)s 个字符起读不下去。") % told
            ) from error
    return found


def _sheet(data: bytes) -> list[list[object]]:
    """The first sheet with anything in it, read in a process of its own with limits: the file comes from outside."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=limit_reader) as reader:
        try:
            return reader.submit(_cells, data).result()
        except BrokenProcessPool as error:
            raise OrdersError(_("文件太大或已损坏，读不出来。")) from error
        except Exception as error:  # whatever a broken file does to its reader, it is a broken file
            raise OrdersError(_("不是有效的 XLSX 文件，请在表格软件里打开，另存为 XLSX 再试。")) from error


def _cells(data: bytes) -> list[list[object]]:
    """Values of all rows of a sheet, as types that travel between processes; runs in the reading one."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet in book.worksheets:
        lines: list[list[object]] = []
        for values in sheet.iter_rows(values_only=True):
            cells = [_plain(value) for value in values]
            while cells and cells[-1] is None:
                cells.pop()
            lines.append(cells)
            if len(lines) > MOST_ROWS + SEARCHED:
                break
        if any(lines):
            return lines
    return []


def _plain(value: object) -> object:
    known = isinstance(value, str | int | float | bool | datetime | date)
    return value if known or value is None else str(value)
