"""现场通知: sent from a desk with read receipts, read on the phone."""

from uuid import uuid4

from django.contrib import messages as notes
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from inspectors import messages
from inspectors.dutyforms import MessageForm
from inspectors.models import Message, MessageCopy
from people.access import allow, current_user

PAGE = 20


@allow(GET="field")
def field_messages(request: HttpRequest) -> HttpResponse:
    """What the centre has told me, the unread ones first; reading is confirmed by a tap."""
    mine = MessageCopy.objects.visible_to(current_user(request)).select_related("message__sent_by", "message__zone")
    rows = mine.order_by("-message__sent_at", "-pk")
    context = {
        "unread": rows.unread()[:PAGE],
        "page": Paginator(rows.exclude(read_at=None), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "inspectors/field_messages.html", context)


@allow(GET="field.messages", POST="field.messages")
def sent_messages(request: HttpRequest) -> HttpResponse:
    """Write to one inspector, to a zone, to all on duty; below, what was sent and who has read it."""
    form = MessageForm(request.POST or None, initial={"operation": uuid4(), "inspector": request.GET.get("to")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        sent = messages.send(
            given["text"],
            by=current_user(request),
            at=timezone.now(),
            operation=given["operation"],
            inspector=given["inspector"],
            zone=given["zone"],
            urgent=given["urgent"],
        )
        number = sent.copies.count()
        if number:
            notes.success(request, _("已发给 %(number)d 名监督员。") % {"number": number})
        else:
            notes.warning(request, _("现在没有人当班，通知没有发给任何人。请选择一名监督员再发。"))
        return redirect("inspectors:messages")
    rows = Message.objects.select_related("sent_by", "zone").prefetch_related("copies__inspector")
    counted = rows.annotate(sent=Count("copies"), read=Count("copies", filter=Q(copies__read_at__isnull=False)))
    # counting forgets the order of the model
    counted = counted.order_by("-sent_at", "-pk")
    context = {
        "form": form,
        "page": Paginator(counted, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "inspectors/messages.html", context, status=422 if form.is_bound else 200)
