"""分办 and 部门沟通: a part handed on, messages between agency and centre, and the list of what is unread."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from desks.talklists import talk_tabs
from desks.unitwork import DelegateForm, TalkForm
from desks.views.case import case_or_404, case_page
from desks.views.desk import show_desk
from dispatch.actions.delegating import delegate as hand_on
from dispatch.actions.delegating import parts_to_talk_about, say
from dispatch.actions.handling import live_parts, own_of
from dispatch.lifecycle import NotAllowedError
from people.access import allow, current_user


@allow(POST="delegate")
def delegate(request: HttpRequest, number: str) -> HttpResponse:
    """Hand the own part to somebody, or take it back."""
    user, at, case = current_user(request), timezone.now(), case_or_404(request, number)
    part = own_of(live_parts(case), user)
    if part is None:
        raise PermissionDenied
    form = DelegateForm(request.POST, auto_id="delegate_%s")
    form.offer(part, user, at)
    if not form.is_valid():
        return case_page(request, case, status=422, unit=form)
    given = form.cleaned_data
    try:
        row = hand_on(case, form.target(), by=user, at=at, operation=given["operation"], note=given["note"])
    except NotAllowedError as error:
        raise PermissionDenied from error
    told = (
        _("已交给%(whom)s，由其办理，本单位仍负责。") % {"whom": row.whom} if row else _("已收回，由本单位统一办理。")
    )
    return _done(request, number, told)


@allow(POST="talk")
def say_about(request: HttpRequest, number: str) -> HttpResponse:
    """One message about a part of the case."""
    user, at, case = current_user(request), timezone.now(), case_or_404(request, number)
    form = TalkForm(request.POST, auto_id=f"talk{request.POST.get('part', '')}_%s")
    if not form.is_valid():
        return case_page(request, case, status=422, unit=form)
    given = form.cleaned_data
    part = next((part for part in parts_to_talk_about(live_parts(case), user) if part.pk == given["part"]), None)
    if part is None:
        raise Http404
    say(case, part, given["text"], by=user, at=at, operation=given["operation"])
    return _done(request, number, _("消息已发出。"))


def _done(request: HttpRequest, number: str, sentence: str) -> HttpResponse:
    if not getattr(request, "htmx", False):
        messages.success(request, sentence)
        return redirect("desks:case", number=number)
    response = case_page(request, case_or_404(request, number), success=sentence)
    return trigger_client_event(response, "caseChanged", {"number": number})


@allow(GET="talk")
def talk(request: HttpRequest) -> HttpResponse:
    """What the other side has written: unread first, then everything that was said lately."""
    return show_desk(request, _("部门沟通"), talk_tabs(current_user(request)))
