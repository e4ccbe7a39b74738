"""Writes the log of changes: what a row says before and after, and what of it differs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.db.models import ForeignKey, Model

from people.models import Change, User

Said = dict[str, str]
# never told; that it was changed is
SECRET: Final = frozenset({"password"})
HIDDEN: Final = "••••••"


def said(row: Model, many: Iterable[str] = ()) -> Said:
    """Every column of a row as text, and the many-to-many fields that are named; one query for each related row.

    Related rows by what they are called, shapes as EWKT in metres of the city's reference.
    """
    found = {}
    for field in row._meta.concrete_fields:
        if field.primary_key:
            continue
        value = getattr(row, field.name if isinstance(field, ForeignKey) else field.attname)
        if field.name in SECRET:
            found[field.name] = str(value)
        elif value is None:
            found[field.name] = ""
        else:
            found[field.name] = str(value) if isinstance(field, ForeignKey) else field.value_to_string(row)
    return found | {name: "、".join(sorted(map(str, getattr(row, name).all()))) for name in many}


def stored(row: Model, many: Iterable[str] = ()) -> Said:
    """What the database says of a row now, whatever a form has already made of it in memory; nothing of a new one."""
    found = type(row)._base_manager.filter(pk=row.pk).first() if row.pk is not None else None
    return said(found, many) if found is not None else {}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, str]]:
    """What differs, in the order of the fields; of a new or removed row only what was not empty. Pure."""
    found = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            old, new = (HIDDEN if name in SECRET and value else value for value in (old, new))
            found.append({"field": name, "old": old, "new": new})
    return found


def log(
    *,
    by: User | None,
    at: datetime,
    of: Model,
    before: Mapping[str, str],
    after: Mapping[str, str],
    key: str = "",
    name: str = "",
    reason: str = "",
    what: str = "",
) -> Change | None:
    """Remember a change in the transaction that makes it; nothing where nothing differs.

    `key` and `name` where they are not the row's own: a removed row has no key any more, a rule is known by number.
    """
    fields = differences(before, after)
    if not fields:
        return None
    told = what or (Change.What.CHANGED if before and after else Change.What.ADDED if after else Change.What.REMOVED)
    return Change.objects.create(
        made_at=at,
        by=by,
        kind=of._meta.label_lower,
        key=key or str(of.pk),
        name=(name or str(of))[:200],
        what=told,
        fields=fields,
        reason=reason[:300],
    )
