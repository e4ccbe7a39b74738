"""The form of a signature in a chain."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.stepforms import StepForm
from dispatch.signoff import lines_of, may_sign


class CountersignForm(StepForm):
    """Agree, or return with an opinion."""

    field_order = ["chain", "agrees", "note"]
    chain = forms.ChoiceField(label=gettext_lazy("签批事项"))
    agrees = forms.ChoiceField(
        label=gettext_lazy("签批"),
        choices=[("yes", gettext_lazy("同意")), ("no", gettext_lazy("退回"))],
        widget=forms.RadioSelect,
    )

    def prepare(self) -> None:
        field: Any = self.fields["chain"]
        mine = [line for line in lines_of(self.case) if may_sign(line, self.user)]
        field.choices = [(line.chain.key, f"{line.chain.name} · {line.next.label}") for line in mine if line.next]

    def clean(self) -> None:
        if self.cleaned_data.get("agrees") == "no" and not self.cleaned_data.get("note", "").strip():
            self.add_error("note", _("退回请写明意见。"))

    def arguments(self) -> dict[str, Any]:
        return {"chain": self.cleaned_data["chain"], "agrees": self.cleaned_data["agrees"] == "yes"}
