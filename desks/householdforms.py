"""Forms of households and visits to them."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions.households import Told
from dispatch.models import Household, HouseholdCare
from gridmap.models import Area
from people.access import scope_of
from people.models import Agency, User


class HouseholdForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """Who lives where, and which of the user's units looks after them."""

    class Meta:
        model = Household
        fields = ["agency", "community", "address", "head", "phone", "people", "note", "left_on"]
        widgets = {"left_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        agencies = Agency.objects.active(timezone.localdate()).within(*scope_of(user).agencies)
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        if len(first := list(agencies[:2])) == 1:
            self.fields["agency"].initial = first[0]
        self.fields["community"].queryset = Area.objects.filter(level="community").order_by("code")  # type: ignore[attr-defined]
        if self.instance.pk is None:
            del self.fields["left_on"]

    def clean(self) -> None:
        super().clean()
        given = self.cleaned_data
        same = Household.objects.living().filter(
            agency=given.get("agency"), address=given.get("address"), head=given.get("head")
        )
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("head", _("这里已经登记过这一户。"))


class VisitForm(forms.Form):
    """What a visit brought: met, refreshed, or both; a need becomes a report."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    on = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    met = forms.BooleanField(label=gettext_lazy("见到本人"), required=False)
    refreshed = forms.BooleanField(label=gettext_lazy("已核对并更新住户信息"), required=False)
    words = forms.CharField(
        label=gettext_lazy("走访情况"), max_length=500, required=False, widget=forms.Textarea({"rows": 2})
    )
    need = forms.CharField(
        label=gettext_lazy("提出的诉求"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("写下后登记为一件诉求，由受理员处理。"),
    )

    def __init__(self, data: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data, initial={"on": timezone.localdate(), "met": True, "operation": uuid4()})

    def clean_on(self) -> Any:  # noqa: ANN401 - a date
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("日期不能晚于今天。"))
        return day

    def clean(self) -> None:
        given = self.cleaned_data
        if not (given.get("met") or given.get("refreshed") or given.get("words", "").strip()):
            self.add_error("words", _("没有见到人时，请写明情况。"))

    def told(self) -> Told:
        given = self.cleaned_data
        return Told(given["on"], given["met"], given["refreshed"], given["words"], given["need"])


class CareForm(forms.Form):
    """Put a household into daily attention, or end it."""

    kind = forms.ChoiceField(label=gettext_lazy("群体"), choices=HouseholdCare.Kind.choices)
    note = forms.CharField(label=gettext_lazy("关注事项"), max_length=300, required=False)
    end = forms.BooleanField(label=gettext_lazy("不再需要关注"), required=False)


class WhyForm(forms.Form):
    """Why somebody needs to see a household's data."""

    reason = forms.CharField(
        label=gettext_lazy("查看理由"),
        max_length=200,
        error_messages={"required": gettext_lazy("请填写查看理由，它会被记录。")},
    )
