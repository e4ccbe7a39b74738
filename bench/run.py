"""What users wait for, in a city with ten thousand, a hundred thousand and a million cases, and how it grows.

Each size has a database of its own, filled by `manage.py grow` and dropped afterwards. A page is asked for through the
whole application, logged in, warm; a step is taken by its ordinary action and taken back. Medians of five rounds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

import report
import scratch

COMMAND = "bench/run --write"
SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5
SAMPLE = 10_000  # cases that are copied once more, bare
# who asks for which page; {…} is filled in from the city
PAGES: tuple[tuple[str, str, str], ...] = (
    ("dispatcher", "/console/", "console"),
    ("dispatcher", "/console/rows/", "console: the list anew"),
    ("dispatcher", "/console/points/", "console: the points of the map"),
    ("dispatcher", "/console/rows/?q={words}", "console: searching words"),
    ("dispatcher", "/console/rows/?q={number}", "console: searching a number"),
    ("dispatcher", "/console/?case={open}", "console with an open case"),
    ("dispatcher", "/cases/{open}/", "page of an open case"),
    ("dispatcher", "/cases/{closed}/", "page of a closed case"),
    ("leader", "/wall/data/", "wall screen: its board"),
    ("dispatcher", "/petitions/", "petitions"),
    ("dispatcher", "/supervisions/", "pushes and hard cases"),
    ("dispatcher", "/repeats/", "repeated reports"),
    ("operator", "/intake/", "intake"),
    ("operator", "/callbacks/", "callbacks that wait"),
    ("lead", "/lead/", "shift lead's desk"),
    ("agency-cg", "/agency/", "an agency's inbox"),
    ("agency-cg", "/ledger/", "an agency's ledger"),
    ("leader", "/review/", "leader's review"),
    ("inspector1", "/field/", "inspector's tasks"),
    ("manager", "/scorecards/?month={month}", "monthly scorecard, not frozen"),
    ("manager", "/figures/?first={first}&last={last}", "intake figures of a month"),
    ("manager", "/notices/", "notices to departments"),
    ("", "/progress/{key}/", "resident's progress page"),
)


def main() -> int:
    """One process for each size, then the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    if options.one:
        with scratch.database("run"):
            options.into.write_text(json.dumps(measured(options.one)), encoding="utf-8")
        return 0
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            into = Path(folder) / f"{size}.json"
            command = [sys.executable, __file__, "--one", str(size), "--into", str(into)]
            subprocess.run(command, check=True)
            found.append(json.loads(into.read_text(encoding="utf-8")))
    text = table(options.sizes, found)
    print(text)
    if options.write:
        report.write(
            "run", "What users wait for, as the city grows", COMMAND, text, "one process, warm, medians of five"
        )
    return 0


def table(sizes: list[int], found: list[dict[str, float]]) -> str:
    """A line an operation: milliseconds at each size, and how many times more at the last than at the first."""
    heads = "".join(f"{size:>12,}" for size in sizes)
    lines = [f"{'milliseconds, at so many cases':44}{heads}{'times':>8}"]
    for name in found[0]:
        if name.startswith("grow:"):
            continue
        values = [each[name] for each in found]
        cells = "".join(f"{value:12.1f}" for value in values)
        lines.append(f"{name:44}{cells}{values[-1] / values[0]:8.1f}")
    lines += ["", f"{'cases a second':44}{heads}"]
    for name in (name for name in found[0] if name.startswith("grow:")):
        lines.append(f"{name[6:]:44}" + "".join(f"{each[name]:12,.0f}" for each in found))
    return "\n".join(lines)


def measured(cases: int) -> dict[str, float]:
    """Grow, then ask for every page and take every step."""
    from django.core.management import call_command
    from django.test import Client

    from people.models import User

    began = time.perf_counter()
    call_command("grow", cases=cases, months=12)
    found = {"grow: manage.py grow, indexes and checks too": cases / (time.perf_counter() - began)}
    found["grow: bare COPY of the same rows, no index"] = bare_copy()
    words = facts()
    for login, path, name in PAGES:
        client = Client(HTTP_HOST="localhost")
        if login:
            client.force_login(User.objects.get(username=login))
        address = path.format(**words)
        found[name] = milliseconds(lambda client=client, address=address: get(client, address))  # type: ignore[misc]
    return found | steps()


def get(client: Any, address: str) -> None:  # noqa: ANN401 - Django's client
    """The whole page; anything but 200 ends the measure."""
    answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")


def milliseconds(do: Callable[[], object]) -> float:
    """The median of some rounds after one that warms up."""
    do()
    took = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        do()
        took.append(time.perf_counter() - began)
    return median(took) * 1000


def facts() -> dict[str, str]:
    """Numbers, words and days that the pages are asked with."""
    from django.utils import timezone

    from dispatch.models import Case, Report
    from scorecards.periods import Month

    month = Month.of(timezone.now(), timezone.get_current_timezone()).previous
    closed = Case.objects.filter(state="closed", flow="street", reports__person__isnull=False).order_by("-pk")[0]
    return {
        "open": Case.objects.filter(state="to_dispatch").exclude(point=None).order_by("-pk")[0].number,
        "closed": closed.number,
        "number": closed.number,
        "words": "文化中路62号门前井盖",
        "month": str(month),
        "first": f"{month}-01",
        "last": f"{month}-28",
        "key": Report.objects.filter(case=closed)[0].query_key,
    }


