"""Pages of the admin that record what they change, and pages that change nothing."""

from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.forms.models import BaseModelFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from people.access import current_user
from people.changes import Said, log, said, stored


class Recorded(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Each addition, change and deletion stands in the log of changes, in the transaction that makes it."""

    show_full_result_count = False
    list_per_page = 50

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ANN401
        request.before = stored(obj, self._many(obj))  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def save_formset(
        self, request: HttpRequest, form: "ModelForm[Any]", formset: "BaseModelFormSet[Any, Any]", change: bool
    ) -> None:
        """Rows that are edited within another one's page are named with it."""
        rows, model = list(formset.queryset or ()), formset.model
        keys = {id(row): row.pk for row in rows}
        found = model._base_manager.filter(pk__in=keys.values()) if model is not None else ()
        before = {row.pk: said(row) for row in found}
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self._log(request, row, {}, stored(row))
        for row, _names in formset.changed_objects:
            self._log(request, row, before[row.pk], stored(row))
        for row in formset.deleted_objects:
            pk = row.pk or keys.get(id(row))
            self._log(request, row, before.get(pk, {}), {}, key=str(pk))

    def save_related(self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool) -> None:  # noqa: ANN401 - Django's
        super().save_related(request, form, formsets, change)
        row = form.instance
        self._log(request, row, request.before, stored(row, self._many(row)))  # type: ignore[attr-defined]

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        before, key = stored(obj, self._many(obj)), str(obj.pk)
        super().delete_model(request, obj)
        self._log(request, obj, before, {}, key=key)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The log of changes instead of Django's own, which says which fields, but not from what to what."""
        query = urlencode({"kind": self.model._meta.label_lower, "key": object_id})
        return redirect(f"{reverse('people:changes')}?{query}")

    def _many(self, row: Model) -> list[str]:
        linked = {field.name: field.remote_field.through for field in row._meta.many_to_many}
        return [name for name, model in linked.items() if model is not None and model._meta.auto_created]

    def _log(self, request: HttpRequest, row: Model, before: Said, after: Said, key: str = "") -> None:
        log(by=current_user(request), at=timezone.now(), of=row, before=before, after=after, key=key)


class Kept:
    """Rows that history depends on: of what has begun, these fields are read-only and nothing is deleted.

    `once` are the fields that are chosen when a row is made; `begun` says from when a row counts as history.
    """

    once: ClassVar[tuple[str, ...]] = ()

    def begun(self, obj: Any) -> bool:  # noqa: ANN401 - the model of the page
        return True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:  # noqa: ANN401
        fixed: list[str] = list(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        return [*fixed, *self.once] if obj is not None and self.begun(obj) else fixed

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        allowed: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return allowed and obj is not None and not self.begun(obj)


class ReadOnly:
    """Seen here, changed elsewhere or never."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


def has_begun(first: date) -> bool:
    return first <= timezone.localdate()
