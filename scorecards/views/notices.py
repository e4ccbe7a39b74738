"""月度通报: each department's month, with the public's cases listed separately (P5.15)."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from people.access import allow, current_user
from scorecards.lines import lines, seen_by
from scorecards.notices import agencies_for, public_cases, read_notice
from scorecards.views.asked import edition_asked

PAGE = 50


@allow(GET="notices")
def notices(request: HttpRequest) -> HttpResponse:
    """Whose notices the reader may open; who has only one goes straight to it."""
    edition, agencies = edition_asked(request), list(agencies_for(current_user(request)))
    if len(agencies) == 1:
        return redirect(f"{reverse('scorecards:notice', args=[agencies[0].code])}?month={edition.month}")
    return render(request, "scorecards/notices.html", {"agencies": agencies, "edition": edition})


@allow(GET="notices")
def notice(request: HttpRequest, agency_code: str) -> HttpResponse:
    """Figures of all, of the public's and of the other cases, and the list of the public's: made to be printed."""
    user, edition = current_user(request), edition_asked(request)
    agency = agencies_for(user).filter(code=agency_code).first()
    if agency is None:
        raise Http404
    found = public_cases(agency, edition)
    pages = Paginator(seen_by(found, user).distinct(), PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "notice": read_notice(agency, edition),
        "edition": edition,
        "month": edition.month,
        "agency": agency,
        "page": page,
        "lines": lines(page.object_list, edition.question.at),  # type: ignore[arg-type]  # a slice of the query set
        "count": found.count(),
        "many": agencies_for(user)[1:2],
    }
    return render(request, "scorecards/notice.html", context)
