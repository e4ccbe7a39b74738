"""What a call centre's screen pop says of a call: in the address that opens the intake page, then in hidden fields.

    /intake/?phone=13900000001&call_ref=C-20261127-8812&recording=https://…&started=2026-11-27T09:30:00+08:00

Each value stands for itself: one that is wrong is told and left out, the others count.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from dispatch.calls import LATE, BadLinkError, Ring, compact, recording_link
from dispatch.models import Call

OLDEST = timedelta(days=1)  # a call that began before is none that anybody speaks on
NAMES = ("phone", "call_ref", "recording", "started", "back")
_PHONE = re.compile(r"\+?[\d\s()-]{3,30}")


class RingFields(forms.Form):
    """The fields that the intake form hides and hands on; `at` has to be set before it is validated."""

    call_ref = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    recording = forms.CharField(required=False, widget=forms.HiddenInput)
    started = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    back = forms.IntegerField(required=False, widget=forms.HiddenInput)
    at: datetime

    def clean_recording(self) -> str:
        try:
            return recording_link(self.cleaned_data["recording"], settings.RECORDING_HOSTS)
        except BadLinkError as error:
            if str(error) == "host":
                raise forms.ValidationError(_("录音链接不在本单位允许的录音服务器上，没有采用。")) from error
            raise forms.ValidationError(_("录音链接不是 http 或 https 地址，没有采用。")) from error

    def clean_started(self) -> datetime | None:
        text = self.cleaned_data["started"]
        if not text:
            return None
        started = parse_start(text)
        if started is None or not self.at - OLDEST <= started <= self.at + LATE:
            raise forms.ValidationError(
                _("来电时间不对，没有采用：应是最近一天内的时间，如 2026-11-27T09:30:00+08:00。")
            )
        return min(started, self.at)

    def ring(self) -> Ring:
        """What is kept with the call."""
        given = self.cleaned_data
        back = Call.objects.abandoned().filter(pk=given.get("back") or 0).first()
        return Ring(given.get("call_ref", ""), given.get("recording", ""), given.get("started"), back)


class PopForm(RingFields):
    """The address of the screen pop."""

    phone = forms.CharField(required=False, max_length=40)

    def __init__(self, at: datetime, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.at = at

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if phone and not _PHONE.fullmatch(phone):
            raise forms.ValidationError(_("主叫号码不是电话号码，没有采用。"))
        return compact(phone)

    def first(self) -> dict[str, Any]:
        """What the intake form begins with: the values that are right, as they came."""
        right = {name: self.data[name].strip() for name in NAMES if name in self.cleaned_data and self.data.get(name)}
        return right | ({"phone": self.cleaned_data["phone"]} if "phone" in right else {})

    @property
    def told(self) -> list[str]:
        """What was wrong, in sentences."""
        return [str(sentence) for found in self.errors.values() for sentence in found]


def parse_start(text: str) -> datetime | None:
    """An ISO time (without a zone: the city's), or seconds or milliseconds since 1970; None for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d{10}(?:\d{3})?", text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    # a plus that was not encoded in the address has become a blank
    text = re.sub(r" (\d\d:?\d\d)$", r"+\1", text) if text.count(":") > 2 or "T" in text else text
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None:
        return None
    return timezone.make_aware(found, settings.CITY.zone) if timezone.is_naive(found) else found
