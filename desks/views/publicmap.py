"""公开地图 and the residents' start page: what was reported in the streets and what became of it."""

from collections import Counter
from typing import Any, Final, NamedTuple

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_response_headers
from django.utils.translation import gettext as _

from desks.publiccases import (
    KEPT_SECONDS,
    Board,
    Shown,
    classes,
    communities,
    lonlats,
    read_board,
    streets,
)
from desks.publicpages import show
from dispatch.profile import profile
from dispatch.progress import status
from gridmap.models import Category
from people.access import public

PAGE: Final = 20
STAGES: Final = ("open", "ended")


class Filter(forms.Form):
    """What of the map is asked for; whatever is none of the choices means everything."""

    major = forms.CharField(required=False, max_length=20)
    stage = forms.ChoiceField(required=False, choices=[(stage, stage) for stage in STAGES])

    def chosen(self) -> tuple[int, str]:
        """The key of a 大类 (0: all) and a stage (empty: all)."""
        self.is_valid()
        major = self.cleaned_data.get("major", "")
        return int(major) if major.isascii() and major.isdecimal() else 0, self.cleaned_data.get("stage", "")


class Row(NamedTuple):
    """A line of the list under the map."""

    case: Shown
    title: str
    place: str
    status: str


def _board() -> Board:
    if not profile().public_map.on:
        raise Http404
    return read_board(timezone.now())


@public
def public_map(request: HttpRequest) -> HttpResponse:
    """The map with its list, filtered by class and stage; the list can do without the map."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    board = _board()
    known = classes(board.cases)
    major, stage = Filter(request.GET).chosen()
    chosen = [case for case in board.cases if _asked(case, known, major, stage)]
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    places = communities(board.cases)
    context = {
        "board": board,
        "majors": _majors(board, known),
        "major": major,
        "stage": stage,
        "page": page,
        "rows": _rows(list(page.object_list), known, places),
        "words": {
            "classes": {pk: [one.label, one.major_id] for pk, one in known.items()},
            "communities": places,
            "states": {case.state: status(case.state) for case in board.cases},
        },
        "coarse": profile().public_map.coarse_m,
        "days": profile().public_map.closed_days,
    }
    return show(request, "desks/public_map.html", context)


def _asked(case: Shown, known: dict[int, Category], major: int, stage: str) -> bool:
    right = not major or known[case.category_id].major_id == major
    return right and (not stage or (stage == "ended") == case.ended)


def _majors(board: Board, known: dict[int, Category]) -> list[tuple[int, str, int]]:
    """The 大类 that are on the map with how many cases each has; two of the same name are told apart by their kind."""
    found = Counter(known[case.category_id].major for case in board.cases)
    rows = [(one, count) for one, count in found.items() if one is not None]
    rows.sort(key=lambda row: (row[0].kind, row[0].code))
    return [(one.pk, f"{one.get_kind_display()} · {one.label}", count) for one, count in rows]


def _rows(cases: list[Shown], known: dict[int, Category], places: dict[int, str]) -> list[Row]:
    found = []
    for case, street in zip(cases, streets(cases), strict=True):
        near = _("%(street)s附近") % {"street": street} if street else ""
        place = " · ".join(part for part in (places.get(case.community_id or 0, ""), near) if part)
        found.append(Row(case, known[case.category_id].label, place, status(case.state)))
    return found


@public
def public_points(request: HttpRequest) -> HttpResponse:
    """All points of the map as bare numbers, without words: the page that draws them brings those."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    board = _board()
    rows = [
        [lon, lat, case.category_id, case.community_id or 0, case.state, case.day.isoformat()]
        for case, (lon, lat) in zip(board.cases, lonlats(board.cases), strict=True)
    ]
    response = JsonResponse({"rows": rows})
    patch_response_headers(response, cache_timeout=KEPT_SECONDS)
    return response


@public
def welcome(request: HttpRequest) -> HttpResponse:
    """Where residents begin: report, progress, map, and the hotline's number."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET"])
    context: dict[str, Any] = {}
    if profile().public_map.on:
        context["counts"] = read_board(timezone.now()).counts
    return show(request, "desks/welcome.html", context)
