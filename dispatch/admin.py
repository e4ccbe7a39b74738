from django.contrib import admin

from dispatch.models import Channel, Condition, ConditionLimit, RoutingRule

# calendars have pages of their own, where each change is recorded and open clocks are planned anew


class LimitsOfAreas(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = ConditionLimit
    extra = 0


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["key", "name", "kind", "public", "default_type", "starts_on", "ends_on"]


@admin.register(Condition)
class ConditionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["category", "number", "text", "limit_amount", "limit_unit"]
    search_fields = ["text", "category__name", "category__code"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]
    inlines = [LimitsOfAreas]


@admin.register(RoutingRule)
class RoutingRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["number", "version", "category", "area_code", "agency", "by_owner", "fallback", "valid_to"]
    list_select_related = ["category", "agency"]
    autocomplete_fields = ["category", "agency"]
