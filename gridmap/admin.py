"""Areas, dictionaries, the gazetteer and components in the admin; layouts and cells have pages of their own."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gridmap.components import log_edit
from gridmap.mapfield import MEDIA, MapAdmin, shown_map
from gridmap.models import Area, Category, Cell, Component, Dictionary, Import, Layout, Place
from gridmap.placekeys import DERIVED, derive
from people.access import current_user
from people.recorded import Kept, ReadOnly, Recorded, has_begun


@admin.register(Area)
class AreaAdmin(Kept, MapAdmin, Recorded):
    """Codes, level and parent stay: cells, rules and roles name areas by code."""

    once = ("code", "level", "parent")
    list_display = ["code", "name", "level", "parent", "built_up", "area_class"]
    list_filter = ["level", "built_up", "area_class"]
    search_fields = ["code", "name"]
    list_select_related = ["parent"]
    autocomplete_fields = ["parent"]


@admin.register(Layout)
class LayoutAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["name", "state", "active_from", "active_to"]
    list_filter = ["state"]
    search_fields = ["name"]


@admin.register(Cell)
class CellAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Seen on the map; the pages of the layouts keep every change with who and why."""

    search_fields = ["code"]
    list_display = ["code", "community", "layout", "area_m2"]
    list_filter = ["layout"]
    list_select_related = ["community", "layout"]
    fields = ["code", "layout", "community", "area_m2", "on_map"]
    readonly_fields = ["on_map"]
    show_full_result_count = False

    @property
    def media(self) -> Any:  # noqa: ANN401 - Django's Media
        return super().media + MEDIA

    @admin.display(description=_("范围"))
    def on_map(self, cell: Cell) -> SafeString:
        return shown_map(cell.geom)


@admin.register(Component)
class ComponentAdmin(MapAdmin, Recorded):
    list_display = ["code", "name", "category", "state", "owning_agency", "draft"]
    list_filter = ["state", "draft"]
    search_fields = ["code", "name"]
    list_select_related = ["category", "owning_agency"]
    autocomplete_fields = ["category", "competent_agency", "owning_agency", "maintaining_agency"]
    # published by an action, not by a tick
    readonly_fields = ["draft"]

    def has_delete_permission(self, request: HttpRequest, obj: Component | None = None) -> bool:
        """What was published stays: an object that is gone is 废弃, not deleted."""
        return obj is not None and obj.draft

    def save_model(self, request: HttpRequest, obj: Component, form: "ModelForm[Component]", change: bool) -> None:
        """Every edit stands in the component's history too; the admin saves in one transaction."""
        before = Component.objects.select_for_update(of=("self",)).get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        log_edit(before, obj, by=current_user(request), at=timezone.now())


@admin.register(Place)
class PlaceAdmin(MapAdmin, Recorded):
    search_fields = ["name", "address"]
    list_display = ["name", "kind", "address", "source"]
    list_filter = ["kind"]
    exclude = [name for name in DERIVED if name != "area_key"]
    readonly_fields = ["same_as"]  # told by the lists themselves

    def save_model(self, request: HttpRequest, obj: Place, form: Any, change: bool) -> None:  # noqa: ANN401
        """A name or address that a person corrects is found at once."""
        derive(obj)
        super().save_model(request, obj, form, change)


@admin.register(Dictionary)
class DictionaryAdmin(Kept, Recorded):
    """What is in force only ends; another wording is another edition."""

    once = ("kind", "edition", "valid_from")
    list_display = ["edition", "kind", "valid_from", "valid_to"]
    list_filter = ["kind"]
    search_fields = ["edition"]

    def begun(self, obj: Dictionary) -> bool:
        return has_begun(obj.valid_from)


@admin.register(Category)
class CategoryAdmin(Kept, Recorded):
    """In an edition that has begun, cases are told by code and name: what people call it may still be added."""

    once = ("dictionary", "kind", "code", "name", "major")
    list_display = ["code", "name", "kind", "dictionary", "authority", "must_collect"]
    list_filter = ["dictionary", "kind", "must_collect"]
    search_fields = ["code", "name", "name_en"]
    list_select_related = ["dictionary", "authority"]
    autocomplete_fields = ["dictionary", "major", "authority"]

    def begun(self, obj: Category) -> bool:
        return has_begun(obj.dictionary.valid_from)


@admin.register(Import)
class ImportAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """The books of the loaders: to read only."""

    list_display = ["started_at", "layer", "source", "rows_read", "rows_kept", "rows_rejected", "seconds"]
    list_filter = ["layer"]
    search_fields = ["source"]
