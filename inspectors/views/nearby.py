"""What is to be seen around me, nearest first: the first page of the field app."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from inspectors import positions
from inspectors.board import By, Show, read_board
from inspectors.forms import PositionForm
from people.access import allow, current_user


@allow(GET="field", POST="field")
def nearby(request: HttpRequest) -> HttpResponse:
    """The list; a POST brings the phone's position, which is kept on duty only and never stands in an address."""
    at, user = timezone.now(), current_user(request)
    fix, lost = None, False
    if request.method == "POST":
        form = PositionForm(request.POST)
        lost = not form.is_valid()
        if not lost:
            fix = form.fix(at)
            positions.note(user, fix, at)
    board = read_board(user, at, fix, _show(request), _by(request))
    page = {"board": board, "lost": lost, "at": at, "shows": list(Show), "bys": list(By)}
    return render(request, "inspectors/_board.html" if request.method == "POST" else "inspectors/nearby.html", page)


def _show(request: HttpRequest) -> Show:
    asked = request.GET.get("show", "")
    return Show(asked) if asked in {*Show} else Show.MINE


def _by(request: HttpRequest) -> By:
    asked = request.GET.get("by", "")
    return By(asked) if asked in {*By} else By.NEAR
