"""Orders from files: uploaded, looked at row by row, registered by the worker; what is rejected is put right here."""

import csv
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.orderforms import ColumnsForm, CorrectForm, UploadForm
from dispatch.models import OrderFile, OrderRow
from dispatch.orders import taking
from dispatch.orders.columns import FIELDS
from dispatch.orders.reading import Note, Order, Reason, read_row
from dispatch.orders.tables import OrdersError, read_table, shielded
from people.access import allow, current_user

FILES, ROWS = 20, 20
Stage = OrderFile.Stage


@allow(GET="intake.import", POST="intake.import")
def orders(request: HttpRequest) -> HttpResponse:
    """Files that the user may see, and the form for another; a file is only looked at here, nothing is registered."""
    now = timezone.now()
    form = UploadForm(timezone.localdate(now), request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            data = upload.read()
            table = read_table(upload.name or "", data)
        except OrdersError as error:
            form.add_error("file", str(error))
        else:
            channel = form.cleaned_data["channel"]
            file = taking.open_file(upload.name, data, table, channel=channel, by=current_user(request), at=now)
            return redirect("desks:order_file", file_id=file.pk)
    files = OrderFile.objects.visible_to(current_user(request)).with_counts().select_related("channel", "uploaded_by")
    page = Paginator(files, FILES).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "desks/orders.html", context, status=422 if form.is_bound and form.errors else 200)


@dataclass(frozen=True)
class Line:
    """A row as the page shows it: its words, what was changed in it, why it is no report, the form to put it right."""

    row: OrderRow
    ref: str
    text: str
    changed: list[str]
    reason: str
    form: CorrectForm | None


@allow(GET="intake.import")
def order_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """One file: what would become of its rows, or what has; the part that changes alone for htmx."""
    file = _file_or_404(request, file_id)
    template = "desks/_orderfile.html" if getattr(request, "htmx", False) else "desks/orderfile.html"
    return render(request, template, _context(request, file))


def _file_or_404(request: HttpRequest, file_id: int) -> OrderFile:
    seen = OrderFile.objects.visible_to(current_user(request)).select_related("channel", "uploaded_by")
    return get_object_or_404(seen, pk=file_id)


def _context(request: HttpRequest, file: OrderFile, bound: CorrectForm | None = None) -> dict[str, Any]:
    counts = taking.counts(file)
    tabs = [
        (state, OrderRow.State(state).label, count)
        for state, count in counts.items()
        if count or state == OrderRow.State.REJECTED
    ]
    wished = request.GET.get("rows", "")
    first = next((state for state, _label, count in tabs if count), OrderRow.State.REJECTED)
    chosen = wished if wished in counts else (OrderRow.State.REJECTED if counts["rejected"] else first)
    rows = file.rows.filter(state=chosen).select_related("report__case")
    paginator = Paginator(rows, ROWS)
    paginator.count = counts[chosen]
    page = paginator.get_page(request.GET.get("page"))
    return {
        "file": file,
        "counts": counts,
        "total": sum(counts.values()),
        "done": sum(counts.values()) - counts["waiting"],
        "tabs": tabs,
        "chosen": chosen,
        "page": page,
        "lines": _lines(file, page, bound),
        "columns": ColumnsForm(file),
        "mapped": [(FIELDS[name].label, head) for name, head in file.columns.items() if name in FIELDS],
    }


def _lines(file: OrderFile, page: "Page[OrderRow]", bound: CorrectForm | None) -> list[Line]:
    rules = taking.rules_of(file, timezone.now())
    lines = []
    for row in page:
        found = read_row(row.values, file.columns, row.corrected, rules) if row.values else None
        if row.report is not None:
            ref, text = row.report.external_ref, row.report.text
        elif isinstance(found, Order):
            ref, text = found.ref, found.text
        else:
            ref, text = (row.values.get(file.columns.get(name, ""), "") for name in ("ref", "text"))
        form = None
        if row.state == OrderRow.State.REJECTED and file.stage == Stage.DONE:
            form = bound if bound and bound.row.pk == row.pk else CorrectForm(row, file.columns)
        lines.append(Line(row, "" if ref.startswith("#") else ref, text, _changed(row), reason(row), form))
    return lines


