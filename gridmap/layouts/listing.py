"""What the list of layouts shows of each generation."""

from datetime import date
from typing import Any

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridmap.layouts.generations import phase
from gridmap.models import Cell, Layout, LayoutCheck, LayoutEdit, LayoutStep

LOG_ROWS = 8
# why the drawing split a building or a compound: gridmap/cells.py
SPLIT_WORDS: dict[str, str | Promise] = {
    "border": _("跨社区边界"),
    "large": _("大于一个网格"),
    "in the way": _("没有别的切法"),
}


def layout_rows(today: date) -> list[dict[str, Any]]:
    """Every layout with its last check, its changes, its steps and the report of its drawing, the newest first.

    The same few statements for any number of layouts.
    """
    newest = LayoutCheck.objects.defer("defects").select_related("by").order_by("layout_id", "-pk")
    checks = {check.layout_id: check for check in newest.distinct("layout_id")}
    changes = LayoutEdit.objects.exclude(operation=LayoutEdit.Operation.COPY).values_list("layout")
    edits = dict(changes.annotate(Count("pk")).order_by())
    log: dict[int, list[LayoutStep]] = {}
    for step in LayoutStep.objects.select_related("by").order_by("-pk"):
        log.setdefault(step.layout_id, []).append(step)
    counts = dict(Cell.objects.values_list("layout").annotate(Count("pk")).order_by())
    layouts = Layout.objects.select_related("based_on").order_by("-pk")
    phases = {layout.pk: phase(layout, today) for layout in layouts}
    return [
        {
            "layout": layout,
            "cells": counts.get(layout.pk, 0),
            "phase": phases[layout.pk],
            "phase_words": Layout.State(phases[layout.pk]).label,
            "check": checks.get(layout.pk),
            "edits": edits.get(layout.pk, 0),
            "log": log.get(layout.pk, [])[:LOG_ROWS],
            "drawn": drawn(layout),
        }
        for layout in layouts
    ]


def drawn(layout: Layout) -> dict[str, Any] | None:
    """The report of the drawing for a page: areas by target, and what could not be honoured; None without one."""
    report = layout.report
    if not report.get("distribution"):
        return None
    parts = [{**part, "near": f"{part.get('share_near_target', 0):.1%}"} for part in report["distribution"]]
    left = report.get("not honoured")
    if not isinstance(left, dict):  # drawn before this was counted
        return {"parts": parts}
    splits = "、".join(f"{SPLIT_WORDS.get(why, why)} {count}" for why, count in left.get("split", {}).items())
    return {
        "parts": parts,
        "below": left.get("below", 0),
        "above": left.get("above", 0),
        "splits": splits,
        "wider": [each["code"] for each in left.get("wider numbers", [])],
    }
