"""短信: what was sent to units, what waits, what failed (P1.9)."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.models import TextMessage
from dispatch.profile import profile
from dispatch.texting import try_again
from people.access import allow

PAGE = 50


@allow(GET="texts")
def texts(request: HttpRequest) -> HttpResponse:
    """The newest first; those that failed on a tab of their own."""
    tab = request.GET.get("tab", "all")
    rows = TextMessage.objects.select_related("agency", "step__case")
    found = rows.filter(state=tab) if tab in TextMessage.State.values else rows
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "tabs": [("all", _("全部")), *TextMessage.State.choices],
        "tab": tab,
        "on": profile().texts,
        "gateway": bool(settings.TEXT_GATEWAY),
    }
    return render(request, "desks/texts.html", context)


@allow(POST="texts")
def again(request: HttpRequest, text_id: int) -> HttpResponse:
    """Send a failed one again."""
    found = get_object_or_404(TextMessage.objects.select_related("agency"), pk=text_id)
    if try_again(found, found.agency, timezone.now()):
        messages.success(request, _("已重新排队发送。"))
    else:
        messages.error(request, _("没有重发：单位没有登记短信号码，或这条短信没有失败。"))
    return redirect("desks:texts")
