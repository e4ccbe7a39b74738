"""Files of components: uploaded, checked row by row, accepted as drafts, published or given up."""

import csv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from gridmap import importwords
from gridmap.componentcodes import configured
from gridmap.components import RefusedError, accept, discard, publish, recheck, record
from gridmap.components.columns import Reading
from gridmap.components.forms import COLUMNS, MOST_ROWS, ColumnsForm, UploadForm
from gridmap.components.rows import REASONS, Findings
from gridmap.imports import Run, running
from gridmap.layers import LayerError, Row
from gridmap.loaders.components import compare, examine, guessed, headers_of, read_file
from gridmap.models import Component, ComponentBatch
from people.access import allow, current_user, scope_of
from people.models import User

PAGE = 20
SHOWN = 200  # rows of a report that the page shows; the file has all


@allow(GET="data", POST="data")
def component_imports(request: HttpRequest) -> HttpResponse:
    """All imports, newest first, and the form for another; a file is only checked here, nothing of it is stored yet."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            batch = _checked(form, current_user(request))
            return redirect("gridmap:component_import", pk=batch.pk)
        except LayerError as error:
            form.add_error("file", _("文件读不出来：%(reason)s") % {"reason": error})
    page = Paginator(ComponentBatch.objects.select_related("uploaded_by"), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "gridmap/component_imports.html", context, status=422 if form.errors else 200)


def _checked(form: UploadForm, user: User) -> ComponentBatch:
    given, at = form.cleaned_data, timezone.now()
    file: UploadedFile[Any] = given["file"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / Path(file.name or "file").name
        path.write_bytes(b"".join(file.chunks()))
        rows = read_file(path, given["layer"])
    if len(rows) > MOST_ROWS:
        raise LayerError(_("超过 5 万行，请用命令 import_components 在服务器上导入。"))
    reading = guessed(rows, given["datum"], given["source"].strip(), must=False)
    found = examine(rows, reading, at=at, allowed=allowed(user))
    file.seek(0)
    told = {"layer": given["layer"], **doubts(rows, reading, file.name or "file")}
    headers = headers_of(rows)
    return record(file.name or "file", reading, found, headers, by=user, at=at, draft=False, file=file, told=told)


def doubts(rows: Sequence[Row], reading: Reading, name: str) -> dict[str, Any]:
    """What the books would say of the datum, without a load: nothing is written."""
    book = Run("components", name, Path())
    compare(book, rows, reading)
    return {"datum": [], **book.report, "warnings": book.warnings}


def allowed(user: User) -> tuple[str, ...] | None:
    """The beginnings of codes that a data manager may write; None: the whole city."""
    codes = scope_of(user).area_codes
    return None if "" in codes else tuple(code[: configured().district] for code in codes)


@allow(GET="data")
def component_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file would do, or has done: counts, columns, every row that was refused or changed."""
    batch = get_object_or_404(ComponentBatch.objects.select_related("uploaded_by", "accepted_by", "decided_by"), pk=pk)
    report = batch.report
    refused, noted, columns = report.get("refused", []), report.get("noted", []), report.get("columns", {})
    context = {
        "batch": batch,
        "refused": [_worded(note) for note in refused[:SHOWN]],
        "noted": [_worded(note) for note in noted[:SHOWN]],
        "more_refused": max(len(refused) - SHOWN, 0),
        "more_noted": max(len(noted) - SHOWN, 0),
        "reasons": _counted(refused),
        "columns": [(words, columns[what]) for what, words in COLUMNS.items() if what in columns],
        "datum": importwords.datum(batch.datum),
        "form": ColumnsForm(batch) if batch.stage == ComponentBatch.Stage.CHECKED else None,
        "drafts": batch.components.drafts().count(),
        "sample": report.get("sample", []),
        "warnings": importwords.warnings(report),
    }
    return render(request, "gridmap/component_import.html", context)


def _worded(note: list[str]) -> list[str]:
    row, column, reason, value = note
    return [row, importwords.column(column), str(REASONS.get(reason, reason)), value]


