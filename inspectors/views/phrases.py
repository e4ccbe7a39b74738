"""常用语: the inspector's own words for notes, put in, changed and taken away."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from inspectors.forms import PhraseForm
from inspectors.models import Phrase
from inspectors.phrases import MOST, phrases_for
from people.access import allow, current_user


@allow(GET="field", POST="field")
def phrases(request: HttpRequest) -> HttpResponse:
    """The own ones as a form each; an empty text takes one away. What is not valid stays in its form."""
    user = current_user(request)
    own = Phrase.objects.filter(user=user).order_by("pk")
    form = PhraseForm(user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.keep()
        return redirect("inspectors:phrases")
    rows = list(own[:MOST])
    shared = [words for words in phrases_for(user) if words not in {row.text for row in rows}]
    page = {"form": form, "own": rows, "shared": shared, "full": len(rows) >= MOST}
    return render(request, "inspectors/phrases.html", page, status=422 if form.is_bound else 200)
