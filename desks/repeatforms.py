"""What a person says of two cases: merge, related, not the same, heard before."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.near import candidates
from desks.stepforms import StepForm
from dispatch.models import Case


class OtherForm(StepForm):
    """Another case by its number; the most similar one nearby is filled in."""

    other = forms.CharField(label=gettext_lazy("另一案件的编号"), max_length=30)
    open_only = False
    argument = "other"

    def others(self) -> Any:  # noqa: ANN401 - a QuerySet of cases
        every = Case.objects.visible_to(self.user).exclude(pk=self.case.pk)
        return every.open() if self.open_only else every

    def prepare(self) -> None:
        near = candidates(self.case, self.user, self.at)
        first = next((r.case for r in near if r.case.is_open or not self.open_only), None)
        if first is not None:
            self.initial["other"] = first.number
            self.fields["other"].help_text = _("已填入附近最相似的案件，可以改。")

    def clean_other(self) -> Case:
        target: Case | None = self.others().filter(number=self.cleaned_data["other"].strip()).first()
        if target is None:
            sentence = _("没有这个编号的未结案件，请核对。") if self.open_only else _("没有这个编号的案件，请核对。")
            raise forms.ValidationError(sentence)
        return target

    def arguments(self) -> dict[str, Any]:
        return {self.argument: self.cleaned_data["other"]}


class MergeForm(OtherForm):
    """An open case that goes on; a suspended one is taken up again with it."""

    open_only = True
    argument = "into"


class RepeatForm(OtherForm):
    """The first case, of which the caller is told."""

    argument = "first"
