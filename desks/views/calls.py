"""At the telephone: who calls, the operator's state, the note after a call, abandoned calls, recordings."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.callerfile import read_caller, read_strip
from desks.casefile import find_case
from desks.forms import main_channel
from desks.intakedesk import facts_of, look_at
from dispatch import sittings
from dispatch.calls import BadLinkError, abandon, drop, in_all, per_day, recording_link, tried, written
from dispatch.models import Call, Channel, Person, Sitting
from people.access import allow, current_user
from people.models import Look

PAGE = 40
DAYS = 14


@allow(POST="intake")
def caller(request: HttpRequest) -> HttpResponse:
    """What is known of the number in the form: names masked, the latest reports."""
    found = read_caller(request.POST.get("phone", ""), current_user(request))
    return render(request, "desks/_caller.html", {"caller": found})


@allow(POST="person.unmask")
def fill(request: HttpRequest, person_id: int) -> HttpResponse:
    """Name and company of somebody who calls, for the form; the look is recorded."""
    numbers = written(request.POST.get("phone", ""))  # nobody looks through people by their keys
    person = get_object_or_404(Person, pk=person_id, phone__in=numbers, anonymised_at=None)
    look_at(current_user(request), person, _("来电时带入诉求人信息"), timezone.now())
    return JsonResponse(facts_of(person))


@allow(GET="intake", POST="intake")
def sitting(request: HttpRequest) -> HttpResponse:
    """The line above the desk; a POST with a state goes into it first."""
    user, now = current_user(request), timezone.now()
    state = request.POST.get("state", "")
    if state in Sitting.State.values:
        sittings.enter(user, state, now)
    if request.method == "POST" and not getattr(request, "htmx", False):
        return redirect("desks:intake")
    context = {"strip": read_strip(user, now), "states": Sitting.State.choices}
    return render(request, "desks/_strip.html", context)


@allow(POST="intake")
def note(request: HttpRequest, call_id: int) -> HttpResponse:
    """话后小结: words about one's own call, while wrapping up; the last ones count."""
    call = get_object_or_404(Call, pk=call_id, operator=current_user(request))
    words = request.POST.get("note", "").strip()[:500]
    Call.objects.filter(pk=call.pk).update(note=words)
    if not getattr(request, "htmx", False):
        return redirect("desks:intake")
    return render(request, "desks/_noted.html", {"words": words, "at": timezone.now()})


class AbandonedForm(forms.Form):
    """A call that ended before anybody answered it, as the call centre tells it."""

    phone = forms.RegexField(
        r"^\+?[\d\s()-]{3,30}$",
        label=gettext_lazy("主叫号码"),
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("请填写电话号码：数字，可以有空格和短横。")},
    )
    channel = forms.ModelChoiceField(Channel.objects.none(), label=gettext_lazy("来源渠道"), empty_label=None)
    started_at = forms.DateTimeField(
        label=gettext_lazy("来电时间"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    waited_s = forms.IntegerField(label=gettext_lazy("等待秒数"), min_value=0, max_value=3600, initial=30)
    external_ref = forms.CharField(label=gettext_lazy("外部编号"), max_length=60, required=False)

    def __init__(self, at: datetime, data: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data, initial={"started_at": at - timedelta(minutes=1), "channel": main_channel()})
        self.at = at
        lines = Channel.objects.filter(kind=Channel.Kind.HOTLINE)
        self.fields["channel"].queryset = lines.open_on(timezone.localdate(at))  # type: ignore[attr-defined]

    def clean(self) -> None:
        start, waited = self.cleaned_data.get("started_at"), self.cleaned_data.get("waited_s")
        if start is not None and waited is not None and start + timedelta(seconds=waited) > self.at:
            self.add_error("started_at", _("来电时间加上等待时间还没有到。"))

    def keep(self) -> Call:
        given = self.cleaned_data
        start: datetime = given["started_at"]
        return abandon(
            channel=given["channel"],
            phone=given["phone"],
            started_at=start,
            ended_at=start + timedelta(seconds=given["waited_s"]),
            external_ref=given["external_ref"].strip(),
            at=self.at,
        )


@allow(GET="intake", POST="intake")
def abandoned(request: HttpRequest) -> HttpResponse:
    """放弃来电: those to be called back and those that are done, calls of each day; a form for one more."""
    now = timezone.now()
    form = AbandonedForm(now, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        call = form.keep()
        if call.outcome != Call.Outcome.ABANDONED:
            messages.warning(request, _("这个外部编号的来电已经接听，没有另记。"))
        elif call.returned_at:
            messages.success(request, _("已记录。对方之后已接通过，不用再回拨。"))
        else:
            messages.success(request, _("已记录放弃来电，排入待回拨。"))
        return redirect("desks:calls")
    return _listed(request, form, now)


def _listed(request: HttpRequest, form: AbandonedForm, now: datetime) -> HttpResponse:
    every = Call.objects.abandoned().select_related("person", "channel")
    waiting = Call.objects.to_return()
    done = request.GET.get("tab") == "done"
    rows = every.exclude(returned_at=None).order_by("-started_at", "-pk") if done else every.filter(returned_at=None)
    today = timezone.localdate(now)
    days = per_day(today - timedelta(days=DAYS - 1), today)
    context = {
        "form": form,
        "done": done,
        "waiting": waiting.count(),
        "page": Paginator(rows if done else rows.order_by("started_at", "pk"), PAGE).get_page(request.GET.get("page")),
        "days": days,
        "all": in_all(days, today),
        "now": now,
    }
    return render(request, "desks/calls.html", context, status=422 if form.errors else 200)


@allow(POST="intake")
def settle(request: HttpRequest, call_id: int, what: str) -> HttpResponse:
    """An abandoned call was called back in vain, or is not called back any more."""
    call = get_object_or_404(Call.objects.abandoned(), pk=call_id)
    before, now = request.POST.get("tries", ""), timezone.now()
    if what == "tried":
        did = before.isdecimal() and tried(call, before=int(before), at=now)
        sittings.not_reached(current_user(request), now)
        told = _("已记一次未接通。")
    elif what == "drop":
        did, told = drop(call, now), _("已从待回拨中移出。")
    else:
        raise Http404
    messages.success(request, told) if did else messages.warning(request, _("这个来电刚刚有人处理过，没有改动。"))
    return redirect("desks:calls")


@allow(GET="call.recording")
def recording(request: HttpRequest, number: str, call_id: int) -> HttpResponse:
    """To the recording of a call of this case, at the call centre's own server; the look is recorded first."""
    user = current_user(request)
    case = find_case(number, user)
    call = Call.objects.filter(pk=call_id, reports__case=case).first() if case else None
    if case is None or call is None or not call.recording:
        raise Http404
    try:
        link = recording_link(call.recording, settings.RECORDING_HOSTS)
    except BadLinkError as error:  # the host is no longer one of ours
        raise Http404 from error
    Look.objects.create(
        user=user, subject=f"recording:{call.pk}", reason=_("听取录音 %(number)s") % {"number": number},
        looked_at=timezone.now(),
    )  # fmt: skip
    return redirect(link)
