"""巡查上报: the inspector reports what he has found himself."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.lifecycle import done_before
from dispatch.models import Case
from inspectors import actions, campaigns
from inspectors.classes import own_findings, street_classes, usual_classes
from inspectors.forms import FindingForm, stored_photos
from inspectors.receipts import not_valid, refused, same_spot, stored
from inspectors.refusals import REFUSED
from people.access import allow, current_user
from people.models import User


@allow(GET="field", POST="case.report_found")
def found(request: HttpRequest) -> HttpResponseBase:
    """The page, and the finding that it sends; a stored one answers with the number of its case."""
    at, user = timezone.now(), current_user(request)
    if request.method == "POST":
        form = FindingForm(request.POST, at=at)
        if not form.is_valid():
            return not_valid(form)
        try:
            finding = form.finding([], at)
            before, said = done_before(finding.operation), form.cleaned_data["spot"]
            there = before.case if before is not None else actions.at_the_spot(finding)
            if before is None and there is not None and said not in ("alone", there.number) and not finding.mended:
                return same_spot(there)
            finding = form.finding(stored_photos(request.FILES.getlist("photos"), at), at)
            if there is not None and said == there.number:
                kept = actions.add_to(there, finding, by=user, at=at)
                _of_campaign(form, kept, finding, user, at)
                return stored(form, _("已补充到案件 %(number)s。") % {"number": kept.number})
            case = actions.found(finding, by=user, at=at)
            _of_campaign(form, case, finding, user, at)
        except REFUSED as error:
            return refused(error)
        return stored(form, _("已上报，案件编号 %(number)s，等待立案。") % {"number": case.number})
    page = {
        "classes": street_classes(timezone.localdate(at)),
        "usual": usual_classes(user, at),
        "reported": own_findings(user, at),
        "centre": settings.CITY.centre,
        "operation": uuid4(),
        "survey": request.GET.get("survey", "")[:12],
    }
    return render(request, "inspectors/found.html", page)


def _of_campaign(form: FindingForm, case: Case, finding: actions.Finding, user: User, at: datetime) -> None:
    """What was found at a place of a campaign belongs to it."""
    spot_id = form.cleaned_data["survey"]
    if spot_id is not None:
        seen_at, operation = finding.fix.taken_at, finding.operation
        campaigns.found_at(spot_id, case, by=user, at=at, seen_at=seen_at, operation=operation)
