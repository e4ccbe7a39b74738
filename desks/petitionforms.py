"""What a petition asks for, and what the person who decides is asked; pushes from above and the answers to them."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.stepforms import ManyPhotos, PhotosField, ReasonForm, StepForm
from dispatch.actions.handling import live_parts
from dispatch.actions.petitions import Wish, local_date
from dispatch.clocks import Unit
from dispatch.evidence import Photo, store
from dispatch.models import Part, Petition, Supervision
from dispatch.papers import missing_papers
from dispatch.petitions import KIND_OF_ASK, KINDS
from dispatch.petitionwords import petition_line
from dispatch.transitions import Action
from people.models import Agency

UNITS = [Unit.WORK_DAY, Unit.WORK_HOUR, Unit.URGENT_HOUR]
SUGGESTED_REVIEW = timedelta(days=90)


class AskForm(ReasonForm):
    """A petition: a coded reason, the words, and a stamped form where one is needed."""

    form = PhotosField(
        label=gettext_lazy("盖章表单"),
        required=False,
        widget=ManyPhotos({"accept": "image/jpeg,image/png,image/webp", "class": "visually-hidden"}),
        help_text=gettext_lazy("需要时拍照或扫描上传。"),
    )

    def wish(self) -> dict[str, Any]:
        """What this kind of petition asks for beside reason and form."""
        return {}

    def arguments(self) -> dict[str, Any]:
        form = [Photo(store(upload, at=self.at)) for upload in self.cleaned_data["form"]]
        wish = Wish(reason_code=self.cleaned_data["reason_code"], form=form, **self.wish())
        return {"kind": KIND_OF_ASK[Action(self.action)], "wish": wish}


class ExtensionForm(AskForm):
    amount = forms.IntegerField(label=gettext_lazy("延长"), min_value=1, max_value=365)
    unit = forms.ChoiceField(label=gettext_lazy("单位"), choices=[(unit.value, unit.label) for unit in UNITS])

    def wish(self) -> dict[str, Any]:
        return {"amount": self.cleaned_data["amount"], "unit": self.cleaned_data["unit"]}


class ToldForm(AskForm):
    """A petition whose grant needs that the caller has been told why (P5.8)."""

    explanation = forms.CharField(
        label=gettext_lazy("对诉求人的说明"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )

    def prepare(self) -> None:
        if missing_papers(self.case, KINDS[KIND_OF_ASK[Action(self.action)]].grant):
            self.fields["explanation"].help_text = _("批准前须向诉求人说明原因；已说明的，把说明的内容写在这里。")
        else:
            del self.fields["explanation"]

    def wish(self) -> dict[str, Any]:
        return {"explanation": self.cleaned_data.get("explanation", "")}


class SuspensionForm(ToldForm):
    review_on = forms.DateField(
        label=gettext_lazy("复核日期"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("到这一天自动恢复办理；继续挂账须先到现场复核。"),
    )

    def prepare(self) -> None:
        super().prepare()
        self.initial["review_on"] = local_date(self.at + SUGGESTED_REVIEW)

    def wish(self) -> dict[str, Any]:
        return super().wish() | {"review_on": self.cleaned_data["review_on"]}


class ReturnForm(AskForm):
    to_agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label=gettext_lazy("应由哪个单位承办"),
        required=False,
        empty_label=gettext_lazy("不清楚"),
    )

    def prepare(self) -> None:
        mine = [part.agency_id for part in live_parts(self.case)]
        accused = self.case.accused_agency_id or 0
        agencies = Agency.objects.active(local_date(self.at)).listed().exclude(pk__in=[*mine, accused])
        self.fields["to_agency"].queryset = agencies  # type: ignore[attr-defined]
        self.fields["form"].help_text = _("除“派遣单位有误”外，须附盖章的退单申请表。")

    def wish(self) -> dict[str, Any]:
        return {"to_agency": self.cleaned_data["to_agency"]}


class PetitionChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Pending petitions in words: who asks for what, and why."""

    def label_from_instance(self, obj: Any) -> str:  # noqa: ANN401 - Django's own signature
        return petition_line(obj)


