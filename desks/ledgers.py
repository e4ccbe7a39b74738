"""台账: everything an agency was given, with its dates and results (P3.13, P3.25)."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils import timezone

from dispatch.masks import mask_text
from dispatch.models import Case, Clock, Part
from people.access import scope_of
from people.models import Agency, User
from people.permissions import Role


def agencies_of(user: User) -> QuerySet[Agency]:
    """Whose ledgers somebody may open: a handler those of the own agency and below it, the centre all."""
    scope, listed = scope_of(user), Agency.objects.listed().order_by("code")
    return listed if scope.roles - {Role.HANDLER} else listed.within(*scope.agencies)


def entries(user: User, agency: Agency) -> QuerySet[Part]:
    """What the agency was given, the newest first; two queries however many.

    Each case is asked by its own key, so that the index on agency and date brings the first page without a sort.
    """
    handling = Prefetch("clocks", Clock.objects.filter(kind=Clock.Kind.HANDLE).order_by("-pk"), to_attr="handling")
    seen = Case.objects.visible_to(user).filter(pk=OuterRef("case"))
    found = Part.objects.filter(Exists(seen), agency=agency).select_related("case__category", "case__channel")
    return found.prefetch_related(handling).order_by("-dispatched_at", "-pk")


class Leaf(NamedTuple):
    """One page of a ledger; nobody counts all of it, which would take longer than to read it."""

    rows: list[Part]
    number: int
    more: bool


def leaf(parts: QuerySet[Part], number: str, size: int) -> Leaf:
    """The page of this number; what is no number is the first."""
    page = max(int(number), 1) if number.isdecimal() and len(number) < 7 else 1
    rows = list(parts[(page - 1) * size : page * size + 1])
    return Leaf(rows[:size], page, len(rows) > size)


def verdict(part: Part) -> str:
    """On time, overdue or neither yet."""
    clocks: list[Clock] = part.handling  # type: ignore[attr-defined]  # prefetched by entries
    return str(clocks[0].get_verdict_display()) if clocks else ""


def cells(parts: QuerySet[Part]) -> Iterator[list[str]]:
    """Rows of the file; words are masked as on the pages."""
    for part in parts.iterator(500):
        case = part.case
        yield [
            case.number,
            str(case.channel),
            case.category.name if case.category else "",
            mask_text(case.text),
            case.get_state_display(),
            *map(_moment, (part.dispatched_at, part.signed_at, part.handled_at, case.closed_at)),
            verdict(part),
            mask_text(part.reply),
        ]


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
