"""Intake: one screen from a resident's sentence to a case."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.forms import IntakeForm
from desks.intakedesk import end_call, first_of_call, first_of_pop, just_registered, read_desk, read_script
from desks.proposals import read_proposals, spots_of
from desks.ringforms import PopForm
from dispatch import knowledge
from dispatch.actions.filing import answer
from dispatch.actions.repeating import join
from dispatch.intake import candidates_of, register
from dispatch.lifecycle import Doing, NotAllowedError, StaleStepError, done_before
from dispatch.models import Article, Case, Condition, Report
from dispatch.transitions import IllegalStep
from gridmap.gazetteer import DatabaseGazetteer
from gridmap.geocode import locate
from gridmap.models import Category
from gridmap.normalise import key
from people.access import allow, current_user
from people.models import User

MOST_CLASSES = 60


@allow(GET="intake", POST="intake")
def intake(request: HttpRequest) -> HttpResponse:
    """The empty form, or the case that the filled one makes; sent twice it makes one."""
    user, now = current_user(request), timezone.now()
    if request.method != "POST":
        return _opened(request, user, now)
    form = IntakeForm(now, request.POST)
    if not form.is_valid():
        desk = read_desk(form, user, now, proposals=read_proposals(form, user))
        return render(request, "desks/intake.html", desk, status=422)
    case = _save(form, user)
    request.session["channel"] = form.cleaned_data["channel"].pk  # the next one comes the same way, most likely
    if "same_call" not in request.POST:
        request.session["registered"] = case.number
        end_call(case, user, now)
    if form.cleaned_data["answer_with"]:
        return _answer(request, form, case, user)
    if form.cleaned_data["merge_into"]:
        return _merge(request, form, case, user)
    if "next" not in request.POST:  # the desk has the number, with the words for the caller
        messages.success(request, _("已登记，编号 %(number)s。") % {"number": case.number})
    _warn_of_past_due(request, form)
    if "same_call" in request.POST:
        call = Report.objects.filter(case=case).values_list("call", flat=True).first()
        return redirect(f"{reverse('desks:intake')}?call={call}")
    return redirect("desks:intake") if "next" in request.POST else redirect("desks:case", number=case.number)


def _warn_of_past_due(request: HttpRequest, form: IntakeForm) -> None:
    """An order can come too late, but more often its year was mistyped: it is registered, and somebody looks again."""
    due = form.cleaned_data["upper_due_at"]
    if due and due < form.at:
        told = {"due": f"{timezone.localtime(due):%Y-%m-%d %H:%M}"}
        messages.warning(request, _("上级时限 %(due)s 已经过去，请核对。") % told)


def _opened(request: HttpRequest, user: User, now: datetime) -> HttpResponse:
    """The form for the next call: empty, for another matter of the same one, or as the call centre's screen pop says.

    A name that is filled in for the number that calls is a look, and recorded.
    """
    form = IntakeForm(now, channel=request.session.get("channel"))
    pop = PopForm(now, request.GET)
    pop.is_valid()
    begun = first_of_call(request.GET.get("call", ""), user) or first_of_pop(pop, user, now)
    form.initial.update(begun)
    last = "" if begun else request.session.get("registered", "")
    desk = read_desk(form, user, now, pop=pop, just=just_registered(last, user, now))
    return render(request, "desks/intake.html", desk, status=400 if pop.told else 200)


def _answer(request: HttpRequest, form: IntakeForm, case: Case, user: User) -> HttpResponse:
    """Registered and answered at once with an article, whose number and version the step keeps."""
    article = (
        Article.objects.current(timezone.localdate()).answers().filter(pk=form.cleaned_data["answer_with"]).first()
    )
    operation = uuid5(form.cleaned_data["operation"], "answer")
    if article is None or done_before(operation) is not None:
        return redirect("desks:case", number=case.number)
    doing = Doing(by=user, at=form.at, version=case.version, operation=operation, note=article.body)
    try:
        answer(case, doing, article=article)
    except IllegalStep:
        return redirect("desks:case", number=case.number)
    knowledge.count_use(article)
    messages.success(request, _("已登记 %(number)s 并当场答复。") % {"number": case.number})
    return redirect("desks:intake") if "next" in request.POST else redirect("desks:case", number=case.number)


@allow(POST="intake")
def suggest(request: HttpRequest) -> HttpResponse:
    """Everything that follows from what is typed so far, with reasons; nothing is saved."""
    form = IntakeForm(timezone.now(), request.POST)
    form.is_valid()
    proposals = read_proposals(form, current_user(request))
    context = {"form": form, "proposals": proposals, "oob": True, "script": read_script(proposals)}
    return render(request, "desks/_suggest.html", context)


@allow(GET="case.see")
def classes(request: HttpRequest) -> HttpResponse:
    """小类 of both dictionaries that match a search; with `category`, the conditions of that one."""
    chosen = request.GET.get("category", "")
    context: dict[str, Any] = {"found": _classes(key(request.GET.get("q", ""))), "name": ""}
    if "pick" in request.GET:
        context["name"] = "pick_category"
    if chosen.isdecimal():
        context["chosen"] = Category.objects.filter(pk=int(chosen)).first()
        context["conditions"] = Condition.objects.filter(category_id=int(chosen)).order_by("number")
        context["condition"] = request.GET.get("condition", "")
    return render(request, "desks/_classes.html", context)


@allow(GET="gazetteer.see")
def places(request: HttpRequest) -> HttpResponse:
    """Candidates for an address, to put a pin by words."""
    text = request.GET.get("q", "").strip()[:300]
    answer = locate(text, DatabaseGazetteer(timezone.localdate())) if text else None
    return render(
        request, "desks/_places.html", {"candidates": spots_of(candidates_of(answer)) if answer else [], "asked": text}
    )


def _save(form: IntakeForm, user: User) -> Case:
    operation: UUID = form.cleaned_data["operation"]
    before = done_before(operation)  # a second press: no need to think again
    if before is not None:
        return before.case
    try:
        return register(form.intake(user), by=user, at=form.at, operation=operation)
    except NotAllowedError as error:
        raise PermissionDenied from error


def _merge(request: HttpRequest, form: IntakeForm, case: Case, user: User) -> HttpResponse:
    """Registered and merged at once; where the other case has ended meanwhile, the new one stands alone."""
    target = (
        Case.objects.visible_to(user).open().filter(number=form.cleaned_data["merge_into"]).exclude(pk=case.pk).first()
    )
    try:
        if target is None:
            raise StaleStepError(case)
        operation = uuid5(form.cleaned_data["operation"], "merge")
        join(case, Doing(by=user, at=form.at, version=case.version, operation=operation), into=target)
    except StaleStepError:
        messages.warning(request, _("已登记为新案件：要并入的案件已经办结。"))
        return redirect("desks:case", number=case.number)
    except IllegalStep:
        return redirect("desks:case", number=case.number)
    messages.success(
        request, _("已登记 %(number)s 并入案件 %(into)s。") % {"number": case.number, "into": target.number}
    )
    return redirect("desks:intake") if "next" in request.POST else redirect("desks:case", number=target.number)


def _classes(words: str) -> list[Category]:
    """小类 in force whose code, name or other name contains the words, street classes first."""
    every = Category.objects.classes().on(timezone.localdate()).select_related("major").order_by("kind", "code")
    found = [c for c in every if not words or words in key(f"{c.code} {c.name} {c.major} {' '.join(c.words)}")]
    return found[:MOST_CLASSES]
