"""Forms of an urgent case: the call to its agency, and the agency's arrival on the spot."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.stepforms import PartForm, WhenForm
from dispatch.actions.handling import own_part
from dispatch.actions.notifying import Phoned
from dispatch.dutyphones import Hours, now_of, phone_of
from dispatch.models import Clock, Notice, Part


class TelephoneForm(WhenForm):
    """Which agency, whom, at which number, when, and how the call ended."""

    field_order = ["part", "happened", "whom", "number", "outcome", "answered_by", "note"]
    part = forms.ModelChoiceField(Part.objects.none(), label=gettext_lazy("承办单位"), empty_label=None)
    whom = forms.CharField(label=gettext_lazy("呼叫对象"), max_length=30)
    number = forms.CharField(label=gettext_lazy("呼叫号码"), max_length=30)
    outcome = forms.ChoiceField(
        label=gettext_lazy("通话结果"), choices=Notice.Outcome.choices, widget=forms.RadioSelect
    )
    answered_by = forms.CharField(
        label=gettext_lazy("接听人"), max_length=30, required=False, help_text=gettext_lazy("已接听时必填。")
    )

    def prepare(self) -> None:
        super().prepare()
        parts = self.case.parts.filter(withdrawn_at=None, stage=Part.Stage.HANDLING).select_related("agency")
        field: Any = self.fields["part"]
        field.queryset = parts.order_by("-leads", "pk")
        field.label_from_instance = lambda part: part.agency.name
        first = field.queryset.first()
        if first is not None:
            self.initial["part"] = first
            hours = now_of(self.at)
            at_work = hours == Hours.DAY and first.agency.handler
            self.initial["whom"] = at_work or _("值班员")
            self.initial["number"] = phone_of(first.agency, hours).number
            told = [f"{part.agency.name} {phone_of(part.agency, hours).words}" for part in field.queryset]
            self.hint = _("现在是%(hours)s：%(phones)s。") % {"hours": hours.label, "phones": "；".join(told)}

    def earliest(self) -> datetime:
        return self.case.dispatched_at or self.case.received_at

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("outcome") == Notice.Outcome.ANSWERED and not given.get("answered_by", "").strip():
            self.add_error("answered_by", _("已接听的，请填写接听人。"))

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        call = Phoned(given["whom"], given["number"], given["outcome"], given["answered_by"])
        return {"part": given["part"], "call": call}


class ArriveForm(PartForm, WhenForm):
    """When the agency was on the spot: not before it was called."""

    field_order = ["happened", "note"]

    def earliest(self) -> datetime:
        clock = Clock.objects.filter(part=own_part(self.case, self.user), kind=Clock.Kind.ARRIVE).first()
        return clock.started_at if clock is not None else super().earliest()
