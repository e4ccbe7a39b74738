"""Forms of 文书: a paper with its file, and the record of a mediation."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.stepforms import StepForm
from dispatch.actions.documents import Paper
from dispatch.actions.petitions import local_date
from dispatch.documents import store_document
from dispatch.models import Document

KINDS = [(kind.value, kind.label) for kind in Document.Kind if kind != Document.Kind.MEDIATION]
TAKEN = {"accept": "application/pdf,image/jpeg,image/png,image/webp"}


class PaperForm(StepForm):
    """Date, number, parties and file, as every paper has them."""

    dated_on = forms.DateField(
        label=gettext_lazy("文书日期"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    number = forms.CharField(label=gettext_lazy("文号"), max_length=60, required=False)
    party_a = forms.CharField(label=gettext_lazy("甲方"), max_length=80, required=False)
    party_b = forms.CharField(label=gettext_lazy("乙方"), max_length=80, required=False)
    file = forms.FileField(
        label=gettext_lazy("文件"),
        widget=forms.FileInput(TAKEN),
        help_text=gettext_lazy("PDF 原件或照片，不超过 20 MB；只有看得到本案的人能打开。"),
    )

    def prepare(self) -> None:
        self.initial["dated_on"] = local_date(self.at)

    def clean_dated_on(self) -> date:
        given: date = self.cleaned_data["dated_on"]
        if given > local_date(self.at):
            raise forms.ValidationError(_("文书日期不能晚于今天。"))
        return given

    def paper(self, **more: str) -> Paper:
        given = self.cleaned_data
        file = given.get("file")
        return Paper(
            given["dated_on"],
            given["number"],
            given["party_a"],
            given["party_b"],
            evidence=store_document(file, at=self.at) if file else None,
            **more,
        )


class DocumentForm(PaperForm):
    field_order = ("kind", "dated_on", "number", "party_a", "party_b", "file")
    kind = forms.ChoiceField(label=gettext_lazy("文书种类"), choices=KINDS)

    def arguments(self) -> dict[str, Any]:
        return {"kind": self.cleaned_data["kind"], "paper": self.paper()}


class MediationForm(PaperForm):
    """Both parties, the facts (the words of the step), what they agreed, and who signed; a scan is welcome."""

    field_order = ("dated_on", "party_a", "party_b", "note", "agreement", "signed", "number", "file")
    party_a = forms.CharField(label=gettext_lazy("甲方"), max_length=80)
    party_b = forms.CharField(label=gettext_lazy("乙方"), max_length=80)
    agreement = forms.CharField(label=gettext_lazy("达成的协议"), max_length=3000, widget=forms.Textarea({"rows": 3}))
    signed = forms.CharField(
        label=gettext_lazy("签字人"), max_length=120, help_text=gettext_lazy("姓名之间用顿号分开。")
    )

    def prepare(self) -> None:
        super().prepare()
        self.fields["file"].required = False

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"paper": self.paper(agreement=given["agreement"], signed=given["signed"])}
