"""台账 of one agency: a page, and the same as a file (P3.13, P3.25)."""

import csv
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from desks.ledgers import agencies_of, cells, entries, leaf, verdict
from dispatch.orders.tables import shielded
from people.access import allow, current_user

PAGE = 50


@allow(GET="ledger")
def ledger(request: HttpRequest) -> HttpResponse:
    """The agency that was chosen, or the first one."""
    user = current_user(request)
    agencies = list(agencies_of(user))
    asked = request.GET.get("agency", "")
    chosen = next((agency for agency in agencies if agency.code == asked), agencies[0] if agencies else None)
    context: dict[str, Any] = {"agencies": agencies, "chosen": chosen, "page": None, "rows": []}
    if chosen is not None:
        page = leaf(entries(user, chosen), request.GET.get("page", ""), PAGE)
        earlier, later = page.number - 1, page.number + 1 if page.more else 0
        rows = [(part, verdict(part)) for part in page.rows]
        context |= {"page": page, "earlier": earlier, "later": later, "rows": rows}
    return render(request, "desks/ledger.html", context)


@allow(GET="ledger")
def ledger_file(request: HttpRequest, agency_code: str) -> HttpResponse:
    """All of it as a table."""
    user = current_user(request)
    agency = get_object_or_404(agencies_of(user), code=agency_code)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="ledger-{agency.pk}.csv"'
    response.write("\ufeff")  # Excel reads UTF-8 only with the mark
    writer = csv.writer(response)
    heads = (_("案件编号"), _("渠道"), _("类别"), _("问题描述"), _("状态"), _("派遣时间"), _("签收时间"))
    writer.writerow([*heads, _("处置时间"), _("结案时间"), _("结论"), _("处置结果")])
    for row in cells(entries(user, agency)):
        writer.writerow(map(shielded, row))
    return response
