from django.contrib import admin
from django.http import HttpRequest

from scorecards.models import Scorecard


@admin.register(Scorecard)
class ScorecardAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Frozen figures: to read only."""

    list_display = ["month", "agency", "frozen_at", "frozen_by"]
    list_filter = ["month"]
    search_fields = ["agency__code", "agency__name"]
    list_select_related = ["agency", "frozen_by"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Scorecard | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Scorecard | None = None) -> bool:
        return False
