"""回头看 on the street: whether the result of a closed case has held."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.actions.aftercare import look_back
from dispatch.evidence import Photo
from dispatch.lifecycle import Doing
from dispatch.models import Attachment, Case, LookBack
from dispatch.transitions import State
from gridmap.datums import lonlat
from inspectors.forms import RevisitForm, stored_photos
from inspectors.maplinks import map_links
from inspectors.phrases import phrases_for
from inspectors.receipts import not_valid, refused, stored
from inspectors.refusals import REFUSED
from people.access import allow, current_user


@allow(GET="field", POST="case.look_back")
def revisit(request: HttpRequest, number: str) -> HttpResponseBase:
    """The page of a closed case that the user was sent to once, and what he sees there now."""
    at, user = timezone.now(), current_user(request)
    cases = Case.objects.visible_to(user).filter(point__isnull=False).select_related("category", "condition")
    case = get_object_or_404(cases, number=number)
    if request.method == "POST":
        form = RevisitForm(request.POST)
        if not form.is_valid():
            return not_valid(form)
        fix = form.fix(at, case.state_since)
        try:
            evidence = stored_photos(request.FILES.getlist("photos"), at)
            photos = [Photo(each, fix.point, fix.accuracy_m, fix.taken_at) for each in evidence]
            given = form.cleaned_data
            doing = Doing(user, at, given["version"], given["operation"], given["note"], occurred_at=fix.taken_at)
            look_back(case, doing, method=LookBack.Method.VISIT, rating=given["rating"], photos=photos)
        except REFUSED as error:
            return refused(error)
        return stored(form, _("已记录回头看。"))
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
        "operation": uuid4(),
    }
    return render(request, "inspectors/revisit.html", page)
