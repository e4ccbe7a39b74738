"""Sealing and verifying the log against a plain read of the same rows.

Makes a scratch database, fills it with chained cases of six steps (the second with words), then times: the first seal
of all heads, a seal of the next day when one case in a hundred has gone on, a whole verification, and reading the same
rows with the same statement without judging them. The last is the yardstick.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import report
import scratch

AT = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
ROAD = ("", "received", "verifying", "to_file", "to_dispatch", "handling", "reply_review")
CHUNK = 20_000


def main() -> int:
    """Parse, prepare a scratch database, measure, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    with scratch.database("seal", {"GRIDMAP_SEAL_KEY": "only for measuring, only for measuring"}):
        result = measured(options.cases)
    print(result)
    if options.write:
        command = f"python bench/seal.py --cases {options.cases} --write"
        report.write("seal", "Seals", command, result, "database on the same machine, one process; with a signing key")
    return 0


def measured(cases: int) -> str:
    """Fill the database and measure in it."""
    from django.db import connection

    fill(cases)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return lines(cases)


def timed(do: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    found = do()
    return found, time.perf_counter() - started


def lines(cases: int) -> str:
    """Seal, go on, seal again, verify, read."""
    from dispatch import sealing, verifying

    first, all_heads = timed(lambda: sealing.seal(AT))
    go_on(cases // 100)
    second, some_heads = timed(lambda: sealing.seal(AT + timedelta(days=1)))
    check = verifying.begin(AT)
    _done, whole = timed(lambda: verifying.run(check))
    if check.found or check.steps != second.steps:
        raise SystemExit(f"the log does not verify: {check.findings[:3]}")
    steps, plain = timed(read)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return "\n".join(
        [
            f"{'cases, steps':36} {cases:11,} {steps:11,}",
            f"{'plain read of the rows':36} {plain:11.1f} s {steps / plain:11,.0f} steps a second",
            f"{'verified, chains and seals':36} {whole:11.1f} s {steps / whole:11,.0f} steps a second",
            f"{'ratio':36} {whole / plain:11.1f}",
            f"{'first seal, all heads':36} {all_heads:11.1f} s {first.heads / all_heads:11,.0f} heads a second",
            f"{'next day, one case in a hundred':36} {some_heads:11.2f} s {second.heads:11,} heads",
            f"{'memory at most':36} {memory:11,.0f} MB",
        ]
    )


def read() -> int:
    """The rows of a verification by the same statement, and nothing done with them; how many steps there were."""
    from django.db import connection

    from dispatch.verifying import CASES, ROWS

    last, count = 0, 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(ROWS.format(which="id > %s"), [last, CASES])
            rows = cursor.fetchall()
            if not rows:
                return count
            last, count = rows[-1][0], count + len(rows)


def fill(cases: int) -> None:
    """Chained cases by COPY; the text of a case is short, that of a remark as long as usual."""
    from dispatch.models import Channel

    channel = Channel.objects.create(key="bench", name="bench")
    for start in range(0, cases, CHUNK):
        copy(list(made(range(start + 1, min(start + CHUNK, cases) + 1), channel.pk)))
        print(f"{min(start + CHUNK, cases):,} cases", end="\r", flush=True)


def made(numbers: range, channel: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]]:
    """Case, steps and the one remark of each number."""
    from dispatch import chain

    for number in numbers:
        name = f"20261118-{number:06d}"
        digest, steps, remark = chain.begin(name), [], {}
        for version, (before, after) in enumerate(pairwise(ROAD), start=1):
            words = ""
            if version == 2:
                remark = {"text": f"请到现场核实第{number}件，核实后立即反馈。", "salt": chain.new_salt()}
                words = chain.digest_of_words(remark["salt"], remark["text"])
            step = {
                "version": version,
                "action": "register",
                "from_state": before,
                "to_state": after,
                "role": "operator",
                "facts": {"channel": "hotline", "outside": False, "placed": True, "moved_m": 12.5},
                "words": words,
                "occurred_at": AT + timedelta(minutes=version),
                "recorded_at": AT + timedelta(minutes=version),
                "operation": UUID(int=number * 100 + version),
            }
            link: dict[str, Any] = {"part_id": None, "actor_id": None, "agency_id": None, "reason_code": ""} | step
            digest = chain.follow(digest, chain.Link(**link))
            steps.append(step | {"digest": digest})
        case = {"number": name, "flow": "street", "state": ROAD[-1], "version": len(steps), "head": digest}
        case |= {"state_since": AT, "received_at": AT, "channel_id": channel, "text": "上水井盖丢失"}
        yield case, steps, remark


def copy(rows: list[tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]]) -> None:
    from django.db import transaction

    from dispatch.models import Case, Event, Remark, Step
    from gridmap.copying import new_keys

    with transaction.atomic():
        keys, ids = new_keys(Case, len(rows)), iter(new_keys(Step, len(rows) * (len(ROAD) - 1)))
        cases, steps, remarks, events = [], [], [], []
        for key, (case, of_case, remark) in zip(keys, rows, strict=True):
            cases.append(case | {"id": key})
            for step in of_case:
                steps.append(step | {"id": next(ids), "case_id": key})
            remarks.append(remark | {"step_id": steps[-len(of_case) + 1]["id"]})
            events.append({"kind": "case.register", "case_id": key, "step_id": steps[-1]["id"], "created_at": AT})
        for model, values in ((Case, cases), (Step, steps), (Remark, remarks), (Event, events)):
            into(model, values)


def into(model: Any, values: list[dict[str, Any]]) -> None:  # noqa: ANN401 - a model class
    from django.db.models import NOT_PROVIDED

    from gridmap.copying import copy_all

    fields = [f for f in model._meta.concrete_fields if f.db_default is NOT_PROVIDED]
    fields = [f for f in fields if not f.primary_key or f.attname in values[0]]
    usual = {f.attname: f.get_default() for f in fields}
    columns = list(usual)
    copy_all(model, columns, ([(usual | row)[column] for column in columns] for row in values))


def go_on(count: int) -> None:
    """One more step for the first cases, with its event, as the next day brings it."""
    from django.db import transaction

    from dispatch import chain
    from dispatch.lifecycle import link_of
    from dispatch.models import Case, Event, Step

    with transaction.atomic():
        for case in Case.objects.order_by("pk")[:count].iterator():
            step = Step(
                case=case,
                version=case.version + 1,
                action="sign",
                from_state=case.state,
                to_state=case.state,
                facts={},
                occurred_at=AT,
                recorded_at=AT,
                operation=UUID(int=case.pk * 1000 + 999_000_000_000),
            )
            step.digest = chain.follow(case.head, link_of(step))
            step.save(force_insert=True)
            Case.objects.filter(pk=case.pk).update(head=step.digest, version=step.version)
            Event.objects.create(kind="case.sign", case=case, step=step, created_at=AT)


if __name__ == "__main__":
    sys.exit(main())
