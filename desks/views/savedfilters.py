"""Filters that somebody keeps under a name, for themselves or for everybody at the console."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.filters import Filter
from people.access import allow, current_user
from people.models import SavedFilter, User

MOST = 30  # of one person


class SaveForm(forms.Form):
    """A name for the filter that the page shows."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=30)
    query = forms.CharField(max_length=6000, required=False)
    shared = forms.BooleanField(label=gettext_lazy("与同事共享"), required=False)

    def clean_query(self) -> str:
        """Only what the console itself could have written."""
        return Filter.read(QueryDict(self.cleaned_data["query"].removeprefix("?"))).query()


def kept_for(user: User) -> QuerySet[SavedFilter]:
    """The user's own filters and those that others share."""
    return SavedFilter.objects.filter(Q(user=user) | Q(shared=True)).select_related("user")


@allow(POST="console")
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep it; a name that the user has already gets the new filter."""
    user, form = current_user(request), SaveForm(request.POST)
    if not form.is_valid():
        return _answer(request, 422, error=next(error for errors in form.errors.values() for error in errors))
    given = form.cleaned_data
    own = SavedFilter.objects.filter(user=user)
    if own.exclude(name=given["name"]).count() >= MOST:
        return _answer(request, 422, error=_("最多保存 %(most)s 个筛选，请先删除不用的。") % {"most": MOST})
    values = {"query": given["query"], "shared": given["shared"]}
    SavedFilter.objects.update_or_create(user=user, name=given["name"], defaults=values)
    return _answer(request, said=_("已保存“%(name)s”。") % {"name": given["name"]})


@allow(POST="console")
def drop_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Forget one of the user's own."""
    dropped, _each = SavedFilter.objects.filter(user=current_user(request), pk=filter_id).delete()
    if not dropped:
        raise Http404
    return _answer(request)


def _answer(request: HttpRequest, status: int = 200, **context: Any) -> HttpResponse:  # noqa: ANN401
    if not getattr(request, "htmx", False):
        if context.get("error"):
            messages.error(request, context["error"])
        return redirect("desks:console")
    saved = kept_for(current_user(request))
    return render(request, "desks/_saved_filters.html", {"saved": saved, **context}, status=status)
