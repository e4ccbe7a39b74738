"""The desk of callbacks in a city with a million closed cases: the marked queue beside the question it stands for.

Copies one closed case of a loaded city a million times, with its report and a callback for all but a few, asks both
ways as the desk does, and takes everything back: the database is as before. Needs the owner's role, for ANALYZE.
"""

import argparse
import json
import statistics
import sys
import time
from typing import Any

import report

COMMAND = "GRIDMAP_DB_ROLE=owner python bench/callbacks.py --write"
ROUNDS = 5


def main() -> int:
    """Parse, copy, ask, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", default="demo", help="a loaded city; a name in fixtures/cities")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--waiting", type=int, default=2_000, help="reports whose caller has not been reached")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    report.prepare(options.city)
    from django.db import transaction

    class Enough(Exception):
        """Leaves the transaction; nothing stays."""

    text = ""
    try:
        with transaction.atomic():
            text = measured(options.cases, options.waiting)
            raise Enough
    except Enough:
        print(text)
    if options.write:
        report.write("callbacks", "Who is to be called", COMMAND, text, "one connection, warm, medians of five rounds")
    return 0


def copy_rows(table: str, wanted: int, first: int, template: int, changed: dict[str, str]) -> None:
    """Insert so many copies of a row, numbered from `first`; `changed` are SQL expressions of n."""
    from django.db import connection

    with connection.cursor() as cursor:
        names = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        values = ", ".join({"id": f"{first} + n", **changed}.get(name, f't."{name}"') for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t, generate_series(1, %s) n WHERE t.id = %s",
            [wanted, template],
        )


def fill(cases: int, waiting: int) -> None:
    """A closed case a minute, the newest last; the last `waiting` have no callback and are marked."""
    from django.db import connection

    from dispatch.models import Callback

    said = Callback.objects.filter(reached=True, case__state="closed", report__person__isnull=False).first()
    if said is None:
        raise SystemExit("load a city with callbacks first: bin/demo")
    first, closed = 10_000_000, f"now() - ({cases} - n) * interval '1 minute'"
    last, since = f"n > {cases - waiting}", "NULL::timestamptz"
    copy_rows(
        "dispatch_case",
        cases,
        first,
        said.case_id,
        {"number": "'bench-' || n", "closed_at": closed, "state_since": closed},
    )
    copy_rows(
        "dispatch_report",
        cases,
        first,
        said.report_id,
        {
            "number": "'bench-' || n",
            "case_id": f"{first} + n",
            "query_key": "'bench-' || n",
            "external_ref": "''",
            "callback_since": f"CASE WHEN {last} THEN {closed} ELSE {since} END",
            "anonymous": "false",
            "wants_callback": "true",
        },
    )
    with connection.cursor() as cursor:
        # a callback's step is unique, and one step stands for all here: the rule comes back with the rollback
        cursor.execute("ALTER TABLE dispatch_callback DROP CONSTRAINT dispatch_callback_step_id_key")
    copied = {"case_id": f"{first} + n", "report_id": f"{first} + n", "called_at": closed, "undecided": "false"}
    copy_rows("dispatch_callback", cases - waiting, first, said.pk, copied)
    with connection.cursor() as cursor:
        for table in ("dispatch_case", "dispatch_report", "dispatch_callback"):
            cursor.execute(f"ANALYZE {table}")


def measured(cases: int, waiting: int) -> str:
    """Both questions, as a count and as the first page."""
    from django.db.models import Exists, OuterRef

    from dispatch.models import Callback, Report

    fill(cases, waiting)
    called = Callback.objects.filter(report=OuterRef("pk"), concludes=True, called_at__gte=OuterRef("case__closed_at"))
    plain = Report.objects.callable().filter(~Exists(called), case__state="closed")
    marked = Report.objects.awaiting_callback()
    lines = [f"{'closed cases with a caller':44} {cases:>12,}", f"{'of them waiting':44} {marked.count():>12,}", ""]
    for words, rows, order in (("marked on the report", marked, "callback_since"), ("asked anew", plain, "pk")):
        count = timed(rows.count)
        page = timed(lambda rows=rows, order=order: list(rows.order_by(order)[:30]))
        lines.append(f"{words + ': how many':44} {count * 1000:>9,.1f} ms")
        lines.append(f"{words + ': the first thirty':44} {page * 1000:>9,.1f} ms")
        lines.append(f"{words + ': by index':44} {index_of(rows):>12}")
    return "\n".join(lines)


def timed(ask: Any) -> float:  # noqa: ANN401 - any callable
    """The median of some rounds after a first one, seconds."""
    ask()
    found = []
    for _round in range(ROUNDS):
        start = time.perf_counter()
        ask()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def index_of(rows: Any) -> str:  # noqa: ANN401 - a QuerySet
    """The index by which the reports are found, or that all are read."""
    plan = json.loads(rows.explain(format="json"))
    nodes = [plan[0]["Plan"]]
    for node in nodes:
        nodes += node.get("Plans", [])
        if node.get("Relation Name") == "dispatch_report" or "report_to_call" in node.get("Index Name", ""):
            return str(node.get("Index Name", "none"))
    return "none"


if __name__ == "__main__":
    sys.exit(main())
