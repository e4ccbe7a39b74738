"""The components of the city: list, one of them with its history, publishing, and download."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import shapely
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gridmap.components import VALUES, RefusedError, change_by_hand, publish
from gridmap.components.export import FORMATS, suffix, write
from gridmap.components.forms import DATUMS, MOST_ROWS, OTHER, FilterForm, StateForm
from gridmap.datums import Datum, DatumError, from_city, lonlat
from gridmap.models import Category, Cell, Component, ComponentChange
from gridmap.shapes import point_of, to_shapely
from gridmap.views.paging import KeyPaginator
from people.access import allow, current_user
from people.models import Agency

PAGE = 50


@allow(GET="data")
def components(request: HttpRequest) -> HttpResponse:
    """The list under a filter, drafts too, with its page on the map."""
    visible = Component.objects.visible_to(current_user(request))
    form = FilterForm(request.GET)
    pages = KeyPaginator(form.chosen(visible).select_related("category", *AGENCIES).order_by("code", "draft"), PAGE)
    page = pages.get_page(request.GET.get("page"))
    asked = urlencode({name: str(value) for name, value in request.GET.items() if value and name != "page"})
    context = {
        "form": form,
        "page": page,
        "count": pages.count,
        "drafts": visible.drafts().count(),
        "asked": asked,
        "spots": [_spot(row) for row in page.object_list],
        "formats": FORMATS,
        "datums": [(value, label) for value, label in DATUMS if value not in ("", OTHER)],
    }
    return render(request, "gridmap/components.html", context)


AGENCIES = ("competent_agency", "owning_agency", "maintaining_agency")


def _spot(row: Component) -> dict[str, Any]:
    lon, lat = lonlat(point_of(to_shapely(row.geom)))
    return {"code": row.code, "lon": lon, "lat": lat, "name": row.name or row.category.name, "state": row.state}


@allow(GET="data")
def component(request: HttpRequest, component_code: str) -> HttpResponse:
    """One component: what it is, where, and what happened to it; its draft beside it where there is one."""
    return _page(request, component_code)


@allow(POST="data")
def component_state(request: HttpRequest, component_code: str) -> HttpResponse:
    """Correct the state by hand; with a reason, which stays in the history."""
    form, row = StateForm(request.POST), _rows(request, component_code)[0]
    if row.draft:
        raise Http404
    if not form.is_valid():
        return _page(request, component_code, form, status=422)
    given, user = form.cleaned_data, current_user(request)
    try:
        change = change_by_hand(row, given["state"], by=user, at=timezone.now(), why=given["why"])
    except RefusedError as error:
        form.add_error("why", str(error))
        return _page(request, component_code, form, status=422)
    if change is None:
        messages.info(request, _("状态没有变化。"))
    else:
        messages.success(request, _("状态已改为“%(state)s”。") % {"state": change.get_to_state_display()})
    return redirect("gridmap:component", component_code=component_code)


def _rows(request: HttpRequest, code: str) -> list[Component]:
    """The published row of a code first, then its draft; 404 for a code that the user does not look after."""
    visible = Component.objects.visible_to(current_user(request)).filter(code=code)
    rows = list(visible.select_related("category__major", "category__dictionary", "batch", *AGENCIES).order_by("draft"))
    if not rows:
        raise Http404
    return rows


def _page(request: HttpRequest, code: str, form: StateForm | None = None, status: int = 200) -> HttpResponse:
    rows = _rows(request, code)
    row, draft = rows[0], rows[1] if len(rows) > 1 else None
    shape = shapely.transform(to_shapely(row.geom), lambda corners: from_city(corners, Datum.WGS84))
    point = point_of(to_shapely(row.geom))
    cell = Cell.objects.on(timezone.localdate()).covering(point).select_related("community").first()
    changes = list(row.changes.select_related("by", "batch"))
    names = Names(changes, draft, row)
    context = {
        "row": row,
        "draft": draft,
        "differences": names.differences(row, draft) if draft else [],
        "shape": json.loads(shapely.to_geojson(shape)),
        "place": lonlat(point),
        "cell": cell,
        "history": [names.line(change) for change in changes],
        "form": form or StateForm(initial={"state": row.state}),
    }
    return render(request, "gridmap/component.html", context, status=status)


@dataclass(frozen=True)
class Line:
    """A change as the page shows it; `values` are (field, before, after) in words."""

    change: ComponentChange
    values: list[tuple[str, str, str]]


class Names:
    """Words for the keys that a history keeps: agencies and classes, asked once."""

    def __init__(self, changes: list[ComponentChange], *rows: Component | None) -> None:
        keys: dict[str, set[int]] = {"agency": set(), "category": set()}
        pairs = [(name, value) for change in changes for name, both in change.values.items() for value in both]
        pairs += [(name, getattr(row, name)) for row in rows if row is not None for name in VALUES]
        for name, value in pairs:
            kind = "agency" if name.endswith("agency_id") else "category" if name == "category_id" else ""
            if kind and isinstance(value, int):
                keys[kind].add(value)
        self._agencies = Agency.objects.in_bulk(keys["agency"])
        self._classes = Category.objects.in_bulk(keys["category"])

    def word(self, name: str, value: Any) -> str:  # noqa: ANN401 - any column of a component
        if value in (None, ""):
            return "—"
        if name.endswith("agency_id"):
            return str(self._agencies.get(value, value))
        if name == "category_id":
            return str(self._classes.get(value, value))
        return str(Component.State(value).label) if name == "state" else str(value)

    def line(self, change: ComponentChange) -> Line:
        rows = sorted(change.values.items())
        return Line(change, [(_label(name), self.word(name, a), self.word(name, b)) for name, (a, b) in rows])

    def differences(self, row: Component, draft: Component) -> list[tuple[str, str, str]]:
        """What the draft would change, in words."""
        found = [
            (_label(name), self.word(name, getattr(row, name)), self.word(name, getattr(draft, name)))
            for name in VALUES
            if getattr(row, name) != getattr(draft, name)
        ]
        metres = to_shapely(row.geom).hausdorff_distance(to_shapely(draft.geom))
        if metres > 0.002:
            found.append((_label("geom"), "—", _("移动 %(metres).2f 米") % {"metres": metres}))
        return found


def _label(name: str) -> str:
    field: Any = Component._meta.get_field(name if name == "source_id" else name.removesuffix("_id"))
    return str(field.verbose_name)


@allow(POST="data")
def publish_components(request: HttpRequest) -> HttpResponse:
    """Publish the chosen drafts."""
    user = current_user(request)
    codes = request.POST.getlist("code")[:PAGE]
    drafts = Component.objects.visible_to(user).drafts().filter(code__in=codes)
    done = publish(drafts, by=user, at=timezone.now(), why=request.POST.get("why", "").strip()[:200])
    count = done.new + done.changed
    if count:
        words = ngettext("已发布 %(count)d 个部件。", "已发布 %(count)d 个部件。", count)
        messages.success(request, words % {"count": count})
    else:
        messages.warning(request, _("没有选中草稿，什么也没有发布。"))
    return redirect(f"{request.POST.get('back', '')}" if _own(request.POST.get("back", "")) else "gridmap:components")


def _own(path: str) -> bool:
    """Whether a path to go back to is one of these pages."""
    return path.startswith("/components/") and "//" not in path and "\\" not in path


@allow(GET="data")
def download(request: HttpRequest) -> HttpResponse:
    """The components under the filter as a file that can be taken in again; drafts only when they are asked for."""
    kind, datum = request.GET.get("format", ""), request.GET.get("datum", "") or Datum.CITY
    if kind not in FORMATS:
        raise Http404
    found = FilterForm(request.GET).chosen(Component.objects.visible_to(current_user(request)))
    if request.GET.get("shown") != "draft":
        found = found.published()
    if found.count() > MOST_ROWS:
        messages.error(request, _("超过 5 万个部件，请缩小筛选范围，或用命令 export_components 在服务器上导出。"))
        return redirect("gridmap:components")
    # GeoJSON is WGS84 by definition, whatever was asked
    datum = Datum.WGS84 if kind == "geojson" else datum
    today = timezone.localdate()
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix(kind)}"
        try:
            write(path, found, kind, datum, on=today)
        except (DatumError, ValueError) as error:
            messages.error(request, str(error))
            return redirect("gridmap:components")
        response = HttpResponse(path.read_bytes(), content_type="application/octet-stream")
    name = f"components-{today:%Y%m%d}-{datum.lower().replace(':', '')}{suffix(kind)}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
