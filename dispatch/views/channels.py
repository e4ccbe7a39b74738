"""Channels: where reports come from, since when, and what each of them asks for."""

import re
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.models import Channel, Report
from people.access import allow, current_user, roles_of
from people.changes import log, said, stored
from people.permissions import may

DAYS = 30
KEY = re.compile(r"[a-z][a-z0-9-]*")
KEY_SAID = gettext_lazy("标识用小写字母、数字和连字符，以字母开头，不能是 new。")


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """A channel; its key is part of every order's operation, so it is chosen once."""

    class Meta:
        model = Channel
        fields = ["key", "name", "kind", "starts_on", "ends_on", "default_type", "needs_upper", "public"]
        widgets = {
            "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["public"].help_text = _("市民和企业来的诉求；监督员、视频等内部渠道不选。")
        self.fields["starts_on"].help_text = _("到这一天才可选；空着表示一直可用。")
        if self.instance.pk:
            self.fields.pop("key", None)
        else:
            self.fields["key"].help_text = _("小写字母和数字，用于接口和导入，确定后不再改。")
            self.fields["key"].error_messages |= {"unique": _("这个标识已被别的渠道使用。"), "invalid": KEY_SAID}

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not KEY.fullmatch(key) or key == "new":  # the address of the page for another one
            raise forms.ValidationError(KEY_SAID)
        return key

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if Channel.objects.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("已有同名的渠道，受理员会分不清。"))
        return name

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("停用日期不能早于启用日期。"))
        return given


@allow(GET="channels")
def channels(request: HttpRequest) -> HttpResponse:
    """Channels in use, to come and ended, with what came by each of them lately."""
    now, day = timezone.now(), timezone.localdate()
    lately = Report.objects.filter(channel=OuterRef("pk"), received_at__gte=now - timedelta(days=DAYS))
    counted = lately.order_by().values("channel").annotate(n=Count("pk")).values("n")
    rows = list(Channel.objects.annotate(lately=Coalesce(Subquery(counted), 0)).order_by("-public", "-lately", "key"))
    groups = [
        (_("使用中"), [c for c in rows if not _later(c, day) and not _ended(c, day)]),
        (_("将启用"), [c for c in rows if _later(c, day)]),
        (_("已停用"), [c for c in rows if _ended(c, day)]),
    ]
    context = {"groups": [g for g in groups if g[1]], "days": DAYS, "may_edit": may(roles_of(request), "channels.edit")}
    return render(request, "dispatch/channels.html", context)


def _later(channel: Channel, day: date) -> bool:
    return channel.starts_on is not None and channel.starts_on > day


def _ended(channel: Channel, day: date) -> bool:
    return channel.ends_on is not None and channel.ends_on < day


@allow(GET="channels.edit", POST="channels.edit")
def edit(request: HttpRequest, channel_key: str = "") -> HttpResponse:
    """A new channel, or another name, time of validity, type or wish of one."""
    found = get_object_or_404(Channel, key=channel_key) if channel_key else None
    form = ChannelForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            before = stored(found) if found else {}
            saved = form.save()
            log(by=current_user(request), at=timezone.now(), of=saved, before=before, after=said(saved))
        messages.success(request, _("已保存渠道“%(name)s”。") % {"name": saved.name})
        return redirect("dispatch:channels")
    return render(request, "dispatch/channel.html", {"form": form, "found": found}, status=422 if form.errors else 200)
