"""Forms of results that somebody of the centre enters: for a unit without an account, or from a message."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.paperforms import PHOTOS
from desks.stepforms import ManyPhotos, PhotosField, StepForm
from dispatch.evidence import Photo, store
from dispatch.models import Case, InboundMail, Part
from dispatch.reasons import ResultSource
from dispatch.transitions import Flow
from people.models import Agency, User


def without_account(case: Case) -> Any:  # noqa: ANN401 - a query set of parts
    """Parts of the case that are being handled by a unit whose people cannot log in."""
    units = Agency.objects.without_account(timezone.localdate())
    return case.parts.filter(stage=Part.Stage.HANDLING, withdrawn_at=None, agency__in=units).select_related("agency")


class EnterForm(StepForm):
    """What the unit has told, and how."""

    field_order = ["part", "source", "note", "public", "photos"]
    part = forms.ModelChoiceField(Part.objects.none(), label=gettext_lazy("承办单位"))
    source = forms.ChoiceField(label=gettext_lazy("怎样得知"), choices=ResultSource.choices, initial="phone")
    public = forms.BooleanField(label=gettext_lazy("诉求人可在进度页看到这段答复"), required=False)
    photos = PhotosField(label=gettext_lazy("处置后照片"), required=False, widget=ManyPhotos(PHOTOS))

    def prepare(self) -> None:
        field: Any = self.fields["part"]
        field.queryset = without_account(self.case)
        field.label_from_instance = lambda part: str(part.agency)
        if len(parts := list(field.queryset[:2])) == 1:
            self.initial["part"] = parts[0].pk
        self.initial["public"] = self.case.flow == Flow.MATTER

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        photos = [Photo(store(upload, at=self.at)) for upload in given["photos"]]
        return {"part": given["part"], "source": given["source"], "photos": photos, "public": given["public"]}


class UseForm(forms.Form):
    """A message becomes the result of a part."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    operation = forms.UUIDField(widget=forms.HiddenInput)
    part = forms.ModelChoiceField(Part.objects.none(), label=gettext_lazy("承办单位"))
    note = forms.CharField(
        label=gettext_lazy("处置结果（书面答复）"), max_length=5000, widget=forms.Textarea({"rows": 6})
    )
    public = forms.BooleanField(label=gettext_lazy("诉求人可在进度页看到这段答复"), required=False)

    def __init__(self, mail: InboundMail, data: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        case = mail.case
        first: dict[str, Any] = {"operation": uuid4(), "note": mail.text, "part": mail.part_id}
        first |= {"version": case.version, "public": case.flow == Flow.MATTER} if case else {}
        super().__init__(data, initial=first)
        field: Any = self.fields["part"]
        if case is not None:
            going = case.parts.filter(stage=Part.Stage.HANDLING, withdrawn_at=None)
            # a message from elsewhere speaks for a unit without an account only
            mine = going.filter(pk=mail.part_id) if mail.part_id else without_account(case)
            field.queryset = mine.select_related("agency")
        field.label_from_instance = lambda part: str(part.agency)


class SortForm(forms.Form):
    """Which case a message is about, or why it is not used."""

    number = forms.CharField(label=gettext_lazy("案件编号"), max_length=30, required=False)
    note = forms.CharField(label=gettext_lazy("不采用的原因"), max_length=200, required=False)

    def __init__(self, user: User, data: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data)
        self.user = user
        self.case: Case | None = None

    def clean(self) -> None:
        given = self.cleaned_data
        number = given.get("number", "").strip()
        if number:
            self.case = Case.objects.visible_to(self.user).filter(number=number).first()
            if self.case is None:
                self.add_error("number", _("没有这个编号的案件，请核对。"))
        elif not given.get("note", "").strip():
            self.add_error("note", _("请写明案件编号，或不采用的原因。"))
