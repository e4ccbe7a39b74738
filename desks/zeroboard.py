"""清零: how many orders each unit still has open, with all below it, the oldest and the overdue ones (P4.4, P4.19)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from dispatch.models import Case, CaseQuerySet, Clock, Part
from people.access import scope_of
from people.models import Agency, User
from people.permissions import Role

ONCE_DAYS = timedelta(days=30)


@dataclass
class ZeroRow:
    """A unit: its own open orders and those of everything below it; closed and once-only ones of the last days."""

    agency: Agency
    depth: int
    own: int = 0
    total: int = 0
    overdue: int = 0
    closed: int = 0
    once: int = 0
    oldest_at: datetime | None = None
    oldest: Case | None = None


def zero_rows(user: User, at: datetime) -> list[ZeroRow]:
    """Units in the order of their tree, with what is left to zero; an agency's people see their own branch.

    Five queries, however many units and orders there are.
    """
    scope, seen = scope_of(user), Case.objects.visible_to(user)
    units = Agency.objects.active(at.date()).listed()
    if scope.roles <= {Role.HANDLER}:
        units = units.within(*scope.agencies)
    rows = {unit.code: ZeroRow(unit, unit.path.count("/")) for unit in units}
    by_key = {row.agency.pk: row for row in rows.values()}
    parts = Part.objects.filter(stage=Part.Stage.HANDLING, agency__in=by_key, case__in=seen.open().values("pk"))
    _count_open(parts, by_key, at)
    _count_once(seen, by_key, at)
    for row in sorted(rows.values(), key=lambda row: -row.depth):
        row.total += row.own
        above = rows.get(row.agency.path.rstrip("/").rpartition("/")[2])
        if above is not None:
            _add_up(above, row)
    return sorted(rows.values(), key=lambda row: f"{row.agency.path}{row.agency.code}")


def _count_open(parts: QuerySet[Part], rows: dict[int, ZeroRow], at: datetime) -> None:
    late = Exists(Clock.objects.overdue(at).filter(part=OuterRef("pk"), kind=Clock.Kind.HANDLE))
    counted = parts.annotate(late=late).order_by().values("agency")
    for found in counted.annotate(n=Count("pk"), overdue=Count("pk", filter=Q(late=True))):
        row = rows[found["agency"]]
        row.own, row.overdue = found["n"], found["overdue"]
    for part in parts.select_related("case").order_by("agency_id", "dispatched_at", "pk").distinct("agency_id"):
        row = rows[part.agency_id]
        row.oldest, row.oldest_at = part.case, part.dispatched_at


def _count_once(seen: CaseQuerySet, rows: dict[int, ZeroRow], at: datetime) -> None:
    lately = seen.filter(closed_at__gte=at - ONCE_DAYS)
    led = Part.objects.filter(leads=True, withdrawn_at=None, agency__in=rows, case__in=lately.values("pk"))
    once = Q(case__in=Case.objects.once().filter(closed_at__gte=at - ONCE_DAYS).values("pk"))
    for found in led.order_by().values("agency").annotate(closed=Count("pk"), once=Count("pk", filter=once)):
        row = rows[found["agency"]]
        row.closed, row.once = found["closed"], found["once"]


def _add_up(above: ZeroRow, row: ZeroRow) -> None:
    above.total += row.total
    above.overdue += row.overdue
    above.closed += row.closed
    above.once += row.once
    if row.oldest_at is not None and (above.oldest_at is None or row.oldest_at < above.oldest_at):
        above.oldest, above.oldest_at = row.oldest, row.oldest_at
