"""得分试算: other formulas over a month, beside the one in force, before any of them counts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from people.access import allow
from scorecards.cards import sheet_of
from scorecards.formulas import FIGURES
from scorecards.periods import Month
from scorecards.trials import trial
from scorecards.views.asked import month_in
from scorecards.wording import bands_words, formula_words


@allow(GET="scorecards")
def trials(request: HttpRequest) -> HttpResponse:
    """All agencies of a month by every formula; nothing is stored."""
    at = timezone.now()
    sheet = sheet_of(month_in(request.GET.get("month", "")), at)
    formulas, lines = trial(sheet.cards, sheet.edition.rules)
    month = sheet.edition.month
    context = {
        "edition": sheet.edition,
        "month": month,
        "later": month.next if month < Month.of(at, settings.CITY.zone) else None,
        "formulas": [(each, formula_words(each, FIGURES), bands_words(each, FIGURES)) for each in formulas],
        "lines": lines,
    }
    return render(request, "scorecards/trials.html", context)
