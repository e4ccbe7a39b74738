"""Forms of 吹哨: who has to come where and when, what a unit did there, and how it stands."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.stepforms import StepForm, WhenForm
from dispatch.actions.petitions import local_date
from dispatch.actions.whistles import Calling, calls_of, open_whistle
from dispatch.models import WhistleCall
from dispatch.models.contact import Satisfaction
from dispatch.profile import profile
from dispatch.whistles import ENDING, Level, Outcome, levels_for
from people.access import scope_of
from people.models import Agency


class WhistleForm(StepForm):
    """Level, units, place and time; the words are the reason."""

    level = forms.ChoiceField(label=gettext_lazy("吹哨级别"))
    agencies = forms.ModelMultipleChoiceField(
        Agency.objects.none(),
        label=gettext_lazy("应到单位"),
        error_messages={"required": gettext_lazy("请选择至少一个应到单位。")},
    )
    place = forms.CharField(label=gettext_lazy("到场地点"), max_length=200)
    wanted_at = forms.DateTimeField(
        label=gettext_lazy("要求到场时间"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("请填写日期和时间，例如 2026-11-18 14:05。")},
    )

    def prepare(self) -> None:
        levels = levels_for(scope_of(self.user).roles, profile().whistles)
        field: Any = self.fields["level"]
        field.choices = [(level.value, level.label) for level in Level if level in levels]
        units: Any = self.fields["agencies"]
        units.queryset = (
            Agency.objects.active(local_date(self.at)).listed().exclude(pk=self.case.accused_agency_id or 0)
        )
        tomorrow = timezone.localtime(self.at + timedelta(days=1)).replace(hour=9, minute=0)
        self.initial["place"], self.initial["wanted_at"] = self.case.address, tomorrow

    def clean_wanted_at(self) -> datetime:
        given: datetime = self.cleaned_data["wanted_at"]
        if given <= self.at:
            raise forms.ValidationError(_("要求到场时间须在现在之后。"))
        return given

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"calling": Calling(given["level"], list(given["agencies"]), given["place"], given["wanted_at"])}


class CallChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Called units by name."""

    def label_from_instance(self, obj: Any) -> str:  # noqa: ANN401 - Django's own signature
        return str(obj.agency)


class WhistleAnswerForm(WhenForm):
    """Which unit was there, who, when; the words are what was done."""

    field_order = ("unit", "happened", "person", "note")
    unit = CallChoice(WhistleCall.objects.none(), label=gettext_lazy("报到单位"), empty_label=None)
    person = forms.CharField(label=gettext_lazy("到场人员"), max_length=60)

    def prepare(self) -> None:
        super().prepare()
        self.whistle = open_whistle(self.case)
        self.fields["happened"].label = _("到场时间")
        self.initial["person"] = self.user.full_name
        if self.whistle is not None:
            self.fields["unit"].queryset = calls_of(self.whistle, self.user)  # type: ignore[attr-defined]

    def earliest(self) -> datetime:
        return self.whistle.called_at if self.whistle is not None else super().earliest()

    def arguments(self) -> dict[str, Any]:
        return {"call": self.cleaned_data["unit"], "person": self.cleaned_data["person"]}


class WhistleResultForm(StepForm):
    """How it stands; while something is repaired a day of the next look, at the end the caller's rating."""

    field_order = ("outcome", "look_on", "rating", "note")
    outcome = forms.ChoiceField(label=gettext_lazy("结果"), choices=Outcome.choices, widget=forms.RadioSelect)
    look_on = forms.DateField(
        label=gettext_lazy("下次查看"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("仍在整改的，到这一天再看，直到真正解决。"),
    )
    rating = forms.ChoiceField(
        label=gettext_lazy("吹哨人评价"), choices=Satisfaction.choices, required=False, widget=forms.RadioSelect
    )

    def prepare(self) -> None:
        self.initial["look_on"] = local_date(self.at + timedelta(days=profile().whistles.look_days))
        whistle = open_whistle(self.case)
        self.rates = whistle is not None and whistle.by_id == self.user.pk
        if not self.rates:
            del self.fields["rating"]

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("outcome") == Outcome.REPAIRING:
            if given.get("look_on") is None and "look_on" not in self.errors:
                self.add_error("look_on", _("仍在整改的，请定下次查看的日期。"))
            elif given.get("look_on") and given["look_on"] <= local_date(self.at):
                self.add_error("look_on", _("下次查看的日期须在今天之后。"))
        elif given.get("outcome") in ENDING and self.rates and not given.get("rating"):
            self.add_error("rating", _("请评价到场单位的办理。"))

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"outcome": given["outcome"], "look_on": given["look_on"], "rating": given.get("rating", "")}
