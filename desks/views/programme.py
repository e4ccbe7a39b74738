"""直播节目: sessions, guests, questions, answers on air; the rest become reports (P3.15, P3.23)."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.onceforms import OnceForm
from dispatch.actions import programme as acting
from dispatch.models import Case, Channel, LiveGuest, LiveQuestion, LiveSession
from people.access import allow, current_user, roles_of
from people.models import Agency
from people.permissions import may

PAGE = 30
ROOM = "desks:programme"


class SessionForm(OnceForm):
    """A new session, through one of the channels of live programmes."""

    class Meta:
        model = LiveSession
        fields = ["title", "starts_at", "host", "channel", "operation"]
        widgets = {"starts_at": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        offered = Channel.objects.in_use(timezone.localdate()).filter(kind=Channel.Kind.LIVE)
        self.fields["channel"].queryset = offered  # type: ignore[attr-defined]
        self.fields["channel"].initial = offered.first()


class GuestForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """Somebody who answers on air."""

    class Meta:
        model = LiveGuest
        fields = ["agency", "name", "duty"]

    def __init__(self, session: LiveSession, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = Agency.objects.active(timezone.localdate())  # type: ignore[attr-defined]
        self.instance.session = session


class QuestionForm(OnceForm):
    """A question as it comes in."""

    class Meta:
        model = LiveQuestion
        fields = ["text", "asker", "phone", "operation"]
        widgets = {"text": forms.Textarea({"rows": 3})}


class AnswerForm(forms.Form):
    """What a guest said."""

    guest = forms.ModelChoiceField(LiveGuest.objects.none(), label=gettext_lazy("答复人"))
    words = forms.CharField(label=gettext_lazy("现场答复"), max_length=3000, widget=forms.Textarea({"rows": 2}))

    def __init__(self, session: LiveSession, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["guest"].queryset = session.guests.select_related("agency")  # type: ignore[attr-defined]


@allow(GET="programme", POST="programme.write")
def programme(request: HttpRequest) -> HttpResponse:
    """Sessions, the newest first, and a form for the next one."""
    first = {"operation": uuid4(), "starts_at": timezone.localtime()}
    form = SessionForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        form.instance.made_by = current_user(request)
        return redirect("desks:live_session", session_id=form.save().pk)
    if before := form.made_before():
        return redirect("desks:live_session", session_id=before.pk)
    still = Q(questions__answered_at=None, questions__case=None, questions__isnull=False)
    counts = {"asked": None, "on_air": Q(questions__answered_at__isnull=False), "left": still}
    rows = LiveSession.objects.annotate(**{name: Count("questions", filter=asked) for name, asked in counts.items()})
    rows = rows.order_by("-starts_at", "-pk")
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "form": form if may(roles_of(request), "programme.write") else None,
    }
    return render(request, "desks/programme.html", context, status=422 if form.is_bound else 200)


@allow(GET="programme")
def session(request: HttpRequest, session_id: int) -> HttpResponse:
    """One session: who is on air, what was asked and answered."""
    return _show(request, get_object_or_404(LiveSession, pk=session_id))


@allow(POST="programme.write")
def add(request: HttpRequest, session_id: int, what: str) -> HttpResponse:
    """A guest, a question, or the end of the programme."""
    found = get_object_or_404(LiveSession, pk=session_id)
    if found.ended_at is not None:
        messages.error(request, _("节目已经结束，没有记录。"))
        return redirect("desks:live_session", session_id=found.pk)
    if what == "end":
        made = acting.end(found, by=current_user(request), at=timezone.now()) or []
        messages.success(request, _("节目已结束，%(n)s 个未答复的问题已登记为诉求。") % {"n": len(made)})
        return redirect("desks:live_session", session_id=found.pk)
    if what not in ("guest", "question"):
        raise Http404
    form: Any = GuestForm(found, request.POST) if what == "guest" else QuestionForm(request.POST)
    if isinstance(form, QuestionForm):
        form.instance.session, form.instance.by = found, current_user(request)
        form.instance.asked_at = timezone.now()
        if form.made_before():
            return redirect("desks:live_session", session_id=found.pk)
    if not form.is_valid():
        return _show(request, found, status=422, **{f"{what}_form": form})
    form.save()
    return redirect("desks:live_session", session_id=found.pk)


@allow(POST="programme.write")
def question(request: HttpRequest, question_id: int, what: str) -> HttpResponse:
    """Answered on air, or taken on as a report."""
    asked = get_object_or_404(LiveQuestion.objects.select_related("session"), pk=question_id)
    user, at = current_user(request), timezone.now()
    if what == "case":
        case = acting.take_on(asked, by=user, at=at)
        messages.success(request, _("已登记诉求 %(number)s。") % {"number": case.number})
        return redirect("desks:live_session", session_id=asked.session_id)
    if what != "answer":
        raise Http404
    form = AnswerForm(asked.session, request.POST, auto_id=f"q{asked.pk}_%s")
    if not form.is_valid():
        return _show(request, asked.session, status=422, bound=(asked.pk, form))
    if not acting.answer(asked, guest=form.cleaned_data["guest"], words=form.cleaned_data["words"], at=at):
        messages.error(request, _("这个问题已经有人记录了答复，没有改动。"))
    return redirect("desks:live_session", session_id=asked.session_id)


def _show(
    request: HttpRequest,
    found: LiveSession,
    *,
    bound: tuple[int, AnswerForm] | None = None,
    status: int = 200,
    **more: Any,  # noqa: ANN401 - forms
) -> HttpResponse:
    user, writes = current_user(request), may(roles_of(request), "programme.write")
    questions = list(found.questions.select_related("guest__agency", "case").order_by("asked_at", "pk"))
    seen = Case.objects.visible_to(user).filter(pk__in=[row.case_id for row in questions if row.case_id])
    going = writes and found.ended_at is None
    guests = list(found.guests.select_related("agency"))
    context: dict[str, Any] = {
        "session": found,
        "guests": guests,
        "questions": [(row, bound[1] if bound and bound[0] == row.pk else None) for row in questions],
        "seen": set(seen.values_list("pk", flat=True)),
        "writes": writes,
        "going": going,
        "guest_form": GuestForm(found, auto_id="guest_%s") if going else None,
        "question_form": QuestionForm(initial={"operation": uuid4()}, auto_id="ask_%s") if going else None,
        "left": sum(1 for row in questions if row.answered_at is None and row.case_id is None),
        "in_room": ROOM,
    }
    return render(request, "desks/live_session.html", context | more, status=status)
