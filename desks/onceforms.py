"""Forms whose row is made once, however often somebody presses the button."""

from typing import Any
from uuid import UUID

from django import forms
from django.db import models


class OnceForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """A form of a model with a unique `operation`, which stands in `Meta.fields`."""

    operation = forms.UUIDField(widget=forms.HiddenInput)

    def made_before(self) -> models.Model | None:
        """The row that an earlier press of the same button made."""
        try:
            operation = UUID(self.data.get(self.add_prefix("operation"), ""))
        except ValueError:
            return None
        rows: Any = self._meta.model._default_manager
        found: models.Model | None = rows.filter(operation=operation).first()
        return found
