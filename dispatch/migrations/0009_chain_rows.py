"""Chain the rows that are there already. What was changed before this day cannot be seen by it."""

import json
from itertools import groupby
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from psycopg2.extras import execute_values

# the form of the chain never changes, so a migration may use it for ever
from dispatch.chain import Link, begin, digest_of_words, follow, new_salt

CASES = 1000
# of cases, not of rows: a case without a step must not end it
BATCH = "SELECT max(id) FROM (SELECT id FROM dispatch_case WHERE id > %s ORDER BY id LIMIT %s) c"
ROWS = """
    SELECT c.id, c.number, s.id, r.id, r.text, s.version, s.action, s.from_state, s.to_state, s.part_id, s.actor_id,
           s.role, s.agency_id, s.reason_code, s.facts::text, s.occurred_at, s.recorded_at, s.operation
    FROM dispatch_case c JOIN dispatch_step s ON s.case_id = c.id LEFT JOIN dispatch_remark r ON r.step_id = s.id
    WHERE c.id > %s AND c.id <= %s ORDER BY c.id, s.version
"""


def chain_rows(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A thousand cases at a time: digest of each row, salt of its words, head of the case."""
    last = 0
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(BATCH, [last, CASES])
            (upto,) = cursor.fetchone()
            if upto is None:
                return
            cursor.execute(ROWS, [last, upto])
            write(cursor.cursor, cursor.fetchall())
            last = upto


def write(cursor: Any, rows: list[tuple[Any, ...]]) -> None:  # noqa: ANN401 - psycopg2's cursor
    """Chain the rows of some cases, whole and in order."""
    steps, salts, heads = [], [], []
    for (case, number), of_case in groupby(rows, key=lambda row: row[:2]):
        digest = begin(number)
        for _case, _number, step, remark, text, *values in of_case:
            salt = new_salt() if remark else ""
            words = digest_of_words(salt, text) if remark else ""
            *head, facts, occurred, recorded, operation = values
            digest = follow(digest, Link(*head, json.loads(facts), words, occurred, recorded, operation))
            steps.append((step, digest, words))
            if remark:
                salts.append((remark, salt))
        heads.append((case, digest))
    for table, columns, changed in (
        ("dispatch_step", ("digest", "words"), steps),
        ("dispatch_remark", ("salt",), salts),
        ("dispatch_case", ("head",), heads),
    ):
        given = ", ".join(f"{name} = v.{name}" for name in columns)
        statement = f"UPDATE {table} t SET {given} FROM (VALUES %s) v (id, {', '.join(columns)}) WHERE t.id = v.id"  # noqa: S608
        if changed:
            execute_values(cursor, statement, changed, page_size=1000)


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0008_chain")]
    operations = [migrations.RunPython(chain_rows, migrations.RunPython.noop)]
