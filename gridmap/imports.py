"""The books of loaders: nothing is lost, every input row is kept or stands in the rejects file with its reason."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings

from gridmap.datumcheck import FILE, Finding
from gridmap.layers import Row
from gridmap.models import Import

HEADER = ("file", "row", "field", "reason", "values")
_STRICT: ContextVar[bool] = ContextVar("strict", default=False)


class SuspectDatumError(ValueError):
    """Coordinates that look like another datum, in a load that was asked to be strict."""


@contextmanager
def strictly(on: bool = True) -> Iterator[None]:
    """Loads inside refuse a file whose coordinates look like another datum, instead of only saying so."""
    token = _STRICT.set(on)
    try:
        yield
    finally:
        _STRICT.reset(token)


def rejects_folder() -> Path:
    """Where rejects files go unless a command says otherwise: they hold what residents wrote, never commit them."""
    return Path(settings.BASE_DIR) / ".local" / "rejects"


@dataclass
class Run:
    """One run of one loader over one file."""

    layer: str
    source: str
    rejects_file: Path
    read: int = 0
    kept: int = 0
    rejected: int = 0
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    changes: list[dict[str, Any]] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    book: Import | None = None

    def compared(self, finding: Finding | None) -> None:
        """Note how well the stated datum fits; what looks like another one is a warning, or refused when strict."""
        if finding is None:
            return
        self.report.setdefault("datum", []).append(finding.as_json())
        if finding.suspect is not None:
            self.suspect(suspicion(finding))

    def suspect(self, sentence: str) -> None:
        """Warn of a datum that cannot be the stated one; raises SuspectDatumError when strict."""
        if _STRICT.get():
            raise SuspectDatumError(f"{self.source}: {sentence}")
        self.warn(sentence)

    def warn(self, sentence: str) -> None:
        """Something about the whole file that somebody has to look at; also after the books are closed."""
        self.warnings.append(sentence)
        if self.book is not None:
            self.book.report["warnings"] = self.warnings
            self.book.save(update_fields=["report"])

    def reject(self, row: Row, column: str, reason: str) -> None:
        """Write a row to the rejects file: once per row, with the first reason that was found."""
        self.rejected += 1
        self.reasons[reason] += 1
        new = not self.rejects_file.exists()
        self.rejects_file.parent.mkdir(parents=True, exist_ok=True)
        with self.rejects_file.open("a", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened)
            if new:
                writer.writerow(HEADER)
            values = json.dumps(row.values, ensure_ascii=False)
            writer.writerow([self.source, row.number, column, reason, values])

    def change(self, row: int | str, column: str, reason: str) -> None:
        """Note a value that was kept, but not as it came; `row` is a number of the file or a code."""
        self.changes.append({"row": row, "field": column, "reason": reason})


@contextmanager
def running(layer: str, source: str, datum: str, at: datetime, rejects: Path | None = None) -> Iterator[Run]:
    """Keep the books of one load; writes the Import row at the end, also the counts and every change.

    Raises RuntimeError when kept and rejected rows do not add up to the rows read: a loader that loses rows.
    """
    folder = rejects or rejects_folder()
    run = Run(layer, source, folder / f"{settings.CITY.key}-{layer.replace(':', '-')}-{at:%Y%m%dT%H%M%S}.csv")
    started = monotonic()
    yield run
    run.seconds = round(monotonic() - started, 2)
    if run.read != run.kept + run.rejected:
        raise RuntimeError(f"{source}: {run.read} rows read, {run.kept} kept and {run.rejected} rejected")
    run.book = Import.objects.create(
        layer=layer,
        source=source,
        datum=datum,
        started_at=at,
        seconds=run.seconds,
        rows_read=run.read,
        rows_kept=run.kept,
        rows_rejected=run.rejected,
        report={
            "changes": run.changes,
            "rejects": dict(run.reasons),
            "rejects_file": run.rejects_file.name if run.rejected else "",
            "warnings": run.warnings,
            **run.report,
        },
    )


def suspicion(finding: Finding) -> str:
    """The sentence of a finding with its figures, in English for commands and logs."""
    best, base = finding.suspect, finding.fits[0]
    if best is None:
        return ""
    looks, stated = best.datum.upper(), finding.stated.upper()
    if best.who == FILE:
        told = f"these coordinates look like {looks}, stated is {stated}"
    else:
        told = f"what is loaded already looks like {looks}, if this file is {stated} as stated"
    figures = []
    if best.agrees is not None and base.agrees is not None:
        what = (
            "of the rows lie in the area that they state" if finding.evidence == "district" else "of the ground agrees"
        )
        figures.append(f"{best.agrees:.1%} {what} ({base.agrees:.1%} as stated)")
    if best.metres is not None and base.metres is not None:
        figures.append(f"median distance {best.metres:,.0f} m ({base.metres:,.0f} m as stated)")
    figures.append(f"{best.better:,} of {finding.rows:,} fit better, {best.worse:,} worse")
    return f"{told}: {'; '.join(figures)}"


def as_of(mapping: Mapping[str, Any]) -> dict[str, str]:
    """The day of the data by the city's file (`as_of = 2019-01-01`), for the report; a load is no younger data."""
    return {"as_of": mapping["as_of"].isoformat()} if "as_of" in mapping else {}


def need(mapping: Mapping[str, Any], key: str, where: str) -> Any:  # noqa: ANN401 - values of the city's file
    """A value of the city's mapping; raises KeyError with a sentence that names table and key."""
    if key not in mapping:
        raise KeyError(f"fixtures/cities/{settings.CITY.key}.toml: [{where}] has no '{key}'")
    return mapping[key]
