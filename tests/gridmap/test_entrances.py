"""Every way in for coordinates names what they are in: calls, commands, forms, and the files of cities."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.management import get_commands, load_command_class

from config.city import CITIES
from gridmap.datums import parse_datum
from tests.test_floors import HOUSE, ROOT

# function → how many positional arguments stand before and with its datum
DOORS = {"to_wgs84": 2, "from_wgs84": 2, "to_city": 2, "from_city": 2, "point_from": 3, "shapes_in_city": 2}
DEGREES = {"lon", "lng", "longitude", "pin_lon", "x"}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for app in HOUSE:
        for path in sorted((ROOT / app).rglob("*.py")):
            if path != ROOT / "gridmap" / "datums.py" and "migrations" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_every_call_through_the_door_says_its_datum():
    silent, seen = [], 0
    for path, tree in sources():
        local = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or called(node) not in DOORS or called(node) in local:
                continue
            seen += 1
            named = any(keyword.arg == "datum" for keyword in node.keywords)
            if not named and len([a for a in node.args if not isinstance(a, ast.Starred)]) < DOORS[called(node)]:
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {called(node)}")
    assert not silent
    assert seen > 10


def test_nobody_turns_coordinates_behind_the_door():
    """Nobody but datums.py knows pyproj."""
    found = set()
    for path, tree in sources():
        for node in ast.walk(tree):
            names = {a.name for a in node.names} if isinstance(node, ast.Import) else set()
            names |= {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
            if any(name.split(".")[0] == "pyproj" for name in names):
                found.add(str(path.relative_to(ROOT)))
    assert not found


@pytest.mark.parametrize("name", sorted(n for n, app in get_commands().items() if app in HOUSE))
def test_every_command_that_takes_coordinates_takes_their_datum(name: str):
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    taken = {action.dest for action in parser._actions}
    if taken & DEGREES:
        assert "datum" in taken


def tables(value: Any) -> Iterator[dict[str, Any]]:
    """Every table of a city's file that names a file of shapes or points."""
    if isinstance(value, dict):
        if "file" in value or "levels" in value:
            yield value
        for inner in value.values():
            yield from tables(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from tables(inner)


@pytest.mark.parametrize("path", sorted(CITIES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_list_of_a_city_file_names_a_known_datum(path: Path):
    mapping = tomllib.loads(path.read_text(encoding="utf-8"))
    above = {id(level): mapping["areas"] for level in mapping.get("areas", {}).get("levels", ())}
    named = list(tables(mapping))
    # the demo city is made by rule, from no file
    assert bool(named) == (path.stem != "demo")
    for table in named:
        parse_datum((above.get(id(table)) or table)["datum"])


def test_every_form_with_a_coordinate_says_in_words_which_datum_it_is_in():
    """A page's coordinates come from its map or its phone: WGS84, and the form's own sentence says so."""
    import desks.forms
    import desks.stepforms
    import inspectors.forms

    assert all(module.__name__ for module in (desks.forms, desks.stepforms, inspectors.forms))
    found = 0
    waiting: list[type[Any]] = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if DEGREES & set(getattr(form, "base_fields", {})) and form.__module__.split(".")[0] in HOUSE:
            found += 1
            told = " ".join(base.__doc__ or "" for base in form.__mro__ if base.__module__ == form.__module__)
            assert "WGS84" in told or "datum" in form.base_fields, form
    assert found >= 2
