"""What people of an agency and of the centre see in a city with a million cases, and the intake figures of a month.

Copies one closed case of a loaded city a million times, with its report, its part and its clock, asks what the pages
ask, and takes everything back: the database is as before. Needs the owner's role, for ANALYZE.
"""

import argparse
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import callbacks
import report

COMMAND = "GRIDMAP_DB_ROLE=owner python bench/seen.py --write"
FIRST = 10_000_000


def main() -> int:
    """Parse, copy, ask, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", default="demo", help="a loaded city; a name in fixtures/cities")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    report.prepare(options.city)
    from django.db import transaction

    class Enough(Exception):
        """Leaves the transaction; nothing stays."""

    text = ""
    try:
        with transaction.atomic():
            text = measured(options.cases)
            raise Enough
    except Enough:
        print(text)
    if options.write:
        report.write("seen", "What people see", COMMAND, text, "one connection, warm, medians of five rounds")
    return 0


def fill(cases: int) -> None:
    """A closed case a minute, the newest last, each agency in turn; nine of ten are other agencies' in the mean."""
    from django.db import connection

    from dispatch.models import Clock

    clock = Clock.objects.filter(kind="handle", verdict="on_time", case__state="closed", part__withdrawn_at=None)
    template = clock.filter(case__reports__person__isnull=False).select_related("case").first()
    if template is None or template.part_id is None:
        raise SystemExit("load a city with closed cases first: bin/demo")
    at = f"now() - ({cases} - n) * interval '1 minute'"
    agency = "(SELECT (array_agg(id ORDER BY id))[1 + mod(n, count(*))] FROM people_agency WHERE NOT external)"
    moments = {"received_at": at, "closed_at": at, "state_since": at}
    callbacks.copy_rows("dispatch_case", cases, FIRST, template.case_id, {"number": "'bench-' || n", **moments})
    told = {"number": "'bench-' || n", "case_id": f"{FIRST} + n", "query_key": "'bench-' || n", "received_at": at}
    first = template.case.reports.order_by("pk")[0]
    callbacks.copy_rows("dispatch_report", cases, FIRST, first.pk, told | {"external_ref": "''"})
    mine = {"case_id": f"{FIRST} + n", "agency_id": agency, "dispatched_at": at, "handled_at": at, "signed_at": at}
    callbacks.copy_rows("dispatch_part", cases, FIRST, template.part_id, mine)
    runs = {"case_id": f"{FIRST} + n", "part_id": f"{FIRST} + n", "started_at": at, "due_at": at, "warn_at": at}
    callbacks.copy_rows("dispatch_clock", cases, FIRST, template.pk, runs | {"stopped_at": at, "running_since": at})
    with connection.cursor() as cursor:
        for table in ("case", "report", "part", "clock"):
            cursor.execute(f"ANALYZE dispatch_{table}")


def measured(cases: int) -> str:
    """An agency's lists, its ledger, the centre's list, and the figures of a month beside one aggregate."""
    from django.db.models import Count
    from django.utils import timezone

    from desks.desklists import agency_tabs, read_desk
    from desks.ledgers import entries
    from dispatch import inforce
    from dispatch.models import Case, Report
    from people.access import scope_of
    from people.models import User
    from scorecards.intake import hot_topics, read, reports_of
    from scorecards.periods import Span
    from scorecards.rules import Rules

    fill(cases)
    handler, lead = User.objects.get(username="agency-cg"), User.objects.get(username="lead")
    agency, at = scope_of(handler).agencies[0], timezone.now()
    last = timezone.localdate() - timedelta(days=1)
    month, rules = Span(last - timedelta(days=29), last), Rules()
    number = Case.objects.order_by("-pk").values_list("number", flat=True)[0]
    rows: list[tuple[str, Callable[[], Any]]] = [
        ("an agency opens one case", lambda: Case.objects.visible_to(handler).filter(number=number).first()),
        ("an agency's inbox, all its tabs counted", lambda: read_desk(agency_tabs(handler), "todo", "1", at)),
        ("an agency's ledger, the newest fifty", lambda: list(entries(handler, agency)[:50])),
        ("the centre opens one case", lambda: Case.objects.visible_to(lead).filter(number=number).first()),
    ]
    lines = [f"{'closed cases':52} {cases:>12,}", f"{'of the agency and those below it':52} {owned(handler):>12,}", ""]
    lines += [line(words, ask) for words, ask in rows]
    inforce.remember("weihai_yiyuan", seconds=3600)
    lines.append(line("an agency's inbox where first receivers are bound", rows[1][1]))
    inforce.forget()
    plain = callbacks.timed(lambda: list(reports_of(month).values("channel").annotate(n=Count("pk"))))
    lines += ["", f"{'reports of thirty days':52} {reports_of(month).count():>12,}"]
    lines.append(f"{'counted by channel, nothing else':52} {plain * 1000:>9,.1f} ms")
    took = callbacks.timed(lambda: read(month, rules))
    lines.append(f"{'figures by source, type and subject':52} {took * 1000:>9,.1f} ms  {took / plain:>5.1f} times")
    took = callbacks.timed(lambda: hot_topics(month))
    lines.append(f"{'hot topics':52} {took * 1000:>9,.1f} ms  {took / plain:>5.1f} times")
    assert Report.objects.count() > cases
    return "\n".join(lines)


def owned(user: Any) -> int:  # noqa: ANN401 - a User
    """How many cases somebody may see."""
    from dispatch.models import Case

    count: int = Case.objects.visible_to(user).count()
    return count


def line(words: str, ask: Callable[[], Any]) -> str:
    return f"{words:52} {callbacks.timed(ask) * 1000:>9,.1f} ms"


if __name__ == "__main__":
    raise SystemExit(main())
