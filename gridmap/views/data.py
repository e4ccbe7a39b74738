"""The data page: every layer with its sources and its age, and each import row by row."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header

from gridmap import importwords
from gridmap.imports import HEADER, rejects_folder
from gridmap.layerfacts import layers
from gridmap.models import Import
from people.access import allow

PAGE = 50
RECENT = 12
# what residents wrote is no business of data managers: their rejected rows stay on the server
PRIVATE = "reports"


@allow(GET="data")
def data(request: HttpRequest) -> HttpResponse:
    """Each layer: rows, sources, datum, last update, quality; and the last imports."""
    found = layers(timezone.now())
    recent = [(run, importwords.layer(run.layer)) for run in Import.objects.with_counts()[:RECENT]]
    context = {"layers": [f for f in found if f.rows or f.sources], "missing": [f for f in found if not f.rows]}
    return render(request, "gridmap/data.html", context | {"recent": recent})


@allow(GET="data")
def import_report(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import: figures, warnings, reasons of rejected rows, and every change, fifty to a page."""
    found = get_object_or_404(Import, pk=import_id)
    report: dict[str, Any] = found.report
    changes = report.get("changes", [])
    page = Paginator(changes, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "gridmap/import.html",
        {
            "found": found,
            "layer": importwords.layer(found.layer),
            "datum": importwords.datum(found.datum),
            "warnings": importwords.warnings(report),
            "comparisons": importwords.comparisons(report),
            "rejects": _counted(report.get("rejects", {})),
            "has_file": _rejects_file(found) is not None,
            "kinds": importwords.kinds_of(changes),
            "page": page,
            "rows": [_change(one) for one in page],
        },
    )


@allow(GET="data")
def import_rejects(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """The rejected rows of one import as CSV, with row, column, reason and every value; 404 where they are not kept."""
    found = get_object_or_404(Import, pk=import_id)
    path = _rejects_file(found)
    if path is None:
        raise Http404
    response = StreamingHttpResponse(_lines(path, found.source), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"rejects-{found.pk}.csv")
    return response


def _rejects_file(found: Import) -> Path | None:
    """Only a name that the loader itself wrote into the report, only in the folder of rejects."""
    name = Path(found.report.get("rejects_file", "")).name
    path = rejects_folder() / name
    return path if name and found.layer != PRIVATE and path.is_file() else None


class _Line:
    """What csv.writer writes to: hands each line back."""

    def write(self, line: str) -> str:
        return line


def _lines(path: Path, source: str) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(HEADER)  # Excel reads UTF-8 only with the mark
    with path.open(encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            if row["file"] == source:
                yield writer.writerow([row[name] for name in HEADER])


def _counted(reasons: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(((importwords.reason(text), count) for text, count in reasons.items()), key=lambda one: -one[1])


def _change(one: dict[str, Any]) -> dict[str, Any]:
    column, reason = importwords.column(one["field"]), importwords.reason(one["reason"])
    return {"row": one["row"], "field": column, "reason": reason}
