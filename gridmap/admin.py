from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from leaflet.admin import LeafletGeoAdmin

from gridmap.components import log_edit
from gridmap.models import Area, Category, Cell, Component, Dictionary, Import, Layout, Place
from gridmap.placekeys import DERIVED, derive
from people.access import current_user


class CodedGeoAdmin(LeafletGeoAdmin):  # type: ignore[misc]  # django-leaflet has no types
    """Things on the map that are found by code or name."""

    search_fields = ["code", "name"]
    show_full_result_count = False


@admin.register(Area)
class AreaAdmin(CodedGeoAdmin):
    list_display = ["code", "name", "level", "parent"]
    list_filter = ["level"]
    list_select_related = ["parent"]
    autocomplete_fields = ["parent"]


class ReadOnly:
    """Seen here, changed elsewhere: the pages of the layouts keep every change with who and why."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Layout)
class LayoutAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["name", "state", "active_from", "active_to"]


@admin.register(Cell)
class CellAdmin(ReadOnly, CodedGeoAdmin):
    search_fields = ["code"]
    list_display = ["code", "community", "layout", "area_m2"]
    list_select_related = ["community", "layout"]
    autocomplete_fields = ["community"]


@admin.register(Component)
class ComponentAdmin(CodedGeoAdmin):
    list_display = ["code", "name", "category", "state", "owning_agency", "draft"]
    list_filter = ["state", "draft"]
    list_select_related = ["category", "owning_agency"]
    autocomplete_fields = ["category", "competent_agency", "owning_agency", "maintaining_agency"]
    # published by an action, not by a tick
    readonly_fields = ["draft"]

    def has_delete_permission(self, request: HttpRequest, obj: Component | None = None) -> bool:
        """What was published stays: an object that is gone is 废弃, not deleted."""
        return obj is not None and obj.draft

    def save_model(self, request: HttpRequest, obj: Component, form: "ModelForm[Component]", change: bool) -> None:
        """Every edit stands in the component's history; the admin saves in one transaction."""
        before = Component.objects.select_for_update(of=("self",)).get(pk=obj.pk) if change else None
        obj.save()
        log_edit(before, obj, by=current_user(request), at=timezone.now())


@admin.register(Place)
class PlaceAdmin(CodedGeoAdmin):
    search_fields = ["name", "address"]
    list_display = ["name", "kind", "address", "source"]
    list_filter = ["kind"]
    exclude = [name for name in DERIVED if name != "area_key"]
    readonly_fields = ["same_as"]  # told by the lists themselves

    def save_model(self, request: HttpRequest, obj: Place, form: object, change: bool) -> None:
        """A name or address that a person corrects is found at once."""
        derive(obj)
        super().save_model(request, obj, form, change)


@admin.register(Dictionary)
class DictionaryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["edition", "kind", "valid_from", "valid_to"]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["code", "name", "kind", "dictionary", "authority", "must_collect"]
    list_filter = ["dictionary", "kind"]
    search_fields = ["code", "name"]
    list_select_related = ["dictionary", "authority"]
    autocomplete_fields = ["major", "authority"]


@admin.register(Import)
class ImportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["started_at", "layer", "source", "rows_read", "rows_kept", "rows_rejected", "seconds"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
