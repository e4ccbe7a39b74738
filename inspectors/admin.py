from django.contrib import admin

from inspectors.models import DutyZone, Shift
from people.recorded import Recorded


@admin.register(DutyZone)
class DutyZoneAdmin(Recorded):
    list_display = ["name"]
    list_filter = [("communities", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "communities__name", "communities__code"]
    autocomplete_fields = ["communities"]


@admin.register(Shift)
class ShiftAdmin(Recorded):
    list_display = ["inspector", "zone", "starts_at", "ends_at"]
    list_filter = ["zone"]
    search_fields = ["inspector__username", "inspector__full_name", "zone__name"]
    date_hierarchy = "starts_at"
    list_select_related = ["inspector", "zone"]
    autocomplete_fields = ["inspector", "zone"]
