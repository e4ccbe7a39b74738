"""Addresses of what belongs to cases."""

from django.urls import path, register_converter

from dispatch.views import calendars, evidence, trust


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
    path("calendars/new/", calendars.new_calendar, name="new_calendar"),
    path("calendars/<int:calendar_id>/", calendars.calendar, name="calendar"),
    path("limits/", calendars.limits, name="limits"),
    path("trust/", trust.trust, name="trust"),
    path("looks/", trust.looks, name="looks"),
]
