"""Loads reports in bulk: read, decide, write, and the table of what became of every row."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from tqdm import tqdm

from dispatch.bulk import Decided, decide, write
from dispatch.incoming import ClassFact, accept, classes_of
from dispatch.models import Channel, Report
from gridmap.gazetteer import MemoryGazetteer
from gridmap.imports import Run, need, running
from gridmap.layers import find, read_rows


@dataclass(frozen=True)
class Loaded:
    """What became of the rows of one file."""

    run: Run
    levels: Counter[str]
    located: int
    in_cell: int
    outside: int
    classed: int
    routed: int


def load_reports(folder: Path, at: datetime, rejects: Path | None = None) -> Loaded:
    """Load the file of the city's table [reports]: every row becomes a report with its case, or a rejected line.

    Raises LayerError for an unreadable file, KeyError for an incomplete mapping.
    """
    mapping = need(settings.CITY.mapping, "reports", "reports")
    path = find(folder, need(mapping, "file", "reports"))
    channel = _channel(need(mapping, "channel", "reports"))
    with running("reports", path.name, need(mapping, "datum", "reports"), at, rejects) as run:
        rows = read_rows(path)
        run.read = len(rows)
        known = set(Report.objects.filter(channel=channel).values_list("external_ref", flat=True))
        incoming = accept(run, rows, mapping, _classes(), known, at)
        decided = decide(incoming, MemoryGazetteer.from_database(), _locating, channel=channel) if incoming else []
        with tqdm(total=5 * len(decided), desc="writing", unit="rows", disable=None) as shown:
            write(decided, channel, at, shown.update)
        run.kept = len(decided)
        loaded = _summary(run, decided)
        run.report["located by level"] = dict(loaded.levels)
        run.report["located"], run.report["in a cell"] = loaded.located, loaded.in_cell
        run.report["outside"], run.report["routed"] = loaded.outside, loaded.routed
    return loaded


def table(loaded: Loaded) -> str:
    """The result in lines: read, located by level, in a cell, outside, classed, routed, rejected, seconds."""
    run, kept = loaded.run, loaded.run.kept

    def line(words: str, count: int) -> str:
        return f"{words:28} {count:9,}" + (f" {count / kept:7.1%}" if kept else "")

    lines = [f"{'read':28} {run.read:9,}", line("kept", kept), line("located", loaded.located)]
    lines += [line(f"  by {level}", count) for level, count in loaded.levels.most_common()]
    lines += [
        line("in a cell", loaded.in_cell),
        line("outside the grid", loaded.outside),
        line("with a class", loaded.classed),
        line("routed", loaded.routed),
        f"{'rejected':28} {run.rejected:9,}",
    ]
    lines += [f"  {count:,} × {reason}" for reason, count in run.reasons.most_common()]
    lines.append(f"{'kept with a change':28} {len(run.changes):9,}")
    lines.append(f"{'seconds':28} {run.seconds:9.1f}")
    if run.rejected:
        lines.append(f"rejected rows: {run.rejects_file}")
    return "\n".join(lines)


def _locating(rows: Iterable[Any]) -> Iterable[Any]:
    shown: Iterable[Any] = tqdm(rows, desc="locating", unit="reports", disable=None)
    return shown


def _channel(entry: Mapping[str, str]) -> Channel:
    channel, _ = Channel.objects.get_or_create(key=entry["key"], defaults={"name": entry["name"]})
    return channel


def _classes() -> dict[str, ClassFact]:
    """The dictionary of the city's file, with the lines that it names."""
    dictionary = settings.CITY.mapping.get("dictionary", {})
    lines = {
        f"{major['code']}-{minor['code']}": minor["line"]
        for major in dictionary.get("majors", ())
        for minor in major["minors"]
        if "line" in minor
    }
    return classes_of(dictionary.get("edition", ""), lines)


def _summary(run: Run, decided: list[Decided]) -> Loaded:
    return Loaded(
        run=run,
        levels=Counter(str(one.answer.level) for one in decided if one.answer.found),
        located=sum(one.answer.found for one in decided),
        in_cell=sum(one.placed.cell_id is not None for one in decided),
        outside=sum(one.placed.outside for one in decided),
        classed=sum(one.incoming.category is not None for one in decided),
        routed=sum(one.proposal.agency_id is not None for one in decided),
    )
