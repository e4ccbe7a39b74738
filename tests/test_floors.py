"""A lower floor never knows a higher one: imports, foreign keys, model lookups by string, reverse names, templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from people.permissions import ALLOWED

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ["people", "gridmap", "dispatch", "inspectors", "scorecards", "desks", "exchange"]
HOUSE = [floor for floor in FLOORS if (ROOT / floor).is_dir()]
OUTSIDE = {"config", "fixtures", "tests", "bin", "bench"}
MODULE_LINES = 400
MANAGER = {"all", "filter", "exclude", "get", "exists", "count", "values", "values_list", "order_by", "first", "last"}


def modules(floor: str) -> Iterator[Path]:
    return (ROOT / floor).rglob("*.py")


def higher(floor: str) -> set[str]:
    return set(FLOORS[FLOORS.index(floor) + 1 :]) | OUTSIDE


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def breaches(floor: str, source: str, name: str = "module") -> list[str]:
    """Where a module of a floor imports a higher one, or names one of its models in a string."""
    tree = ast.parse(source)
    above = higher(floor)
    found = [f"{name}:{line} imports {what}" for line, what in imports(tree) if what.split(".")[0] in above]
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            head = re.match(r"^([a-z]+)\.[A-Z]\w+$|^([a-z]+)(?:\.\w+)+$", node.value)
            label = (head.group(1) or head.group(2)) if head else ""
            # permissions are words of the one table, "scorecards.export", not paths
            if label in above - OUTSIDE and node.value not in ALLOWED:
                found.append(f"{name}:{node.lineno} names {node.value!r}")
    return found


@pytest.mark.parametrize("floor", HOUSE)
def test_no_module_imports_or_names_a_higher_floor(floor: str) -> None:
    found = [b for path in modules(floor) for b in breaches(floor, path.read_text(), str(path.relative_to(ROOT)))]
    # the navigation table names pages of every floor by URL name, "room:page": that is data, not knowledge of code
    assert not found


def test_the_check_sees_a_breach() -> None:
    assert breaches("gridmap", "from dispatch.models import Case") == ["module:1 imports dispatch.models"]
    assert breaches("gridmap", "x = 'dispatch.Case'") == ["module:1 names 'dispatch.Case'"]
    assert breaches("gridmap", "from tests.town import at") == ["module:1 imports tests.town"]
    assert breaches("dispatch", "from gridmap.models import Cell") == []


def test_foreign_keys_point_down_only() -> None:
    for model in apps.get_models():
        label = model._meta.app_label
        if label not in FLOORS:
            continue
        for field in model._meta.get_fields():
            target = field.related_model
            if not field.concrete or target is None or isinstance(target, str):
                continue
            other = target._meta.app_label
            assert other not in higher(label), f"{label}.{model.__name__}.{field.name} → {other}"


def test_lower_floors_do_not_use_reverse_names_of_higher_ones() -> None:
    """`case.visits` in dispatch/ would be a lookup into inspectors/ without an import."""
    reverse = {
        (relation.get_accessor_name() or "", relation.related_model._meta.app_label, model._meta.app_label)
        for model in apps.get_models()
        if model._meta.app_label in FLOORS
        for relation in model._meta.related_objects
        if not relation.hidden and relation.related_model._meta.app_label in FLOORS
    }
    for floor in HOUSE:
        names = {name for name, owner, _ in reverse if owner in higher(floor)}
        names -= {name for name, owner, _ in reverse if owner not in higher(floor)}
        for path in modules(floor):
            tree = ast.parse(path.read_text())
            if not any("models" in what.split(".") for _, what in imports(tree)) and "models" not in path.parts:
                continue  # a pure module holds no rows
            found = list(reverse_uses(tree, names))
            assert not found, f"{path.relative_to(ROOT)}: {found}"


def reverse_uses(tree: ast.AST, names: set[str]) -> Iterator[str]:
    """`x.visits.filter(…)`, `visits__…=` and `prefetch_related("visits")` with one of the names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGER and isinstance(node.value, ast.Attribute):
            if node.value.attr in names:
                yield f"{node.lineno} .{node.value.attr}.{node.attr}"
        elif isinstance(node, ast.Call):
            words = [k.arg or "" for k in node.keywords]
            if isinstance(node.func, ast.Attribute) and node.func.attr in {
                "prefetch_related",
                "select_related",
                "values",
            }:
                words += [f"{a.value}__" for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            yield from (f"{node.lineno} {word}" for word in words if "__" in word and word.split("__")[0] in names)


def test_the_check_sees_a_reverse_name() -> None:
    names = {"visits"}
    for code in ("case.visits.filter()", "Case.objects.filter(visits__far=True)", "q.prefetch_related('visits')"):
        assert list(reverse_uses(ast.parse(code), names)), code
    assert not list(reverse_uses(ast.parse("page.visits + 1"), names))


@pytest.mark.parametrize("floor", HOUSE)
def test_templates_extend_and_include_no_higher_floor(floor: str) -> None:
    pattern = re.compile(r"{%\s*(?:extends|include|static)\s+[\"']([a-z]+)/")
    found = [
        f"{path.relative_to(ROOT)}: {match}"
        for path in (ROOT / floor).rglob("*.html")
        for match in pattern.findall(re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL))
        if match in higher(floor)
    ]
    assert not found


def test_modules_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for folder in [*HOUSE, "config", "fixtures", "bin", "bench", "tests"]
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and (count := len(path.read_text().splitlines())) > MODULE_LINES
    }
    assert not long


def test_nothing_else_lies_at_the_top() -> None:
    allowed = {*FLOORS, *OUTSIDE, "docs", "locale", "node_modules"}
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))}
    assert folders <= allowed


def test_migrations_take_the_reference_system_from_the_settings() -> None:
    literal = re.compile(r"srid\s*=\s*\d")
    found = [str(path.relative_to(ROOT)) for path in ROOT.glob("*/migrations/*.py") if literal.search(path.read_text())]
    assert not found
    assert literal.search("PointField(srid=4549)")


def test_psycopg_3_is_not_locked() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert not re.search(r"^psycopg(\[|==| )", (ROOT / name).read_text(), re.MULTILINE)
