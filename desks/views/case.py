"""The case page: everything about one case, and the steps that this user may take now."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from desks.casefile import find_case, read_casefile
from desks.forms import LookForm
from desks.refusals import done_already, kept_form, meanwhile, missing
from desks.stepforms import StepForm
from desks.steps import STEPS, step_form
from desks.undertakinglists import tracked_by
from desks.unitwork import read_unitwork
from dispatch.evidence import BadPhotoError
from dispatch.lifecycle import (
    DutiesError,
    MissingEvidenceError,
    NotAllowedError,
    NotSignedError,
    StaleStepError,
    is_guest,
)
from dispatch.models import Case
from dispatch.petitions import PetitionRefused
from dispatch.profile import profile
from dispatch.transitions import IllegalStep, State
from people.access import allow, current_user, roles_of
from people.models import Look
from people.permissions import may


@allow(GET="case.see")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case; a part of a page (the console's side panel) gets only the panel."""
    return case_page(request, case_or_404(request, number))


@allow(POST="case.see")
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Take one step of the registry, or say why not and lose nothing that was typed."""
    if action not in STEPS:
        raise Http404
    if not may(roles_of(request), f"case.{action}"):
        raise PermissionDenied
    user, now, found = current_user(request), timezone.now(), case_or_404(request, number)
    form = step_form(action, found, user, now, request.POST, request.FILES)
    try:
        if done_already(form):
            return _done(request, number, form.title)
        if not form.is_valid():
            return case_page(request, found, status=422, bound=form)
        form.act()
    except (StaleStepError, IllegalStep):
        return _stale(request, number, form)
    except (DutiesError, NotSignedError) as error:
        form.add_error(None, str(error))
        return case_page(request, case_or_404(request, number), status=422, bound=form)
    except NotAllowedError as error:
        raise PermissionDenied from error
    except (MissingEvidenceError, BadPhotoError, PetitionRefused) as error:
        form.add_error(*missing(error, form))
        return case_page(request, case_or_404(request, number), status=422, bound=form)
    return _done(request, number, form.title)


@allow(POST="person.unmask")
def unmask(request: HttpRequest, number: str) -> HttpResponse:
    """Show a caller's name and number to somebody who says why; the look is recorded."""
    found, form = case_or_404(request, number), LookForm(request.POST)
    if is_guest(found, current_user(request)):
        raise PermissionDenied
    if not form.is_valid():
        return case_page(request, found, status=422, look=form)
    report = found.reports.filter(pk=form.cleaned_data["report"]).first()
    if report is None:
        raise Http404
    Look.objects.create(
        user=current_user(request),
        subject=f"report:{report.pk}",
        reason=form.cleaned_data["reason"].strip(),
        looked_at=timezone.now(),
    )
    return case_page(request, found, shown=[report.pk])


def case_or_404(request: HttpRequest, number: str) -> Case:
    found = find_case(number, current_user(request))
    if found is None:
        raise Http404
    return found


def case_page(request: HttpRequest, found: Case, status: int = 200, **context: Any) -> HttpResponse:  # noqa: ANN401
    """The page, or its panel alone for htmx; `unit` is a refused form of the agency's own work."""
    panel = bool(getattr(request, "htmx", False))
    unit = context.pop("unit", None)
    file = read_casefile(
        found,
        current_user(request),
        timezone.now(),
        bound=context.pop("bound", None),
        shown=context.pop("shown", ()),
        wished=request.GET.get("step", ""),
    )
    parts = [line.part for line in file.parts]
    context["work"] = read_unitwork(found, parts, current_user(request), timezone.now(), bound=unit)
    # a row of the callbacks' desk names the caller that it is about
    for form in file.forms:
        form.prefer(request.GET.get("report", ""))
    template = "desks/_case.html" if panel else "desks/case.html"
    roles = roles_of(request)
    context |= {
        "may_invite": found.state == State.HANDLING and may(roles, "case.invite"),
        "may_track": may(roles, "undertakings.write"),
        "may_praise": found.state == State.CLOSED and not found.confidential and may(roles, "bulletins.write"),
        "may_write_up": not found.is_open and not found.confidential and may(roles, "knowledge.write"),
        "owner": found.owner if found.is_open and profile().first_receiver else None,
        "undertakings": tracked_by(found, current_user(request)),
    }
    return render(request, template, {"file": file, "case": found, "panel": panel, **context}, status=status)


def _stale(request: HttpRequest, number: str, form: StepForm) -> HttpResponse:
    """409: who did what meanwhile, the case as it is now, and what the person had typed."""
    now = case_or_404(request, number)
    bound, typed = kept_form(form, now)
    return case_page(request, now, status=409, bound=bound, typed=typed, sentence=meanwhile(form, now))


def _done(request: HttpRequest, number: str, title: str) -> HttpResponse:
    sentence = _("“%(action)s”已完成。") % {"action": title}
    if not getattr(request, "htmx", False):
        messages.success(request, sentence)
        return redirect("desks:case", number=number)
    response = case_page(request, case_or_404(request, number), success=sentence)
    return trigger_client_event(response, "caseChanged", {"number": number})
