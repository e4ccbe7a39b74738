"""What the pages of key issues, measures and campaigns show: progress by unit, what a month brought."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch

from dispatch.models import Case, Undertaking, UndertakingEntry, UndertakingQuerySet, UndertakingUnit
from people.models import User


@dataclass(frozen=True)
class Row:
    """One undertaking, or one unit of it, with how much is done of how much."""

    undertaking: Undertaking
    unit: UndertakingUnit | None
    done: int
    target: int

    @property
    def share(self) -> int:
        """Whole percent of the target, at most 100; 0 where there is no target."""
        return min(100, 100 * max(self.done, 0) // self.target) if self.target else 0


def read_rows(found: UndertakingQuerySet) -> list[Row]:
    """Undertakings with their sums; three queries however many."""
    rows = []
    for undertaking in found.prefetch_related(units_with_sums(), "units__agency"):
        units = unit_rows(undertaking)
        rows.append(Row(undertaking, None, sum(row.done for row in units), sum(row.target for row in units)))
    return rows


def units_with_sums() -> "Prefetch[Any]":
    return Prefetch("units", UndertakingUnit.objects.with_done().order_by("pk"))


def unit_rows(undertaking: Undertaking) -> list[Row]:
    """Each unit of an undertaking that was read with `units_with_sums`."""
    visits = undertaking.counts == Undertaking.Counts.VISITS
    units: list[Any] = list(undertaking.units.all())  # annotated
    if visits:
        return [Row(undertaking, unit, unit.met, unit.homes) for unit in units]
    return [Row(undertaking, unit, unit.reported, unit.target or 0) for unit in units]


def tracked_by(case: Case, user: User) -> list[Undertaking]:
    """The undertakings that a case of `with_beside` belongs to, of those that the user may see."""
    tracked: bool = case.tracked  # type: ignore[attr-defined]  # annotated
    return list(Undertaking.objects.visible_to(user).filter(cases=case)) if tracked else []


@dataclass(frozen=True)
class Told:
    """One key issue in the notice of a month: what each unit reported in it, and who reported nothing."""

    undertaking: Undertaking
    entries: list[UndertakingEntry]
    silent: list[UndertakingUnit]
    overdue: bool


def read_notice(issues: UndertakingQuerySet, first: date, last: date) -> list[Told]:
    """重点问题通报 of a month (P3.14): each key issue that lived in it. Entries are append-only: it stays the same."""
    inside = UndertakingEntry.objects.filter(on__gte=first, on__lte=last).order_by("on", "pk")
    rows = issues.filter(kind=Undertaking.Kind.ISSUE).lived_in(first, last).order_by("begins_on", "pk")
    found = []
    for issue in rows.prefetch_related("units__agency", Prefetch("units__entries", inside, to_attr="in_month")):
        units = list(issue.units.all())
        entries = [entry for unit in units for entry in unit.in_month]  # type: ignore[attr-defined]  # prefetched
        for unit in units:
            for entry in unit.in_month:  # type: ignore[attr-defined]
                entry.unit = unit
        ended = issue.ended_on is not None and issue.ended_on <= last
        late = issue.due_on is not None and issue.due_on <= last and not ended
        silent = [unit for unit in units if not unit.in_month] if not ended else []  # type: ignore[attr-defined]
        found.append(Told(issue, sorted(entries, key=lambda entry: (entry.on, entry.pk)), silent, late))
    return found
