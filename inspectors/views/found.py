"""巡查上报: the form for what an inspector has found himself, which the phone sends as an operation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from inspectors.classes import own_findings, street_classes, usual_classes
from inspectors.phrases import phrases_for
from people.access import allow, current_user


@allow(GET="field")
def found(request: HttpRequest) -> HttpResponse:
    """The page."""
    at, user = timezone.now(), current_user(request)
    page = {
        "classes": street_classes(timezone.localdate(at)),
        "usual": usual_classes(user, at),
        "reported": own_findings(user, at),
        "phrases": phrases_for(user),
    }
    return render(request, "inspectors/found.html", page)
