"""What the phone sends: positions in WGS84, photos, and words; here they become metres and evidence."""

import binascii
from base64 import b64decode
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.gis.geos import Point
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dispatch.actions.filing import Correction, Reclass
from dispatch.evidence import BadPhotoError, Photo, store
from dispatch.meant import exact_m, spot_on
from dispatch.models import Condition, Evidence, LookBack
from gridmap.datums import Datum, DatumError, point_from
from gridmap.models import Category, Component
from inspectors.actions import ANSWERS, Answer, Finding
from inspectors.models import Measure, Phrase
from inspectors.onsite import Act
from inspectors.positions import Fix
from people.models import User

# a pin put on the map by hand, on site
PIN_M = 10.0
MOST_PHOTOS = 6
# a phone may be without network for days; what is older than this has no time that can be believed
OLDEST = timedelta(days=7)
NO_NUMBER = {
    "invalid": _("测量值请填数字，如 0.7。"),
    "min_value": _("测量值要大于 0；没有测量就留空。"),
    "max_value": _("测量值太大，请检查单位。"),
}


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
        """The component that was pointed at, else the pin, where it was moved by hand."""
        pin, component = self.cleaned_data.get("pin"), self.cleaned_data.get("component")
        if component is not None:
            return Correction(spot_on(component, pin or self.cleaned_data["point"]), exact_m(component), component)
        return Correction(pin, PIN_M) if pin is not None else None


# further from pin and phone than this, a component cannot be the one that somebody stands before
COMPONENT_FAR_M = 200.0


class ClassForm(OnSiteForm):
    """What an inspector says of the class, its condition and the surveyed object that is meant."""

    category = forms.ModelChoiceField(Category.objects.none(), error_messages={"required": _("请选择类别。")})
    condition = forms.ModelChoiceField(Condition.objects.none(), required=False)
    component = forms.ModelChoiceField(Component.objects.none(), required=False)

    def choose_from(self, at: datetime) -> None:
        """Let the classes of a day be chosen that can be seen on a street."""
        classes = Category.objects.classes().on(timezone.localdate(at)).exclude(kind=Category.Kind.MATTER)
        self.fields["category"].queryset = classes  # type: ignore[attr-defined]
        self.fields["condition"].queryset = Condition.objects.filter(category__in=classes)  # type: ignore[attr-defined]
        self.fields["component"].queryset = Component.objects.published()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A condition belongs to the chosen class."""
        data = super().clean()
        condition, category = data.get("condition"), data.get("category")
        if condition is not None and category is not None and condition.category_id != category.pk:
            data["condition"] = None
        component, here = data.get("component"), data.get("pin") or data.get("point")
        if component is not None and here is not None and component.geom.distance(here) > COMPONENT_FAR_M:
            self.add_error("component", gettext("所选部件离图钉太远，请重新选择。"))
        return data


class AnswerForm(ClassForm):
    """The answer to a task; which results there are depends on its kind."""

    result = forms.ChoiceField(choices=[], error_messages={"required": _("请选择现场结果。")})
    version = forms.IntegerField(min_value=1)
    far_reason = forms.CharField(max_length=200, required=False)
    component_state = forms.ChoiceField(choices=[("", ""), *Component.State.choices], required=False)
    # quantities in the unit of their kind
    length = forms.FloatField(min_value=0.001, max_value=100_000, required=False, error_messages=NO_NUMBER)
    area = forms.FloatField(min_value=0.001, max_value=1_000_000, required=False, error_messages=NO_NUMBER)
    depth = forms.FloatField(min_value=0.1, max_value=10_000, required=False, error_messages=NO_NUMBER)
    count = forms.FloatField(min_value=1, max_value=100_000, required=False, error_messages=NO_NUMBER)

    # a JPEG as a data URL, because it is a value of the form like any other, also in an outbox
    signature = forms.CharField(max_length=400_000, required=False)

    # of several agencies those whose work is not done; none ticked: all of them
    failed = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, kind: str, parts: Sequence[int] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["category"].required = False
        self.choose_from(timezone.now())
        self.fields["result"].choices = [(r.value, r.label) for r in ANSWERS[kind]]  # type: ignore[attr-defined]
        self.fields["failed"].choices = [(pk, pk) for pk in parts]  # type: ignore[attr-defined]

    def reclass(self) -> Reclass | None:
        """The class, where the inspector has put it right."""
        data = self.cleaned_data
        return Reclass(data["category"], data["condition"]) if data["category"] is not None else None

    def measures(self) -> dict[str, float]:
        """What was measured, by kind."""
        given = {kind: self.cleaned_data[kind] for kind in Measure.Kind.values}
        return {kind: amount for kind, amount in given.items() if amount is not None}

    def signed(self, at: datetime) -> Evidence | None:
        """The signature, kept as evidence. Raises BadPhotoError where it is no picture."""
        given = self.cleaned_data["signature"]
        if not given:
            return None
        head, _comma, data = given.partition(",")
        if head != "data:image/jpeg;base64":
            raise BadPhotoError(gettext("签名没有保存成功，请重签。"))
        try:
            return store(BytesIO(b64decode(data, validate=True)), at=at)
        except binascii.Error as error:
            raise BadPhotoError(gettext("签名没有保存成功，请重签。")) from error

    def answer(self, photos: Sequence[Evidence | Photo], at: datetime, not_before: datetime) -> Answer:
        """The answer of a valid form. Raises BadPhotoError where its signature is no picture."""
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
            reclass=self.reclass(),
            measures=self.measures(),
            signature=self.signed(at),
            component_state=data["component_state"],
            failed=tuple(data["failed"]),
        )


class FindingForm(ClassForm):
    """An inspector's own finding."""

    address = forms.CharField(max_length=300, required=False)
    urgent = forms.BooleanField(required=False)
    mended = forms.CharField(max_length=500, required=False)
    # what the inspector says of an open case at the very spot: its number to add to it, "alone" for another problem
    spot = forms.CharField(max_length=30, required=False)
    # the place of a campaign that was being looked at
    survey = forms.IntegerField(min_value=1, required=False)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own arguments
        super().__init__(*args, **kwargs)
        self.choose_from(at)

    def finding(self, photos: Sequence[Evidence | Photo], at: datetime) -> Finding:
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
            component=data["component"],
        )


