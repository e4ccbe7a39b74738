"""Orders from files: uploaded, looked at row by row, registered by the worker; what is rejected is put right here."""

import csv
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.orderforms import ColumnsForm, CorrectForm, UploadForm
from dispatch.models import OrderFile, OrderRow, Report
from dispatch.orders import taking
from dispatch.orders.columns import FIELDS
from dispatch.orders.reading import Note, Order, Reason, Rules, read_row
from dispatch.orders.tables import REST, OrdersError, read_table, shielded
from people.access import allow, current_user

FILES, ROWS = 20, 20
Stage = OrderFile.Stage


@allow(GET="intake.import", POST="intake.import")
def orders(request: HttpRequest) -> HttpResponse:
    """Files that the user may see, and the form for another; a file is only looked at here, nothing is registered."""
    now = timezone.now()
    files = OrderFile.objects.visible_to(current_user(request)).with_counts().select_related("channel", "uploaded_by")
    first = {"channel": files.filter(uploaded_by=current_user(request)).values_list("channel", flat=True).first()}
    form = UploadForm(timezone.localdate(now), request.POST or None, request.FILES or None, initial=first)
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
    page = Paginator(files, FILES).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    return render(request, "desks/orders.html", context, status=422 if form.is_bound and form.errors else 200)


@dataclass(frozen=True)
class Line:
    """A row as the page shows it: its words, what was changed in it, why it is no report, the form to put it right.

    `rest` are cells beyond the last head; `there` is the report that has its number.
    """

    row: OrderRow
    ref: str
    text: str
    rest: str
    changed: list[str]
    reason: str
    there: Report | None
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
    usual = OrderRow.State.REJECTED if bound or counts["rejected"] else first
    chosen = wished if wished in counts and not bound else usual
    rows = file.rows.filter(state=chosen).select_related("report__case")
    paginator = Paginator(rows, ROWS)
    paginator.count = counts[chosen]
    page = paginator.get_page(request.GET.get("page"))
    return {
        "file": file,
        "counts": counts,
        "total": sum(counts.values()),
        "rejects": taking.rejects(file).exists(),
        "done": sum(counts.values()) - counts["waiting"],
        "tabs": tabs,
        "chosen": chosen,
        "refused": bound.row if bound else None,
        "page": page,
        "lines": _lines(file, page, bound),
        "columns": ColumnsForm(file),
        "mapped": [(known.label, file.columns[name]) for name, known in FIELDS.items() if name in file.columns],
    }


def _lines(file: OrderFile, page: "Page[OrderRow]", bound: CorrectForm | None) -> list[Line]:
    rules = taking.rules_of(file, timezone.now())
    read = [(row, _ref_and_text(row, file, rules)) for row in page]
    twice = [ref for row, (ref, _text) in read if row.reason == Reason.OTHER_TEXT]
    same = Report.objects.filter(channel=file.channel, external_ref__in=twice).select_related("case") if twice else ()
    there = {report.external_ref: report for report in same}
    lines = []
    for row, (ref, text) in read:
        form = None
        if row.state == OrderRow.State.REJECTED and file.stage == Stage.DONE:
            form = bound if bound and bound.row.pk == row.pk else CorrectForm(row, file.columns)
        rest = "" if row.values.get(REST, "") in text else row.values[REST]
        told = there.get(ref) if row.reason == Reason.OTHER_TEXT else None
        lines.append(Line(row, "" if ref.startswith("#") else ref, text, rest, _changed(row), reason(row), told, form))
    return lines


def _ref_and_text(row: OrderRow, file: OrderFile, rules: Rules) -> tuple[str, str]:
    """Number and words of a row, as registered, as read, or, where no column is known for them, as they came."""
    if row.report is not None:
        return row.report.external_ref, row.report.text
    found = read_row(row.values, file.columns, row.corrected, rules)
    if isinstance(found, Order):
        return found.ref, found.text
    ref, text = (row.corrected.get(n, row.values.get(file.columns.get(n, ""), "")) for n in ("ref", "text"))
    words = (row.values.get(head, "").strip() for head in [*file.heads, REST])
    return ref, text or " | ".join(word for word in words if word)


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


@allow(GET="intake.import", POST="intake.import")
def order_row(request: HttpRequest, file_id: int, row_id: int) -> HttpResponse:
    """Put a reject right and try it again, or say that it is no order; the page of rows stays the same."""
    file = _file_or_404(request, file_id)
    row = get_object_or_404(file.rows, pk=row_id)
    number = request.GET.get("page", "")
    page = f"?rows={OrderRow.State.REJECTED}&page={number if number.isdecimal() else 1}"
    back = redirect(reverse("desks:order_file", args=[file.pk]) + page)
    if request.method != "POST":  # the address of a refused form, opened again
        return back
    if row.state != OrderRow.State.REJECTED or file.stage != Stage.DONE:
        messages.warning(request, _("这一行已经处理过，没有改动。"))
        return back
    if "drop" in request.POST:
        taking.drop(row)
        messages.success(request, _("第 %(row)s 行不再登记，原文和原因保留。") % {"row": row.number})
        return back
    form = CorrectForm(row, file.columns, request.POST)
    if not form.is_valid():
        return render(request, "desks/orderfile.html", _context(request, file, form), status=422)
    row = taking.correct(row, form.changed(), at=timezone.now())
    if row.reason:
        messages.error(request, _("第 %(row)s 行仍未登记。%(reason)s") % {"row": row.number, "reason": reason(row)})
    else:
        messages.success(request, _("第 %(row)s 行已登记。") % {"row": row.number})
    return back


@allow(GET="intake.import")
def order_rejects(request: HttpRequest, file_id: int) -> HttpResponse:
    """The rejects as a table that can be put right and uploaded again: row, field, reason, and the row as it came."""
    file = _file_or_404(request, file_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="rejects-{file.pk}.csv"'
    response.write("\ufeff")  # Excel reads UTF-8 only with the mark
    writer = csv.writer(response)
    heads = [*file.heads, REST] if taking.rejects(file).filter(values__has_key=REST).exists() else file.heads
    writer.writerow([_("行"), _("未登记的原因"), *map(shielded, heads)])
    for row in taking.rejects(file).iterator(ROWS):
        writer.writerow([row.number, reason(row), *(shielded(row.values.get(head, "")) for head in heads)])
    return response
