"""The map of a layout for data managers: its cells, the defects of its last check, and the editor's requests."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from gridmap.layouts import drafts
from gridmap.layouts.drafts import EDITABLE, StaleEditError, Turn
from gridmap.layouts.editing import EditError
from gridmap.layouts.editwords import sentence
from gridmap.layouts.features import Asked, AskedError, asked, cells_of, collection, rows_collection
from gridmap.layouts.generations import RefusedError
from gridmap.layouts.words import kind_words
from gridmap.models import Area, Layout, LayoutEdit
from people.access import allow, current_user, scope_of
from people.models import User

Operation = LayoutEdit.Operation
LOG_ROWS = 30
SAID = 6  # codes that a sentence names


@allow(GET="data")
def layout_map(request: HttpRequest, layout_id: int) -> HttpResponse:
    """The map of one generation: cells, the defects of its last check, and for drafts the editor."""
    layout = get_object_or_404(Layout.objects.select_related("based_on"), pk=layout_id)
    communities = Area.objects.level(Area.Level.COMMUNITY).select_related("parent").defer("geom", "parent__geom")
    last = layout.checks.defer("defects").first()
    return render(
        request,
        "gridmap/layout.html",
        {
            "layout": layout,
            "communities": communities.order_by("code"),
            "chosen": request.GET.get("community", ""),
            "check": last,
            "warnings": sum(last.counts.values()) - last.failing if last else 0,
            "changed_since": bool(last and last.version != layout.version),
            "editable": layout.state in EDITABLE,
            "log": _log(layout),
            "today": timezone.localdate(),
        },
    )


@allow(GET="data")
def layout_cells(request: HttpRequest, layout_id: int) -> JsonResponse:
    """Cells of a community (?community=code) or of the map's extent (?bbox=w,s,e,n), as GeoJSON in WGS84."""
    layout = get_object_or_404(Layout, pk=layout_id)
    community = None
    if code := request.GET.get("community", ""):
        community = get_object_or_404(Area, level=Area.Level.COMMUNITY, code=code)
    try:
        cells, outline = cells_of(layout, community, request.GET.get("bbox", ""))
    except AskedError as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse(collection(cells, outline) | {"version": layout.version, "state": layout.state})


@allow(GET="data")
def layout_defects(request: HttpRequest, layout_id: int) -> JsonResponse:
    """Every defect that the last check kept, each with the words of its kind."""
    layout = get_object_or_404(Layout, pk=layout_id)
    last = layout.checks.first()
    found = last.defects if last else []
    kinds = {kind: str(kind_words(kind).name) for kind in {defect["kind"] for defect in found}}
    meanings = {kind: str(kind_words(kind).meaning) for kind in kinds}
    return JsonResponse({"defects": found, "kinds": kinds, "meanings": meanings})


@allow(POST="data")
def edit_layout(request: HttpRequest, layout_id: int) -> JsonResponse:
    """One change of a draft's cells, or its undoing; a refused one changes nothing, and says why in a sentence."""
    layout = get_object_or_404(Layout, pk=layout_id)
    try:
        ask = asked(request.body)
        edit = _changed(layout, ask, Turn(current_user(request), timezone.now(), ask.why, ask.version))
    except StaleEditError as error:
        return JsonResponse({"error": _stale(error.layout), "stale": True}, status=409)
    except RefusedError as error:
        return JsonResponse({"error": str(error)}, status=409)
    except (EditError, AskedError) as error:
        words = sentence(error) if isinstance(error, EditError) else str(error)
        return JsonResponse({"error": words}, status=422)
    return JsonResponse(
        {
            "version": edit.version,
            "gone": [row["code"] for row in edit.before],
            "cells": rows_collection(edit.after),
            "said": _said(edit),
            "log": render_to_string("gridmap/_layout_log.html", {"log": _log(layout)}, request),
        }
    )


def _changed(layout: Layout, ask: Asked, turn: Turn) -> LayoutEdit:
    if ask.operation == Operation.UNDO:
        last = LayoutEdit.objects.filter(layout=layout).standing().first()
        _within_reach(turn.by, [last.community.code] if last and last.community else [])
        return drafts.undo(layout, turn)
    if ask.operation == Operation.MEND:
        _within_reach(turn.by, [ask.community])
        return drafts.mend_community(layout, ask.community, turn)
    if not ask.codes:
        raise AskedError(_("请先选择网格。"))
    _within_reach(turn.by, ask.codes)
    if ask.operation == Operation.SPLIT:
        return drafts.split_cell(layout, ask.codes[0], ask.as_line(), turn)
    if ask.operation == Operation.MERGE:
        return drafts.merge_cells(layout, ask.codes, turn)
    if ask.operation == Operation.MOVE:
        return drafts.move_corners(layout, ask.codes[0], ask.shifts, turn)
    raise AskedError(_("没有这样的操作。"))


def _within_reach(user: User, codes: Sequence[str]) -> None:
    """A data manager of a part of the city edits the cells of that part only."""
    prefixes = scope_of(user).area_codes
    if not all(code.startswith(prefixes) for code in codes):
        raise PermissionDenied


def _log(layout: Layout) -> dict[str, Any]:
    edits = list(layout.edits.select_related("by", "undoes", "community").defer("community__geom")[:LOG_ROWS])
    return {"edits": edits, "undo": LayoutEdit.objects.filter(layout=layout).standing().exists()}


def _said(edit: LayoutEdit) -> str:
    facts = {
        "what": edit.get_operation_display(),
        "before": _some(edit.codes_before()),
        "after": _some(edit.codes_after()),
    }
    return _("已%(what)s：%(before)s → %(after)s") % facts


def _some(codes: Sequence[str]) -> str:
    if len(codes) > SAID:
        return _("%(some)s等%(count)d个网格") % {"some": "、".join(codes[:SAID]), "count": len(codes)}
    return "、".join(codes) or _("无")


def _stale(layout: Layout) -> str:
    last = layout.edits.select_related("by").first()
    if last is None:
        return _("网格已被他人修改，您的修改没有执行。地图已更新，请再试。")
    facts = {
        "who": str(last.by),
        "time": f"{timezone.localtime(last.at):%H:%M}",
        "what": last.get_operation_display(),
    }
    return _("%(who)s在%(time)s做了“%(what)s”，您的修改没有执行。地图已更新为最新网格，请再试。") % facts
