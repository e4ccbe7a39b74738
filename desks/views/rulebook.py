"""工作规程: the rules of work in force, shown where people work; and what was asked of the system above."""

from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from desks.onceforms import OnceForm
from dispatch.models import Article, UpperChange
from people.access import allow, current_user, roles_of
from people.permissions import may

LISTED = 200
ROOM = "desks:rulebook"


class ChangeForm(OnceForm):
    """What should be changed above, and why."""

    class Meta:
        model = UpperChange
        fields = ["system", "wish", "reason", "operation"]
        widgets = {"wish": forms.Textarea({"rows": 4})}


class AnswerForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """What the system above said, or did."""

    class Meta:
        model = UpperChange
        fields = ["state", "answer"]

    def clean_state(self) -> str:
        state: str = self.cleaned_data["state"]
        if state == UpperChange.State.ASKED:
            raise forms.ValidationError(_("请选择答复的结果。"))
        return state


@allow(GET="rulebook")
def rulebook(request: HttpRequest) -> HttpResponse:
    """Every rule in force by the place where it is shown, with its version and who published it."""
    rows = Article.objects.rules().current(timezone.localdate()).select_related("published_by").order_by("title")
    by_place = [(place, [row for row in rows if row.shown_at == place.value]) for place in Article.Place]
    roles = roles_of(request)
    context = {
        "places": [(place, found) for place, found in by_place if found],
        "may_read_more": may(roles, "knowledge"),
        "may_write": may(roles, "knowledge.write"),
        "may_see_changes": may(roles, "upper_changes"),
        "in_room": ROOM,
    }
    return render(request, "desks/rulebook.html", context)


@allow(GET="rulebook")
def at_work(request: HttpRequest, place: str) -> HttpResponse:
    """The rules of one place of work, for the fold of its page: fetched when somebody opens it."""
    if place not in Article.Place.values:
        raise Http404
    rows = Article.objects.rules().current(timezone.localdate()).filter(shown_at=place).order_by("title")
    return render(request, "desks/_rules.html", {"rules": rows})


@allow(GET="upper_changes", POST="upper_changes.write")
def changes(request: HttpRequest) -> HttpResponse:
    """The log of changes asked of the system above; a new one."""
    form = ChangeForm(request.POST or None, initial={"operation": uuid4()})
    if request.method == "POST" and form.is_valid():
        asked = form.save(commit=False)
        asked.asked_by, asked.asked_at = current_user(request), timezone.now()
        asked.save()
        messages.success(request, _("已记录。"))
        return redirect("desks:upper_changes")
    if form.made_before():
        return redirect("desks:upper_changes")
    context = {
        "form": form,
        "rows": UpperChange.objects.select_related("asked_by", "answered_by")[:LISTED],
        "may_write": may(roles_of(request), "upper_changes.write"),
        "in_room": ROOM,
    }
    return render(request, "desks/upper_changes.html", context, status=422 if form.is_bound else 200)


@allow(GET="upper_changes.write", POST="upper_changes.write")
def answer(request: HttpRequest, change_id: int) -> HttpResponse:
    """What became of a change: agreed, done or refused, and in which words."""
    found = get_object_or_404(UpperChange.objects.select_related("asked_by"), pk=change_id)
    form = AnswerForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        told = form.save(commit=False)
        told.answered_by, told.answered_at = current_user(request), timezone.now()
        told.save()
        messages.success(request, _("已记录。"))
        return redirect("desks:upper_changes")
    context = {"form": form, "change": found, "in_room": ROOM}
    return render(request, "desks/upper_change.html", context, status=422 if form.is_bound else 200)
