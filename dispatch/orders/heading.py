"""Finds the line of a table that names its columns: below a title, or over two lines with merged cells. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from dispatch.orders.columns import names_field

SEARCHED: Final = 10  # lines in which heads are looked for

Cells = Sequence[str]


class Heading(NamedTuple):
    """The heads, how many lines stand above them, and how many lines they take themselves."""

    heads: list[str]
    above: int
    lines: int


def find_heading(lines: Sequence[Cells]) -> Heading:
    """The first line that says anything, unless a wider one among the next says plainly that it names the columns.

    A row of data never does: more than half of its cells would have to be words for columns.
    """
    filled = [n for n, line in enumerate(lines[:SEARCHED]) if _width(line)]
    widest = 0
    for n in filled:
        line, below = lines[n], lines[n + 1] if n + 1 < len(lines) else ()
        if _width(line) > widest:
            if _merged(line, below):
                return Heading(_joined(line, below), n, 2)
            if _names(line):
                return Heading(list(line), n, 1)
        widest = max(widest, _width(line))
    return Heading(list(lines[filled[0]]), filled[0], 1) if filled else Heading([], 0, 0)


def _width(line: Cells) -> int:
    return sum(bool(word.strip()) for word in line)


def _names(line: Cells) -> bool:
    known = sum(map(names_field, line))
    return known >= 2 and 2 * known > _width(line)


def _merged(upper: Cells, lower: Cells) -> bool:
    """Whether the lower line divides merged cells of the upper one: all its words are heads, some below a blank."""
    under = [word for n, word in enumerate(lower) if word.strip() and not (n < len(upper) and upper[n].strip())]
    words = [word for word in lower if word.strip()]
    return _width(upper) >= 2 and bool(under) and len(words) >= 2 and all(map(names_field, words))


def _joined(upper: Cells, lower: Cells) -> list[str]:
    """One head a column: 诉求人 over 姓名 and 电话 makes 诉求人 姓名 and 诉求人 电话."""
    heads, group = [], ""
    for n in range(max(len(upper), len(lower))):
        high, low = (line[n].strip() if n < len(line) else "" for line in (upper, lower))
        group = high or group
        heads.append(f"{group} {low}".strip() if low else high)
    return heads
