"""No line of the five places is left out, and whatever is said to prove one is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.profiles.lines import COUNTS, LINES, Cannot, Line, Open

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def functions_of(file: str) -> frozenset[str]:
    """The test functions of `folder/name`, which is tests/folder/test_name.py; none where there is no such file."""
    folder, _slash, name = file.partition("/")
    path = ROOT / "tests" / folder / f"test_{name}.py"
    if not path.is_file():
        return frozenset()
    found = (node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef))
    return frozenset(name for name in found if name.startswith("test_"))


def fault(line: Line) -> str:
    """What is wrong with how a line is proved, or nothing."""
    if isinstance(line, Cannot):
        return "" if len(line.why) > 20 else "says nothing"
    if isinstance(line, Open):
        return "" if len(line.missing) > 10 else "says nothing"
    gone = [test for test in line if test.partition("::")[2] not in functions_of(test.partition("::")[0])]
    return f"no such test: {', '.join(gone)}" if gone else "" if line else "proved by nothing"


@pytest.mark.parametrize("place", COUNTS)
def test_no_line_is_left_out(place: str) -> None:
    assert list(LINES[place]) == list(range(1, COUNTS[place] + 1))


def test_what_proves_a_line_is_there() -> None:
    faults = {f"{place}.{number}": fault(line) for place, lines in LINES.items() for number, line in lines.items()}
    assert {line: said for line, said in faults.items() if said} == {}


@pytest.mark.parametrize(
    "line", [(), ("profiles/lines::test_nothing",), ("nowhere/at_all::test_x",), Cannot("no"), Open("")]
)
def test_the_check_sees_an_unproved_line(line: Line) -> None:
    assert fault(line)


def test_the_roadmap_names_what_is_open() -> None:
    text = (ROOT / "docs" / "roadmap.md").read_text()
    rows = re.findall(r"^- (P\d): ([\d, ]+)$", text, re.MULTILINE)
    told = {place: {int(number) for number in numbers.split(",")} for place, numbers in rows}
    still = {place: {n for n, line in lines.items() if isinstance(line, Open)} for place, lines in LINES.items()}
    assert told == {place: numbers for place, numbers in still.items() if numbers}
