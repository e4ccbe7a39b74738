"""What is asked of somebody who reports without a login, where they have pointed at, and what becomes of it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.paperforms import PHOTOS
from desks.stepforms import ManyPhotos, PhotosField
from dispatch.evidence import BadPhotoError, Photo, store
from dispatch.intake import BY_HAND_M, Caller, Intake
from dispatch.models import Channel, Person, Report
from dispatch.models.report import RequestType
from dispatch.reasons import UrgentReason
from gridmap.datums import Datum, DatumError, point_from
from gridmap.models import Area

MOST_PHOTOS = 3
# a person who writes more often within the hour is asked to telephone
MOST_AN_HOUR = 5
# a pin so far outside the city was put there by mistake, or by a phone that is somewhere else; metres
FAR_M = 1000.0


class PublicForm(forms.Form):
    """What is asked of a visitor, with the pin in WGS84; the trap is a field that no person sees."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    website = forms.CharField(required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}))
    kind = forms.ChoiceField(
        label=gettext_lazy("您是"), choices=Person.Kind.choices, initial=Person.Kind.RESIDENT, widget=forms.RadioSelect
    )
    company = forms.CharField(label=gettext_lazy("企业名称"), max_length=80, required=False)
    name = forms.CharField(label=gettext_lazy("怎样称呼您"), max_length=40, required=False)
    phone = forms.RegexField(
        r"^[0-9+() -]{7,20}$",
        label=gettext_lazy("电话"),
        required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("用于核实和回访；不留电话就无法回复您。"),
        error_messages={"invalid": gettext_lazy("请填写正确的电话号码。")},
    )
    request_type = forms.ChoiceField(
        label=gettext_lazy("诉求类型"), choices=RequestType.choices, initial=RequestType.COMPLAINT
    )
    text = forms.CharField(
        label=gettext_lazy("发生了什么"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("请写明地点：哪条路、哪个小区、门牌号或附近的店铺。"),
    )
    address = forms.CharField(label=gettext_lazy("地址"), max_length=300, required=False)
    # the pin, WGS84; a browser without scripts sends none, and the words alone say where it is
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    uncertainty_m = forms.FloatField(required=False, min_value=1, max_value=5000, widget=forms.HiddenInput)
    photos = PhotosField(label=gettext_lazy("照片"), required=False, widget=ManyPhotos(PHOTOS))
    urgent = forms.BooleanField(label=gettext_lazy("情况紧急，需要马上处理"), required=False)
    urgent_code = forms.ChoiceField(
        label=gettext_lazy("紧急理由"), choices=[("", gettext_lazy("请选择")), *UrgentReason.choices], required=False
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data, files, initial={"operation": uuid4()})
        for name in ("company", "urgent_code"):
            self.fields[name].needed = True  # type: ignore[attr-defined]  # the label says nothing of "optional"

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("没有提交，请重试。"))
        return ""

    def _stored(self) -> list[Photo]:
        """The photos, encoded again; kept only where everything else is right, so that nobody fills the disk."""
        files = self.cleaned_data.get("photos") or []
        if len(files) > MOST_PHOTOS:
            self.add_error("photos", _("最多 3 张照片。"))
            return []
        try:
            return [Photo(store(file, at=timezone.now())) for file in files]
        except BadPhotoError as error:
            self.add_error("photos", str(error))
            return []

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("kind") == Person.Kind.ENTERPRISE and not given.get("company", "").strip():
            self.add_error("company", _("企业诉求请填写企业名称。"))
        if given.get("urgent"):
            if not given.get("urgent_code"):
                self.add_error("urgent_code", _("请选择紧急理由。"))
            if not given.get("phone"):
                self.add_error("phone", _("紧急求助请留下电话，我们会马上联系您。"))
        phone = given.get("phone", "")
        hour = timezone.now() - timedelta(hours=1)
        if phone and Report.objects.filter(person__phone=phone, received_at__gte=hour).count() >= MOST_AN_HOUR:
            self.add_error("phone", _("这个号码一小时内提交得太多，请拨打热线电话。"))
        self._pin(given)
        if not self.errors:
            given["photos"] = self._stored()

    def _pin(self, given: dict[str, Any]) -> None:
        """The pin in the city's metres; one that lies in another town is told, because nobody would find it."""
        lon, lat = given.get("lon"), given.get("lat")
        if lon is None or lat is None:
            return
        try:
            point = point_from(lon, lat, Datum.WGS84)
        except DatumError:
            point = None
        if point is None or not Area.objects.filter(parent=None, geom__dwithin=(point, FAR_M)).exists():
            self.add_error("lon", _("图钉不在本市范围内，请移动图钉，或清除图钉后用文字写明地点。"))
        given["point"] = point

    def intake(self, channel: Channel) -> Intake:
        given = self.cleaned_data
        caller = Caller(
            name=given["name"],
            phone=given["phone"],
            kind=given["kind"],
            company=given["company"] if given["kind"] == Person.Kind.ENTERPRISE else "",
            anonymous=not (given["name"] or given["phone"] or given["company"]),
            wants_callback=bool(given["phone"]),
        )
        return Intake(
            given["text"],
            channel=channel,
            caller=caller,
            address=given["address"],
            request_type=given["request_type"],
            point=given.get("point"),
            uncertainty_m=given.get("uncertainty_m") or BY_HAND_M,
            located_by="sender" if given.get("point") else "",
            urgent=given["urgent"],
            urgent_code=given["urgent_code"] if given["urgent"] else "",
        )
