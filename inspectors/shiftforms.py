"""Forms of the inspectors' shifts."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from inspectors.models import Shift, Takeover
from people.models import RoleGrant, User
from people.permissions import Role

CLOCK = "%Y-%m-%dT%H:%M"


class DayForm(forms.Form):
    """The day that is looked at."""

    day = forms.DateField(required=False)


class TakeoverForm(forms.Form):
    """Who takes over, from when on, and why."""

    substitute = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("顶班人"),
        error_messages={"required": gettext_lazy("请选择顶班人。")},
    )
    from_at = forms.DateTimeField(
        label=gettext_lazy("从何时起"),
        input_formats=[CLOCK],
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=CLOCK),
        error_messages={"invalid": gettext_lazy("请填写日期和时间。"), "required": gettext_lazy("请填写日期和时间。")},
    )
    reason = forms.ChoiceField(label=gettext_lazy("原因"), choices=Takeover.Reason.choices)
    operation = forms.UUIDField(widget=forms.HiddenInput)
    # who had the shift when the page was made: a stale click changes nothing
    had = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, shift: Shift, at: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        today = timezone.localdate(at)
        holders = RoleGrant.objects.active(today).filter(role=Role.INSPECTOR).values("user")
        field: Any = self.fields["substitute"]
        people = User.objects.filter(pk__in=holders, is_active=True).exclude(pk=shift.inspector_id)
        field.queryset = people.order_by("full_name", "pk")
