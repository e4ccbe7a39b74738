from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.access import current_user
from people.changes import log
from people.models import Agency, Look, RoleGrant, User
from people.recorded import Kept, ReadOnly, Recorded, has_begun

GRANTED = ("user", "role", "agency", "area_code", "valid_from")


class GrantForm(ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """A role between two dates; of one that has begun only the end can be set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        if self.instance.pk and has_begun(self.instance.valid_from):
            for name in GRANTED:
                if name in self.fields:
                    self.fields[name].disabled = True


class GrantsOfUser(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = RoleGrant
    form = GrantForm
    extra = 0
    can_delete = False
    autocomplete_fields = ["agency"]


@admin.register(User)
class PersonAdmin(Kept, Recorded, UserAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Users with their dated roles; Django's groups and permissions are not used here. Who leaves is set inactive."""

    once = ("username",)
    list_display = ["username", "full_name", "phone", "is_active", "last_login"]
    list_filter = ["is_active", "grants__role"]
    search_fields = ["username", "full_name", "phone"]
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("人员"), {"fields": ("full_name", "phone", "language")}),
        (_("状态"), {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("username", "full_name", "usable_password", "password1", "password2")},
        ),
    )
    filter_horizontal = []
    inlines = [GrantsOfUser]

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:  # noqa: ANN401 - Django's
        """A new password is saved by a page of its own, which calls nothing but this."""
        if not hasattr(request, "before"):
            before, after = {"password": "old"}, {"password": "new"}
            log(by=current_user(request), at=timezone.now(), of=obj, before=before, after=after)
        return super().log_change(request, obj, message)


@admin.register(Agency)
class AgencyAdmin(Kept, Recorded):
    """Code and place in the tree stay: who saw which case follows from them. An agency that is gone has an end."""

    once = ("code", "parent", "valid_from")
    list_display = ["code", "name", "short_name", "parent", "head", "handler", "feedback", "phone", "valid_to"]
    list_filter = ["external", ("parent", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["code", "name", "short_name"]
    list_select_related = ["parent"]
    autocomplete_fields = ["parent"]
    exclude = ["path"]

    def save_model(self, request: HttpRequest, obj: Agency, form: "ModelForm[Any]", change: bool) -> None:
        if not change:
            obj.path = f"{obj.parent.path}{obj.parent.code}/" if obj.parent else ""
        super().save_model(request, obj, form, change)


@admin.register(RoleGrant)
class RoleGrantAdmin(Kept, Recorded):
    """What somebody was allowed on a day stays as it was: a grant ends, another one begins."""

    once = GRANTED
    list_display = ["user", "role", "agency", "area_code", "valid_from", "valid_to"]
    list_filter = ["role", ("agency", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["user__username", "user__full_name", "agency__name", "area_code"]
    list_select_related = ["user", "agency"]
    autocomplete_fields = ["user", "agency"]

    def begun(self, obj: RoleGrant) -> bool:
        return has_begun(obj.valid_from)


@admin.register(Look)
class LookAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Who looked at whose data: to read only."""

    list_display = ["looked_at", "user", "subject", "reason"]
    list_filter = [("user", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user"]
