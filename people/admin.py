from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from people.models import Agency, Look, RoleGrant, User


class GrantsOfUser(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = RoleGrant
    extra = 0
    autocomplete_fields = ["agency"]


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Users with their dated roles; Django's groups and permissions are not used here."""

    list_display = ["username", "full_name", "phone", "is_active", "last_login"]
    list_filter = ["is_active", "grants__role"]
    search_fields = ["username", "full_name", "phone"]
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("人员"), {"fields": ("full_name", "phone", "language")}),
        (_("状态"), {"fields": ("is_active", "is_staff", "is_superuser", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("username", "full_name", "usable_password", "password1", "password2")},
        ),
    )
    filter_horizontal = []
    inlines = [GrantsOfUser]


@admin.register(Agency)
class AgencyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["code", "name", "short_name", "parent", "head", "handler", "feedback", "phone", "valid_to"]
    search_fields = ["code", "name", "short_name"]
    list_select_related = ["parent"]
    autocomplete_fields = ["parent"]


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ["user", "role", "agency", "area_code", "valid_from", "valid_to"]
    list_filter = ["role"]
    search_fields = ["user__username", "user__full_name"]
    list_select_related = ["user", "agency"]
    autocomplete_fields = ["user", "agency"]


@admin.register(Look)
class LookAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Who looked at whose data: to read only."""

    list_display = ["looked_at", "user", "subject", "reason"]
    list_select_related = ["user"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Look | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Look | None = None) -> bool:
        return False