class DecideForm(StepForm):
    """Agree or refuse; a refusal needs an opinion."""

    petition = PetitionChoice(
        Petition.objects.none(), label=gettext_lazy("申请"), empty_label=None, widget=forms.RadioSelect
    )
    agrees = forms.ChoiceField(
        label=gettext_lazy("审批"),
        choices=[("yes", gettext_lazy("同意")), ("no", gettext_lazy("不同意"))],
        widget=forms.RadioSelect,
    )

    def prepare(self) -> None:
        found = pending(self)
        self.fields["petition"].queryset = found  # type: ignore[attr-defined]
        first = found.first()
        self.initial["petition"] = first.pk if first else None

    def clean(self) -> None:
        if self.cleaned_data.get("agrees") == "no" and not self.cleaned_data.get("note", "").strip():
            self.add_error("note", _("不同意时请写明理由。"))

    def arguments(self) -> dict[str, Any]:
        return {"petition": self.cleaned_data["petition"], "agrees": self.cleaned_data["agrees"] == "yes"}


def pending(form: StepForm) -> Any:  # noqa: ANN401 - a QuerySet of petitions
    """Petitions of the form's case that wait, oldest first."""
    found = Petition.objects.pending().filter(case=form.case)
    return found.select_related("asked_by", "part__agency", "to_agency", "step__remark")


class WithdrawForm(StepForm):
    petition = PetitionChoice(
        Petition.objects.none(), label=gettext_lazy("申请"), empty_label=None, widget=forms.RadioSelect
    )

    def prepare(self) -> None:
        found = pending(self).filter(asked_by=self.user)
        self.fields["petition"].queryset = found  # type: ignore[attr-defined]
        first = found.first()
        self.initial["petition"] = first.pk if first else None

    def arguments(self) -> dict[str, Any]:
        return {"petition": self.cleaned_data["petition"]}


class PartChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """The parts of a case by their agencies."""

    def label_from_instance(self, obj: Any) -> str:  # noqa: ANN401 - Django's own signature
        return str(obj.agency)


class PushForm(StepForm):
    """督办 or 批示: which agency, and until when it reports back."""

    part = PartChoice(
        Part.objects.none(), label=gettext_lazy("承办单位"), required=False, empty_label=gettext_lazy("整个案件")
    )
    due_on = forms.DateField(
        label=gettext_lazy("回复期限"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def prepare(self) -> None:
        parts = Part.objects.filter(case=self.case, withdrawn_at=None).select_related("agency")
        self.fields["part"].queryset = parts  # type: ignore[attr-defined]
        leading = parts.filter(leads=True).first()
        self.initial["part"] = leading.pk if leading else None
        self.initial["due_on"] = local_date(self.at + timedelta(days=2))

    def clean_due_on(self) -> Any:  # noqa: ANN401 - a date
        if self.cleaned_data["due_on"] < local_date(self.at):
            raise forms.ValidationError(_("回复期限不能早于今天。"))
        return self.cleaned_data["due_on"]

    def arguments(self) -> dict[str, Any]:
        due_at = datetime.combine(self.cleaned_data["due_on"], time(18), settings.CITY.zone)
        return {"part": self.cleaned_data["part"], "due_at": due_at}


class SuperviseForm(PushForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("督办种类"),
        choices=[(kind.value, kind.label) for kind in (Supervision.Kind.KEY, Supervision.Kind.LEADER)],
    )
    field_order = ("kind", "part", "due_on")

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"kind": self.cleaned_data["kind"]}


class PushesField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """Pushes by kind and date."""

    def label_from_instance(self, obj: Any) -> str:  # noqa: ANN401 - Django's own signature
        words = getattr(getattr(obj.step, "remark", None), "text", "")
        return f"{obj.get_kind_display()} · {words[:60]}" if words else str(obj.get_kind_display())


class OnPushForm(StepForm):
    """A step on one of the open pushes of the case."""

    push = PushesField(
        Supervision.objects.none(), label=gettext_lazy("督办"), empty_label=None, widget=forms.RadioSelect
    )

    def prepare(self) -> None:
        found = open_pushes(self)
        self.fields["push"].queryset = found  # type: ignore[attr-defined]
        first = found.first()
        self.initial["push"] = first.pk if first else None

    def arguments(self) -> dict[str, Any]:
        return {"push": self.cleaned_data["push"]}


def open_pushes(form: StepForm) -> Any:  # noqa: ANN401 - a QuerySet of pushes
    return Supervision.objects.open().filter(case=form.case).select_related("step__remark")
