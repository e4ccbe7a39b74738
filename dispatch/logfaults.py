"""What is wrong with the log of one case. Pure: rows in, findings out.

The chain is followed by digests, not by the numbers that rows state: a row belongs where its digest says. So a row
that was moved, put in, taken out or rewritten is told apart.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from dispatch import chain


class Fault(StrEnum):
    """Every kind of finding; sentences stand in dispatch/findings.py."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    MOVED = "moved"
    CUT_OFF = "cut_off"
    STATE = "state"
    HEAD = "head"
    WORDS_CHANGED = "words_changed"
    WORDS_GONE = "words_gone"
    WORDS_ADDED = "words_added"
    WORDS_UNLOGGED = "words_unlogged"
    ORPHANS = "orphans"
    CASE_GONE = "case_gone"
    SEAL_BROKEN = "seal_broken"
    SEAL_CUT = "seal_cut"
    SEAL_CHANGED = "seal_changed"
    SEAL_MISSING = "seal_missing"
    SEAL_UNKNOWN = "seal_unknown"
    SEAL_CHAIN = "seal_chain"
    SEAL_UNSIGNED = "seal_unsigned"
    SEAL_FORGED = "seal_forged"
    SEAL_COUNT = "seal_count"


class Finding(NamedTuple):
    """One fault, of which case and at which version of it; `facts` are parameters of its sentence."""

    fault: Fault
    number: str = ""
    version: int = 0
    facts: tuple[tuple[str, str], ...] = ()


class Tip(NamedTuple):
    """What the case says about its log."""

    number: str
    version: int
    state: str
    head: str


class Row(NamedTuple):
    """A stored step with its words; `text` is None where there is no remark."""

    link: chain.Link
    digest: str
    text: str | None = None
    salt: str = ""
    anonymised_at: datetime | None = None


def faults(tip: Tip, rows: Sequence[Row], runs: frozenset[datetime]) -> list[Finding]:
    """Everything that is wrong with one case; `runs` are the moments at which words were anonymised by rule."""
    found = [*_order(tip, rows), *_end(tip, rows)]
    for row in rows:
        fault = _words(row, runs)
        if fault is not None:
            found.append(Finding(fault, tip.number, row.link.version))
    return found


def _order(tip: Tip, rows: Sequence[Row]) -> Iterator[Finding]:
    """Follow the chain from the case's number; rows in the order of their versions."""
    left, version, shift = list(rows), 1, 0  # `shift`: by how much rows that were put in moved those after them
    previous: str | None = chain.begin(tip.number)
    earlier: tuple[Row, str] | None = None  # the row followed last, and what came before it
    while left:
        at = _fitting(left, previous, version)
        if at and not _comes_later(left, previous, version):
            yield Finding(Fault.INSERTED, tip.number, left.pop(0).link.version)
            shift += 1
            continue
        if at is None and earlier is not None:  # does the chain go on as if the last row had not been there?
            at = _fitting(left, earlier[1], version - 1)
            if at is not None:
                yield Finding(Fault.INSERTED, tip.number, earlier[0].link.version)
                version, previous, shift = version - 1, earlier[1], shift + 1
        row, stated = left.pop(at or 0), version + shift
        if at is None and row.link.version > stated:
            yield Finding(Fault.MISSING, tip.number, stated, (("last", str(row.link.version - 1)),))
            version = row.link.version - shift
        elif at is None and previous is not None:
            yield Finding(Fault.CHANGED, tip.number, row.link.version)
        elif at is not None and row.link.version != stated:
            yield Finding(Fault.MOVED, tip.number, row.link.version, (("place", str(version)),))
        # after a row that does not fit, what it states is what the next one has to follow
        earlier, previous, version = ((row, previous) if previous else None), row.digest, version + 1


def _fitting(rows: Sequence[Row], previous: str | None, version: int) -> int | None:
    """Where the row is that follows a digest as this version; nearly always it is the first one."""
    if previous is None:
        return None
    for at, row in enumerate(rows[:8]):
        if chain.follow(previous, row.link._replace(version=version)) == row.digest:
            return at
    return None


def _comes_later(rows: Sequence[Row], previous: str | None, version: int) -> bool:
    """Whether the first row has a place further on in the chain, so that it was moved and not put in."""
    left = list(rows)
    while (at := _fitting(left, previous, version)) is not None:
        if left[at] is rows[0]:
            return True
        previous, version = left.pop(at).digest, version + 1
    return False


def _end(tip: Tip, rows: Sequence[Row]) -> Iterator[Finding]:
    """Whether the case stands where its log ends."""
    last = max(rows, key=lambda row: row.link.version, default=None)
    reached = last.link.version if last is not None else 0
    if reached < tip.version:
        yield Finding(Fault.CUT_OFF, tip.number, reached + 1, (("last", str(tip.version)),))
    elif last is not None and (reached, last.link.to_state) != (tip.version, tip.state):
        told = (("state", tip.state), ("stated", str(tip.version)), ("logged", last.link.to_state))
        yield Finding(Fault.STATE, tip.number, reached, told)
    elif last is not None and last.digest != tip.head:
        yield Finding(Fault.HEAD, tip.number, reached)


def _words(row: Row, runs: frozenset[datetime]) -> Fault | None:
    """Whether the words are those that were said."""
    if row.text is None:
        return Fault.WORDS_GONE if row.link.words else None
    if not row.link.words:
        return Fault.WORDS_ADDED
    if row.anonymised_at is not None:
        return None if row.text == "" and row.anonymised_at in runs else Fault.WORDS_UNLOGGED
    try:
        said = chain.digest_of_words(row.salt, row.text)
    except ValueError:  # the salt is no longer one
        return Fault.WORDS_CHANGED
    return None if said == row.link.words else Fault.WORDS_CHANGED


def as_json(finding: Finding) -> dict[str, Any]:
    return {"fault": str(finding.fault), "number": finding.number, "version": finding.version, **dict(finding.facts)}
