"""What is around an inspector, in a city with a million cases of which 20,000 are open: beside the bare query.

The same list as the first page of the field app, for me, my zone and all, from places all over the city; the time that
the database takes for the list's own statement, and for everything that the page asks (shift, roles, what waits in the
zone, look backs, households), beside the time that it takes for the nearest keys alone, by the same index. The plan is
told too: a sort over all open cases would be a fault.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

import report
import scratch
from console import open_up

COMMAND = "python bench/nearby.py --write"
PLACES = 40
INSPECTORS = 25
TASKS = 2_000
WAITING = 20  # one of so many tasks is nobody's yet
REACH = 3.0


def main() -> int:
    """Grow, open, ask, print; write the section only when asked. 1 where a list takes longer than its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=20_000)
    parser.add_argument("--keep", action="store_true", help="leave the database for the next run")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    with scratch.database("nearby", keep=options.keep):
        from django.core.management import call_command

        from dispatch.models import Case

        if not Case.objects.exists():
            call_command("grow", cases=options.cases, months=12)
        open_up(min(options.open, options.cases // 2))
        lines, held = measured()
    text = "\n".join(lines)
    print(text)
    if options.write:
        about = "one connection, warm, medians over forty places"
        report.write("nearby", "Around an inspector", COMMAND, text, about)
    return 0 if held else 1


def measured() -> tuple[list[str], bool]:
    """Each list beside its bare query."""
    from django.conf import settings
    from django.utils import timezone

    from dispatch.models import Case, FieldTask
    from inspectors.board import By, Show, cases_around, own_tasks, read_board
    from inspectors.models import Shift
    from inspectors.positions import Fix
    from people.models import User

    at = timezone.now()
    user, points = on_duty(at)
    user = User.objects.get(pk=user.pk)
    zone = Shift.objects.on_duty(at).get(inspector=user).zone
    communities = list(zone.communities.values_list("pk", flat=True))
    ended = "('closed', 'answered', 'declined', 'merged', 'void')"
    place = f"ST_SetSRID(ST_MakePoint(%s, %s), {settings.CITY.srid})"
    nearest = f"SELECT id FROM dispatch_case WHERE state NOT IN {ended} ORDER BY point <-> {place} LIMIT 40"
    within = nearest.replace("WHERE", f"WHERE community_id IN ({', '.join(map(str, communities))}) AND")
    tasks = (
        f"SELECT id FROM dispatch_fieldtask WHERE done_at IS NULL AND inspector_id = {user.pk}::bigint"
        f" ORDER BY point <-> {place} LIMIT 100"
    )
    lines = [
        f"{'cases, of which open':44} {Case.objects.count():>10,} {Case.objects.open().count():>9,}",
        f"{'open tasks, of which mine':44} {FieldTask.objects.open().count():>10,} {own_tasks(user, None).count():>9,}",
        "",
        f"{'':44} {'bare':>10} {'list':>10} {'':>11} {'page':>9}",
    ]
    held = True
    for show, bare in ((Show.ALL, nearest), (Show.ZONE, within), (Show.MINE, tasks)):
        alone, near, page = [], [], []
        for point in points:
            user.__dict__.pop("_scope", None)
            fix = Fix(point, 10, at)
            alone.append(database_ms(partial(run, bare, point))[0])
            all_ms, list_ms = database_ms(partial(read_board, user, at, fix, show, By.NEAR))
            page.append(all_ms)
            near.append(list_ms)
        one, own, all_ = median(alone), median(near), median(page)
        told = f"{one:>7.2f} ms {own:>7.2f} ms {own / one:>5.1f} times {all_:>6.2f} ms"
        lines.append(f"{f'database time, {show}':44} {told}")
        held = held and (show == Show.MINE or own <= REACH * one)  # mine are a few, of an index of their own
    plan = json.loads(cases_around(user, points[0])[:40].explain(format="json", analyze=True))[0]["Plan"]
    names = [node["Node Type"] for node in nodes(plan)]
    lines += ["", f"plan of all: {' < '.join(names)}"]
    return lines, held and "Sort" not in names


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes(child))]


def run(statement: str, point: Any) -> None:  # noqa: ANN401 - a Point
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, [point.x, point.y])
        cursor.fetchall()


def database_ms(ask: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds of the database for all statements of a call, and for the one by distance; the best of three."""
    from django.db import connection

    took: list[float] = []
    nearest: list[float] = []

    def clocked(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:  # noqa: ANN401 - Django's own
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took.append(time.perf_counter() - began)
            if "<->" in sql:
                nearest.append(took[-1])

    best = []
    for _round in range(3):
        took.clear()
        nearest.clear()
        with connection.execute_wrapper(clocked):
            ask()
        best.append((sum(took), sum(nearest)))
    return min(all_ for all_, _one in best) * 1000, min(one for _all, one in best) * 1000


def on_duty(at: Any) -> tuple[Any, list[Any]]:  # noqa: ANN401 - a time, a User and points
    """Inspectors on duty with tasks at open cases, the first of them, and places all over the city."""
    from django.db import connection

    from dispatch.models import Case, FieldTask
    from inspectors.models import DutyZone, Shift
    from people.models import RoleGrant, User

    users = [User.objects.get_or_create(username=f"bench-{n}")[0] for n in range(INSPECTORS)]
    for user in users:
        RoleGrant.objects.get_or_create(user=user, role="inspector")
    rows = list(Case.objects.open().exclude(point=None).exclude(community=None).order_by("pk")[: TASKS * 4 : 4])
    zone = DutyZone.objects.get_or_create(name="bench")[0]
    zone.communities.set({row.community_id for row in rows[:200] if row.community_id is not None})
    begin, end = at - timedelta(hours=1), at + timedelta(hours=8)
    Shift.objects.filter(inspector=users[0]).delete()
    Shift.objects.create(inspector=users[0], zone=zone, starts_at=begin, ends_at=end)
    FieldTask.objects.open().delete()
    FieldTask.objects.bulk_create(
        FieldTask(
            case=row,
            kind="check",
            # some wait for somebody
            inspector=users[n % INSPECTORS] if n % WAITING else None,
            point=row.point,
            issued_at=at,
            due_at=end,
        )
        for n, row in enumerate(rows)
        if row.point is not None
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE dispatch_fieldtask, dispatch_case")
    chosen = random.Random(8).sample(rows, min(PLACES, len(rows)))
    return users[0], [row.point for row in chosen]


if __name__ == "__main__":
    raise SystemExit(main())
