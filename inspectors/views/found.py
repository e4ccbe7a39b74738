"""巡查上报: the inspector reports what he has found himself."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from inspectors import actions, campaigns
from inspectors.classes import own_findings, street_classes, usual_classes
from inspectors.forms import FindingForm, stored_photos
from inspectors.phrases import phrases_for
from inspectors.receipts import not_valid, refused, same_spot, stored
from inspectors.refusals import REFUSED
from people.access import allow, current_user


@allow(GET="field", POST="case.report_found")
def found(request: HttpRequest) -> HttpResponseBase:
    """The page, and the finding that it sends; a stored one answers with the number of its case."""
    at, user = timezone.now(), current_user(request)
    if request.method == "POST":
        form = FindingForm(request.POST, at=at)
        if not form.is_valid():
            return not_valid(form)
        try:
            same = actions.belongs_to(form.finding([], at), form.cleaned_data["spot"])
            finding = form.finding(stored_photos(request.FILES.getlist("photos"), at), at)
            if same is not None:
                kept = actions.add_to(same, finding, by=user, at=at)
                campaigns.of_finding(form.cleaned_data["survey"], kept, finding, by=user, at=at)
                return stored(form, _("已补充到案件 %(number)s。") % {"number": kept.number})
            case = actions.found(finding, by=user, at=at)
            campaigns.of_finding(form.cleaned_data["survey"], case, finding, by=user, at=at)
        except actions.SpotError as error:
            return same_spot(error.there)
        except REFUSED as error:
            return refused(error)
        return stored(form, _("已上报，案件编号 %(number)s，等待立案。") % {"number": case.number})
    page = {
        "classes": street_classes(timezone.localdate(at)),
        "usual": usual_classes(user, at),
        "reported": own_findings(user, at),
        "phrases": phrases_for(user),
        "operation": uuid4(),
        "survey": request.GET.get("survey", "")[:12],
    }
    return render(request, "inspectors/found.html", page)
