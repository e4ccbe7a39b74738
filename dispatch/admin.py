from django.contrib import admin

from dispatch.models import Condition, ConditionLimit

# calendars, rules and channels have pages of their own, where each change is recorded and checked


class LimitsOfAreas(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = ConditionLimit
    extra = 0


@admin.register(Condition)
class ConditionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["category", "number", "text", "limit_amount", "limit_unit"]
    search_fields = ["text", "category__name", "category__code"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]
    inlines = [LimitsOfAreas]
