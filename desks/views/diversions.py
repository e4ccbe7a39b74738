"""Calls that belong to 110, 119, 120 or 122: logged with one click, with or without a case, and listed by day."""

from datetime import datetime, time, timedelta
from uuid import uuid5

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions import taking
from dispatch.models import Call, Channel, Diversion, Report
from people.access import allow, current_user

PAGE = 50
DAYS = 30  # what the counts are of


class DivertForm(forms.Form):
    """To whom a call was put through, and what it was about."""

    operation = forms.UUIDField()
    channel = forms.ModelChoiceField(Channel.objects.filter(public=True))
    service = forms.ChoiceField(choices=Diversion.Service.choices)
    divert_words = forms.CharField(max_length=300, required=False, label=gettext_lazy("情况"))
    call = forms.IntegerField(required=False)


@allow(POST="intake")
def divert(request: HttpRequest) -> HttpResponse:
    """Log that the call was put through; what is typed in the form stays, and a case made of it has the same call."""
    form, user = DivertForm(request.POST), current_user(request)
    if not form.is_valid():
        messages.error(request, _("没有记录分流，请重新选择转接的号码。"))
        return redirect("desks:intake")
    given = form.cleaned_data
    done = taking.divert(
        channel=given["channel"],
        service=given["service"],
        words=given["divert_words"],
        by=user,
        at=timezone.now(),
        # each service once for a form, however often it is pressed
        operation=uuid5(given["operation"], f"divert/{given['service']}"),
        call=Call.objects.filter(pk=given["call"] or 0, operator=user).first(),
    )
    if getattr(request, "htmx", False):
        return render(request, "desks/_diverted.html", {"done": done})
    messages.success(request, _("已记录转接%(service)s。") % {"service": done.get_service_display()})
    return redirect(f"{reverse('desks:intake')}?call={done.call_id}")


@allow(GET="diversions")
def diversions(request: HttpRequest) -> HttpResponse:
    """Every diversion, newest first, and how many of each service there were lately."""
    first = timezone.localdate() - timedelta(days=DAYS)
    since = datetime.combine(first, time(0), settings.CITY.zone)
    counted = dict(
        Diversion.objects.filter(diverted_at__gte=since).order_by().values_list("service").annotate(n=Count("pk"))
    )
    reports = Prefetch("call__reports", Report.objects.select_related("case").order_by("pk"))
    found = Diversion.objects.select_related("call__channel", "operator").prefetch_related(reports)
    rows = found.order_by("-diverted_at", "-pk")
    service = request.GET.get("service", "")
    if service in Diversion.Service.values:
        rows = rows.filter(service=service)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "counts": [(value, label, counted.get(value, 0)) for value, label in Diversion.Service.choices],
        "service": service,
        "days": DAYS,
    }
    return render(request, "desks/diversions.html", context)
