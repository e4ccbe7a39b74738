"""Forms of key issues, follow-up measures and campaigns."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.onceforms import OnceForm
from desks.stepforms import StepForm
from dispatch.models import Case, Undertaking, UndertakingEntry, UndertakingUnit
from people.models import Agency, User

DAY = {"type": "date"}


def _day() -> forms.DateInput:
    return forms.DateInput(DAY, format="%Y-%m-%d")


class UndertakingForm(OnceForm):
    """A new one, with the unit that leads and what is asked of it."""

    agency = forms.ModelChoiceField(Agency.objects.none(), label=gettext_lazy("牵头单位"))
    target = forms.IntegerField(label=gettext_lazy("目标数量"), min_value=1, required=False)

    class Meta:
        model = Undertaking
        fields = ["kind", "title", "why", "begins_on", "due_on", "unit", "counts", "reply", "limit_at", "operation"]
        widgets = {
            "why": forms.Textarea({"rows": 4}),
            "begins_on": _day(),
            "due_on": _day(),
            "reply": forms.Textarea({"rows": 3}),
            "limit_at": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }
        help_texts = {
            "reply": gettext_lazy("突发事件用：归入的每位诉求人都会看到，也供受理员告知来电人。"),
            "limit_at": gettext_lazy("突发事件用：按通告，归入案件的处置时限延至此时；已有更长时限的不变。"),
        }

    field_order = ["kind", "title", "why", "agency", "begins_on", "due_on", "target", "unit", "counts"]
    field_order += ["reply", "limit_at", "operation"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = Agency.objects.active(timezone.localdate())  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        given = self.cleaned_data
        begins, due = given.get("begins_on"), given.get("due_on")
        if begins and due and due < begins:
            self.add_error("due_on", _("完成期限不能早于开始日期。"))
        if given.get("kind") != Undertaking.Kind.EVENT:
            for name in ("reply", "limit_at"):
                if given.get(name):
                    self.add_error(name, _("只有突发事件才填写这一项。"))
        if given.get("target") and not given.get("unit"):
            self.add_error("unit", _("有目标数量时请写明计量单位。"))


class GatherForm(StepForm):
    """Which event a case belongs to."""

    event = forms.ModelChoiceField(Undertaking.objects.none(), label=gettext_lazy("突发事件"))

    def prepare(self) -> None:
        events = Undertaking.objects.events().exclude(cases=self.case.pk)
        self.fields["event"].queryset = events  # type: ignore[attr-defined]
        first = list(events[:2])
        self.initial["event"] = first[0].pk if len(first) == 1 else None

    def arguments(self) -> dict[str, Any]:
        return {"event": self.cleaned_data["event"]}


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """One more unit that takes part."""

    class Meta:
        model = UndertakingUnit
        fields = ["agency", "target"]

    def __init__(self, undertaking: Undertaking, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        others = undertaking.units.values("agency")
        active = Agency.objects.active(timezone.localdate()).exclude(pk__in=others)
        self.fields["agency"].queryset = active  # type: ignore[attr-defined]
        self.instance.undertaking = undertaking


class EntryForm(OnceForm):
    """What a unit has done; its people write for their own, the centre for all."""

    class Meta:
        model = UndertakingEntry
        fields = ["unit", "on", "quantity", "words", "operation"]
        widgets = {"on": _day(), "words": forms.Textarea({"rows": 2})}

    def __init__(self, units: Any, undertaking: Undertaking, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        first = list(units[:2])
        kwargs["initial"] = {"on": timezone.localdate(), "operation": uuid4(), "quantity": 0}
        kwargs["initial"] |= {"unit": first[0]} if len(first) == 1 else {}
        super().__init__(*args, **kwargs)
        self.undertaking = undertaking
        choice: Any = self.fields["unit"]
        choice.queryset = units
        choice.label = _("单位")
        choice.label_from_instance = lambda unit: str(unit.agency)
        if undertaking.counts == Undertaking.Counts.VISITS:
            del self.fields["quantity"]

    def clean_on(self) -> Any:  # noqa: ANN401 - a date
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("日期不能晚于今天。"))
        if day < self.undertaking.begins_on:
            raise forms.ValidationError(_("日期不能早于开始日期。"))
        return day


class EndForm(forms.Form):
    """How it ended."""

    outcome = forms.CharField(label=gettext_lazy("结果"), max_length=2000, widget=forms.Textarea({"rows": 2}))


class CaseForm(forms.Form):
    """A case that it has to do with; only one that the user may see."""

    number = forms.CharField(label=gettext_lazy("案件编号"), max_length=30)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_number(self) -> Case:
        found = Case.objects.visible_to(self.user).filter(number=self.cleaned_data["number"].strip()).first()
        if found is None:
            raise forms.ValidationError(_("没有这个编号的案件，请核对。"))
        return found