def _counted(notes: list[list[str]]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for _row, _column, reason, _value in notes:
        counts[reason] = counts.get(reason, 0) + 1
    return sorted(((str(REASONS.get(reason, reason)), n) for reason, n in counts.items()), key=lambda pair: -pair[1])


@allow(GET="data")
def component_import_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Every row that was refused or changed, as a table."""
    batch = get_object_or_404(ComponentBatch, pk=pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{batch.pk}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([_("结果"), _("行"), _("列"), _("原因"), _("值")])
    for result, name in ((_("拒绝"), "refused"), (_("提示"), "noted")):
        writer.writerows([result, *_worded(note)] for note in batch.report.get(name, []))
    return response


@allow(POST="data")
def component_import_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Check again with other columns, accept as drafts, publish, or give up; too late is a sentence."""
    batch, user = get_object_or_404(ComponentBatch, pk=pk), current_user(request)
    steps = {"recheck": _recheck, "accept": _accept, "publish": _publish, "discard": _discard}
    if step not in steps:
        raise Http404
    try:
        messages.success(request, steps[step](request, batch, user))
    except RefusedError as error:
        messages.warning(request, str(error))
    except (LayerError, OSError) as error:
        messages.error(request, _("文件读不出来：%(reason)s") % {"reason": error})
    except IntegrityError:
        messages.error(request, _("没有接收：同时有别的导入写入了相同的部件，请重新检查后再试。"))
    return redirect("gridmap:component_import", pk=pk)


def _judged(
    batch: ComponentBatch, user: User, columns: dict[str, str] | None = None
) -> tuple[Sequence[Row], Reading, Findings]:
    """The file judged again, as the database is now."""
    if not batch.file:
        raise LayerError(_("原始文件已经不在。"))
    rows = read_file(Path(batch.file.path), batch.report.get("layer", ""))
    reading = Reading(batch.datum, columns or batch.report["columns"], source=batch.source)
    return rows, reading, examine(rows, reading, at=timezone.now(), allowed=allowed(user))


def _recheck(request: HttpRequest, batch: ComponentBatch, user: User) -> str:
    form = ColumnsForm(batch, request.POST)
    if not form.is_valid():
        raise RefusedError(_("列的对应关系不对，请重新选择。"))
    rows, reading, found = _judged(batch, user, form.columns())
    batch.report |= doubts(rows, reading, batch.name)
    recheck(batch, reading, found, by=user)
    return _("已按新的对应关系重新检查。")


def _accept(request: HttpRequest, batch: ComponentBatch, user: User) -> str:
    at = timezone.now()
    rows, reading, found = _judged(batch, user)
    # only what is accepted is an import of the layer; a file that was only checked changes nothing
    with running("components", batch.name, batch.datum, at) as run:
        compare(run, rows, reading)
        accept(batch, reading, found, by=user, at=at)
        run.read, run.rejected = found.read, len(found.refused)
        run.kept = found.read - run.rejected
        run.reasons.update(note.reason for note in found.refused)
        for note in found.changed:
            run.change(note.row, note.column, note.reason)
        run.report["batch"] = batch.pk
    return _("已接收为草稿，发布后对所有人生效。")


def _publish(request: HttpRequest, batch: ComponentBatch, user: User) -> str:
    drafts = Component.objects.visible_to(user).drafts().filter(batch=batch)
    done = publish(drafts, by=user, at=timezone.now(), why=request.POST.get("why", "").strip()[:200])
    if not done.new + done.changed:
        raise RefusedError(_("这个批次没有待发布的草稿。"))
    told = {"new": done.new, "changed": done.changed, "kept": done.kept_states}
    if done.kept_states:
        return (
            _("已发布：新增 %(new)s 个，更新 %(changed)s 个；%(kept)s 个部件的状态在接收后已有变化，予以保留。") % told
        )
    return _("已发布：新增 %(new)s 个，更新 %(changed)s 个。") % told


def _discard(request: HttpRequest, batch: ComponentBatch, user: User) -> str:
    gone = discard(batch, by=user, at=timezone.now())
    return _("已放弃，删除草稿 %(count)s 个。") % {"count": gone}