def reason(row: OrderRow) -> str:
    """Field and reason of a reject in the reader's language."""
    if not row.reason:
        return ""
    said = str(Reason(row.reason).label)
    return (
        _("%(field)s：%(reason)s") % {"field": FIELDS[row.field].label, "reason": said} if row.field in FIELDS else said
    )


def _changed(row: OrderRow) -> list[str]:
    """What was changed in a row, with its field."""
    found = []
    for name, kind, count in row.notes:
        told = {"field": FIELDS[name].label, "change": Note(kind).label, "n": count}
        found.append((_("%(field)s：%(change)s（%(n)s 处）") if count > 1 else _("%(field)s：%(change)s")) % told)
    return found


@allow(POST="intake.import")
def order_step(request: HttpRequest, file_id: int, step: str) -> HttpResponse:
    """Read the file by other columns, register it, or give it up; too late is a sentence."""
    file = _file_or_404(request, file_id)
    if step not in ("columns", "start", "give_up"):
        raise Http404
    if file.stage != Stage.CHECKED:
        messages.warning(request, _("这个文件已经处理过，没有改动。"))
    elif step == "columns":
        form = ColumnsForm(file, request.POST)
        if form.is_valid():
            file.columns, file.traditional = form.columns(), form.cleaned_data["traditional"]
            file.save(update_fields=["columns", "traditional"])
            taking.judge(file, timezone.now())
            messages.success(request, _("已按新的对应关系重新检查。"))
        else:
            messages.error(request, _("列的对应关系不对，请重新选择。"))
    elif step == "start":
        taking.start(file)
    else:
        taking.give_up(file)
        messages.success(request, _("已放弃，没有登记任何诉求。"))
    return redirect("desks:order_file", file_id=file.pk)


@allow(POST="intake.import")
def order_row(request: HttpRequest, file_id: int, row_id: int) -> HttpResponse:
    """Put a reject right and try it again, or say that it is no order."""
    file = _file_or_404(request, file_id)
    row = get_object_or_404(file.rows, pk=row_id)
    if row.state != OrderRow.State.REJECTED or file.stage != Stage.DONE:
        messages.warning(request, _("这一行已经处理过，没有改动。"))
        return redirect("desks:order_file", file_id=file.pk)
    if "drop" in request.POST:
        taking.drop(row)
        messages.success(request, _("第 %(row)s 行不再登记，原文和原因保留。") % {"row": row.number})
        return redirect("desks:order_file", file_id=file.pk)
    form = CorrectForm(row, file.columns, request.POST)
    if not form.is_valid():
        return render(request, "desks/orderfile.html", _context(request, file, form), status=422)
    row = taking.correct(row, form.changed(), at=timezone.now())
    if row.reason:
        messages.error(request, _("第 %(row)s 行仍未登记。%(reason)s") % {"row": row.number, "reason": reason(row)})
    else:
        messages.success(request, _("第 %(row)s 行已登记。") % {"row": row.number})
    return redirect("desks:order_file", file_id=file.pk)


@allow(GET="intake.import")
def order_rejects(request: HttpRequest, file_id: int) -> HttpResponse:
    """The rejects as a table that can be put right and uploaded again: row, field, reason, and the row as it came."""
    file = _file_or_404(request, file_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rejects-{file.pk}.csv"'
    response.write("\ufeff")  # Excel reads UTF-8 only with the mark
    writer = csv.writer(response)
    writer.writerow([_("行"), _("未登记的原因"), *file.heads])
    for row in taking.rejects(file):
        writer.writerow([row.number, reason(row), *(shielded(row.values.get(head, "")) for head in file.heads)])
    return response
