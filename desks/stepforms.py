"""What each step asks for; a form knows the arguments of its action, and nothing about who may take it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions.handling import Assignment, own_part
from dispatch.classhistory import learned
from dispatch.dutyphones import now_of, phone_of
from dispatch.explain import agency_sentences
from dispatch.lifecycle import Doing
from dispatch.masks import mask_name, mask_phone
from dispatch.meant import components_meant, only_one
from dispatch.models import Case, Condition, Report, Step
from dispatch.placing import propose_agency
from dispatch.transitions import Action
from gridmap.datums import Datum, DatumError, lonlat, point_from
from gridmap.models import Category
from people.models import Agency, User

YES_NO = [("yes", gettext_lazy("是")), ("no", gettext_lazy("否"))]


class StepForm(forms.Form):
    """A step with words at most; `version` is the case as the page showed it, `operation` makes it happen once."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    operation = forms.UUIDField(widget=forms.HiddenInput)
    template = "desks/_step.html"

    action: str
    call: Callable[..., Step]
    case: Case
    user: User
    at: datetime
    tone: str
    hint: str | Promise
    name: str | Promise  # of a step that is no single action
    blocked: str = ""  # why somebody else has to take it

    @property
    def title(self) -> str:
        return str(self.name or Action(self.action).label)

    def prepare(self) -> None:
        """Fill choices and first values from the case."""

    def prefer(self, report: str) -> None:
        """Choose a caller by key where the step asks for one and the page was opened about them."""

    def doing(self) -> Doing:
        given = self.cleaned_data
        return Doing(
            by=self.user,
            at=self.at,
            version=given["version"],
            operation=given["operation"],
            note=given.get("note", ""),
        )

    def arguments(self) -> dict[str, Any]:
        """What the action takes beside case and doing."""
        return {}

    def act(self) -> Step:
        """Take the step; raises what the action raises."""
        return self.call(self.case, self.doing(), **self.arguments())

    def typed(self) -> list[tuple[str, str]]:
        """What a person wrote, with labels: shown again when the step was refused for good."""
        fields = [field for field in self if not field.is_hidden and isinstance(field.data, str) and field.data.strip()]
        return [(str(field.label), field.data) for field in fields]


class WhenForm(StepForm):
    """A step that happened at a time of its own: the exact one, in the city's time, until now; empty means now."""

    happened = forms.DateTimeField(
        label=gettext_lazy("时间"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("请填写日期和时间，例如 2026-11-18 14:05。")},
    )

    def earliest(self) -> datetime:
        """Before this it cannot have happened."""
        return self.case.received_at

    def prepare(self) -> None:
        super().prepare()
        self.initial["happened"] = self.at.replace(second=0, microsecond=0)

    def clean_happened(self) -> datetime | None:
        given: datetime | None = self.cleaned_data["happened"]
        if given is None:
            return None
        # the field knows minutes, the case knows seconds
        if given > self.at:
            raise forms.ValidationError(_("时间不能晚于现在。"))
        if given < self.earliest().replace(second=0, microsecond=0):
            earliest = f"{timezone.localtime(self.earliest()):%Y-%m-%d %H:%M}"
            raise forms.ValidationError(_("时间不能早于 %(time)s。") % {"time": earliest})
        now = self.at.replace(second=0, microsecond=0)
        return self.at if given == now else max(given, self.earliest())

    def doing(self) -> Doing:
        return replace(super().doing(), occurred_at=self.cleaned_data.get("happened"))


class ReasonForm(StepForm):
    """A step with a coded reason beside the words."""

    reason_code = forms.ChoiceField(label=gettext_lazy("原因类别"))

    def arguments(self) -> dict[str, Any]:
        return {"reason_code": self.cleaned_data["reason_code"]}


class PlaceForm(StepForm):
    """A pin on the map, WGS84; a component that is the only one of the case's class there comes with it."""

    template = "desks/_step_place.html"
    lon = forms.FloatField(
        widget=forms.HiddenInput, error_messages={"required": gettext_lazy("请先在地图上点出位置。")}
    )
    lat = forms.FloatField(widget=forms.HiddenInput)
    uncertainty_m = forms.FloatField(widget=forms.HiddenInput, required=False, min_value=1, max_value=5000)

    def prepare(self) -> None:
        if self.case.point:
            self.initial["lon"], self.initial["lat"] = lonlat(self.case.point)
            self.initial["uncertainty_m"] = self.case.uncertainty_m

    def clean(self) -> None:
        given = self.cleaned_data
        if "lon" not in given or "lat" not in given:
            return
        try:
            given["point"] = point_from(given["lon"], given["lat"], Datum.WGS84)
        except DatumError:
            self.add_error("lon", _("这个位置不在本市范围内，请重新点选。"))

    def arguments(self) -> dict[str, Any]:
        point, uncertainty = self.cleaned_data["point"], self.cleaned_data["uncertainty_m"] or 10.0
        near = components_meant(point, self.case.category, uncertainty)
        kept = next((component for component in near if component.pk == self.case.component_id), None)
        return {"point": point, "uncertainty_m": uncertainty, "component": kept or only_one(near)}


