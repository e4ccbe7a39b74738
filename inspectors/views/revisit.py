"""回头看 on the street: whether the result of a closed case has held."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from dispatch.models import Attachment, Case, LookBack
from dispatch.transitions import State
from gridmap.datums import lonlat
from inspectors.maplinks import map_links
from inspectors.phrases import phrases_for
from people.access import allow, current_user


@allow(GET="field")
def revisit(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a closed case that the user was sent to once, with the form for what he sees there now."""
    user = current_user(request)
    cases = Case.objects.visible_to(user).filter(point__isnull=False).select_related("category", "condition")
    case = get_object_or_404(cases, number=number)
    seen = list(Attachment.objects.filter(case=case).select_related("evidence"))
    target = lonlat(case.point)  # type: ignore[arg-type]  # only cases with a place
    page = {
        "case": case,
        "closed": case.state == State.CLOSED,
        "looks": case.look_backs.filter(looked_at__gte=case.closed_at) if case.closed_at else [],
        "photos": seen,
        "earlier": seen,
        "target": target,
        "maps": map_links(*target, case.address),
        "ratings": LookBack.Rating,
        "phrases": phrases_for(user),
    }
    return render(request, "inspectors/revisit.html", page)
