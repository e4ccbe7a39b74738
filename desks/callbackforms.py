"""Forms after closing: a call to a reporter, what follows from a bad answer, and the look back."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.attempts import attempts_of
from desks.paperforms import PHOTOS
from desks.stepforms import YES_NO, ManyPhotos, PhotosField, StepForm, WhenForm, reporter
from dispatch.clocks import Unit
from dispatch.evidence import Photo, store
from dispatch.models import Callback, FollowUp, LookBack, Report
from dispatch.models.contact import Satisfaction

LIMITS = [(unit.value, unit.label) for unit in Unit if unit != Unit.MINUTE]


class CallbackForm(WhenForm):
    """One attempt to call one reporter; solved and satisfied are asked apart, and a no is asked why."""

    template = "desks/_step_callback.html"
    report = forms.ModelChoiceField(Report.objects.none(), label=gettext_lazy("诉求人"), empty_label=None)
    method = forms.ChoiceField(
        label=gettext_lazy("方式"),
        choices=[choice for choice in Callback.Method.choices if choice[0] != Callback.Method.WEB],
        widget=forms.RadioSelect,
        initial=Callback.Method.PHONE,
    )
    reached = forms.ChoiceField(label=gettext_lazy("接通"), choices=YES_NO, widget=forms.RadioSelect, initial="yes")
    solved = forms.ChoiceField(label=gettext_lazy("是否解决"), choices=YES_NO, required=False, widget=forms.RadioSelect)
    satisfaction = forms.ChoiceField(
        label=gettext_lazy("满意度"), choices=Satisfaction.choices, required=False, widget=forms.RadioSelect
    )
    advised = forms.ChoiceField(
        label=gettext_lazy("告知的其他途径"),
        choices=[("", gettext_lazy("没有告知")), *Callback.Channel.choices],
        required=False,
    )

    def prepare(self) -> None:
        super().prepare()
        field: Any = self.fields["report"]
        rows = self.case.reports.callable().select_related("person", "case")
        # who still waits comes first, so that the right one is chosen already
        field.queryset = rows.order_by("callback_since", "pk")
        callers = list(field.queryset)
        # told once for the choice, for its names and for the attempts: a field would ask again for each
        field.choices = [(report.pk, reporter(report)) for report in callers]
        self.attempts = attempts_of(callers, self.at)

    def prefer(self, report: str) -> None:
        if report.isdecimal() and any(line.report.pk == int(report) for line in self.attempts):
            self.initial["report"] = int(report)

    def earliest(self) -> datetime:
        return self.case.state_since

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("reached") != "yes":
            return
        for name in ("satisfaction", "solved"):
            if not given.get(name):
                self.add_error(name, _("接通后请选择。"))
        unhappy = given.get("satisfaction") == Satisfaction.DISSATISFIED or given.get("solved") == "no"
        if unhappy and not given.get("note", "").strip():
            self.add_error("note", _("不满意或未解决时，必须写明具体原因，或告知其他途径的情况。"))

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        reached = given["reached"] == "yes"
        return {
            "report": given["report"],
            "method": given["method"],
            "reached": reached,
            "satisfaction": given["satisfaction"] if reached else "",
            "solved": given["solved"] == "yes" if reached else None,
            "advised": given["advised"] if reached else "",
        }


class FollowUpForm(StepForm):
    """What follows for a dissatisfied caller: chosen by a person, with a reason."""

    template = "desks/_step_follow_up.html"
    choice = forms.ChoiceField(
        label=gettext_lazy("处理方式"), choices=FollowUp.Choice.choices, widget=forms.RadioSelect
    )
    limit_amount = forms.IntegerField(label=gettext_lazy("新的时限"), required=False, min_value=1, max_value=365)
    limit_unit = forms.ChoiceField(
        label=gettext_lazy("时限单位"), choices=LIMITS, required=False, initial=Unit.WORK_DAY
    )

    def prepare(self) -> None:
        rows = Callback.objects.filter(case=self.case).undecided()
        self.said = list(rows.select_related("report__person", "staff").order_by("called_at"))

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("choice") == FollowUp.Choice.EXTEND and not given.get("limit_amount"):
            self.add_error("limit_amount", _("延期重办请填写新的时限。"))

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        extended = given["choice"] == FollowUp.Choice.EXTEND
        return {
            "choice": given["choice"],
            "limit": (given["limit_amount"], given["limit_unit"] or Unit.WORK_DAY) if extended else None,
        }


class LookBackForm(WhenForm):
    """Whether the result has held."""

    field_order = ["method", "happened", "rating", "note", "photos"]
    method = forms.ChoiceField(
        label=gettext_lazy("方式"), choices=LookBack.Method.choices, widget=forms.RadioSelect, initial="visit"
    )
    rating = forms.ChoiceField(label=gettext_lazy("评价"), choices=LookBack.Rating.choices, widget=forms.RadioSelect)
    photos = PhotosField(label=gettext_lazy("照片"), required=False, widget=ManyPhotos(PHOTOS))

    def earliest(self) -> datetime:
        return self.case.state_since

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("rating") == LookBack.Rating.POOR and not given.get("note", "").strip():
            self.add_error("note", _("评价为“差”时，请写明情况。"))

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        photos = [Photo(store(upload, at=self.at)) for upload in given["photos"]]
        return {"method": given["method"], "rating": given["rating"], "photos": photos}
