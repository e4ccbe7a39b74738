"""The desk of callbacks: one row a caller, who is next and from when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from desks.callbackdesk import callback_tabs, read_callbacks
from dispatch.actions import aftercare, closing
from dispatch.intake import Caller
from dispatch.models import Case, Report
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


def merged(town: Town) -> tuple[Case, Report]:
    """A closed case with a second caller."""
    second = town.first_report(town.report(caller=Caller(name="李先生", phone="13900000002")))
    case = town.to_state("checking")
    Report.objects.filter(pk=second.pk).update(case=case)
    return town.to_state("closed", case), second


def test_a_row_opens_the_form_for_its_caller(town: Town, login: Login) -> None:
    case, second = merged(town)
    page = login("operator").get("/callbacks/").content.decode()
    link = f"/cases/{case.number}/?report={second.pk}"
    assert f'href="{link}"' in page
    opened = login("operator").get(link).content.decode()
    assert f'value="{second.pk}" selected' in opened


def test_the_form_asks_in_the_order_of_a_call(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    page = login("operator").get(f"/cases/{case.number}/").content.decode()
    names = ("method", "happened", "reached", "solved", "satisfaction", "advised", "note")
    form = page[page.index("/callback/") :]
    places = [form.index(f'name="{name}"') for name in names]
    assert places == sorted(places)


def test_a_time_to_come_and_one_before_closing_are_refused(town: Town, login: Login) -> None:
    case, client = town.to_state("closed"), login("operator")
    for happened, sentence in (("2099-01-01T09:00", "时间不能晚于现在"), ("2020-01-01T09:00", "时间不能早于")):
        data = {"version": case.version, "operation": str(uuid4()), "reached": "no", "method": "phone"}
        data |= {"report": town.first_report(case).pk, "happened": happened}
        answer = client.post(f"/cases/{case.number}/callback/", data)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert not case.callbacks.exists()


def test_the_operator_reads_out_the_words_of_each_caller(town: Town, login: Login) -> None:
    case, _second = merged(town)
    page = login("operator").get(f"/cases/{case.number}/").content.decode()
    assert page.count("您的诉求已受理。") == 2
    assert page.count("与同一问题的其他诉求合并办理。") == 1
    assert "您的诉求已受理。" not in login("dispatcher").get(f"/cases/{case.number}/").content.decode()


def test_the_log_says_to_whom_the_dispatcher_is_to_send_it(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    call(town, case, note="仍有异响", satisfaction="dissatisfied", solved=False)
    case.refresh_from_db()
    doing = town.doing(case, "shift_lead", NOW + 3 * HOUR, "工程量大")
    aftercare.follow_up(case, doing, choice="extend", limit=(10, "work_day"))
    page = login("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "延期重办 · 10 工作日，请仍派自来水公司" in page


def test_a_case_with_many_callers_takes_as_many_queries(town: Town, login: Login) -> None:
    case, _second = merged(town)
    client, counted = login("operator"), []
    client.get(f"/cases/{case.number}/")
    for index in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/cases/{case.number}/")
        counted.append(len(queries))
        for number in range(5):
            row = town.first_report(case)
            row.pk, row.number, row.query_key = None, f"S{index}-{number}", f"key-{index}-{number}"
            row.save()
    assert counted[0] == counted[1]


def test_the_caller_s_page_takes_few_queries(town: Town, client: Client) -> None:
    case = town.to_state("closed")
    key = town.first_report(case).query_key
    client.get(f"/progress/{key}/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/progress/{key}/").status_code == 200
    assert len(queries) <= 6
