"""Addresses of what belongs to cases."""

from django.urls import path, register_converter

from dispatch.views import calendars, channels, evidence, trust


class Sha256:
    """64 hexadecimal digits in lower case."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Sha256, "sha256")

app_name = "dispatch"
urlpatterns = [
    path("evidence/<sha256:sha256>.jpg", evidence.photo, name="photo"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/<int:calendar_id>/", calendars.calendar, name="calendar"),
    path("calendars/<int:calendar_id>/year/", calendars.take_year, name="take_year"),
    path("limits/", calendars.limits, name="limits"),
    path("channels/", channels.channels, name="channels"),
    path("channels/new/", channels.edit, name="new_channel"),
    path("channels/<slug:channel_key>/", channels.edit, name="edit_channel"),
    path("trust/", trust.trust, name="trust"),
    path("looks/", trust.looks, name="looks"),
]
