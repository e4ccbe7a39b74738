"""Forms of the roster and of the handover."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.models import Duty, Seat, Surge
from dispatch.profile import profile
from people.models import RoleGrant, User

DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
DAY_SAID = {"invalid": gettext_lazy("请填写日期，例如 2026-11-18。")}


def shifts() -> list[tuple[str, str]]:
    """The shifts of this place as choices."""
    return [(name, f"{name} {start:%H:%M}") for name, start in profile().roster.starts.items()]


class ShiftForm(forms.Form):
    """A day, a shift and a desk."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=DAY, error_messages=DAY_SAID)
    shift = forms.ChoiceField(label=gettext_lazy("班次"))
    seat = forms.ChoiceField(label=gettext_lazy("岗位"), choices=Seat.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        field: Any = self.fields["shift"]
        field.choices = shifts()


class DutyForm(ShiftForm):
    """Who sits there; only somebody who holds the role on that day."""

    field_order = ["user", "day", "shift", "seat"]
    user = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("值班人员"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        holders = RoleGrant.objects.filter(role__in=Seat.values).values("user")
        field.queryset = User.objects.filter(pk__in=holders, is_active=True).order_by("full_name", "pk")

    def clean(self) -> None:
        given = self.cleaned_data
        if not {"user", "day", "shift", "seat"} <= set(given):
            return
        if not RoleGrant.objects.active(given["day"]).filter(user=given["user"], role=given["seat"]).exists():
            self.add_error("user", _("此人当天没有这个岗位的角色。"))
        elif Duty.objects.filter(user=given["user"], day=given["day"], shift=given["shift"]).exists():
            self.add_error("user", _("此人已排在这个班次。"))

    def save(self) -> Duty:
        return Duty.objects.create(**self.cleaned_data)


class SurgeForm(ShiftForm):
    """How many seats more, and why."""

    extra = forms.IntegerField(label=gettext_lazy("增派席位"), min_value=1, max_value=50)
    reason = forms.CharField(label=gettext_lazy("增派原因"), max_length=200)

    def save(self, by: User) -> Surge:
        given = self.cleaned_data
        key = {name: given[name] for name in ("day", "shift", "seat")}
        values = {"extra": given["extra"], "reason": given["reason"], "by": by}
        return Surge.objects.update_or_create(**key, defaults=values)[0]


class WeekForm(forms.Form):
    """The week that is shown, by any of its days."""

    week = forms.DateField(required=False, widget=DAY, label=gettext_lazy("周"))

    @classmethod
    def read(cls, text: str, otherwise: date) -> date:
        """The day that the address names, or another one."""
        form = cls({"week": text})
        return (form.cleaned_data["week"] if form.is_valid() else None) or otherwise


class HandoverForm(forms.Form):
    """What the list of the system does not say."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("交班事项"), max_length=5000, required=False, widget=forms.Textarea({"rows": 4})
    )
