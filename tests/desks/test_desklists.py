"""The desks with a list: who sees which cases, in which order, in how many queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desks.besidelists import petition_tabs, push_tabs
from desks.casefile import read_casefile
from desks.desklists import agency_tabs, lead_tabs, read_desk
from dispatch.actions import closing, handling, petitions, pushes, taking
from dispatch.models import Case, Supervision
from tests.town import NOW, Town

Login = Callable[[str], Client]
LATER = NOW + timedelta(hours=3)


def numbers(tabs, key: str, at=LATER) -> list[str]:
    return [row.case.number for row in read_desk(tabs, key, "1", at).rows]


def call(town: Town, case: Case, **said: Any) -> None:
    case = Case.objects.get(pk=case.pk)
    note = "还是松动" if said.get("satisfaction") == "dissatisfied" else ""
    closing.callback(case, town.doing(case, "operator", LATER, note), report=town.first_report(case), **said)


def test_the_lead_sees_what_waits_for_a_decision(town: Town) -> None:
    filed, closing_one = town.to_state("to_file"), town.to_state("to_close")
    nowhere = town.report(point=None, uncertainty_m=None)
    tabs = lead_tabs(town.people["shift_lead"], LATER)
    assert numbers(tabs, "to_file") == [filed.number]
    assert numbers(tabs, "to_close") == [closing_one.number]
    assert numbers(tabs, "unplaced") == [nowhere.number]
    assert numbers(tabs, "to_review") == []


def test_a_dissatisfied_callback_brings_the_case_to_the_lead_until_it_is_redone(town: Town) -> None:
    case = town.to_state("closed")
    call(town, case, reached=True, satisfaction="dissatisfied", solved=True)
    tabs = lead_tabs(town.people["shift_lead"], LATER)
    assert numbers(tabs, "redo") == [case.number]
    case.refresh_from_db()
    closing.redo(case, town.doing(case, "shift_lead", LATER, "重新处理"))
    assert numbers(tabs, "redo") == []


def test_an_order_from_above_waits_for_its_answer_with_number_and_deadline(town: Town, login: Login) -> None:
    late = town.to_state(
        "closed",
        town.report(external_ref="SZ-1", upper_body="省热线", upper_due_at=NOW + timedelta(hours=1)),
    )
    soon = town.to_state("closed", town.report(external_ref="SZ-2", upper_due_at=NOW + timedelta(days=3)))
    town.to_state("closed")
    town.report(external_ref="SZ-3", upper_due_at=NOW + timedelta(hours=1))  # has no result yet
    lead = town.people["shift_lead"]
    first, second = read_desk(lead_tabs(lead, LATER), "upper", "1", LATER).rows
    assert [first.case, second.case] == [late, soon]
    assert (first.note, first.light, first.left) == ("省热线 SZ-1，11-18 10:00 前回复", "red", "回复超期")
    assert (second.note, second.light) == ("SZ-2，11-21 09:00 前回复", "")
    page = login("shift_lead").get(reverse("desks:lead"), {"tab": "upper"}).content.decode()
    assert f"{reverse('desks:case', args=[late.number])}?step=answer_upper" in page
    taking.answer_upper(late, town.doing(late, "operator", LATER, "已办结"), report=town.first_report(late))
    assert numbers(lead_tabs(lead, LATER), "upper") == [soon.number]


def test_a_case_opens_with_the_step_of_its_list_where_that_is_possible(town: Town) -> None:
    case, lead = town.to_state("closed"), town.people["shift_lead"]
    assert read_casefile(case, lead, LATER, wished="look_back").now.opened == "look_back"
    assert (
        read_casefile(case, lead, LATER, wished="dispatch").now.opened
        == read_casefile(case, lead, LATER).now.opened
        != ""
    )


def test_an_agency_sees_only_its_own_cases_by_due_time(town: Town) -> None:
    later, soon = town.to_state("handling", when=NOW + timedelta(minutes=30)), town.to_state("handling")
    other = town.to_state("to_dispatch")
    handling.dispatch_case(other, town.doing(other, "dispatcher", LATER), to=[handling.Assignment(town.office, None)])
    tabs = agency_tabs(town.people["handler"])
    assert numbers(tabs, "todo") == [soon.number, later.number]
    assert numbers(tabs, "unsigned") == [soon.number, later.number]


def test_a_signed_and_a_replied_case_move_on_in_the_inbox(town: Town) -> None:
    case, tabs = town.to_state("handling"), agency_tabs(town.people["handler"])
    handling.sign(case, town.doing(case, "handler", LATER), part=town.part(case))
    assert (numbers(tabs, "todo"), numbers(tabs, "unsigned")) == ([case.number], [])
    replied = town.to_state("reply_review")
    assert numbers(tabs, "replied") == [replied.number]


def test_the_chip_says_how_much_is_left(town: Town) -> None:
    town.to_state("handling")
    tabs = agency_tabs(town.people["handler"])
    row = read_desk(tabs, "todo", "1", NOW + timedelta(minutes=50)).rows[0]
    assert (row.light, row.left) == ("green", "剩 1 小时 50 分")
    assert read_desk(tabs, "todo", "1", NOW + timedelta(hours=9)).rows[0].light == "red"


@pytest.mark.parametrize(
    ("page", "role", "state"),
    [("lead", "shift_lead", "to_file"), ("callbacks", "operator", "closed"), ("agency", "handler", "handling")],
)
def test_a_hundred_rows_take_as_many_queries_as_ten(
    town: Town, login: Login, monkeypatch: pytest.MonkeyPatch, page: str, role: str, state: str
) -> None:
    monkeypatch.setattr("desks.desklists.PAGE", 200)
    monkeypatch.setattr("desks.callbackdesk.PAGE", 200)
    client, counted = login(role), []
    model = town.to_state(state)
    for wanted in (10, 100):
        copies(model, wanted)
        client.get(reverse(f"desks:{page}"))
        with CaptureQueriesContext(connection) as queries:
            shown = client.get(reverse(f"desks:{page}")).content.decode()
        assert shown.count('class="row"') == wanted
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert counted[0] <= 15


def copies(model: Case, wanted: int) -> None:
    """As many cases like this one, with their reports, parts and clocks."""
    for index in range(Case.objects.count(), wanted):
        case = Case.objects.get(pk=model.pk)
        case.pk, case.number = None, f"{model.number}-{index}"
        case.save()
        for row in [*model.reports.all(), *model.parts.all()]:
            row.pk, row.case = None, case
            if hasattr(row, "number"):
                row.number, row.query_key = f"{row.number}-{index}", f"key-{index}"
            row.save()
        for clock in model.clocks.filter(kind="handle"):
            clock.pk, clock.case, clock.part = None, case, case.parts.get()
            clock.save()


def test_a_long_list_is_paged_and_the_address_holds_the_page(town: Town, login: Login) -> None:
    model = town.to_state("to_file")
    copies(model, 35)
    client = login("shift_lead")
    assert client.get(reverse("desks:lead")).content.decode().count('class="row"') == 30
    second = client.get(reverse("desks:lead"), {"tab": "to_file", "page": "2"}).content.decode()
    assert second.count('class="row"') == 5
    assert "第 2 / 2 页" in second


def test_an_empty_desk_says_what_will_come(town: Town, login: Login) -> None:
    assert "核实过的诉求和巡查上报的问题会排在这里" in login("shift_lead").get(reverse("desks:lead")).content.decode()


def test_the_list_alone_answers_htmx(town: Town, login: Login) -> None:
    shown = login("shift_lead").get(reverse("desks:lead"), headers={"hx-request": "true"}).content.decode()
    assert shown.startswith('<section class="panel" id="desk-list"')


def test_a_refused_petition_says_who_refused_it_and_why(town: Town) -> None:
    case = town.to_state("handling")
    petition = town.petition(case, "extension", "handler", amount=1, unit="work_hour")
    case = Case.objects.get(pk=case.pk)
    doing = town.doing(case, "dispatcher", petition.asked_at, "人手足够，请按时办")
    petitions.decide(case, doing, petition=petition, agrees=False)
    (row,) = read_desk(petition_tabs(town.people["handler"], LATER), "settled", "1", LATER).rows
    assert row.note.endswith("未同意 · 派遣员不同意：人手足够，请按时办")


def test_an_answered_push_shows_its_answer_to_whoever_ends_it(town: Town) -> None:
    case = town.to_state("handling")
    pushes.instruct(case, town.doing(case, "leader", LATER, "请今日办结"), due_at=LATER)
    case = Case.objects.get(pk=case.pk)
    push = Supervision.objects.get(case=case)
    pushes.report_back(case, town.doing(case, "dispatcher", LATER, "已派三人"), push=push)
    (row,) = read_desk(push_tabs(town.people["leader"], LATER), "answered", "1", LATER).rows
    assert "请今日办结" in row.note
    assert row.note.endswith("回复：已派三人")
