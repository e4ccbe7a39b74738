from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from inspectors.models import DutyZone, Phrase, Shift
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


@admin.register(Phrase)
class PhraseAdmin(Recorded):
    """Phrases for everybody; inspectors keep their own in the field app."""

    list_display = ["text"]
    search_fields = ["text"]
    fields = ["text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Phrase]:
        """Only those for everybody."""
        return super().get_queryset(request).filter(user=None)
