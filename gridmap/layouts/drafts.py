"""Edits the cells of draft layouts: every change is made whole or not, numbered, and logged with who and why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import shapely
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from shapely import LineString, Polygon

from gridmap.cells import number
from gridmap.layouts import editing
from gridmap.layouts.editing import Change, Ground, Shift
from gridmap.layouts.generations import RefusedError
from gridmap.layouts.mending import mend
from gridmap.models import Area, Cell, Layout, LayoutEdit
from gridmap.shapes import to_django, to_shapely
from people.models import User

Operation = LayoutEdit.Operation
EDITABLE = (Layout.State.DRAFT, Layout.State.CHECKED)
BESIDE_M = 1.0  # cells of other communities this near get new corners of the common border


@dataclass(frozen=True)
class Turn:
    """Who changes a layout, when and why, and the version of the layout that they look at."""

    by: User
    at: datetime
    why: str
    version: int


class StaleEditError(Exception):
    """Somebody else changed the layout since the page was read; `layout` is as it is now."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout.version)
        self.layout = layout


def copy_as_draft(source: Layout, name: str, by: User, at: datetime, why: str) -> Layout:
    """A new draft with every cell of a layout under the same code.

    Raises RefusedError for an empty reason or name, and for a name that another layout has.
    """
    if not why.strip():
        raise RefusedError(_("请填写原因。"))
    if not name.strip():
        raise RefusedError(_("请填写新版本的名称。"))
    try:
        with transaction.atomic():
            report = {key: value for key, value in source.report.items() if key != "check"}
            layout = Layout.objects.create(name=name.strip(), based_on=source, report=report)
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO gridmap_cell (code, layout_id, community_id, geom, area_m2)"
                    " SELECT code, %s, community_id, geom, area_m2 FROM gridmap_cell WHERE layout_id = %s",
                    [layout.pk, source.pk],
                )
            LayoutEdit.objects.create(
                layout=layout, version=layout.version, operation=Operation.COPY, by=by, at=at, why=why.strip()
            )
    except IntegrityError as error:
        raise RefusedError(_("已有同名的网格版本“%(name)s”。") % {"name": name}) from error
    return layout


def split_cell(layout: Layout, code: str, line: LineString, turn: Turn) -> LayoutEdit:
    """Cut a cell along a line in the city's metres; the pieces get numbers that were never used.

    Raises EditError, StaleEditError, RefusedError; then nothing is changed.
    """
    return _edit(layout, turn, Operation.SPLIT, [code], lambda ground: editing.split(ground, code, line))


def merge_cells(layout: Layout, codes: Sequence[str], turn: Turn) -> LayoutEdit:
    """Make one cell of several of one community, with a new number. Raises as `split_cell` does."""
    return _edit(layout, turn, Operation.MERGE, codes, lambda ground: editing.merge(ground, codes))


def move_corners(layout: Layout, code: str, shifts: Sequence[Shift], turn: Turn) -> LayoutEdit:
    """Move corners of a cell with all cells that share them. Raises as `split_cell` does.

    A cell that is in another layout too gets a new number, because one code is one ground for ever; a cell that only
    this draft has keeps its number.
    """
    return _edit(layout, turn, Operation.MOVE, [code], lambda ground: editing.move(ground, shifts))


def mend_community(layout: Layout, code: str, turn: Turn) -> LayoutEdit:
    """Make the cells of a community tile it again: see gridmap/layouts/mending.py. Raises as `split_cell` does."""
    community = Area.objects.filter(level=Area.Level.COMMUNITY, code=code).first()
    if community is None:
        raise RefusedError(_("没有这个社区。"))
    return _edit(layout, turn, Operation.MEND, [], mend, community)


def undo(layout: Layout, turn: Turn) -> LayoutEdit:
    """Take back the newest change that stands: the cells before it are there again, corner by corner.

    Numbers that the change gave stay used. Raises RefusedError where there is nothing to undo, and StaleEditError.
    """
    with transaction.atomic():
        now = _take(layout, turn)
        last = LayoutEdit.objects.filter(layout=now).standing().first()
        if last is None:
            raise RefusedError(_("没有可以撤销的修改。"))
        _store(now, last.after, last.before)
        return _logged(now, turn, Operation.UNDO, last.community, last.after, last.before, undoes=last)


def used_codes(community: Area) -> set[str]:
    """Every code that a cell of a community ever had, in any layout or in a change that was undone."""
    codes = set(Cell.objects.filter(code__startswith=community.code).values_list("code", flat=True))
    for rows in LayoutEdit.objects.filter(community=community).values_list("before", "after"):
        codes |= {row["code"] for side in rows for row in side}
    return codes


