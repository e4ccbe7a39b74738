"""The figures of a month by unit cell: of the cells that cases keep, or of any layout, old or new."""

from collections import defaultdict

import numpy as np

from dispatch.models import Clock
from gridmap.layouts.generations import recell
from gridmap.models import Cell, Layout
from scorecards.figures import Question, members
from scorecards.formulas import COUNT

OUTSIDE = ""  # instead of a code: in no cell, or without a place


def by_cell(question: Question, layout: Layout | None = None) -> dict[str, dict[str, int]]:
    """All counts of a month by the code of the cell, "" for cases in none; cells without any row are absent.

    Without a layout each case counts in the cell that it keeps, that of its day. With one, whatever its state, each
    counts in that layout's cell of its point; on an edge that is the lowest code. Sums are the same both ways.
    """
    found = list(members(question))
    codes = _codes({member.clock for member in found}, layout)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNT, 0))
    for member in found:
        for key in member.figures:
            counts[codes[member.clock]][key] += 1
    return dict(sorted(counts.items()))


def _codes(clocks: set[int], layout: Layout | None) -> dict[int, str]:
    rows = Clock.objects.filter(pk__in=clocks).order_by("pk")
    if layout is None:
        return {clock: code or OUTSIDE for clock, code in rows.values_list("pk", "case__cell__code")}
    asked = list(rows.values_list("pk", "case__point"))
    points = np.array([point.coords if point else (np.nan, np.nan) for _, point in asked], dtype=float).reshape(-1, 2)
    names = dict(Cell.objects.filter(layout=layout).values_list("pk", "code"))
    cells = recell(points, layout)
    return {clock: OUTSIDE if cell is None else names[cell] for (clock, _), cell in zip(asked, cells, strict=True)}
