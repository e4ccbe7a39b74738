"""单位来信: messages of the units' mailbox, each used as a result, put to a case, or set aside (P2.12, P2.19)."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.mailforms import SortForm, UseForm
from dispatch.actions.handling import HasAccountError, enter_result
from dispatch.evidence import Photo, public_path
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, StaleStepError
from dispatch.models import Evidence, InboundMail, InboundMailQuerySet, MailboxRead
from dispatch.transitions import IllegalStep
from people.access import allow, current_user
from people.models import User

PAGE = 30
ROOM = "desks:mailbox"
UNREAD = timedelta(days=1)


@allow(GET="mailbox")
def mailbox(request: HttpRequest) -> HttpResponse:
    """What waits first, oldest first; what was used or set aside."""
    seen: InboundMailQuerySet = InboundMail.objects.visible_to(current_user(request))
    tab = request.GET.get("tab", InboundMail.State.WAITING)
    rows = seen.filter(state=tab).select_related("case", "part__agency")
    order = ("received_at", "pk") if tab == InboundMail.State.WAITING else ("-received_at", "-pk")
    last, at = MailboxRead.objects.first(), timezone.now()
    context = {
        "page": Paginator(rows.order_by(*order), PAGE).get_page(request.GET.get("page")),
        "tabs": [(state, state.label, seen.filter(state=state).count()) for state in InboundMail.State],
        "tab": tab,
        "last": last,
        "unread": last is not None and last.read_at < at - UNREAD,
    }
    return render(request, "desks/mailbox.html", context)


@allow(GET="mailbox")
def mail(request: HttpRequest, mail_id: int) -> HttpResponse:
    """One message, and what can be done with it."""
    return _show(request, _found(request, mail_id))


@allow(GET="mailbox")
def photo(request: HttpRequest, mail_id: int, sha256: str) -> HttpResponseBase:
    """The public copy of a picture that came with a message."""
    if not _found(request, mail_id).photos.filter(sha256=sha256).exists() or not public_path(sha256).is_file():
        raise Http404
    headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
    return FileResponse(public_path(sha256).open("rb"), content_type="image/jpeg", headers=headers)


@allow(POST="case.enter_result")
def use(request: HttpRequest, mail_id: int) -> HttpResponse:
    """The message is the result of a part."""
    found = _found(request, mail_id)
    form = UseForm(found, request.POST)
    if found.case is None or not form.is_valid():
        return _show(request, found, status=422, use=form)
    given, user, at = form.cleaned_data, current_user(request), timezone.now()
    doing = Doing(user, at, given["version"], given["operation"], given["note"])
    photos = [Photo(photo) for photo in found.photos.all()]
    try:
        enter_result(
            found.case, doing, part=given["part"], source="mail", photos=photos, public=given["public"], mail=found
        )
    except (StaleStepError, IllegalStep):
        form.add_error(None, _("案件刚刚有变化，没有记录。请看过案件再试一次。"))
    except HasAccountError:
        form.add_error("part", _("这个单位有自己的账号，请由其自行反馈。"))
    except NotAllowedError as refused:
        form.add_error(None, str(refused))
    except MissingEvidenceError:
        form.add_error("note", _("请写明处置结果。"))
    else:
        messages.success(request, _("已采用为处置结果。"))
        return redirect("desks:case", number=found.case.number)
    return _show(request, _found(request, mail_id), status=409, use=form)


@allow(POST="mailbox")
def sort(request: HttpRequest, mail_id: int) -> HttpResponse:
    """Put the message to a case, or set it aside with a reason."""
    found, user = _found(request, mail_id), current_user(request)
    form = SortForm(user, request.POST)
    if not form.is_valid():
        return _show(request, found, status=422, sort=form)
    waiting = InboundMail.objects.waiting().filter(pk=found.pk)
    if form.case is not None:
        part = form.case.parts.filter(withdrawn_at=None, agency__mailbox__iexact=found.sender).first()
        changed = waiting.update(case=form.case, part=part)
    else:
        changed = _dismiss(waiting, user, form.cleaned_data["note"])
    if not changed:
        messages.error(request, _("这封来信已经处理过，没有改动。"))
    return redirect("desks:mail", mail_id=found.pk)


def _dismiss(waiting: InboundMailQuerySet, user: User, note: str) -> int:
    state = InboundMail.State.DISMISSED
    return waiting.update(state=state, sorted_by=user, sorted_at=timezone.now(), note=note.strip())


def _found(request: HttpRequest, pk: int) -> InboundMail:
    rows = InboundMail.objects.visible_to(current_user(request)).select_related("case", "part__agency", "sorted_by")
    photos = Prefetch("photos", Evidence.objects.order_by("pk"))
    found: InboundMail = get_object_or_404(rows.prefetch_related(photos), pk=pk)
    return found


def _show(request: HttpRequest, found: InboundMail, *, status: int = 200, **forms: Any) -> HttpResponse:  # noqa: ANN401
    waits = found.state == InboundMail.State.WAITING
    use: Any = forms.get("use") or (UseForm(found) if waits and found.case else None)
    if use is not None and not use.is_bound and not use.fields["part"].queryset.exists():
        use = None
    context = {
        "mail": found,
        "use": use,
        "sort": forms.get("sort") or (SortForm(current_user(request)) if waits else None),
        "in_room": ROOM,
    }
    return render(request, "desks/mail.html", context, status=status)
