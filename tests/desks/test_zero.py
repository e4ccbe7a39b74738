"""清零 and 一次办结: what each unit has left, and what was closed at once (P4.4, P4.16, P4.19)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from desks.zeroboard import ZeroRow, zero_rows
from dispatch.actions import closing
from dispatch.models import Case, Part
from people.models import Agency
from tests.town import NOW, Town, at

Login = Callable[[str], Client]


def rows(town: Town, role: str = "leader", days: int = 1) -> dict[str, ZeroRow]:
    return {row.agency.code: row for row in zero_rows(town.people[role], NOW + timedelta(days=days))}


def test_a_unit_counts_what_is_open_with_all_below_it_and_names_the_oldest(town: Town) -> None:
    first, second = town.to_state("handling"), town.to_state("handling", when=NOW + timedelta(hours=1))
    third = town.to_state("handling")
    station = Agency.objects.create(code="station", name="水务站", parent=town.water, path="water/")
    Part.objects.filter(case=third).update(agency=station)
    found = rows(town)
    assert (found["water"].own, found["water"].total, found["station"].total) == (2, 3, 1)
    assert found["water"].oldest in (first, third)
    assert found["water"].overdue == 3
    assert second.number != found["water"].oldest.number
    assert found["office"].total == 0


def test_what_has_been_answered_is_no_longer_the_units(town: Town) -> None:
    town.to_state("reply_review")
    assert rows(town)["water"].total == 0


def test_a_handler_sees_the_own_branch_alone(town: Town) -> None:
    town.to_state("handling")
    assert set(rows(town, "handler")) == {"water"}


def test_closed_at_once_is_one_dispatch_and_nothing_again(town: Town) -> None:
    case = town.to_state("closed")
    assert list(Case.objects.once()) == [case]
    assert (rows(town)["water"].closed, rows(town)["water"].once) == (1, 1)
    closing.redo(case, town.doing(case, "shift_lead", case.state_since + timedelta(hours=1), "又坏了"))
    case = Case.objects.get(pk=case.pk)
    assert not Case.objects.once().exists()
    again = town.to_state("closed", case, when=case.state_since)
    assert not Case.objects.once().exists()
    assert (rows(town)["water"].closed, rows(town)["water"].once) == (1, 0)
    assert again.redos == 1


def test_a_failed_check_is_not_once(town: Town) -> None:
    case = town.to_state("checking")
    task, when = town.task(case, "check"), case.state_since + timedelta(minutes=5)
    doing = town.doing(case, "inspector", when, "没有修好")
    closing.check_result(case, doing, task=task, passed=False, photos=[town.photo()], point=at(50, 50))
    case = town.to_state("closed", Case.objects.get(pk=case.pk), when=when)
    assert not Case.objects.once().exists()


def test_the_case_page_and_the_console_say_it(town: Town, login: Login) -> None:
    case, client = town.to_state("closed"), login("shift_lead")
    assert "一次办结" in client.get(reverse("desks:case", args=[case.number])).content.decode()
    address = reverse("desks:console_rows") + "?stage=closed&once=1"
    assert case.number in client.get(address).content.decode()
    closing.redo(case, town.doing(case, "shift_lead", case.state_since + timedelta(hours=1), "又坏了"))
    case = town.to_state("closed", Case.objects.get(pk=case.pk), when=case.state_since)
    assert case.number not in client.get(address).content.decode()
    assert "一次办结" not in client.get(reverse("desks:case", args=[case.number])).content.decode()


def test_the_board_takes_as_many_queries_for_many_units_as_for_one(
    town: Town, login: Login, django_assert_max_num_queries: Any
) -> None:
    client = login("leader")
    for number in range(12):
        case = town.to_state("handling")
        unit = Agency.objects.create(code=f"u{number}", name=f"第{number}科室")
        Part.objects.filter(case=case).update(agency=unit)
    with django_assert_max_num_queries(10):
        page = client.get(reverse("desks:zero")).content.decode()
    assert "各单位在办 12 件，2 个单位已清零" in page
