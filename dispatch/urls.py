"""Addresses of what belongs to cases."""

from django.urls import path, register_converter

from dispatch.views import calendars, channels, documents, evidence, limitchange, profiles, rulecheck, rules, trust


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
    path("documents/<int:document_id>/", documents.document, name="document"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/new/", calendars.new_calendar, name="new_calendar"),
    path("calendars/<int:calendar_id>/", calendars.calendar, name="calendar"),
    path("limits/", calendars.limits, name="limits"),
    path("limits/<int:condition_id>/", limitchange.change_limit, name="change_limit"),
    path("channels/", channels.channels, name="channels"),
    path("channels/new/", channels.edit, name="new_channel"),
    path("channels/<slug:channel_key>/", channels.edit, name="edit_channel"),
    path("profiles/", profiles.profiles, name="profiles"),
    path("profiles/<str:profile_name>/", profiles.one, name="profile"),
    path("trust/", trust.trust, name="trust"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.new_rule, name="new_rule"),
    path("rules/try/", rulecheck.try_question, name="try_question"),
    path("rules/check/", rulecheck.rule_check, name="rule_check"),
    path("rules/check/areas.json", rulecheck.rule_areas, name="rule_areas"),
    path("rules/suggestions/", rulecheck.suggestions, name="rule_suggestions"),
    path("rules/of/<str:rule_number>/", rules.rule, name="rule"),
    path("rules/of/<str:rule_number>/replace/", rules.replace_rule, name="replace_rule"),
    path("rules/of/<str:rule_number>/end/", rules.stop_rule, name="stop_rule"),
    path("looks/", trust.looks, name="looks"),
]
