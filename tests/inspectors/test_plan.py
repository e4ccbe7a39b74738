"""The list by distance at 100,000 open tasks, answered by the spatial index alone."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from dispatch.models import Case, Channel, FieldTask
from inspectors.board import cases_around, own_tasks
from inspectors.positions import Fix
from people.models import User
from tests.town import NOW, ORIGIN, Town, at

ROWS = 100_000
INSPECTORS = 20


@pytest.fixture
def many(town: Town) -> list[User]:
    """100,000 open tasks of 50,000 cases, spread over 10 km, among 20 inspectors and nobody."""
    users = User.objects.bulk_create(User(username=f"many{i}", password="!") for i in range(INSPECTORS))
    first, channel = users[0].pk, Channel.objects.get_or_create(key="bulk", defaults={"name": "批量"})[0].pk
    x, y = f"{ORIGIN[0]} + mod(i * 7919, 10007)", f"{ORIGIN[1]} + mod(i * 104729, 10009)"
    place = f"ST_SetSRID(ST_MakePoint({x}, {y}), {settings.CITY.srid})"
    given = f"nullif(mod(i, {INSPECTORS + 1}), 0) + {first - 1}"
    with connection.cursor() as cursor:
        indexes = without_indexes(cursor, "dispatch_case", "dispatch_fieldtask")
        cursor.execute(
            f"""
            INSERT INTO dispatch_case (number, flow, state, version, state_since, channel_id, request_type, complexity,
                urgent, text, address, point, outside_grid, suspended_from, received_at, report_count, reworks, redos,
                returns, hard, unsolved, head, limit_unit, confidential, urgent_reason)
            SELECT 'M' || i, 'street', 'verifying', 2, %(now)s, %(channel)s, 'complaint', 'simple', false, '井盖', '',
                {place}, false, '', %(now)s, 1, 0, 0, 0,
                false, '', '', '', false, ''
            FROM generate_series(1::bigint, {ROWS // 2}) AS i;
            INSERT INTO dispatch_fieldtask (case_id, kind, inspector_id, why, point, issued_at, due_at, result)
            SELECT c.id, kind, {given}, '[]', c.point, %(now)s, %(now)s + i * interval '1 second', ''
            FROM (SELECT id, point, substr(number, 2)::bigint AS i FROM dispatch_case WHERE number LIKE 'M%%') AS c,
                unnest(ARRAY['verify', 'check']) AS kind
            """,
            {"now": NOW, "channel": channel},
        )
        for index in indexes:
            cursor.execute(index)
        cursor.execute("ANALYZE dispatch_case; ANALYZE dispatch_fieldtask; SET ROLE gridmap_app")
    return users


def without_indexes(cursor: Any, *tables: str) -> list[str]:
    """Drop indexes and foreign keys until this test is rolled back, and say how to make the indexes again.

    Filling a table first and indexing it then is ten times faster.
    """
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; RESET ROLE")
    cursor.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])",
        [list(tables)],
    )
    for (drop,) in cursor.fetchall():
        cursor.execute(drop)
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [list(tables)],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def explain(tasks: Any) -> list[dict[str, Any]]:
    return nodes(json.loads(tasks.explain(format="json"))[0]["Plan"])


def test_my_nearest_tasks_and_the_waiting_ones_are_read_from_the_spatial_index_in_order(many: list[User]) -> None:
    fix = Fix(at(5000, 5000), 10, NOW)
    tasks = own_tasks(many[3], fix).select_related("case__category")[:100]
    found = explain(tasks)
    scan = next(node for node in found if node.get("Index Name") == "task_open_point")
    assert "inspector_id" in scan["Index Cond"]
    assert "<->" in scan["Order By"]
    assert "Sort" not in [node["Node Type"] for node in found]
    # the handful of classes may be read in one piece, the tasks and cases may not
    assert [n["Relation Name"] for n in found if n["Node Type"] == "Seq Scan"] in ([], ["gridmap_category"])
    distances = [task.point.distance(fix.point) for task in tasks]
    assert distances == sorted(distances)
    every = FieldTask.objects.filter(inspector=many[3])
    assert distances == sorted(task.point.distance(fix.point) for task in every)[:100]

    found = explain(FieldTask.objects.open().unassigned().nearest(at(5000, 5000))[:100])
    assert [node.get("Index Name") for node in found if "Index" in node["Node Type"]] == ["task_open_point"]


def test_open_cases_around_are_read_from_their_spatial_index_in_order(many: list[User], town: Town) -> None:
    inspector, here = town.people["inspector"], at(5000, 5000)
    cases = cases_around(inspector, here).select_related("category", "community")[:40]
    found = explain(cases)
    scan = next(node for node in found if node.get("Index Name") == "case_open_point")
    assert "<->" in scan["Order By"]
    assert "Sort" not in [node["Node Type"] for node in found]
    assert "dispatch_case" not in [n["Relation Name"] for n in found if n["Node Type"] == "Seq Scan"]
    distances = [case.point.distance(here) for case in cases if case.point]
    every = Case.objects.filter(channel__key="bulk").values_list("point", flat=True)
    assert distances == sorted(point.distance(here) for point in every if point)[:40]
