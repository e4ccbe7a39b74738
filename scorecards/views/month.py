"""The month's scorecard: one table for managers, its export, and freezing it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from people.access import allow, current_user, roles_of
from people.permissions import may
from scorecards.actions import AlreadyFrozenError, MonthNotOverError, freeze
from scorecards.cards import Sheet, edition_of, sheet_of
from scorecards.columns import BY_KEY, HEADLINES, TABLES, Table, cell, in_order, row, sorts
from scorecards.export import workbook
from scorecards.figures import Question
from scorecards.formulas import FIGURES, PLATFORM
from scorecards.periods import Month
from scorecards.rules import SWITCHES
from scorecards.scores import department
from scorecards.views.asked import ALL, month_in
from scorecards.wording import bands_words, definitions, formula_words

CHOICE_OF_MONTHS = 36
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow(GET="scorecards")
def month(request: HttpRequest) -> HttpResponse:
    """All agencies of a month, every figure with its list behind it."""
    sheet = sheet_of(month_in(request.GET.get("month", "")), timezone.now())
    return render(request, "scorecards/month.html", _context(request, sheet))


def _context(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    table = BY_KEY.get(request.GET.get("view", ""), TABLES[0])
    sort = request.GET.get("sort", "place")
    if sort.removeprefix("-") not in sorts(table):
        sort = "place"
    edition, roles = sheet.edition, roles_of(request)
    formula = department(edition.rules)
    this_month = Month.of(timezone.now(), settings.CITY.zone)
    return {
        "sheet": sheet,
        "edition": edition,
        "month": edition.month,
        "this_month": this_month,
        "months": _months(this_month, edition.month),
        "tables": TABLES,
        "table": table,
        "heads": _heads(table, sort),
        "sort": sort,
        "rows": [row(card, table) for card in in_order(sheet.cards, sort)],
        "total": row(sheet.total, table),
        "all": ALL,
        "headlines": [cell(sheet.total, key) for key in HEADLINES],
        "definitions": definitions(table.figures, edition),
        "switches": [(switch, switch.said[bool(getattr(edition.rules, switch.key))]) for switch in SWITCHES],
        "score_words": formula_words(formula, FIGURES),
        "bands_words": bands_words(formula, FIGURES),
        "score_source": PLATFORM,
        "score_version": edition.versions.get("score", ""),
        "may_export": may(roles, "scorecards.export"),
        "may_freeze": may(roles, "scorecards.freeze"),
    }


def _months(last: Month, shown: Month) -> list[Month]:
    """The choice of months: three years back from the running one, and the shown one."""
    months = [last]
    while len(months) < CHOICE_OF_MONTHS:
        months.append(months[-1].previous)
    return sorted({*months, shown}, reverse=True)


def _heads(table: Table, sort: str) -> list[dict[str, Any]]:
    """Column heads with the sort that a click asks for: the biggest first, then the smallest."""
    heads = []
    for figure in definitions(table.figures, None):
        chosen = sort.removeprefix("-") == figure.key
        down = sort.startswith("-")
        next_sort = figure.key if chosen and down else f"-{figure.key}"
        aria = ("descending" if down else "ascending") if chosen else None
        heads.append({"figure": figure, "sort": next_sort, "aria": aria})
    return heads


@allow(GET="scorecards.export")
def export(request: HttpRequest) -> HttpResponse:
    """The month as a workbook: figures, the rows behind them, definitions."""
    sheet = sheet_of(month_in(request.GET.get("month", "")), timezone.now())
    response = HttpResponse(workbook(sheet, current_user(request)), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="scorecard-{sheet.edition.month}.xlsx"'
    return response


@allow(POST="scorecards.freeze")
def freeze_month(request: HttpRequest) -> HttpResponse:
    """Publish a month that has ended; the second time, and too early, it says so and changes nothing."""
    asked, at = month_in(request.POST.get("month", "")), timezone.now()
    question = Question(asked, at, edition_of(asked, at).rules)
    try:
        freeze(question, by=current_user(request))
    except MonthNotOverError:
        refusal = _("本月尚未结束，月末之后才能发布。")
    except AlreadyFrozenError:
        refusal = _("这个月的考评已经发布过，数据没有改动。")
    else:
        messages.success(request, _("已发布。这个月的数据和明细从此不再改动。"))
        return redirect(f"{reverse('scorecards:month')}?month={asked}")
    context = _context(request, sheet_of(asked, at)) | {"refusal": refusal}
    return render(request, "scorecards/month.html", context, status=409)
