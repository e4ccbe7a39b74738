"""Forms of the import of orders: which file of which channel, which column means what, and what a reject should say."""

from datetime import date
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.models import Channel, OrderFile, OrderRow
from dispatch.orders.columns import FIELDS, NEEDED
from dispatch.orders.reading import Reason
from dispatch.orders.tables import KINDS

ERRORS = {
    "required": gettext_lazy("请填写这一栏。"),
    "max_length": gettext_lazy("最多 %(limit_value)s 个字，现在有 %(show_value)s 个。"),
}


class UploadForm(forms.Form):
    channel = forms.ModelChoiceField(
        Channel.objects.none(),
        label=gettext_lazy("来源渠道"),
        empty_label=gettext_lazy("请选择"),
        error_messages={"required": gettext_lazy("请选择这些诉求的来源渠道。")},
    )
    file = forms.FileField(
        label=gettext_lazy("文件"),
        help_text=gettext_lazy("CSV、XLSX 或 JSON；一行列名，下面每行一件诉求。"),
        error_messages={
            "required": gettext_lazy("请选择要导入的文件。"),
            "empty": gettext_lazy("这是空文件，里面什么也没有。"),
        },
        widget=forms.FileInput({"accept": ",".join(KINDS)}),
    )

    def __init__(self, day: date, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = Channel.objects.in_use(day)  # type: ignore[attr-defined]


class ColumnsForm(forms.Form):
    """One choice for each field that a file can have, told with a word of that column, and which script it is in."""

    traditional = forms.BooleanField(label=gettext_lazy("保留繁体字，不转为简体"), required=False)

    def __init__(self, file: OrderFile, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - a form's own
        super().__init__(*args, **kwargs)
        heads = [("", "—"), *((head, _with_sample(head, file.sample)) for head in file.heads)]
        for name, known in FIELDS.items():
            self.fields[name] = forms.ChoiceField(
                label=str(known.label), choices=heads, required=False, initial=file.columns.get(name, "")
            )
        self.initial["traditional"] = file.traditional
        self.order_fields([*NEEDED, *(name for name in FIELDS if name not in NEEDED), "traditional"])

    def columns(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in FIELDS if self.cleaned_data[name]}


def _with_sample(head: str, sample: dict[str, str]) -> str:
    """The head, and what stands below it in the first row: enough to know a column without a name."""
    word = " ".join(sample.get(head, "").split())
    return _("%(head)s（如 %(word)s）") % {"head": head, "word": Truncator(word).chars(12)} if word else head


class CorrectForm(forms.Form):
    """What a rejected row says, field by field; the one that is at fault comes first."""

    def __init__(self, row: OrderRow, columns: dict[str, str], data: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data, prefix=f"row{row.pk}")
        self.row = row
        wanted = [row.field] if row.field in FIELDS else []
        wanted += [name for name in FIELDS if name not in wanted and (name in columns or name == "text")]
        for name in wanted:
            raw = row.corrected.get(name, row.values.get(columns.get(name, ""), ""))
            widget = forms.Textarea({"rows": 3}) if name == "text" else forms.TextInput()
            self.fields[name] = forms.CharField(
                label=str(FIELDS[name].label),
                required=name == row.field and row.reason in (Reason.NO_REF, Reason.NO_DUE),
                initial=raw,
                widget=widget,
                max_length=FIELDS[name].most,
                error_messages=ERRORS,
            )

    def changed(self) -> dict[str, str]:
        """The fields that say something else now; all of them where the row as a whole was out of place."""
        given = {name: value.strip() for name, value in self.cleaned_data.items()}
        if self.row.reason == Reason.MORE_CELLS:
            return given
        return {name: value for name, value in given.items() if value != str(self.fields[name].initial).strip()}
