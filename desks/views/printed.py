"""派遣单 and 处置反馈单: the two papers that go to the street and come back with a stamp."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from desks.steps import open_actions, step_form
from desks.views.case import case_or_404
from dispatch.actions.delegating import parts_to_talk_about
from dispatch.actions.handling import live_parts
from dispatch.masks import mask_name, mask_phone
from dispatch.models import Attachment, Case, Clock, Contact, Delegation, Document, Part, Report
from dispatch.transitions import Action
from gridmap.datums import lonlat
from people.access import allow, current_user
from people.models import User

PHOTOS = 4


@allow(GET="talk")
def order(request: HttpRequest, number: str) -> HttpResponse:
    """派遣单: what the crew takes along; words and callers as masked as on the page."""
    user, case = current_user(request), case_or_404(request, number)
    part = _part_or_404(request, case, user)
    context = _common(request, case, part) | {
        "callers": [_caller(report) for report in case.reports.contactable().select_related("person")[:3]],
        "place": lonlat(case.point) if case.point else None,
        "photos": _photos(case, [Attachment.Phase.REPORTED, Attachment.Phase.BEFORE]),
    }
    return render(request, "desks/print_order.html", context)


@allow(GET="talk")
def feedback(request: HttpRequest, number: str) -> HttpResponse:
    """处置反馈单: what was done, with a place for the stamp; the stamped paper is handed in as a 文书 of the case."""
    user, at, case = current_user(request), timezone.now(), case_or_404(request, number)
    part = _part_or_404(request, case, user)
    form = None
    if Action.DOCUMENT in open_actions(case, user):
        form = step_form(Action.DOCUMENT, case, user, at)
        form.initial["kind"] = Document.Kind.FEEDBACK
    context = _common(request, case, part) | {
        "photos": _photos(case, [Attachment.Phase.AFTER]),
        "contacts": Contact.objects.filter(part=part).select_related("staff").order_by("contacted_at"),
        "stamped": Document.objects.filter(case=case, part=part, kind=Document.Kind.FEEDBACK).order_by("-pk"),
        "upload": form,
    }
    return render(request, "desks/print_feedback.html", context)


def _part_or_404(request: HttpRequest, case: Case, user: User) -> Part:
    """The agency's own part; the centre names one, or prints that of the leading agency."""
    parts = parts_to_talk_about(live_parts(case), user)
    asked = request.GET.get("part", "")
    found = next((part for part in parts if str(part.pk) == asked), parts[0] if parts and not asked else None)
    if found is None:
        raise Http404
    return found


def _common(request: HttpRequest, case: Case, part: Part) -> dict[str, Any]:
    clock = Clock.objects.filter(part=part, kind=Clock.Kind.HANDLE).order_by("-started_at", "-pk").first()
    held = Delegation.objects.open().filter(part=part).select_related("to_user", "to_agency").first()
    others = case.parts.filter(withdrawn_at=None).exclude(pk=part.pk).select_related("agency")
    return {
        "case": case,
        "part": part,
        "clock": clock,
        "held": held,
        "others": [other.agency for other in others],
        "address": request.build_absolute_uri(reverse("desks:case", args=[case.number])),
        "printed_at": timezone.now(),
    }


def _photos(case: Case, phases: list[str]) -> list[Attachment]:
    rows = case.attachments.filter(phase__in=phases).select_related("evidence", "step")
    return list(rows.order_by("-pk")[:PHOTOS])


def _caller(report: Report) -> str:
    """A caller as everybody sees them; the whole number is looked up on the case page, where the look is recorded."""
    person = report.person
    return f"{mask_name(person.name)} {mask_phone(person.phone)}".strip() if person else ""