def steps() -> dict[str, float]:
    """Steps by their ordinary actions, each taken back."""
    from django.utils import timezone

    from dispatch.intake import analyse

    now, take = timezone.now(), Takes()
    rows: dict[str, Callable[[], object]] = {
        "step: everything proposed for a text": lambda: analyse("西仓路银春旅馆前有两个上水井盖丢失", at=now),
        "step: a report taken": take.report,
        "step: dispatched": take.dispatch,
        "step: the agency speaks to the caller": take.contact,
        "step: closed": take.close,
        "step: a caller called back": take.call,
    }
    return {name: milliseconds(taken_back(do)) for name, do in rows.items()}


class Takes:
    """Takes one step each time; the case is read anew, as a page does."""

    def __init__(self) -> None:
        from dispatch.models import Case, Report
        from people.models import User

        self.users = {user.username: user for user in User.objects.all()}
        cases, called = Case.objects.order_by("-pk"), Report.objects.callable().filter(case__state="closed")
        self.spot = cases.exclude(point=None)[0].point
        self.ready, self.to_close = (
            cases.filter(state="to_dispatch", flow="street")[0],
            cases.filter(state="to_close")[0],
        )
        self.part = cases.filter(state="handling", flow="matter")[0].parts.select_related("agency")[0]
        self.called = called.select_related("person").order_by("-pk")[0]

    def now(self, key: Any, login: str, note: str = "") -> Any:  # noqa: ANN401 - a key; case and Doing
        """A case as it is, and somebody who does something to it."""
        from uuid import uuid4

        from django.utils import timezone

        from dispatch.lifecycle import Doing
        from dispatch.models import Case

        case = Case.objects.get(id=key)
        return case, Doing(self.users[login], timezone.now(), case.version, uuid4(), note)

    def report(self) -> None:
        from uuid import uuid4

        from django.utils import timezone

        from dispatch.intake import Caller, Intake, register
        from dispatch.models import Channel

        caller, channel = Caller("王女士", "10000001234"), Channel.objects.get(key="hotline")
        intake = Intake("门前井盖丢失", channel, caller, point=self.spot)
        register(intake, by=self.users["operator"], at=timezone.now(), operation=uuid4())

    def dispatch(self) -> None:
        from dispatch.actions import handling

        to = [handling.Assignment(self.ready.proposed_agency or self.part.agency)]
        handling.dispatch_case(*self.now(self.ready.pk, "dispatcher"), to=to)

    def contact(self) -> None:
        from dispatch.actions import handling

        who = f"agency-{self.part.agency.code.lower()}"
        told = self.now(self.part.case_id, who, "已联系。")
        handling.contact(*told, part=self.part, method="phone", reached=True)

    def close(self) -> None:
        from dispatch.actions import closing

        closing.close(*self.now(self.to_close.pk, "lead"))

    def call(self) -> None:
        from dispatch.actions import closing

        told = self.now(self.called.case_id, "operator")
        closing.callback(*told, report=self.called, reached=True, satisfaction="satisfied", solved=True)


def taken_back(do: Callable[[], object]) -> Callable[[], None]:
    """The same, and the database is as before."""
    from django.db import transaction

    def once() -> None:
        with transaction.atomic():
            do()
            transaction.set_rollback(True)

    return once


def bare_copy() -> float:
    """Cases a second that COPY alone writes: the rows of some of them, into tables without index or constraint."""
    from django.db import connection

    from fixtures.bulk.book import MODELS

    with connection.cursor() as cursor, bare_tables(cursor) as names:
        texts = []
        for model, name in zip(MODELS, names, strict=True):
            sink = StringIO()
            cursor.copy_expert(f"COPY (SELECT * FROM {model._meta.db_table} {_of_sample(model)}) TO STDOUT", sink)
            texts.append((name, sink.getvalue()))
        began = time.perf_counter()
        for name, text in texts:
            cursor.copy_expert(f"COPY {name} FROM STDIN", StringIO(text))
        return SAMPLE / (time.perf_counter() - began)


def _of_sample(model: Any) -> str:  # noqa: ANN401 - a model
    """Which rows belong to the first cases, by what they point to."""
    columns = {field.attname for field in model._meta.concrete_fields}
    cases = f"(SELECT id FROM dispatch_case ORDER BY id LIMIT {SAMPLE})"
    if model._meta.model_name == "case":
        return f"WHERE id IN {cases}"
    if "case_id" in columns:
        return f"WHERE case_id IN {cases}"
    if "step_id" in columns:
        return f"WHERE step_id IN (SELECT id FROM dispatch_step WHERE case_id IN {cases})"
    if "task_id" in columns:
        return f"WHERE task_id IN (SELECT id FROM dispatch_fieldtask WHERE case_id IN {cases})"
    reports = f"(SELECT call_id FROM dispatch_report WHERE case_id IN {cases})"
    people = f"(SELECT person_id FROM dispatch_report WHERE case_id IN {cases})"
    return f"WHERE id IN {reports if model._meta.model_name == 'call' else people}"


@contextmanager
def bare_tables(cursor: Any) -> Iterator[list[str]]:  # noqa: ANN401 - a cursor
    """A table beside each of the tables of cases, with its columns and nothing else."""
    from fixtures.bulk.book import MODELS

    names = [f"bare_{model._meta.db_table}" for model in MODELS]
    for model, name in zip(MODELS, names, strict=True):
        cursor.execute(f"CREATE TABLE {name} (LIKE {model._meta.db_table})")
    try:
        yield names
    finally:
        cursor.execute(f"DROP TABLE {', '.join(names)}")


if __name__ == "__main__":
    raise SystemExit(main())