def _edit(
    layout: Layout,
    turn: Turn,
    operation: str,
    codes: Sequence[str],
    change_of: Callable[[Ground], Change],
    community: Area | None = None,
) -> LayoutEdit:
    with transaction.atomic():
        now = _take(layout, turn)
        owner = community.pk if community else _owner(now, codes)
        # two drafts at once must not give the same number: the second waits here
        community = Area.objects.select_for_update().get(pk=owner)
        beside = Cell.objects.filter(layout=now, geom__dwithin=(community.geom, BESIDE_M)).exclude(community=community)
        rows = {cell.code: cell for cell in Cell.objects.filter(layout=now, community=community)}
        rows |= {cell.code: cell for cell in beside.select_related("community").defer("community__geom")}
        ground = _ground(rows.values(), community)
        before, after = _sides(now, change_of(ground), ground, community, rows)
        _store(now, before, after)
        return _logged(now, turn, operation, community, before, after)


def _owner(layout: Layout, codes: Sequence[str]) -> int:
    """The one community of the chosen cells; RefusedError for cells that are gone, and for cells of two."""
    found = dict(Cell.objects.filter(layout=layout, code__in=codes).values_list("code", "community_id"))
    if not codes or set(found) != set(codes):
        raise RefusedError(_("所选网格已不在这个版本中，请刷新页面。"))
    owners = set(found.values())
    if len(owners) > 1:
        raise RefusedError(_("所选网格不属于同一个社区。"))
    return owners.pop()


def _take(layout: Layout, turn: Turn) -> Layout:
    """Hold the layout for this change; it is a draft again and one version further."""
    if not turn.why.strip():
        raise RefusedError(_("请填写原因。"))
    mine = Layout.objects.filter(pk=layout.pk, version=turn.version, state__in=EDITABLE)
    taken = mine.update(version=F("version") + 1, state=Layout.State.DRAFT)
    now = Layout.objects.get(pk=layout.pk)
    if taken:
        return now
    if now.state not in EDITABLE:
        words = {"name": now.name, "state": now.get_state_display()}
        raise RefusedError(_("网格版本“%(name)s”现在是“%(state)s”，只有草稿可以修改。") % words)
    raise StaleEditError(now)


def _ground(rows: Iterable[Cell], community: Area) -> Ground:
    cells: dict[str, Polygon] = {}
    others: dict[str, Polygon] = {}
    for cell in rows:
        side = cells if cell.community_id == community.pk else others
        side[cell.code] = cast(Polygon, to_shapely(cell.geom))
    return Ground(cells, others, to_shapely(community.geom))


def _sides(
    layout: Layout, change: Change, ground: Ground, community: Area, rows: Mapping[str, Cell]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows that a change ends or alters, as they were and as they will be, with the codes of what is new."""
    every = {**ground.cells, **ground.others}
    others = Cell.objects.filter(code__in=list(change.moved)).exclude(layout=layout)
    elsewhere = set(others.values_list("code", flat=True))
    leaving = sorted(elsewhere)
    new = number(len(change.made) + len(leaving), community.code, settings.CITY.cell_digits, used_codes(community))
    renamed = dict(zip(leaving, new[len(change.made) :], strict=True))
    before = [_row(code, community.code, every[code]) for code in (*change.ended, *change.moved)]
    after = [_row(code, community.code, shape) for code, shape in zip(new, change.made, strict=False)]
    after += [_row(renamed.get(code, code), community.code, shape) for code, shape in change.moved.items()]
    for code, shape in change.touched.items():
        owner = community.code if code in ground.cells else rows[code].community.code
        before.append(_row(code, owner, every[code]) | {"touched": True})
        after.append(_row(code, owner, shape) | {"touched": True})
    return before, after


def _row(code: str, community: str, shape: Polygon) -> dict[str, Any]:
    return {"code": code, "community": community, "area_m2": float(shape.area), "wkb": shape.wkb_hex}


def _store(layout: Layout, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> None:
    """Put the new rows in the place of the old ones; rows with the same code are altered."""
    here = {row["code"] for row in old}
    staying = here & {row["code"] for row in new}
    Cell.objects.filter(layout=layout, code__in=here - staying).delete()
    areas = dict(Area.objects.filter(code__in={row["community"] for row in new}).values_list("code", "pk"))
    for row in new:
        Cell.objects.update_or_create(
            layout=layout,
            code=row["code"],
            defaults={
                "community_id": areas[row["community"]],
                "geom": cast(Any, to_django(shapely.from_wkb(row["wkb"]))),
                "area_m2": row["area_m2"],
            },
        )


def _logged(
    layout: Layout,
    turn: Turn,
    operation: str,
    community: Area | None,
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    undoes: LayoutEdit | None = None,
) -> LayoutEdit:
    return LayoutEdit.objects.create(
        layout=layout,
        version=layout.version,
        operation=operation,
        community=community,
        by=turn.by,
        why=turn.why.strip(),
        at=turn.at,
        before=list(before),
        after=list(after),
        undoes=undoes,
    )
