from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from inspectors.models import (
    Ability,
    Assignment,
    DutyZone,
    Phrase,
    Shift,
    Skill,
    SkillNeed,
    Takeover,
    ZoneDrawing,
)
from people.recorded import ReadOnly, Recorded


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


class AbilityForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    skills = forms.MultipleChoiceField(
        label=_("技能"), choices=Skill.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Ability
        fields = ("inspector", "travel", "skills")


@admin.register(Ability)
class AbilityAdmin(Recorded):
    form = AbilityForm
    list_display = ["inspector", "travel", "skills"]
    list_filter = ["travel"]
    search_fields = ["inspector__username", "inspector__full_name"]
    list_select_related = ["inspector"]
    autocomplete_fields = ["inspector"]


@admin.register(SkillNeed)
class SkillNeedAdmin(Recorded):
    list_display = ["category", "skill"]
    list_filter = ["skill"]
    search_fields = ["category__name", "category__code"]
    list_select_related = ["category"]
    autocomplete_fields = ["category"]


@admin.register(Phrase)
class PhraseAdmin(Recorded):
    """Phrases for everybody; inspectors keep their own in the field app."""

    list_display = ["text"]
    search_fields = ["text"]
    fields = ["text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Phrase]:
        """Only those for everybody."""
        return super().get_queryset(request).filter(user=None)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Who had which task, and why not any more: to read only."""

    list_display = ["at", "task", "cause", "inspector", "before", "by"]
    list_filter = ["cause"]
    search_fields = ["task__case__number"]
    list_select_related = ["task", "inspector", "before", "by"]
    date_hierarchy = "at"


@admin.register(Takeover)
class TakeoverAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Substitutes: to read only; the page of the shifts arranges them."""

    list_display = ["from_at", "before", "substitute", "reason", "by"]
    list_filter = ["reason"]
    list_select_related = ["before", "substitute", "by"]


@admin.register(ZoneDrawing)
class ZoneDrawingAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Drawings of zones with their balance: to read only; draw_zones makes them."""

    list_display = ["at", "by", "reason"]
    list_select_related = ["by"]
