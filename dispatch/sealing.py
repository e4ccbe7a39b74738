"""Seals the heads of all changed logs once a day into a file outside the database (ADR 19)."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from dispatch import sealfiles
from dispatch.models import Seal
from dispatch.sealfiles import SealFile, Sink

# A case number is of our own making, but nothing else may ever stand in a line.
HEADS = """
    COPY (SELECT c.number || ' ' || c.version || ' ' || c.head FROM dispatch_case c WHERE c.head <> '' {changed}
          ORDER BY c.id) TO STDOUT
"""
CHANGED = "AND c.id IN (SELECT e.case_id FROM dispatch_event e WHERE e.xid >= {since})"


def folder() -> Path:
    """Where this city's seal files lie: a folder for each database, so that two cities may share the setting."""
    return Path(settings.SEAL_DIR) / str(connection.settings_dict["NAME"])


def seal(at: datetime) -> Seal:
    """Seal what changed since the last file; a second call on the same day answers with the day's seal.

    Everything is sealed when there is no file yet, or when the database's transactions count anew (a restored dump).
    Raises BadSealError for a newest file that cannot be read: sealing over it would hide it.
    """
    day = at.astimezone(settings.CITY.zone).date()
    path = folder() / f"{day:%Y-%m-%d}{sealfiles.SUFFIX}"
    if not path.exists():
        before = _last()
        upto, cases, steps = _now()
        since = before.upto if before is not None and before.upto <= upto else None
        sealfiles.write(
            path,
            {"city": settings.CITY.key, "day": f"{day:%Y-%m-%d}", "previous": before.sha256 if before else ""},
            lambda sink: _copy_heads(sink, since),
            {"cases": cases, "steps": steps, "upto": upto, "sealed_at": at.isoformat(timespec="seconds")},
            settings.SEAL_KEY,
        )
    return _remember(sealfiles.read(path))


def seal_today() -> str:
    """The task of the worker; says what it did in one line."""
    done = seal(timezone.now())
    return f"{done.file}: {done.heads} heads"


def _last() -> SealFile | None:
    found = list(sealfiles.paths(folder()))
    return sealfiles.read(found[-1]) if found else None


def _now() -> tuple[int, int, int]:
    """The oldest running transaction, and how many cases and steps there are at least.

    Asked before the heads are read: a case that commits in between is sealed now and once more next time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        (upto,) = cursor.fetchone()
        cursor.execute("SELECT (SELECT count(*) FROM dispatch_case), (SELECT count(*) FROM dispatch_step)")
        cases, steps = cursor.fetchone()
    return upto, cases, steps


def _copy_heads(sink: Sink, since: int | None) -> None:
    changed = "" if since is None else CHANGED.format(since=int(since))
    with connection.cursor() as cursor:
        raw: Any = cursor
        raw.copy_expert(HEADS.format(changed=changed), sink)


def _remember(file: SealFile) -> Seal:
    """The row beside the file: made after it, so a crash in between is mended by the next call."""
    row, _made = Seal.objects.get_or_create(
        day=file.day,
        defaults={
            "sealed_at": datetime.fromisoformat(file.sealed_at),
            "file": file.path.name,
            "sha256": file.sha256,
            "previous": file.previous,
            "heads": file.heads,
            "cases": file.cases,
            "steps": file.steps,
            "signed": file.signed,
        },
    )
    return row
