"""The list behind a figure."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from people.access import allow, current_user
from scorecards.formulas import COUNT, RATE
from scorecards.lines import Rows, lines, rows_of, seen_by
from scorecards.views.asked import agency_in, edition_asked
from scorecards.wording import definitions

PAGE = 50


@allow(GET="scorecards")
def cases(request: HttpRequest, code: str, figure: str) -> HttpResponse:
    """The rows that a count counted; a rate opens its denominator, with its numerator one click away."""
    if figure not in COUNT and figure not in RATE:
        raise Http404
    edition, agency = edition_asked(request), agency_in(code)
    sides = [figure] if figure in COUNT else [RATE[figure].denominator, RATE[figure].numerator]
    chosen = request.GET.get("of", "")
    key = chosen if chosen in sides else sides[0]
    counts = {side: rows_of(edition, side, agency).count() for side in sides}
    pages = Paginator(seen_by(rows_of(edition, key, agency), current_user(request)), PAGE)
    page = pages.get_page(request.GET.get("page"))
    rows: Rows = page.object_list  # type: ignore[assignment]  # a slice of the query set, which the stubs do not say
    context = {
        "edition": edition,
        "month": edition.month,
        "agency": agency,
        "code": code,
        "definition": definitions([figure], edition)[0],
        "counted": definitions([key], edition)[0],
        "tabs": [(definitions([side], edition)[0], counts[side]) for side in sides] if len(sides) > 1 else [],
        "count": counts[key],
        "hidden": counts[key] - pages.count,
        "page": page,
        "lines": lines(rows, edition.question.at),
    }
    return render(request, "scorecards/cases.html", context)
