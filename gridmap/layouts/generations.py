"""The life of a layout: draft → checked → active from a day → retired; every step is logged, and done whole or not."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gridmap.layouts.checklog import keep_check
from gridmap.layouts.defects import Defect, failing
from gridmap.loaders.layouts import check, hash_of, index_of
from gridmap.matching import OUTSIDE
from gridmap.models import Layout, LayoutStep
from people.access import scope_of
from people.models import User
from people.permissions import may

DAY = timedelta(days=1)
State, Action = Layout.State, LayoutStep.Action
IN_FORCE = (State.ACTIVE, State.RETIRED)  # was, is or will be in force between its two days


class RefusedError(Exception):
    """The step cannot be done, and nothing was changed; the text is one sentence for the page.

    `found` are the defects where a check was the reason.
    """

    def __init__(self, sentence: str, found: Sequence[Defect] = ()) -> None:
        super().__init__(sentence)
        self.found = list(found)


def check_in(layout: Layout, by: User | None, at: datetime) -> list[Defect]:
    """Check a draft and accept it; returns the warnings.

    What was found is kept in `layout.report["check"]` and in the log with a hash of all that was checked, so that
    a later edit is noticed. `by` None is the command line. Raises PermissionDenied without the permission "data",
    RefusedError for anything but a draft, for failing defects, and where the cells changed during the check.
    """
    _allowed(by)
    _fresh(layout, State.DRAFT)
    mark = hash_of(layout)
    found = check(layout)
    bad = failing(found)
    facts = _facts(layout, found, mark)
    with transaction.atomic():
        locked = _fresh(layout, State.DRAFT)
        if hash_of(locked) != mark:
            raise RefusedError(_("检查期间网格被修改，请重新检查。"))
        locked.report |= {"check": facts | {"at": at.isoformat(), "by": str(by or "")}}
        locked.state = State.DRAFT if bad else State.CHECKED
        locked.save(update_fields=["report", "state"])
        _log(locked, Action.CHECK, by, at, facts)
        keep_check(locked, found, by, at)
    layout.refresh_from_db()
    if bad:
        raise RefusedError(_("有%(count)d处缺陷，不能通过检查。") % {"count": len(bad)}, found)
    return found


def activate(layout: Layout, day: date, by: User | None, at: datetime) -> None:
    """Put a checked layout in force from a day; the one before ends on the day before, in the same transaction.

    The day is one of the city's calendar, today or later: cases that are there keep the cell of their day, so the
    past is only open where no layout was in force. On the day itself, cases from before the step keep the old cell.
    Raises PermissionDenied, and RefusedError where the layout is not checked, was changed since (it goes back to
    draft), or another one begins on that day or later.
    """
    _allowed(by)
    if _changed(layout):
        reopen(layout, by, at)
        raise RefusedError(_("检查之后网格或社区边界有变动，已退回草稿，请重新检查。"))
    today = at.astimezone(settings.CITY.zone).date()
    with transaction.atomic():
        _one_at_a_time()
        locked = _fresh(layout, State.CHECKED)
        others = Layout.objects.select_for_update().filter(state__in=IN_FORCE)
        if others.filter(active_from__gte=day).exists():
            raise RefusedError(_("%(day)s或之后已有另一网格版本启用。") % {"day": day})
        before = others.filter(Q(active_to=None) | Q(active_to__gte=day)).order_by("active_from").last()
        if day < today and others.exists():
            raise RefusedError(_("启用日期不能早于今天，已登记的案件保留当日的网格。"))
        if before is not None:
            _end(before, day - DAY, today)
            _log(before, Action.RETIRE, by, at, {"last_day": (day - DAY).isoformat(), "next": locked.name})
        _tidy(today)
        locked.state, locked.active_from, locked.active_to = State.ACTIVE, day, None
        locked.save(update_fields=["state", "active_from", "active_to"])
        _log(locked, Action.ACTIVATE, by, at, {"day": day.isoformat(), "before": before.name if before else ""})
    layout.refresh_from_db()


def put_in_force(layout: Layout, day: date, by: User | None, at: datetime) -> None:
    """Check a draft and activate it from a day, for the first layout of a city. Raises as the two steps do."""
    check_in(layout, by, at)
    activate(layout, day, by, at)


def retire(layout: Layout, day: date, by: User | None, at: datetime) -> None:
    """End an active layout after a last day, without another one: from then on every point is outside the grid.

    The day is today or later, and not before the first one. Raises PermissionDenied and RefusedError.
    """
    _allowed(by)
    today = at.astimezone(settings.CITY.zone).date()
    with transaction.atomic():
        _one_at_a_time()
        locked = _fresh(layout, State.ACTIVE)
        if day < today or (locked.active_from and day < locked.active_from):
            raise RefusedError(_("停用日期不能早于今天或启用日期。"))
        if locked.active_to is not None and day > locked.active_to:
            raise RefusedError(_("该版本已定于%(day)s停用，不能推后。") % {"day": locked.active_to})
        _end(locked, day, today)
        _log(locked, Action.RETIRE, by, at, {"last_day": day.isoformat()})
    layout.refresh_from_db()


def reopen(layout: Layout, by: User | None, at: datetime) -> None:
    """Back from checked to draft. Raises PermissionDenied, and RefusedError for a layout that is not checked."""
    _allowed(by)
    with transaction.atomic():
        locked = _fresh(layout, State.CHECKED)
        locked.state = State.DRAFT
        locked.save(update_fields=["state"])
        _log(locked, Action.REOPEN, by, at, {})
    layout.refresh_from_db()


def phase(layout: Layout, day: date) -> str:
    """The state to show on a day: a layout whose last day is over is retired, also before its row says so."""
    over = layout.active_to is not None and layout.active_to < day
    return str(State.RETIRED) if layout.state == State.ACTIVE and over else layout.state


def recell(points: npt.NDArray[np.float64], layout: Layout) -> list[int | None]:
    """Key of the layout's cell for each point of shape (n, 2), whatever the layout's state; None outside or for NaN.

    Metres in the city's SRID; a point on an edge is in the lowest code. So figures of old cases can be asked by a
    new layout, and the other way round, while the cases keep the cell of their day.
    """
    index, keys, _communities = index_of(layout)
    return [None if i == OUTSIDE else keys[i] for i in index.match(points)]


def _facts(layout: Layout, found: Sequence[Defect], mark: str) -> dict[str, Any]:
    bad = len(failing(found))
    return {
        "hash": mark,
        "version": layout.version,
        "counts": dict(sorted(Counter(defect.kind for defect in found).items())),
        "failing": bad,
        "warnings": len(found) - bad,
    }


def _changed(layout: Layout) -> bool:
    _fresh(layout, State.CHECKED)
    last = LayoutStep.objects.filter(layout=layout, action=Action.CHECK).order_by("pk").last()
    return last is None or last.facts["hash"] != hash_of(layout)


def _fresh(layout: Layout, state: str) -> Layout:
    # outside a transaction only a first look, which saves a long check; inside it holds the row
    rows = Layout.objects.select_for_update() if connection.in_atomic_block else Layout.objects
    current: Layout = rows.get(pk=layout.pk)
    if current.state != state:
        words = {"name": current.name, "state": current.get_state_display()}
        raise RefusedError(_("网格版本“%(name)s”现在是“%(state)s”，不能这样操作。") % words)
    return current


def _one_at_a_time() -> None:
    # two activations at once would each end the same predecessor; the second waits here and then sees the first
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('gridmap.generations'))")


def _end(layout: Layout, day: date, today: date) -> None:
    layout.active_to = day
    layout.state = State.RETIRED if day < today else State.ACTIVE
    layout.save(update_fields=["active_to", "state"])


def _tidy(today: date) -> None:
    Layout.objects.filter(state=State.ACTIVE, active_to__lt=today).update(state=State.RETIRED)


def _log(layout: Layout, action: str, by: User | None, at: datetime, facts: dict[str, Any]) -> None:
    LayoutStep.objects.create(layout=layout, action=action, by=by, at=at, facts=facts)


def _allowed(by: User | None) -> None:
    if by is not None and not may(scope_of(by).roles, "data"):
        raise PermissionDenied
