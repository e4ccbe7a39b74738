"""The list of layouts and the steps of their lives: copied, checked, put in force, ended."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from gridmap.layouts import drafts, generations
from gridmap.layouts.generations import RefusedError
from gridmap.layouts.listing import layout_rows
from gridmap.models import Layout
from people.access import allow, current_user, scope_of
from people.models import User

State = Layout.State
# what can be done from a state as the list shows it
STEPS: dict[str, tuple[str, ...]] = {
    State.DRAFT: ("check", "copy"),
    State.CHECKED: ("activate", "reopen", "copy"),
    State.ACTIVE: ("copy", "retire"),
    State.RETIRED: ("copy",),
}


@allow(GET="data")
def layouts(request: HttpRequest) -> HttpResponse:
    """Every generation of the grid with its state, dates, counts, report, and what can be done."""
    return _page(request)


@allow(POST="data")
def layout_step(request: HttpRequest, layout_id: int, step: str) -> HttpResponse:
    """One step of a layout; one that is refused answers 409 with the list and the sentence, and changes nothing."""
    layout = get_object_or_404(Layout, pk=layout_id)
    if step not in {each for steps in STEPS.values() for each in steps}:
        raise Http404
    user, on_map = current_user(request), request.POST.get("from") == "map"
    if not _whole_city(user):
        raise PermissionDenied
    try:
        said = _take(layout, step, user, request.POST.dict())
    except RefusedError as error:
        if on_map:
            messages.error(request, str(error))
            return redirect(_map_of(layout, request))
        return _page(request, refused={"layout": layout.pk, "step": step, "error": str(error)}, status=409)
    messages.success(request, said)
    return redirect(_map_of(layout, request)) if on_map else redirect("gridmap:layouts")


def _map_of(layout: Layout, request: HttpRequest) -> str:
    """The map page that a step was taken on, with the community that it showed."""
    page, community = reverse("gridmap:layout", args=[layout.pk]), request.POST.get("community", "")
    return f"{page}?{urlencode({'community': community})}" if community else page


def _take(layout: Layout, step: str, user: User, said: dict[str, str]) -> str:
    now, name = timezone.now(), layout.name
    seen = (str(layout.version), layout.state)
    if (said.get("version"), said.get("state")) != seen and step != "copy":
        words = {"name": name, "state": layout.get_state_display()}
        raise RefusedError(_("您打开页面后“%(name)s”有变动，现在是“%(state)s”。请核对后再操作。") % words)
    if step == "copy":
        made = drafts.copy_as_draft(layout, said.get("name", ""), user, now, said.get("why", ""))
        return _("已复制为草稿“%(name)s”。") % {"name": made.name}
    if step == "check":
        found = generations.check_in(layout, user, now)
        return _("“%(name)s”通过检查，有%(count)d条提示。") % {"name": name, "count": len(found)}
    if step == "reopen":
        generations.reopen(layout, user, now)
        return _("“%(name)s”已退回草稿。") % {"name": name}
    if not said.get("sure"):
        raise RefusedError(_("请勾选确认。"))
    day = _day(said.get("day", ""))
    if step == "activate":
        generations.activate(layout, day, user, now)
        return _("“%(name)s”从%(day)s起启用。") % {"name": name, "day": day}
    generations.retire(layout, day, user, now)
    return _("“%(name)s”用到%(day)s为止。") % {"name": name, "day": day}


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise RefusedError(_("请填写日期。"))
    return day


def _whole_city(user: User) -> bool:
    return "" in scope_of(user).area_codes


def _page(request: HttpRequest, refused: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    rows = layout_rows(today)
    may_step = _whole_city(current_user(request))
    for row in rows:
        row["steps"] = STEPS[row["phase"]] if may_step else ()
        row["refused"] = refused if refused and refused["layout"] == row["layout"].pk else None
    typed = request.POST if refused else {}
    return render(request, "gridmap/layouts.html", {"rows": rows, "today": today, "typed": typed}, status=status)
