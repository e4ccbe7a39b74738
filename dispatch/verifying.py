"""Checks the log against itself and against the seals, a slice at a time, in constant memory (ADR 19)."""

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django_q.tasks import async_task

from dispatch import sealfiles
from dispatch.chain import Link
from dispatch.logfaults import Fault, Finding, Row, Tip, as_json, faults
from dispatch.models import Anonymisation, Case, Seal, Verification
from dispatch.sealfiles import BadSealError, Head, SealFile
from dispatch.sealing import folder

CASES = 1000
HEADS = 5000
KEPT = 200  # findings that are kept to be shown; all are counted
SLICE_SECONDS = 20.0
AGAIN_AFTER = timedelta(hours=12)

ROWS = """
    SELECT c.id, c.number, c.version, c.state, c.head,
           s.version, s.action, s.from_state, s.to_state, s.part_id, s.actor_id, s.role, s.agency_id, s.reason_code,
           s.facts::text, s.words, s.occurred_at, s.recorded_at, s.operation, s.digest, r.text, r.salt, r.anonymised_at
    FROM (SELECT id, number, version, state, head FROM dispatch_case WHERE {which} ORDER BY id LIMIT %s) c
    LEFT JOIN dispatch_step s ON s.case_id = c.id LEFT JOIN dispatch_remark r ON r.step_id = s.id
    ORDER BY c.id, s.version, s.id
"""
ORPHANS = """
    SELECT count(*) FROM dispatch_step s WHERE NOT EXISTS (SELECT 1 FROM dispatch_case c WHERE c.id = s.case_id)
"""
SEALED = """
    SELECT v.number, v.version, v.digest, c.id IS NOT NULL, s.digest
    FROM unnest(%s::text[], %s::int[], %s::text[]) v (number, version, digest)
    LEFT JOIN dispatch_case c ON c.number = v.number
    LEFT JOIN dispatch_step s ON s.case_id = c.id AND s.version = v.version
    WHERE s.digest IS DISTINCT FROM v.digest
"""


def begin(at: datetime, number: str = "") -> Verification:
    """A new verification, of everything or of one case; an unfinished one of everything is given up first."""
    with transaction.atomic():
        if not number:
            Verification.objects.filter(done_at=None, number="").delete()
        return Verification.objects.create(started_at=at, number=number, position={"phase": "files"})


def advance(check: Verification) -> bool:
    """Do one bounded piece of a verification and note it in the row; whether there is more to do."""
    phase = check.position["phase"]
    following: dict[str, Any] | None = None
    if check.number:
        _one_case(check)
    elif phase == "files":
        following = _files(check)
    elif phase == "heads":
        following = _heads(check)
    elif phase == "cases":
        following = _cases(check)
    else:
        _whole(check)
    check.position = following or {"phase": "done"}
    return following is not None


def run(check: Verification, seconds: float | None = None) -> bool:
    """Go on with a verification until it is done, or until so many seconds have passed; whether it is done."""
    until = None if seconds is None else time.monotonic() + seconds
    more = True
    while more and (until is None or time.monotonic() < until):
        more = advance(check)
    if not more:
        check.done_at = timezone.now()
    check.save()
    return not more


def verify_daily() -> str:
    """The task of the worker: begins once a day, goes on slice by slice, so that no other task waits for long."""
    last = Verification.objects.filter(number="").first()
    if last is not None and last.done_at is not None and timezone.now() - last.done_at < AGAIN_AFTER:
        return "verified already"
    if last is None or last.done_at is not None:
        try:
            last = begin(timezone.now())
        except IntegrityError:  # another worker began at the same moment
            return "begun already"
    if run(last, SLICE_SECONDS):
        return f"{last.cases} cases, {last.steps} steps, {last.found} findings"
    async_task("dispatch.verifying.verify_daily")
    return f"{last.cases} cases so far"


def note(check: Verification, found: Finding) -> None:
    """Count a finding and keep it while there is room."""
    check.found += 1
    if len(check.findings) < KEPT:
        check.findings.append(as_json(found))


# -------------------------------------------------------------------- files


def _files(check: Verification) -> dict[str, Any]:
    """All seal files among themselves and against the rows that were made beside them."""
    rows = {row.file: row for row in Seal.objects.order_by("day").iterator()}
    before: SealFile | None = None
    signed, present = False, set()
    for path in sealfiles.paths(folder()):
        present.add(path.name)
        check.seals += 1
        try:
            file = sealfiles.read(path)
        except (BadSealError, OSError):
            note(check, _of_file(Fault.SEAL_BROKEN, path.name))
            before = None
            continue
        for fault in _file_faults(file, before, rows.get(path.name), signed):
            note(check, _of_file(fault, path.name))
        signed, before = signed or file.signed, file
    for name in rows:
        if name not in present:
            note(check, _of_file(Fault.SEAL_MISSING, name))
    if before is not None:
        _totals(check, before)
    return {"phase": "heads", "file": "", "offset": 0}


