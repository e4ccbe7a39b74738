"""Profiles: how this place works, what another one would change, and the choice of the one in force."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dispatch import inforce
from dispatch.models import Channel, ProfileChoice
from dispatch.profile import Profile, ProfileError, read_profile
from dispatch.profilewords import differences, sections
from people.access import allow, current_user, roles_of
from people.permissions import may

HISTORY = 20
ROOM = "dispatch:profiles"


class ChoiceForm(forms.Form):
    """Why this profile, from now on; `instead_of` is the one that was in force when the page was opened."""

    reason = forms.CharField(label=gettext_lazy("理由"), max_length=300)
    instead_of = forms.CharField()


@allow(GET="profiles")
def profiles(request: HttpRequest) -> HttpResponse:
    """Every profile with how much it differs, the one in force, and who chose which when."""
    now, default = inforce.name_in_force(), read_profile(inforce.DEFAULT)
    context = {
        "rows": [_row(name, now, default) for name in inforce.names()],
        "choices": [
            (choice, _called(choice.name)) for choice in ProfileChoice.objects.select_related("chosen_by")[:HISTORY]
        ],
        "in_room": ROOM,
    }
    return render(request, "dispatch/profiles.html", context)


@allow(GET="profiles", POST="profiles.choose")
def one(request: HttpRequest, profile_name: str) -> HttpResponse:
    """The settings of one profile in words, against the one in force; an administrator puts it in force from here."""
    if profile_name not in inforce.names():
        raise Http404
    now = inforce.name_in_force()
    try:
        shown = read_profile(profile_name)
    except ProfileError as error:
        messages.error(request, _("方案文件有误，不能启用：%(fault)s。请改正文件后重启服务。") % {"fault": error})
        return redirect("dispatch:profiles")
    form = ChoiceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if form.cleaned_data["instead_of"] == now:
            return _chosen(request, profile_name, form.cleaned_data["reason"])
        form.add_error(None, _("方案刚刚被换过，没有改动。请看清现在的差别再决定。"))
    against = request.GET.get("against", "now")
    other = read_profile(now if against == "now" else inforce.DEFAULT)
    context = {
        "name": profile_name,
        "title": _name(shown),
        "form": form,
        "now": now,
        "now_title": _called(now),
        "against": "default" if against == "default" else "now",
        "other_title": _name(other),
        "sections": sections(shown, other, dict(Channel.objects.values_list("key", "name"))),
        "changes": differences(shown, other),
        "may_choose": may(roles_of(request), "profiles.choose") and profile_name != now,
        "in_room": ROOM,
    }
    return render(request, "dispatch/profile.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest, name: str, reason: str) -> HttpResponse:
    inforce.choose(name, by=current_user(request), at=timezone.now(), reason=reason)
    messages.success(request, _("方案“%(name)s”已启用。进行中的案件沿用原来的时限。") % {"name": _called(name)})
    return redirect("dispatch:profiles")


def _row(name: str, now: str, default: Profile) -> dict[str, Any]:
    try:
        found = read_profile(name)
    except ProfileError as error:
        return {"name": name, "title": name, "fault": str(error), "now": name == now}
    return {"name": name, "title": _name(found), "differs": differences(found, default), "now": name == now}


def _name(profile: Profile) -> str:
    return profile.name_en if get_language() == "en" else profile.name


def _called(name: str) -> str:
    try:
        return _name(read_profile(name))
    except ProfileError:
        return name
