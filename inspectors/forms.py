"""What the phone sends: positions in WGS84, photos, and words; here they become metres and evidence."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dispatch.actions.filing import Correction
from dispatch.evidence import BadPhotoError, store
from dispatch.models import Condition, Evidence
from gridmap.datums import Datum, DatumError, point_from
from gridmap.models import Category, Component
from inspectors.actions import ANSWERS, Answer, Finding
from inspectors.positions import Fix

# a pin put on the map by hand, on site
PIN_M = 10.0
MOST_PHOTOS = 6
# a photo that waited longer than this was not taken for this task
OLDEST = timedelta(hours=24)


class PositionForm(forms.Form):
    """A fix of the phone: WGS84 longitude and latitude, accuracy in metres, and how long ago it was measured.

    Age instead of a time: a phone whose clock is wrong still knows how many seconds have passed.
    """

    lon = forms.FloatField(min_value=-180, max_value=180)
    lat = forms.FloatField(min_value=-90, max_value=90)
    accuracy = forms.FloatField(min_value=0, max_value=1_000_000)
    age = forms.FloatField(min_value=0, required=False)

    def clean(self) -> dict[str, Any]:
        """Turn the fix into the city's metres; a position elsewhere on earth is an error of the form."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors:
            data["point"] = self.to_point(data["lon"], data["lat"])
        return data

    def to_point(self, lon: float, lat: float) -> Point | None:
        """A point in the city's SRID, or an error with a sentence."""
        try:
            return point_from(lon, lat, Datum.WGS84)
        except DatumError:
            self.add_error(None, gettext("手机给出的位置不在本市范围内，请检查定位后重试。"))
            return None

    def fix(self, at: datetime, not_before: datetime | None = None) -> Fix:
        """The fix of a valid form; never in the future, never before the task was there."""
        data = self.cleaned_data
        age = min(timedelta(seconds=data.get("age") or 0.0), OLDEST)
        taken_at = max(at - age, not_before or at - OLDEST)
        return Fix(data["point"], data["accuracy"], taken_at)


class OnSiteForm(PositionForm):
    """A fix with photos and words, sent under a UUID so that sending it twice does it once."""

    operation = forms.UUIDField()
    note = forms.CharField(max_length=500, required=False)
    pin_lon = forms.FloatField(min_value=-180, max_value=180, required=False)
    pin_lat = forms.FloatField(min_value=-90, max_value=90, required=False)

    def clean(self) -> dict[str, Any]:
        """Turn a pin that was moved by hand into the city's metres too."""
        data = super().clean()
        if data.get("pin_lon") is not None and data.get("pin_lat") is not None:
            data["pin"] = self.to_point(data["pin_lon"], data["pin_lat"])
        return data

    def correction(self) -> Correction | None:
        """The pin, where it was moved by hand."""
        pin = self.cleaned_data.get("pin")
        return Correction(pin, PIN_M) if pin is not None else None


class AnswerForm(OnSiteForm):
    """The answer to a task; which results there are depends on its kind."""

    result = forms.ChoiceField(choices=[], error_messages={"required": _("请选择现场结果。")})
    version = forms.IntegerField(min_value=1)
    far_reason = forms.CharField(max_length=200, required=False)
    component_state = forms.ChoiceField(choices=[("", ""), *Component.State.choices], required=False)

    # of several agencies those whose work is not done; none ticked: all of them
    failed = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, kind: str, parts: Sequence[int] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["result"].choices = [(r.value, r.label) for r in ANSWERS[kind]]  # type: ignore[attr-defined]
        self.fields["failed"].choices = [(pk, pk) for pk in parts]  # type: ignore[attr-defined]

    def answer(self, photos: list[Evidence], at: datetime, not_before: datetime) -> Answer:
        """The answer of a valid form."""
        data = self.cleaned_data
        operation: UUID = data["operation"]
        return Answer(
            result=data["result"],
            fix=self.fix(at, not_before),
            version=data["version"],
            operation=operation,
            photos=photos,
            note=data["note"],
            far_reason=data["far_reason"],
            correction=self.correction(),
            component_state=data["component_state"],
            failed=tuple(data["failed"]),
        )


class FindingForm(OnSiteForm):
    """An inspector's own finding."""

    category = forms.ModelChoiceField(Category.objects.none(), error_messages={"required": _("请选择类别。")})
    condition = forms.ModelChoiceField(Condition.objects.none(), required=False)
    address = forms.CharField(max_length=300, required=False)
    urgent = forms.BooleanField(required=False)
    mended = forms.CharField(max_length=500, required=False)
    # what the inspector says of an open case at the very spot: its number to add to it, "alone" for another problem
    spot = forms.CharField(max_length=30, required=False)
    # the place of a campaign that was being looked at
    survey = forms.IntegerField(min_value=1, required=False)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own arguments
        super().__init__(*args, **kwargs)
        classes = Category.objects.classes().on(timezone.localdate(at)).exclude(kind=Category.Kind.MATTER)
        self.fields["category"].queryset = classes  # type: ignore[attr-defined]
        self.fields["condition"].queryset = Condition.objects.filter(category__in=classes)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A condition belongs to the chosen class."""
        data = super().clean()
        condition, category = data.get("condition"), data.get("category")
        if condition is not None and category is not None and condition.category_id != category.pk:
            data["condition"] = None
        return data

    def finding(self, photos: list[Evidence], at: datetime) -> Finding:
        """The finding of a valid form; without a moved pin the place is where the phone was, as exactly as it knew."""
        data, fix = self.cleaned_data, self.fix(at)
        return Finding(
            category=data["category"],
            condition=data["condition"],
            fix=fix,
            place=self.correction() or Correction(fix.point, max(fix.accuracy_m, PIN_M)),
            operation=data["operation"],
            photos=photos,
            note=data["note"],
            address=data["address"],
            urgent=data["urgent"],
            mended=data["mended"],
        )


def stored_photos(uploads: Sequence[Any], at: datetime) -> list[Evidence]:
    """Check and keep the photos of a request. Raises BadPhotoError with a sentence."""
    if len(uploads) > MOST_PHOTOS:
        raise BadPhotoError(gettext("一次最多上传 %(most)d 张照片。") % {"most": MOST_PHOTOS})
    return [store(upload, at=at) for upload in uploads]
