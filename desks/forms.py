"""The forms of the intake page and of the look at a caller's data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.ringforms import RingFields
from dispatch.calls import compact
from dispatch.explain import remembered
from dispatch.intake import Analysis, Caller, Intake, analyse
from dispatch.lifecycle import done_before
from dispatch.models import Call, Case, Channel, Condition, Person, Report
from dispatch.models.report import RequestType
from dispatch.reasons import UrgentReason
from gridmap.datums import Datum, DatumError, point_from
from gridmap.models import Category
from people.models import Agency, User


@dataclass(frozen=True)
class Pin:
    """What a person said about the place: nothing, a point in the city's SRID, or that the proposal is wrong."""

    point: Point | None = None
    refused: bool = False


def parse_pin(text: str) -> Pin:
    """A pin from "longitude,latitude" in WGS84, "none", or nothing; raises ValidationError."""
    if text in ("", "none"):
        return Pin(refused=text == "none")
    try:
        lon, lat = (float(number) for number in text.split(","))
        return Pin(point_from(lon, lat, Datum.WGS84))
    except (ValueError, DatumError) as error:
        raise forms.ValidationError(_("地图上的点不在本市范围内，请重新点选。")) from error


class IntakeForm(RingFields):
    """What the operator types, and in hidden fields what they changed of the proposals (empty: accepted)."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    pin = forms.CharField(required=False, widget=forms.HiddenInput)
    component = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    category = forms.ModelChoiceField(Category.objects.none(), required=False, widget=forms.HiddenInput)
    condition = forms.ModelChoiceField(
        Condition.objects.select_related("category"), required=False, widget=forms.HiddenInput
    )
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40, required=False)
    phone = forms.CharField(
        label=gettext_lazy("电话"), max_length=30, required=False, widget=forms.TextInput({"inputmode": "tel"})
    )
    kind = forms.ChoiceField(label=gettext_lazy("诉求人"), choices=Person.Kind.choices, initial=Person.Kind.RESIDENT)
    anonymous = forms.BooleanField(label=gettext_lazy("匿名"), required=False)
    wants_callback = forms.BooleanField(label=gettext_lazy("需要回访"), required=False, initial=True)
    company = forms.CharField(label=gettext_lazy("企业名称"), max_length=80, required=False)
    credit_code = forms.RegexField(
        r"^[0-9A-HJ-NPQRTUWXY]{18}$",
        label=gettext_lazy("信用代码"),
        required=False,
        error_messages={"invalid": gettext_lazy("统一社会信用代码是 18 位数字和大写字母。")},
    )
    callback_phone = forms.CharField(
        label=gettext_lazy("回访电话"), max_length=30, required=False, widget=forms.TextInput({"inputmode": "tel"})
    )
    callback_when = forms.CharField(label=gettext_lazy("方便接听的时间"), max_length=40, required=False)
    channel = forms.ModelChoiceField(Channel.objects.none(), label=gettext_lazy("来源渠道"), empty_label=None)
    request_type = forms.ChoiceField(label=gettext_lazy("诉求类型"), choices=RequestType.choices)
    text = forms.CharField(label=gettext_lazy("诉求内容"), max_length=5000, widget=forms.Textarea({"rows": 5}))
    address = forms.CharField(label=gettext_lazy("地址"), max_length=300, required=False)
    urgent = forms.BooleanField(label=gettext_lazy("紧急"), required=False)
    urgent_code = forms.ChoiceField(
        label=gettext_lazy("紧急理由"), choices=[("", gettext_lazy("请选择")), *UrgentReason.choices], required=False
    )
    urgent_reason = forms.CharField(label=gettext_lazy("具体情况"), max_length=200, required=False)
    unit_involved = forms.CharField(label=gettext_lazy("涉及单位"), max_length=80, required=False)
    happened = forms.CharField(label=gettext_lazy("发生时间"), max_length=60, required=False)
    clues = forms.CharField(label=gettext_lazy("其他线索"), max_length=500, required=False)
    external_ref = forms.CharField(label=gettext_lazy("上级编号"), max_length=60, required=False)
    upper_body = forms.CharField(label=gettext_lazy("交办单位"), max_length=60, required=False)
    upper_due_at = forms.DateTimeField(
        label=gettext_lazy("上级时限"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    # another matter of the call before: its key, kept by the session
    call = forms.IntegerField(required=False, widget=forms.HiddenInput)
    answer_with = forms.IntegerField(required=False, widget=forms.HiddenInput)
    accused = forms.ModelChoiceField(
        Agency.objects.none(), label=gettext_lazy("被投诉单位"), required=False, empty_label=gettext_lazy("无")
    )
    merge_into = forms.CharField(required=False)

    def __init__(self, at: datetime, data: Any = None, channel: int | None = None) -> None:  # noqa: ANN401 - a QueryDict
        first = {} if data is not None else {"operation": uuid4(), "channel": channel or main_channel()}
        super().__init__(data, initial=first)
        self.at = at
        day = at.astimezone(settings.CITY.zone).date()
        self.fields["category"].queryset = (  # type: ignore[attr-defined]
            Category.objects.classes().on(day).select_related("major", "dictionary")
        )
        offered = Channel.objects.filter(public=True)
        self.fields["channel"].queryset = offered.in_use(day)  # type: ignore[attr-defined]
        # not offered yet: the operator is told from when on
        self.coming = offered.to_come(day)[:2]
        for name in ("urgent_code", "company"):  # shown only where they are wanted
            self.fields[name].needed = True  # type: ignore[attr-defined]
        self.fields["accused"].queryset = Agency.objects.active(day)  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        return compact(self.cleaned_data["phone"])

    def clean_pin(self) -> Pin:
        return parse_pin(self.cleaned_data["pin"])

    def clean(self) -> None:
        given = self.cleaned_data
        condition, category = given.get("condition"), given.get("category")
        if condition is not None and (category is None or condition.category_id != category.pk):
            given["condition"] = None
        if given.get("urgent"):
            if not given.get("urgent_code"):
                self.add_error("urgent_code", _("标为紧急时请选择理由。"))
            elif given["urgent_code"] == UrgentReason.OTHER and not given.get("urgent_reason", "").strip():
                self.add_error("urgent_reason", _("选“其他”时请写明理由。"))
        if given.get("kind") == Person.Kind.ENTERPRISE and not given.get("company", "").strip():
            self.add_error("company", _("企业诉求请填写企业名称。"))
        self._clean_upper(given.get("channel"), given.get("external_ref", "").strip())

    def _clean_upper(self, channel: Channel | None, ref: str) -> None:
        """An order from above has number and deadline, and comes once; the same press again is no second one."""
        if channel is None:
            return
        for name in ("external_ref", "upper_due_at") if channel.needs_upper else ():
            if not self.cleaned_data.get(name):
                self.add_error(name, _("上级交办件请填写编号和时限。"))
        operation = self.cleaned_data.get("operation")
        pressed_twice = operation is not None and done_before(operation) is not None
        known = Report.objects.filter(channel=channel, external_ref=ref).select_related("case").first() if ref else None
        if known is not None and not pressed_twice:
            number = known.case.number if known.case else known.number
            self.add_error("external_ref", _("这个编号已经登记过：%(number)s。") % {"number": number})

    def channel_facts(self) -> dict[int, dict[str, Any]]:
        """What the page does when a channel is chosen: its usual type, and whether number and deadline are wanted."""
        field: Any = self.fields["channel"]
        return {channel.pk: {"type": channel.default_type, "upper": channel.needs_upper} for channel in field.queryset}

    @property
    def pin_given(self) -> Pin:
        pin: Pin = self.cleaned_data.get("pin") or Pin()
        return pin

    def analysis(self, user: User) -> Analysis:
        """Everything that follows from what is typed so far; also from a form that is not complete yet."""
        given = self.cleaned_data
        accused: Agency | None = given.get("accused")
        return analyse(
            given.get("text", ""),
            at=self.at,
            address=given.get("address", ""),
            point=self.pin_given.point,
            category=given.get("category"),
            condition=given.get("condition"),
            accused_id=accused.pk if accused else None,
            component_id=given.get("component"),
            phone=given.get("phone", ""),
            placed=not self.pin_given.refused,
            among=Case.objects.visible_to(user),
            channel=given.get("channel"),
            request_type=given.get("request_type", ""),
        )

    def same_call(self, user: User) -> Call | None:
        """The call that this is another matter of: only one that the same operator has taken."""
        number = self.cleaned_data.get("call")
        return Call.objects.filter(pk=number, operator=user).first() if number else None

    def diverted(self) -> bool:
        """Whether nothing but a diversion is known of the call yet: no other matter of it has been registered."""
        number = self["call"].value()
        return bool(number) and not Report.objects.filter(call=number).exists()

    def by_hand(self, analysis: Analysis) -> bool:
        """Whether a person put the pin where no candidate is."""
        return self.pin_given.point is not None and not picked(analysis)

    def intake(self, user: User) -> Intake:
        """What is saved: the proposals, as far as the operator left them."""
        given, found = self.cleaned_data, self.analysis(user)
        accused: Agency | None = given["accused"]
        return Intake(
            given["text"].strip(),
            channel=given["channel"],
            caller=Caller(
                name=given["name"].strip(),
                phone=given["phone"].strip(),
                kind=given["kind"],
                company=given["company"].strip() if given["kind"] == Person.Kind.ENTERPRISE else "",
                credit_code=given["credit_code"] if given["kind"] == Person.Kind.ENTERPRISE else "",
                callback_phone=given["callback_phone"].strip(),
                anonymous=given["anonymous"],
                wants_callback=given["wants_callback"],
            ),
            address=given["address"].strip(),
            request_type=given["request_type"],
            point=found.point,
            uncertainty_m=found.uncertainty_m if found.point else None,
            located_by="operator" if self.pin_given.point else "geocoder",
            answer=found.answer,
            category=found.category,
            condition=found.condition,
            component=found.component,
            urgent=given["urgent"],
            urgent_code=given["urgent_code"] if given["urgent"] else "",
            urgent_reason=given["urgent_reason"].strip() if given["urgent"] else "",
            callback_when=given["callback_when"].strip(),
            upper_body=given["upper_body"].strip(),
            unit_involved=given["unit_involved"].strip(),
            happened=given["happened"].strip(),
            clues=given["clues"].strip(),
            external_ref=given["external_ref"].strip(),
            upper_due_at=given["upper_due_at"],
            call=self.same_call(user),
            ring=self.ring(),
            accused_agency_id=accused.pk if accused else None,
            why=remembered(found, by_hand=self.by_hand(found), class_by_hand=given["category"] is not None),
        )


def picked(analysis: Analysis) -> bool:
    """Whether the pin stands on a candidate of the text."""
    answer, point = analysis.answer, analysis.point
    return bool(answer.point and point and answer.point.distance(point) < 1.0)


def main_channel() -> int | None:
    """The hotline, where most reports come from; else the first channel."""
    order = models.Case(models.When(key="hotline", then=0), default=1)
    found = Channel.objects.filter(public=True).in_use(timezone.localdate()).order_by(order, "key")
    return found.values_list("pk", flat=True).first()


class LookForm(forms.Form):
    """Why somebody needs to see a caller's data."""

    report = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("查看理由"),
        max_length=200,
        error_messages={"required": gettext_lazy("请填写查看理由，它会被记录。")},
    )
