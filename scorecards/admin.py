from django.contrib import admin

from people.recorded import ReadOnly
from scorecards.models import Scorecard


@admin.register(Scorecard)
class ScorecardAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Frozen figures: to read only."""

    list_display = ["month", "agency", "frozen_at", "frozen_by"]
    list_filter = ["month"]
    search_fields = ["agency__code", "agency__name"]
    list_select_related = ["agency", "frozen_by"]
