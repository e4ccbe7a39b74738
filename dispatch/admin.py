"""Conditions, channels, rules and calendars in the admin; what has a page of its own is only read here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from dispatch.models import Calendar, CalendarDay, Channel, Condition, ConditionLimit, RoutingRule
from dispatch.views.channels import ChannelForm
from people.recorded import Kept, ReadOnly, Recorded, has_begun


class LimitsOfAreas(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = ConditionLimit
    extra = 0


@admin.register(Condition)
class ConditionAdmin(Kept, Recorded):
    """Of an edition in force only the words that point to a condition change here; its limit is tried first."""

    once = (
        "category", "number", "text", "limit_amount", "limit_unit", "measure", "evidence", "confidential", "to_limit",
    )  # fmt: skip
    list_display = ["category", "number", "text", "limit_amount", "limit_unit", "confidential"]
    list_filter = ["category__dictionary", "category__kind", "limit_unit", "confidential"]
    search_fields = ["text", "category__name", "category__code"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]
    inlines = [LimitsOfAreas]

    def begun(self, obj: Condition) -> bool:
        return has_begun(obj.category.dictionary.valid_from)

    def get_fields(self, request: HttpRequest, obj: Condition | None = None) -> list[Any]:
        own = ["category", "number", "text", "limit_amount", "limit_unit", "measure", "evidence", "words"]
        return [*own, "confidential", *(["to_limit"] if obj is not None and self.begun(obj) else [])]

    @admin.display(description=_("另定时限"))
    def to_limit(self, condition: Condition) -> SafeString:
        return _link(reverse("dispatch:change_limit", args=[condition.pk]), _("试算并启用另一个时限"))


def _link(url: str, words: Any) -> SafeString:  # noqa: ANN401 - lazy words
    return format_html('<a href="{}">{}</a>', url, words)


@admin.register(Channel)
class ChannelAdmin(Kept, Recorded):
    """The same form as on the page of channels; the key is part of every order's operation."""

    form = ChannelForm
    list_display = ["key", "name", "kind", "public", "starts_on", "ends_on", "default_type", "needs_upper"]
    list_filter = ["kind", "public", "needs_upper"]
    search_fields = ["key", "name"]

    def get_fields(self, request: HttpRequest, obj: Channel | None = None) -> list[Any]:
        return [name for name in ChannelForm.Meta.fields if obj is None or name != "key"]


@admin.register(RoutingRule)
class RoutingRuleAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Every version of every rule; another version is made, tried and checked on the page of the rule."""

    list_display = ["number", "version", "category", "area_code", "agency", "by_owner", "valid_from", "valid_to"]
    list_filter = ["withdrawn", "by_owner", "fallback", "level", "request_type"]
    search_fields = ["number", "category__name", "category__code", "agency__name", "area_code"]
    list_select_related = ["category", "agency"]
    fields = [
        "to_rule", "number", "version", "category", "area_code", "channel", "request_type", "hours", "weekdays",
        "months", "by_owner", "agency", "level", "fallback", "valid_from", "valid_to", "withdrawn", "note", "reason",
        "made_by", "made_at", "ended_by", "ended_at", "end_reason",
    ]  # fmt: skip
    readonly_fields = ["to_rule"]
    show_full_result_count = False

    @admin.display(description=_("各版本"))
    def to_rule(self, rule: RoutingRule) -> SafeString:
        return _link(reverse("dispatch:rule", args=[rule.number]), _("试算、另立新版或停用"))


class DaysOfCalendar(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = CalendarDay
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Changed on its own page, where open clocks are planned anew with it."""

    list_display = ["name", "active", "valid_from", "valid_to", "version"]
    list_filter = ["active"]
    search_fields = ["name"]
    fields = ["to_page", "name", "periods", "workdays", "active", "valid_from", "valid_to", "version"]
    readonly_fields = ["to_page"]
    inlines = [DaysOfCalendar]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Calendar]":
        return super().get_queryset(request).prefetch_related("days")

    @admin.display(description=_("修改"))
    def to_page(self, calendar: Calendar) -> SafeString:
        return _link(reverse("dispatch:calendar", args=[calendar.pk]), _("试算并修改工作时间"))
