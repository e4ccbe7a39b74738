"""What the component pages ask: a filter, a file, columns, a state."""

from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridmap.components.columns import HEADERS
from gridmap.datums import Datum, DatumError, parse_datum
from gridmap.loaders.components import SUFFIXES
from gridmap.models import Category, Component, ComponentBatch, ComponentQuerySet
from people.models import Agency

# more than this goes by import_components and export_components on the server: a page would have to wait too long
MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
OTHER = "other"
DATUMS = [
    ("", gettext_lazy("请选择")),
    (Datum.CITY, gettext_lazy("本市平面坐标（米）")),
    (Datum.CGCS2000, gettext_lazy("CGCS2000 经纬度")),
    (Datum.WGS84, gettext_lazy("WGS84 经纬度（GPS）")),
    (Datum.GCJ02, gettext_lazy("GCJ-02（高德、腾讯地图）")),
    (Datum.BD09, gettext_lazy("BD-09（百度地图）")),
    (OTHER, gettext_lazy("其他，填写 EPSG 代码")),
]
SHOWN = [("", gettext_lazy("全部")), ("published", gettext_lazy("已发布")), ("draft", gettext_lazy("草稿"))]
# what a column can say, in the words of the page
COLUMNS = {
    "code": gettext_lazy("标识码"),
    "name": gettext_lazy("部件名称"),
    "class": gettext_lazy("类别"),
    "edition": gettext_lazy("类别字典"),
    "competent": gettext_lazy("主管部门代码"),
    "competent_name": gettext_lazy("主管部门名称"),
    "owner": gettext_lazy("权属单位代码"),
    "owner_name": gettext_lazy("权属单位名称"),
    "maintainer": gettext_lazy("养护单位代码"),
    "maintainer_name": gettext_lazy("养护单位名称"),
    "cell": gettext_lazy("单元网格（不导入）"),
    "state": gettext_lazy("状态"),
    "grade": gettext_lazy("精度等级"),
    "surveyed_on": gettext_lazy("普查日期"),
    "changed_on": gettext_lazy("变更日期"),
    "source": gettext_lazy("数据来源"),
    "source_id": gettext_lazy("来源编号"),
    "note": gettext_lazy("备注"),
    "x": gettext_lazy("东坐标或经度"),
    "y": gettext_lazy("北坐标或纬度"),
    "wkt": gettext_lazy("几何图形（WKT）"),
}


class FilterForm(forms.Form):
    """Which components the list and the download show; anything that makes no sense is as if it were empty."""

    q = forms.CharField(
        label=gettext_lazy("编码或名称"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False, choices=[("", gettext_lazy("全部")), *Component.State.choices]
    )
    category = forms.ModelChoiceField(
        Category.objects.none(), label=gettext_lazy("类别"), required=False, empty_label=gettext_lazy("全部")
    )
    agency = forms.ModelChoiceField(
        Agency.objects.none(), label=gettext_lazy("单位"), required=False, empty_label=gettext_lazy("全部")
    )
    shown = forms.ChoiceField(label=gettext_lazy("发布状态"), required=False, choices=SHOWN)
    batch = forms.ModelChoiceField(ComponentBatch.objects.all(), required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data or {})
        own = Component.objects.filter(category=OuterRef("pk"))
        classes = Category.objects.classes().filter(Exists(own)).select_related("dictionary").order_by("code")
        self.fields["category"].queryset = classes  # type: ignore[attr-defined]
        any_of = Q()
        for role in ("competent", "owning", "maintaining"):
            any_of |= Q(Exists(Component.objects.filter(**{f"{role}_agency": OuterRef("pk")})))
        self.fields["agency"].queryset = Agency.objects.filter(any_of)  # type: ignore[attr-defined]
        self.is_valid()

    def chosen(self, components: ComponentQuerySet) -> ComponentQuerySet:
        """The components that the filter lets through."""
        given = self.cleaned_data
        if words := given.get("q", "").strip():
            components = components.filter(
                Q(code__startswith=words) | Q(name__icontains=words) | Q(source_id=words) | Q(category__name=words)
            )
        if given.get("state"):
            components = components.filter(state=given["state"])
        if given.get("category"):
            components = components.filter(category=given["category"])
        if agency := given.get("agency"):
            components = components.filter(
                Q(competent_agency=agency) | Q(owning_agency=agency) | Q(maintaining_agency=agency)
            )
        if given.get("batch"):
            components = components.filter(batch=given["batch"])
        if given.get("shown"):
            components = components.filter(draft=given["shown"] == "draft")
        return components


class UploadForm(forms.Form):
    """A file with the datum of its coordinates: nothing is assumed."""

    file = forms.FileField(
        label=gettext_lazy("文件"),
        widget=forms.ClearableFileInput({"accept": ",".join(SUFFIXES), "class": "visually-hidden"}),
        help_text=gettext_lazy("SHP（打包为 zip）、GPKG、GeoJSON、CSV 或 XLSX，不超过 20 MB、5 万行。"),
    )
    datum = forms.ChoiceField(label=gettext_lazy("坐标基准"), choices=DATUMS)
    epsg = forms.CharField(
        label=gettext_lazy("EPSG 代码"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("例：EPSG:4549。只在选了“其他”时填写。"),
    )
    source = forms.CharField(
        label=gettext_lazy("数据来源"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("文件里没有“数据来源”列时，记在每个部件上。"),
    )
    layer = forms.CharField(
        label=gettext_lazy("图层"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("只在 GPKG 含有多个图层时填写。"),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if Path(file.name or "").suffix.lower() not in SUFFIXES:
            raise forms.ValidationError(_("不支持这种文件，请使用 SHP（zip）、GPKG、GeoJSON、CSV 或 XLSX。"))
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 20 MB，请用命令 import_components 在服务器上导入。"))
        return file

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("datum") != OTHER:
            return
        try:
            given["datum"] = parse_datum(given.get("epsg", ""))
        except DatumError:
            self.add_error("epsg", _("没有这个坐标系，请填写 EPSG 代码，例如 EPSG:4549。"))


class ColumnsForm(forms.Form):
    """Which column of a checked file says what."""

    def __init__(self, batch: ComponentBatch, data: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data, prefix="column")
        choices = [("", _("（没有）")), *((header, header) for header in batch.report.get("headers", []))]
        for what in HEADERS:
            self.fields[what] = forms.ChoiceField(
                label=str(COLUMNS[what]),
                required=False,
                choices=choices,
                initial=batch.report["columns"].get(what, ""),
            )

    def columns(self) -> dict[str, str]:
        return {what: column for what, column in self.cleaned_data.items() if column}


class StateForm(forms.Form):
    """A state corrected by hand, with the reason."""

    state = forms.ChoiceField(label=gettext_lazy("状态"), choices=Component.State.choices)
    why = forms.CharField(label=gettext_lazy("变更理由"), max_length=200)
