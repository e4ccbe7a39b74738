"""批量反馈: several cases of the inbox, one answer, a photo of each where it is wanted."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desks.batchreply import MOST, Outcome, again, choose, items_of, reply_to
from people.access import allow, current_user


class BatchForm(forms.Form):
    """The words that every case of the batch is answered with."""

    note = forms.CharField(
        label=_("处置结果（书面答复）"),
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": _("请写处置结果，每件案件都会用这段文字。")},
    )
    public = forms.BooleanField(label=_("诉求人可在进度页看到这段答复"), required=False)


@allow(GET="case.handled", POST="case.handled")
def batch(request: HttpRequest) -> HttpResponse:
    """The chosen cases with the form; after it was sent, what became of each, and what is left to do again."""
    user, at = current_user(request), timezone.now()
    sent = request.method == "POST"
    asked = (request.POST if sent else request.GET).getlist("case")
    cases = choose(user, asked)
    if not cases:
        return redirect("desks:agency")
    items = items_of(cases, request.POST, request.FILES)
    form = BatchForm(request.POST if sent else None, auto_id="batch_%s")
    outcomes: list[Outcome] = []
    if sent and form.is_valid():
        given = form.cleaned_data
        outcomes = [reply_to(item, given["note"], public=given["public"], by=user, at=at) for item in items]
        left = {outcome.case.pk for outcome in outcomes if not outcome.done}
        now = {case.pk: case for case in choose(user, [case.number for case in cases if case.pk in left])}
        items = [again(item, now[item.case.pk]) for item in items if item.case.pk in now]
    context = {
        "form": form,
        "items": items,
        "outcomes": outcomes,
        "done": sum(outcome.done for outcome in outcomes),
        "dropped": max(0, len(set(asked)) - MOST),
    }
    return render(request, "desks/batch.html", context, status=422 if sent and not form.is_valid() else 200)