class AroundForm(PositionForm):
    """A place that is asked about: a pin or where the phone is; the class, once one is chosen."""

    accuracy = forms.FloatField(required=False)
    category = forms.ModelChoiceField(Category.objects.none(), required=False)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own arguments
        super().__init__(*args, **kwargs)
        classes = Category.objects.classes().on(timezone.localdate(at)).exclude(kind=Category.Kind.MATTER)
        self.fields["category"].queryset = classes  # type: ignore[attr-defined]


class RevisitForm(OnSiteForm):
    """回头看: how it looks now."""

    version = forms.IntegerField(min_value=1)
    rating = forms.ChoiceField(choices=LookBack.Rating.choices, error_messages={"required": _("请选择现在的情况。")})

    def clean(self) -> dict[str, Any]:
        """A poor one says why."""
        data = super().clean()
        if data.get("rating") == LookBack.Rating.POOR and not data.get("note", "").strip():
            self.add_error("note", gettext("评价为“差”时，请写明情况。"))
        return data


class PhraseForm(forms.Form):
    """The own phrases by key, and a new one; an empty text takes one away."""

    new = forms.CharField(max_length=60, required=False)

    def __init__(self, user: User, data: QueryDict | None) -> None:
        super().__init__(data)
        self.user = user
        self.own = list(Phrase.objects.filter(user=user).order_by("pk"))
        for phrase in self.own:
            self.fields[f"p{phrase.pk}"] = forms.CharField(max_length=60, required=False, initial=phrase.text)

    def clean(self) -> dict[str, Any]:
        """No phrase twice."""
        data: dict[str, Any] = super().clean() or {}
        said = [text for text in data.values() if text]
        if len(said) != len(set(said)):
            raise forms.ValidationError(gettext("同样的常用语已经有了。"))
        return data

    def keep(self) -> None:
        """Write what was changed."""
        for phrase in self.own:
            text = self.cleaned_data.get(f"p{phrase.pk}")
            if not text:
                phrase.delete()
            elif text != phrase.text:
                Phrase.objects.filter(pk=phrase.pk).update(text=text)
        if self.cleaned_data["new"]:
            Phrase.objects.get_or_create(user=self.user, text=self.cleaned_data["new"])


class AcceptForm(forms.Form):
    """接单, under a UUID; `age` is how many seconds ago, as a phone without network sends it later."""

    operation = forms.UUIDField()
    age = forms.FloatField(min_value=0, required=False)

    def act(self, at: datetime) -> Act:
        """What a valid form says."""
        data = self.cleaned_data
        age = min(timedelta(seconds=data.get("age") or 0.0), OLDEST)
        return Act(data["operation"], at - age, data.get("reason", ""))


class RefuseForm(AcceptForm):
    """拒接, with the reason that whoever assigns reads."""

    reason = forms.CharField(max_length=200, error_messages={"required": _("请说明为什么不能去。")})


class ArriveForm(PositionForm):
    """到场, with the fix of that moment; the reason where the server has asked for one."""

    operation = forms.UUIDField()
    reason = forms.CharField(max_length=200, required=False)

    def act(self, at: datetime) -> Act:
        """What a valid form says."""
        data, fix = self.cleaned_data, self.fix(at)
        return Act(data["operation"], fix.taken_at, data["reason"], fix)