def _file_faults(file: SealFile, before: SealFile | None, row: Seal | None, signed: bool) -> Iterator[Fault]:
    if file.heads != file.counted:
        yield Fault.SEAL_CUT
    if row is None:
        yield Fault.SEAL_UNKNOWN
    elif row.sha256 != file.sha256:
        yield Fault.SEAL_CHANGED
    if before is not None and file.previous != before.sha256:
        yield Fault.SEAL_CHAIN
    if not file.signed and (signed or (row is not None and row.signed)):
        yield Fault.SEAL_UNSIGNED
    key = settings.SEAL_KEY
    if key and file.signed and file.key == sealfiles.fingerprint(key) and not sealfiles.signature_holds(file.path, key):
        yield Fault.SEAL_FORGED


def _totals(check: Verification, file: SealFile) -> None:
    """There are never fewer cases or steps than were sealed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM dispatch_case), (SELECT count(*) FROM dispatch_step)")
        cases, steps = cursor.fetchone()
    for what, sealed, there in (("cases", file.cases, cases), ("steps", file.steps, steps)):
        if there < sealed:
            facts = (("what", what), ("sealed", str(sealed)), ("there", str(there)), ("file", file.path.name))
            note(check, Finding(Fault.SEAL_COUNT, facts=facts))


def _of_file(fault: Fault, name: str) -> Finding:
    return Finding(fault, facts=(("file", name),))


# ------------------------------------------------------- what was sealed


def _heads(check: Verification) -> dict[str, Any]:
    """Some thousand sealed heads: each row must still be there with the digest that it had."""
    name, offset = check.position["file"], check.position["offset"]
    path = next((p for p in sealfiles.paths(folder()) if p.name >= name), None)
    if path is None:
        return {"phase": "cases", "after": 0}
    if path.name != name:
        name, offset = path.name, 0
    try:
        found, offset = sealfiles.heads(path, offset, HEADS)
    except (BadSealError, OSError):  # told already, with the files
        found = []
    for finding in _sealed(found, name):
        note(check, finding)
    check.heads += len(found)
    if not found:  # the next name
        return {"phase": "heads", "file": f"{name}~", "offset": 0}
    return {"phase": "heads", "file": name, "offset": offset}


def _sealed(heads: list[Head], name: str) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(SEALED, [[h.number for h in heads], [h.version for h in heads], [h.digest for h in heads]])
        for number, version, _digest, there, digest in cursor.fetchall():
            fault = Fault.CASE_GONE if not there else Fault.CUT_OFF if digest is None else Fault.CHANGED
            yield Finding(fault, number, version, (("file", name),))


# ------------------------------------------------------------- the log itself


def _cases(check: Verification) -> dict[str, Any]:
    """A thousand cases: each chain, each state, each remark, as one statement sees them."""
    last = _judge(check, "id > %s", check.position["after"], CASES)
    return {"phase": "cases", "after": last} if last is not None else {"phase": "whole"}


def _one_case(check: Verification) -> None:
    _judge(check, "number = %s", check.number, 1)
    for path in sealfiles.paths(folder()):
        mine = sealfiles.heads_of(path, check.number)
        check.heads += len(mine)
        for finding in _sealed(mine, path.name):
            note(check, finding)


def _judge(check: Verification, which: str, value: int | str, most: int) -> int | None:
    """Judge the cases after a key, or of a number; the last key, or None where there was none."""
    runs = frozenset(Anonymisation.objects.values_list("at", flat=True).distinct())
    with connection.cursor() as cursor:
        cursor.execute(ROWS.format(which=which), [value, most])
        rows = cursor.fetchall()
    for (_key, *tip), of_case in groupby(rows, key=lambda row: row[:5]):
        steps = [_row(values[5:]) for values in of_case if values[5] is not None]
        check.cases += 1
        check.steps += len(steps)
        for finding in faults(Tip(*tip), steps, runs):
            note(check, finding)
    return rows[-1][0] if rows else None


def _row(values: tuple[Any, ...]) -> Row:
    *coded, facts, words, occurred, recorded, operation, digest, text, salt, anonymised_at = values
    link = Link._make([*coded, json.loads(facts), words, occurred, recorded, operation])
    return Row(link, digest, text, salt or "", anonymised_at)


def _whole(check: Verification) -> None:
    """Rows of no case: only somebody who took the foreign key away could leave them."""
    with connection.cursor() as cursor:
        cursor.execute(ORPHANS)
        (count,) = cursor.fetchone()
    if count:
        note(check, Finding(Fault.ORPHANS, facts=(("count", str(count)),)))


def known(number: str) -> bool:
    """Whether a case is there, or was when it was sealed."""
    if Case.objects.filter(number=number).exists():
        return True
    return any(sealfiles.heads_of(path, number) for path in sealfiles.paths(folder()))
