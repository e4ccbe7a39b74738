"""The case page: everything about one case, and the steps that this user may take now."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from desks.bulk import Wanted, take_back, take_each, to_inspector
from desks.casefile import find_case, read_casefile
from desks.forms import LookForm
from desks.refusals import done_already, kept_form, meanwhile, missing
from desks.stepforms import StepForm
from desks.steps import STEPS, step_form
from desks.undertakinglists import tracked_by
from desks.unitwork import read_unitwork
from dispatch.actions.undoing import UNDO_SECONDS, can_undo
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
from inspectors.models import Shift
from people.access import allow, current_user, roles_of
from people.models import Look, User
from people.permissions import may


class HandForm(forms.Form):
    """Who goes to look, and the case as the page showed it."""

    inspector = forms.ModelChoiceField(User.objects.none())
    version = forms.IntegerField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        on_duty = Shift.objects.on_duty(timezone.now()).values("inspector")
        self.fields["inspector"].queryset = User.objects.filter(pk__in=on_duty)  # type: ignore[attr-defined]


@allow(GET="case.see")
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case; a part of a page (the console's side panel) gets only the panel."""
    return case_page(request, case_or_404(request, number))


@allow(GET="case.see")
def doable(request: HttpRequest, number: str) -> HttpResponse:
    """What can be done with it now: the second half of a panel."""
    return case_page(request, case_or_404(request, number), template="desks/_case_doable.html")


@allow(POST="tasks.hand")
def hand(request: HttpRequest, number: str) -> HttpResponse:
    """Give the field task of a case to an inspector, or send one out to look; refused if the case has moved."""
    user, found = current_user(request), case_or_404(request, number)
    form = HandForm(request.POST)
    if not form.is_valid():
        return case_page(request, found, status=422, sentence=_("请选择监督员。"))
    given, at = form.cleaned_data, timezone.now()
    take = to_inspector(user, at, given["inspector"])
    (outcome,) = take_each([Wanted(number, given["version"])], user, uuid4(), take)
    again = case_or_404(request, number)
    if not outcome.done:
        return case_page(request, again, status=409, sentence=outcome.words)
    return _told(request, again, outcome.words)


@allow(POST="case.see")
def undo_step(request: HttpRequest, number: str) -> HttpResponse:
    """Take back one's own last step, within its seconds."""
    found = case_or_404(request, number)
    try:
        operations = [UUID(request.POST.get("operation", ""))]
    except ValueError:
        operations = []
    outcomes = take_back(operations, current_user(request), timezone.now())
    again = case_or_404(request, found.number)
    if not outcomes or not outcomes[0].done:
        words = outcomes[0].words if outcomes else _("没有可以撤销的步骤。")
        return case_page(request, again, status=409, sentence=words)
    return _told(request, again, outcomes[0].words)


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
    """The page, or its panel alone for htmx; `unit` is a refused form of the agency's own work.

    A panel that is only looked at asks for what can be done by itself.
    """
    panel = bool(getattr(request, "htmx", False))
    later = panel and request.method == "GET" and "template" not in context
    unit = context.pop("unit", None)
    file = read_casefile(
        found,
        current_user(request),
        timezone.now(),
        bound=context.pop("bound", None),
        shown=context.pop("shown", ()),
        wished=request.GET.get("step", ""),
        later=later,
    )
    parts = [line.part for line in file.parts]
    if not later:
        context["work"] = read_unitwork(found, parts, current_user(request), timezone.now(), bound=unit)
    # a row of the callbacks' desk names the caller that it is about
    for form in file.now.forms:
        form.prefer(request.GET.get("report", ""))
    template = context.pop("template", "desks/_case.html" if panel else "desks/case.html")
    roles = roles_of(request)
    context |= {
        "may_invite": found.state == State.HANDLING and may(roles, "case.invite"),
        "may_listen": may(roles, "call.recording"),
        "may_track": may(roles, "undertakings.write"),
        "may_praise": found.state == State.CLOSED and not found.confidential and may(roles, "bulletins.write"),
        "may_write_up": not found.is_open and not found.confidential and may(roles, "knowledge.write"),
        "owner": found.owner if found.is_open and profile().first_receiver else None,
        "undertakings": tracked_by(found, current_user(request)),
        "wished": request.GET.get("step", ""),
    }
    return render(request, template, {"file": file, "case": found, "panel": panel, **context}, status=status)


def _stale(request: HttpRequest, number: str, form: StepForm) -> HttpResponse:
    """409: who did what meanwhile, the case as it is now, and what the person had typed."""
    now = case_or_404(request, number)
    bound, typed = kept_form(form, now)
    return case_page(request, now, status=409, bound=bound, typed=typed, sentence=meanwhile(form, now))


def _done(request: HttpRequest, number: str, title: str) -> HttpResponse:
    return _told(request, case_or_404(request, number), _("“%(action)s”已完成。") % {"action": title})


def _told(request: HttpRequest, found: Case, sentence: str) -> HttpResponse:
    """The case after something was done, with the offer to take it back where that is possible."""
    if not getattr(request, "htmx", False):
        messages.success(request, sentence)
        return redirect("desks:case", number=found.number)
    step = found.steps.filter(version=found.version, actor=current_user(request)).first()
    undo = step.operation if step is not None and can_undo(step, timezone.now()) else None
    response = case_page(request, found, success=sentence, undo=undo, undo_seconds=UNDO_SECONDS)
    return trigger_client_event(response, "caseChanged", {"number": found.number})
