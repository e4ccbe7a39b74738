"""The desk of callbacks: one row a caller, who is next and from when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client

from desks.callbackdesk import callback_tabs, read_callbacks
from dispatch.actions import closing
from dispatch.models import Case
from tests.town import NOW, Town

Login = Callable[[str], Client]
HOUR = timedelta(hours=1)


def rows(town: Town, key: str, after: float = 3) -> list[Any]:
    at = NOW + after * HOUR
    return read_callbacks(callback_tabs(town.people["operator"], at), key, "1", at).rows


def call(town: Town, case: Case, after: float = 2, note: str = "", **said: Any) -> None:
    case = Case.objects.get(pk=case.pk)
    doing = town.doing(case, "operator", NOW + after * HOUR, note)
    closing.callback(case, doing, report=town.first_report(case), reached=bool(said), **said)


def test_a_caller_moves_from_list_to_list(town: Town) -> None:
    case = town.to_state("closed")
    assert [len(rows(town, key)) for key in ("new", "again", "done")] == [1, 0, 0]
    call(town, case)
    assert [len(rows(town, key)) for key in ("new", "again", "done")] == [0, 1, 0]
    call(town, case, satisfaction="satisfied", solved=True)
    assert [len(rows(town, key)) for key in ("new", "again", "done")] == [0, 0, 1]


def test_the_desk_says_from_when_the_next_attempt_counts(town: Town) -> None:
    case = town.to_state("closed")
    call(town, case)  # 11:00
    (row,) = rows(town, "again", 2.5)
    assert row.attempts.upcoming.words == "下一次（第 2 次）：12:00 以后"
    (row,) = rows(town, "again", 4)
    assert row.attempts.upcoming.words == "第 2 次，现在可以联系"
    assert (row.attempts.name, row.attempts.phone) == ("王**", "139****0001")


def test_the_unreachable_and_the_unhappy_have_lists_of_their_own(town: Town) -> None:
    one, other = town.to_state("closed"), town.to_state("closed")
    for after in (2, 5, 11):
        call(town, one, after)
    call(town, other, note="仍有异响 13912345678", satisfaction="dissatisfied", solved=False)
    assert [row.case for row in rows(town, "unreachable", 12)] == [one]
    assert [row.case for row in rows(town, "unhappy", 12)] == [other]


def test_the_page_shows_no_number_of_a_caller(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    call(town, case, note="仍有异响 13912345678", satisfaction="dissatisfied", solved=False)
    page = login("operator").get("/callbacks/?tab=unhappy").content.decode()
    assert "仍有异响" in page
    assert "13912345678" not in page
    assert "13900000001" not in page
