"""Forms of the records: the agency's contact, 调查记录, written reply, platform reply, explanation to the caller."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.attempts import Upcoming
from desks.stepforms import YES_NO, ManyPhotos, PartForm, PhotosField, StepForm, WhenForm, reporter
from dispatch.actions.handling import own_part
from dispatch.actions.statements import Site
from dispatch.evidence import Photo, store
from dispatch.lifecycle import NotAllowedError
from dispatch.models import Contact, Report, Statement
from dispatch.models.contact import Satisfaction
from dispatch.transitions import Flow

PHOTOS = {"accept": "image/jpeg,image/png,image/webp", "class": "visually-hidden"}


class ContactForm(PartForm, WhenForm):
    """One attempt of the agency to speak to the resident."""

    field_order = ["report", "method", "happened", "reached", "satisfaction", "note"]
    report = forms.ModelChoiceField(
        Report.objects.none(), label=gettext_lazy("诉求人"), required=False, empty_label=gettext_lazy("全部诉求人")
    )
    method = forms.ChoiceField(
        label=gettext_lazy("联系方式"), choices=Contact.Method.choices, widget=forms.RadioSelect, initial="phone"
    )
    reached = forms.ChoiceField(label=gettext_lazy("已联系上"), choices=YES_NO, widget=forms.RadioSelect, initial="yes")
    satisfaction = forms.ChoiceField(
        label=gettext_lazy("满意度"), choices=Satisfaction.choices, required=False, widget=forms.RadioSelect
    )

    def prepare(self) -> None:
        super().prepare()
        field: Any = self.fields["report"]
        field.queryset = self.case.reports.contactable().select_related("person")
        field.label_from_instance = reporter
        if len(field.queryset) < 2:
            del self.fields["report"]
        tried = Contact.objects.filter(part__case=self.case, part__withdrawn_at=None, concludes=False)
        times = [row.contacted_at for row in tried]
        if times:
            self.hint = Upcoming.after(times, self.at).words

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        told = {"method": given["method"], "reached": given["reached"] == "yes", "satisfaction": given["satisfaction"]}
        return super().arguments() | told | {"report": given.get("report")}


class InvestigateForm(PartForm, WhenForm):
    """When, where, who was there, what was found, measurements, photos."""

    field_order = ["happened", "place", "present", "note", "measured", "photos"]
    place = forms.CharField(label=gettext_lazy("地点"), max_length=200)
    present = forms.CharField(
        label=gettext_lazy("在场人员"), max_length=200, help_text=gettext_lazy("例如：物业经理、诉求人、社区网格员。")
    )
    measured = forms.CharField(
        label=gettext_lazy("测量数据"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("例如：墙体破损 70 厘米；噪声 62 分贝。"),
    )
    photos = PhotosField(label=gettext_lazy("现场照片"), required=False, widget=ManyPhotos(PHOTOS))

    def prepare(self) -> None:
        super().prepare()
        self.initial["place"] = self.case.address

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        site = Site(given["place"], given["present"], given["measured"])
        photos = [Photo(store(upload, at=self.at)) for upload in given["photos"]]
        return super().arguments() | {"site": site, "photos": photos}


class HandledForm(PartForm):
    """The written reply; who reads it is chosen by the person who writes it."""

    field_order = ["note", "public", "photos"]
    public = forms.BooleanField(label=gettext_lazy("诉求人可在进度页看到这段答复"), required=False)
    photos = PhotosField(label=gettext_lazy("处置后照片"), required=False, widget=ManyPhotos(PHOTOS))

    def prepare(self) -> None:
        # in a matter the reply is written to the resident; on the street it is a report to the centre
        self.initial["public"] = self.case.flow == Flow.MATTER
        if self.case.flow == Flow.STREET:
            self.fields["photos"].help_text = _("至少一张，拍到处置后的样子。")

    def arguments(self) -> dict[str, Any]:
        photos = [Photo(store(upload, at=self.at)) for upload in self.cleaned_data["photos"]]
        return super().arguments() | {"photos": photos, "public": self.cleaned_data["public"]}


class PlatformReplyForm(StepForm):
    """The answer on the platform where the request came from."""

    field_order = ["note", "public"]
    public = forms.BooleanField(label=gettext_lazy("诉求人可在进度页看到这段答复"), required=False, initial=True)

    def prepare(self) -> None:
        rows = self.case.statements.filter(kind=Statement.Kind.WRITTEN_REPLY)
        last = rows.select_related("step__remark").order_by("-at", "-pk").first()
        if last is not None:  # what the agency wrote is where the answer begins
            self.initial["note"] = last.text

    def arguments(self) -> dict[str, Any]:
        try:
            part = own_part(self.case, self.user)
        except NotAllowedError:  # somebody of the centre
            part = None
        return {"part": part, "public": self.cleaned_data["public"]}


class ExplainForm(WhenForm):
    """What a caller was told, and which caller."""

    field_order = ["report", "happened", "note"]
    report = forms.ModelChoiceField(
        Report.objects.none(), label=gettext_lazy("诉求人"), required=False, empty_label=gettext_lazy("全部诉求人")
    )

    def prepare(self) -> None:
        super().prepare()
        field: Any = self.fields["report"]
        field.queryset = self.case.reports.contactable().select_related("person")
        field.label_from_instance = reporter

    def arguments(self) -> dict[str, Any]:
        return {"report": self.cleaned_data["report"]}
