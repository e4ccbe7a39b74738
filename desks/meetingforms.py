"""Forms of the meeting on hard cases."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions.meetings import Duty
from dispatch.models import Meeting

DAY = {"type": "date"}


class MeetingForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    class Meta:
        model = Meeting
        fields = ["held_on", "chair", "attendees"]
        widgets = {"held_on": forms.DateInput(DAY, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["held_on"].error_messages |= {"unique": _("这一天已经有会商。")}


class DecisionForm(forms.Form):
    """Analysis, decision, and who does what by when: all three or none."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    operation = forms.UUIDField(widget=forms.HiddenInput)
    analysis = forms.CharField(label=gettext_lazy("分析"), max_length=3000, widget=forms.Textarea({"rows": 2}))
    decision = forms.CharField(label=gettext_lazy("决定"), max_length=3000, widget=forms.Textarea({"rows": 2}))
    what = forms.CharField(label=gettext_lazy("做什么"), max_length=200, required=False)
    who = forms.CharField(label=gettext_lazy("责任人"), max_length=60, required=False)
    due_on = forms.DateField(
        label=gettext_lazy("完成期限"), required=False, widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )

    def clean(self) -> None:
        given = self.cleaned_data
        told = [bool(given.get(name)) for name in ("what", "who", "due_on")]
        if any(told) and not all(told):
            self.add_error("what", _("任务要写明做什么、谁做、何时完成。"))

    def duty(self) -> Duty | None:
        given = self.cleaned_data
        return Duty(given["what"], given["who"], given["due_on"]) if given["what"] else None
