from django.contrib import admin

from inspectors.models import DutyZone, Shift


@admin.register(DutyZone)
class DutyZoneAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["name"]
    autocomplete_fields = ["communities"]


@admin.register(Shift)
class ShiftAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["inspector", "zone", "starts_at", "ends_at"]
    list_select_related = ["inspector", "zone"]
    autocomplete_fields = ["inspector"]