class ClassifyForm(StepForm):
    """Class and condition from the dictionaries in force, and urgency."""

    template = "desks/_step_classify.html"
    category = forms.ModelChoiceField(
        Category.objects.none(),
        label=gettext_lazy("类别"),
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("请先选择类别。")},
    )
    condition = forms.ModelChoiceField(Condition.objects.all(), widget=forms.HiddenInput, required=False)
    urgent = forms.BooleanField(label=gettext_lazy("紧急"), required=False)

    def prepare(self) -> None:
        day = self.at.astimezone(settings.CITY.zone).date()
        self.fields["category"].queryset = Category.objects.classes().on(day)  # type: ignore[attr-defined]
        self.initial["category"] = self.case.category_id
        self.initial["condition"] = self.case.condition_id
        self.initial["urgent"] = self.case.urgent
        chosen = self["category"].value() or 0
        same = self.case.category if str(chosen) == str(self.case.category_id) else None
        self.chosen = same or Category.objects.filter(pk=chosen).select_related("major").first()
        self.found = self._offered(day)
        self.conditions = Condition.objects.filter(category=self.chosen).order_by("number") if self.chosen else []

    def _offered(self, day: date) -> list[Category]:
        """The class as it is, then those that history suggests, marked as such; the search brings the others."""
        offered = {self.chosen.pk: self.chosen} if self.chosen else {}
        for row in learned(self.case.text, day).classes:
            category = offered.setdefault(row.category.pk, row.category)
            category.learned = row  # type: ignore[attr-defined]  # for the template
        return list(offered.values())

    def clean(self) -> None:
        category, condition = self.cleaned_data.get("category"), self.cleaned_data.get("condition")
        if condition is not None and category is not None and condition.category_id != category.pk:
            self.cleaned_data["condition"] = None

    def arguments(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("category", "condition", "urgent")}


class DispatchForm(StepForm):
    """The agency that the rule proposes, chosen already; another one needs a reason. The first one leads."""

    template = "desks/_step_dispatch.html"
    lead = forms.ModelChoiceField(Agency.objects.none(), label=gettext_lazy("牵头单位"))
    others = forms.ModelMultipleChoiceField(
        Agency.objects.none(),
        label=gettext_lazy("协同单位"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def prepare(self) -> None:
        day = self.at.astimezone(settings.CITY.zone).date()
        agencies = Agency.objects.active(day).listed().exclude(pk=self.case.accused_agency_id or 0)
        for name in ("lead", "others"):
            self.fields[name].queryset = agencies  # type: ignore[attr-defined]
        self.proposal = propose_agency(self.case, self.at)
        self.initial["lead"] = self.proposal.agency
        self.initial["others"] = [agency.pk for agency in self.proposal.partners]
        self.why = agency_sentences(
            self.proposal.why,
            agency=self.proposal.agency,
            category=self.case.category,
            community=self.case.community,
            component=str(self.case.component or ""),
        )
        if self.proposal.agency:
            hours = now_of(self.at)
            told = {"agency": self.proposal.agency.name, "phone": phone_of(self.proposal.agency, hours).words}
            self.why.append(_("现在是%(hours)s，%(agency)s：%(phone)s。") % (told | {"hours": hours.label}))

    def clean(self) -> None:
        lead, proposed = self.cleaned_data.get("lead"), self.proposal.agency
        if lead and proposed and lead != proposed and not self.cleaned_data.get("note", "").strip():
            self.add_error("note", _("规则建议的是%(agency)s。改派其他单位请写明理由。") % {"agency": proposed.name})

    def arguments(self) -> dict[str, Any]:
        lead, proposal = self.cleaned_data["lead"], self.proposal
        if lead == proposal.agency:
            first = Assignment(lead, proposal.rule, proposal.why)
        elif proposal.agency:
            # by its code too: what is overruled again and again becomes a suggestion (dispatch/misroutes.py)
            known = {"proposed": proposal.agency.name, "agency": proposal.agency.code}
            first = Assignment(lead, None, [{"code": "chosen", **known}])
        else:
            first = Assignment(lead, None, [{"code": "chosen_freely"}])
        others = [a for a in self.cleaned_data["others"] if a != lead]
        # in the order of the rule, then those whom the dispatcher added
        named = [a for a in proposal.partners if a in others]
        added = [a for a in others if a not in named]
        told = [{"code": "partner", "rule": proposal.rule.number if proposal.rule else ""}]
        joint = [Assignment(a, proposal.rule, list(told)) for a in named]
        return {"to": [first, *joint, *(Assignment(a, None, [{"code": "joint"}]) for a in added)]}


class PartForm(StepForm):
    """A step of the user's own agency."""

    def arguments(self) -> dict[str, Any]:
        return {"part": own_part(self.case, self.user)}


class ManyPhotos(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos at once."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # noqa: ANN401 - uploaded files
        files: Sequence[Any] = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(PhotosField, self).clean(one, initial) for one in files]


def reporter(report: Report) -> str:
    """A caller in a list of choices, masked."""
    person = report.person
    return f"{mask_name(person.name)} {mask_phone(person.phone)}".strip() if person else ""
