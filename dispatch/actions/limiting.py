"""Writes of handling limits: another limit of a condition, in all areas or in those of one class.

Clocks keep the limit that they were given, so what has been judged, and what runs, stays as it is; which limit held on
which day is in the log of changes.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dispatch.models import Condition, ConditionLimit
from dispatch.trials import Limit
from people.changes import log, said
from people.models import User


class StaleLimitError(Exception):
    """Somebody else has changed this limit since the page was opened; nothing was changed."""


@dataclass(frozen=True)
class NewLimit:
    """A limit to be put in force, for areas of a class ("": wherever no class has one of its own)."""

    condition: Condition
    area_class: str
    limit: Limit


def limit_now(condition: Condition, area_class: str) -> Limit | None:
    """The limit in force; None where a class of areas has none of its own."""
    if not area_class:
        return Limit(condition.limit_amount, condition.limit_unit)
    row = ConditionLimit.objects.filter(condition=condition, area_class=area_class).first()
    return Limit(row.limit_amount, row.limit_unit) if row else None


@transaction.atomic
def set_limit(new: NewLimit, *, known: Limit | None, by: User, at: datetime, reason: str) -> None:
    """Put a limit in force for cases that are dispatched from now on.

    Raises StaleLimitError where the limit is not the `known` one any more.
    """
    condition = Condition.objects.select_for_update().get(pk=new.condition.pk)
    if limit_now(condition, new.area_class) != known:
        raise StaleLimitError
    row: Condition | ConditionLimit = condition
    if new.area_class:
        row = ConditionLimit.objects.filter(condition=condition, area_class=new.area_class).first() or ConditionLimit(
            condition=condition, area_class=new.area_class
        )
    before = said(row) if row.pk else {}
    row.limit_amount, row.limit_unit = new.limit.amount, new.limit.unit
    row.save()
    name = f"{condition.category} · {condition}" + (f"（{new.area_class}）" if new.area_class else "")
    log(by=by, at=at, of=row, before=before, after=said(row), name=name, reason=reason)
