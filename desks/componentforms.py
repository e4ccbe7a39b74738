"""What the steps about a component ask for: which one is meant, and what state it is left in."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.stepforms import StepForm
from dispatch.componentstate import states_said
from dispatch.meant import ALIAS, MAJOR, SAME, answering_agency, components_meant, kin_of, spot_on
from gridmap.datums import lonlat
from gridmap.models import Component
from people.models import Agency

KINS = {
    SAME: gettext_lazy("类别相同"),
    ALIAS: gettext_lazy("俗称相同，类别不同"),
    MAJOR: gettext_lazy("同属一个大类"),
}


@dataclass(frozen=True)
class Choice:
    """A component that may be meant, as the page shows it; its place in WGS84."""

    component: Component
    kin: str
    agency: Agency | None
    lon: float
    lat: float
    chosen: bool

    @property
    def distance_m(self) -> float:
        return float(getattr(self.component, "distance_m", 0.0))


def choices_of(form: StepForm) -> list[Choice]:
    """The components that a case may mean, best first; the one that it is linked to first of all."""
    case = form.case
    found = components_meant(case.point, case.category, case.uncertainty_m or 0.0)
    linked = case.component
    if linked is not None and case.category is not None and linked.pk not in {each.pk for each in found}:
        linked.kin = kin_of(case.category).get(linked.category_id, "")  # type: ignore[attr-defined]
        found = [linked, *found]
    found.sort(key=lambda each: each.pk != case.component_id)
    return [_choice(each, form) for each in found]


def _choice(component: Component, form: StepForm) -> Choice:
    lon, lat = lonlat(spot_on(component, form.case.point))
    kin = str(KINS.get(getattr(component, "kin", ""), ""))
    return Choice(component, kin, answering_agency(component), lon, lat, component.pk == form.case.component_id)


class ComponentForm(StepForm):
    """One of the components around the place, or none of them."""

    template = "desks/_step_component.html"
    component = forms.IntegerField(
        min_value=0,
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("请选择一个部件，或选“都不是”。")},
    )

    def prepare(self) -> None:
        self.options = choices_of(self)
        self.spot = lonlat(self.case.point) if self.case.point else ("", "")
        chosen = self["component"].value()
        self.chosen = str(chosen) if chosen is not None else str(self.case.component_id or "")

    def clean_component(self) -> Component | None:
        wanted = self.cleaned_data["component"]
        if wanted == 0:
            return None
        for option in self.options:
            if option.component.pk == wanted:
                return option.component
        raise forms.ValidationError(_("这个部件已经不在附近，请重新选择。"))

    def arguments(self) -> dict[str, Any]:
        return {"component": self.cleaned_data["component"]}


class CloseForm(StepForm):
    """Closing, with a word about the component where the case has one."""

    component_state = forms.ChoiceField(
        label=gettext_lazy("部件现状"),
        required=False,
        choices=[("", gettext_lazy("不改")), *Component.State.choices],
    )

    def prepare(self) -> None:
        component = self.case.component
        if component is None:
            del self.fields["component_state"]
            return
        facts = {"component": component, "state": component.get_state_display()}
        said = "、".join(str(state.label) for state in states_said(self.case.text, self.case.condition))
        self.fields["component_state"].help_text = (
            _("%(component)s，登记为%(state)s；诉求说的是：%(said)s。") % {**facts, "said": said}
            if said
            else _("%(component)s，登记为%(state)s。") % facts
        )

    def arguments(self) -> dict[str, Any]:
        return {"component_state": self.cleaned_data.get("component_state", "")}
