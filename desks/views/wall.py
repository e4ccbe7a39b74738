"""The wall screen: one page that reads by itself, for a display with a secret address or for people by login.

The page asks every 12 seconds for its board as an HTML fragment. Not a stream: a display shows sums, which nobody reads
by the second, and a question and answer is what comes back by itself after anything. Not JSON: numbers, words and
drawings are made by one template in one place, and the page only puts them in, whole or not at all.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.wallboard import Board, busiest, midnight, read_board
from desks.wallcharts import chart
from desks.wallmap import ground, spots
from dispatch.models import Case, CaseQuerySet
from people.access import allow, current_user, public
from people.models import Screen
from people.screens import find_screen, make_screen, note_seen, revoke_screen


def _version() -> str:
    """A digest of what the page is made of: an open page that meets another one loads itself anew."""
    desks = Path(__file__).resolve().parent.parent
    parts = sorted(
        [*desks.glob("wall*.py"), *desks.glob("*/desks/*wall*"), *desks.glob("static/desks/wall*"), Path(__file__)]
    )
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:16]


VERSION = _version()


@allow(GET="wall")
def wall(request: HttpRequest) -> HttpResponse:
    """The page, for people with the right."""
    seen, language = Case.objects.visible_to(current_user(request)), _asked(request, translation.get_language())
    return _page(seen, language, f"{reverse('desks:wall_data')}?lang={language}")


@allow(GET="wall")
def wall_data(request: HttpRequest) -> HttpResponse:
    """Its board, for people with the right."""
    return _board(Case.objects.visible_to(current_user(request)), _asked(request, translation.get_language()))


@public
def screen(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a display; its address opens this and its board, and makes no session."""
    found = find_screen(token)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    if found is None:
        return _refused()
    note_seen(found, timezone.now())
    language = _asked(request, found.language)
    return _page(Case.objects.all(), language, f"{reverse('desks:screen_data', args=[token])}?lang={language}")


@public
def screen_data(request: HttpRequest, token: str) -> HttpResponse:
    """The board of a display."""
    found = find_screen(token)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    if found is None:
        return _refused()
    note_seen(found, timezone.now())
    return _board(Case.objects.all(), _asked(request, found.language))


def _asked(request: HttpRequest, default: str | None) -> str:
    """The language of the address, or the screen's; Chinese where neither is one of ours."""
    known = dict(settings.LANGUAGES)
    return next((code for code in (request.GET.get("lang"), default) if code in known), settings.LANGUAGE_CODE)


def _page(named: CaseQuerySet, language: str, data_url: str) -> HttpResponse:
    with translation.override(language):
        drawn = ground()
        context = _context(named, timezone.now()) | {"data_url": data_url, "ground": drawn, "language": language}
        return _private(render_to_string("desks/wall.html", context), language)


def _board(named: CaseQuerySet, language: str) -> HttpResponse:
    with translation.override(language):
        return _private(render_to_string("desks/_wallboard.html", _context(named, timezone.now())), language)


def _context(named: CaseQuerySet, at: datetime) -> dict[str, Any]:
    board, drawn = read_board(named, at), ground()
    return {
        "city": settings.CITY,
        "version": VERSION,
        "board": board,
        "at_ms": round(at.timestamp() * 1000),
        "tiles": _tiles(board),
        "most_open": max([1, *(stage.open or 0 for stage in board.stages)]),
        "most_channel": busiest(board.channels),
        "most_class": busiest(board.classes),
        "most_area": busiest(board.areas),
        "hours": chart([hour.n for hour in board.hours], [_hour(hour.start) for hour in board.hours]),
        "days": chart(
            [day.received for day in board.days],
            [
                day.day.strftime("%m-%d") if not (len(board.days) - 1 - n) % 7 else ""
                for n, day in enumerate(board.days)
            ],
            [day.closed for day in board.days],
        ),
        "ground": drawn,
        "spots": spots(drawn, midnight(board.day)) if drawn else [],
    }


def _hour(start: datetime) -> str:
    return "" if start.hour % 4 else f"{start.hour}:00"


def _tiles(board: Board) -> list[dict[str, Any]]:
    """The big numbers on top, each with the small one that puts it right."""
    today, standing = board.today, board.standing
    return [
        {"name": _("今日受理"), "n": today["received"], "beside": _("昨日此时 %(n)s") % {"n": today["yesterday"]}},
        {"name": _("今日立案"), "n": today["filed"]},
        {"name": _("今日派遣"), "n": today["dispatched"]},
        {"name": _("今日处置"), "n": today["handled"]},
        {"name": _("今日结案"), "n": today["closed"]},
        {"name": _("在办"), "n": standing["open"], "beside": _("其中挂账 %(n)s") % {"n": standing["suspended"]}},
        {"name": _("将超期"), "n": standing["yellow"], "tone": "yellow"},
        {"name": _("已超期"), "n": standing["red"], "tone": "red"},
    ]


def _refused() -> HttpResponse:
    """A plain page without the city's name, in both languages: who holds no address learns nothing."""
    return _private(render_to_string("desks/wall_refused.html"), settings.LANGUAGE_CODE, 403)


def _private(text: str, language: str, status: int = 200) -> HttpResponse:
    """The address is the key: nothing keeps or passes on what it shows, or the address itself."""
    headers = {
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "no-referrer",
        "Content-Language": language,
    }
    return HttpResponse(text, status=status, headers=headers)


class ScreenForm(forms.Form):
    """A new screen."""

    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=60, help_text=gettext_lazy("写明在哪里，例如：指挥大厅主屏。")
    )
    language = forms.ChoiceField(label=gettext_lazy("界面语言"), choices=settings.LANGUAGES)


@allow(GET="screens", POST="screens")
def screens(request: HttpRequest) -> HttpResponse:
    """Screens and their standing; a new address is shown once, on the answer to the form that made it."""
    form, link = ScreenForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        _made, token = make_screen(**form.cleaned_data, by=current_user(request), at=timezone.now())
        link = request.build_absolute_uri(reverse("desks:screen", args=[token]))
        form = ScreenForm()
    found = Screen.objects.select_related("made_by", "revoked_by")
    rows = sorted(found, key=lambda row: row.revoked_at is not None)
    context = {"form": form, "link": link, "rows": rows, "wall": reverse("desks:wall")}
    response = render(request, "desks/screens.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@allow(POST="screens")
def revoke(request: HttpRequest, screen_id: int) -> HttpResponse:
    """Stop an address."""
    found = get_object_or_404(Screen, pk=screen_id)
    if revoke_screen(found, by=current_user(request), at=timezone.now()):
        messages.success(request, _("“%(name)s”的地址已停用。") % {"name": found.name})
    return redirect("desks:screens")
