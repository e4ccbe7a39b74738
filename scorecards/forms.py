"""Forms of the intake figures, bulletins and excellent cases."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scorecards.intake import quarter_of
from scorecards.models import Bulletin, ExcellentCase
from scorecards.periods import Span


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class SpanForm(forms.Form):
    """From a first to a last day."""

    first = forms.DateField(label=gettext_lazy("起"), widget=_day())
    last = forms.DateField(label=gettext_lazy("止"), widget=_day())

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("first") and given.get("last"):
            try:
                Span(given["first"], given["last"])
            except ValueError:
                self.add_error("last", _("截止日期不能早于起始日期，跨度不超过三年。"))

    @property
    def span(self) -> Span:
        return Span(self.cleaned_data["first"], self.cleaned_data["last"])


class BulletinForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """A bulletin before it is published; its numbers are given by the system."""

    class Meta:
        model = Bulletin
        fields = ["issuer", "first", "last", "work", "hot", "cases"]
        widgets = {
            "first": _day(),
            "last": _day(),
            "work": forms.Textarea({"rows": 6}),
            "hot": forms.Textarea({"rows": 6}),
            "cases": forms.CheckboxSelectMultiple,
        }

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            span = quarter_of(today)
            self.initial.update(first=span.first, last=min(span.last, today))
        self.fields["hot"].help_text = _("留空时按本期数据列出热点类别和点位。")
        chosen: Any = self.fields["cases"]
        chosen.label = _("优秀办件学习")
        chosen.queryset = ExcellentCase.objects.all()

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if not (first and last):
            return given
        try:
            Span(first, last)
        except ValueError:
            self.add_error("last", _("截止日期不能早于起始日期，跨度不超过三年。"))
        same = Bulletin.objects.filter(first=first, last=last, issuer=given.get("issuer", ""))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("last", _("这个单位已有这些日期的简报，请在那一期上修改。"))
        return given


class ExcellentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A case told by the template: situation, course, thoughts, units (P2.8)."""

    class Meta:
        model = ExcellentCase
        fields = ["title", "units", "situation", "course", "thoughts"]
        widgets = {
            name: forms.Textarea({"rows": rows}) for name, rows in (("situation", 4), ("course", 8), ("thoughts", 5))
        }
