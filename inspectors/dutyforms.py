"""What the phone sends in a shift: each form is one operation under a UUID, so that sending it twice does it once.

Ages instead of times: a phone whose clock is wrong still knows how many seconds have passed.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dispatch.actions.households import Told
from gridmap.datums import Datum, to_city
from inspectors.forms import OLDEST, PositionForm
from inspectors.models import DutyZone, Spot
from inspectors.positions import Fix
from people.models import User

# a shift of twelve hours with a position every fifteen seconds, and some more
MOST_POINTS = 4000


class ClockForm(PositionForm):
    """Clocking in or out, where (WGS84) and when the phone was; outside the zone with a reason."""

    operation = forms.UUIDField()
    reason = forms.CharField(max_length=200, required=False)


class MomentForm(forms.Form):
    """Something that happened a while ago without a place."""

    operation = forms.UUIDField()
    age = forms.FloatField(min_value=0, required=False)

    def when(self, at: datetime) -> datetime:
        """The moment of a valid form; never in the future, never older than a day."""
        return at - min(timedelta(seconds=self.cleaned_data.get("age") or 0.0), OLDEST)


class ConsentForm(forms.Form):
    """Consent to the track, or its withdrawal."""

    operation = forms.UUIDField()
    given = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda word: word == "yes")


class TrackForm(MomentForm):
    """Positions as a list of [longitude, latitude, accuracy in metres, seconds before the batch was packed], WGS84.

    `age` is how many seconds ago it was packed: a batch that waited for the network has grown older as a whole.
    """

    points = forms.CharField(max_length=400_000)

    def clean_points(self) -> list[tuple[float, ...]]:
        """Rows of four numbers; what is no list of them is an error, and a position that is nowhere is left out."""
        wrong = forms.ValidationError(gettext("轨迹数据不完整，没有保存。"))
        try:
            rows = [tuple(float(value) for value in row) for row in json.loads(self.cleaned_data["points"])]
        except (ValueError, TypeError) as error:
            raise wrong from error
        if len(rows) > MOST_POINTS or any(len(row) != 4 for row in rows):
            raise wrong
        return [row for row in rows if abs(row[0]) <= 180 and abs(row[1]) <= 90 and row[2] >= 0 and row[3] >= 0]

    def fixes(self, at: datetime) -> list[Fix]:
        """The positions of a valid form in the city's metres; those outside the city's reference are left out."""
        rows = self.cleaned_data["points"]
        if not rows:
            return []
        packed = self.when(at)
        metres = to_city([row[:2] for row in rows], Datum.WGS84, strict=False)
        found = []
        for (x, y), (_lon, _lat, accuracy, age) in zip(metres, rows, strict=True):
            taken_at = packed - timedelta(seconds=age) if age < OLDEST.total_seconds() else None
            if x == x and y == y and taken_at is not None:
                found.append(Fix(Point(float(x), float(y), srid=settings.CITY.srid), accuracy, taken_at))
        return found


class ReadForm(MomentForm):
    """That a message was read."""

    message = forms.IntegerField(min_value=1)


class HouseholdVisitForm(MomentForm):
    """A visit to a household: met, refreshed, or both; a need becomes a report."""

    household = forms.IntegerField(min_value=1)
    on = forms.DateField()
    met = forms.BooleanField(required=False)
    refreshed = forms.BooleanField(required=False)
    words = forms.CharField(max_length=500, required=False)
    need = forms.CharField(max_length=2000, required=False)

    def clean_on(self) -> Any:  # noqa: ANN401 - a date
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(gettext("日期不能晚于今天。"))
        return day

    def clean(self) -> None:
        given = self.cleaned_data
        if not (given.get("met") or given.get("refreshed") or given.get("words", "").strip()):
            self.add_error("words", gettext("没有见到人时，请写明情况。"))

    def told(self) -> Told:
        """What a valid form says of the visit."""
        given = self.cleaned_data
        return Told(given["on"], given["met"], given["refreshed"], given["words"], given["need"])


class SpotForm(MomentForm):
    """What was seen at a place of a campaign."""

    spot = forms.IntegerField(min_value=1)
    result = forms.ChoiceField(choices=Spot.Result.choices, error_messages={"required": _("请选择查看结果。")})
    note = forms.CharField(max_length=200, required=False)
    case = forms.CharField(max_length=30, required=False)

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("result") == Spot.Result.ABSENT and not given.get("note", "").strip():
            self.add_error("note", gettext("无法查看时，请写明原因。"))


class MessageForm(forms.Form):
    """What the centre tells inspectors."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    inspector = forms.ModelChoiceField(
        User.objects.none(), label=_("一名监督员"), required=False, empty_label=_("不限定个人")
    )
    zone = forms.ModelChoiceField(
        DutyZone.objects.none(), label=_("责任网格"), required=False, empty_label=_("全部当班人员")
    )
    text = forms.CharField(
        label=_("内容"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("请写明要通知的内容。")},
    )
    urgent = forms.BooleanField(label=_("紧急"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        inspectors = User.objects.filter(is_active=True, shifts__isnull=False).distinct().order_by("username")
        self.fields["inspector"].queryset = inspectors  # type: ignore[attr-defined]
        self.fields["zone"].queryset = DutyZone.objects.all()  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.cleaned_data.get("inspector") and self.cleaned_data.get("zone"):
            self.add_error("zone", gettext("个人和网格只选一个。"))


class DecideForm(forms.Form):
    """Whether a possible miss is one, and why."""

    operation = forms.UUIDField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[("confirm", _("认定漏报")), ("dismiss", _("不算漏报"))])
    reason = forms.CharField(label=_("理由"), max_length=200, error_messages={"required": _("请写明认定的理由。")})


class WhyForm(forms.Form):
    """Why somebody looks at where an inspector has been today, or at who lives somewhere."""

    reason = forms.CharField(
        label=_("查看理由"), max_length=200, error_messages={"required": _("请填写查看理由，它会被记录。")}
    )


class TrackLookForm(WhyForm):
    """Whose way of today, and why."""

    field_order = ("inspector", "reason")

    inspector = forms.ModelChoiceField(User.objects.none(), label=_("监督员"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["inspector"].queryset = people  # type: ignore[attr-defined]
