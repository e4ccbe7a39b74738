from django.contrib import admin

from dispatch.models import Calendar, CalendarDay, Channel, Condition, RoutingRule


class DaysOfCalendar(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = CalendarDay
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["name", "active", "workdays", "version"]
    inlines = [DaysOfCalendar]


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["key", "name", "kind", "public", "default_type", "starts_on", "ends_on"]


@admin.register(Condition)
class ConditionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["category", "number", "text", "limit_amount", "limit_unit"]
    search_fields = ["text", "category__name", "category__code"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]


@admin.register(RoutingRule)
class RoutingRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["number", "version", "category", "area_code", "agency", "by_owner", "fallback", "valid_to"]
    list_select_related = ["category", "agency"]
    autocomplete_fields = ["category", "agency"]
