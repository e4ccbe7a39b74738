"""Forms of what the call-taker and the reviewer set: type, complexity, urgency, a second matter, the answer upward."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.stepforms import YES_NO, ReasonForm, StepForm
from dispatch.models import Case, Report
from dispatch.models.report import RequestType


class RetypeForm(StepForm):
    request_type = forms.ChoiceField(label=gettext_lazy("诉求类型"), choices=RequestType.choices)

    def prepare(self) -> None:
        self.initial["request_type"] = self.case.request_type

    def arguments(self) -> dict[str, Any]:
        return {"request_type": self.cleaned_data["request_type"]}


class ComplexityForm(StepForm):
    complexity = forms.ChoiceField(
        label=gettext_lazy("复杂程度"), choices=Case.Complexity.choices, widget=forms.RadioSelect
    )

    def prepare(self) -> None:
        self.initial["complexity"] = self.case.complexity

    def arguments(self) -> dict[str, Any]:
        return {"complexity": self.cleaned_data["complexity"]}


class ReviewForm(ComplexityForm):
    """审核通过: how complex it is is said there (P3.21)."""


class UrgencyForm(ReasonForm):
    field_order = ("urgent", "reason_code", "note")
    urgent = forms.ChoiceField(label=gettext_lazy("紧急"), choices=YES_NO, widget=forms.RadioSelect)

    reason_code = forms.ChoiceField(label=gettext_lazy("紧急理由"), required=False)

    def clean(self) -> None:
        if self.cleaned_data.get("urgent") == "yes" and not self.cleaned_data.get("reason_code"):
            self.add_error("reason_code", _("标为紧急时请选择理由。"))

    def prepare(self) -> None:
        self.initial["urgent"] = "no" if self.case.urgent else "yes"

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"urgent": self.cleaned_data["urgent"] == "yes"}


class SplitForm(StepForm):
    field_order = ("text", "note")
    text = forms.CharField(label=gettext_lazy("另一件诉求的内容"), max_length=5000, widget=forms.Textarea({"rows": 3}))

    def arguments(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"]}


class UpperForm(StepForm):
    field_order = ("report", "note")
    report = forms.ModelChoiceField(Report.objects.none(), label=gettext_lazy("上级交办件"), empty_label=None)

    def prepare(self) -> None:
        field: Any = self.fields["report"]
        field.queryset = self.case.reports.unanswered_upward()
        field.label_from_instance = lambda report: report.external_ref or report.number

    def arguments(self) -> dict[str, Any]:
        return {"report": self.cleaned_data["report"]}
