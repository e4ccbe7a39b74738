"""An urgent case: its agency is called at once and has to be on the spot within its time (P3.5, P3.20)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from desks.steps import open_actions
from dispatch.actions import notifying
from dispatch.actions.notifying import Phoned, arrive, telephone
from dispatch.lifecycle import MissingEvidenceError
from dispatch.models import Case, Clock, Notice, Supervision
from dispatch.transitions import IllegalStep
from dispatch.watch import look_after
from tests.town import Town

Login = Callable[[str], Client]
ANSWERED = Phoned("李四", "0514-84600000", "answered", "李四")
NOBODY = Phoned("李四", "0514-84600000", "nobody")


@pytest.fixture
def case(town: Town) -> Case:
    """An urgent case that has just been dispatched."""
    case = town.to_state("handling")
    Case.objects.filter(pk=case.pk).update(urgent=True)
    case.urgent = True
    return case


def called(town: Town, case: Case, minutes: int = 5, call: Phoned = ANSWERED) -> None:
    at = case.state_since + timedelta(minutes=minutes)
    telephone(case, town.doing(case, "dispatcher", at, "井盖丢失，请立即到场"), part=town.part(case), call=call)


def test_the_hour_runs_from_the_call_that_was_answered(town: Town, case: Case) -> None:
    called(town, case, 1, NOBODY)
    assert not Clock.objects.filter(kind="arrive").exists()
    called(town, case, 5)
    called(town, case, 20)
    clock = Clock.objects.get(kind="arrive")
    assert clock.started_at == case.state_since + timedelta(minutes=5)
    assert clock.due_at == case.state_since + timedelta(minutes=65)
    assert list(Notice.objects.values_list("outcome", "answered_by")) == [
        ("nobody", ""),
        ("answered", "李四"),
        ("answered", "李四"),
    ]


@pytest.mark.parametrize(("minutes", "verdict"), [(60, "on_time"), (66, "overdue")])
def test_arriving_stops_the_clock_at_the_time_on_site(town: Town, case: Case, minutes: int, verdict: str) -> None:
    called(town, case)
    there = case.state_since + timedelta(minutes=minutes)
    doing = town.doing(case, "handler", there + timedelta(hours=2), occurred_at=there)
    arrive(case, doing, part=town.part(case))
    clock = Clock.objects.get(kind="arrive")
    assert (clock.stopped_at, clock.verdict) == (there, verdict)
    with pytest.raises(IllegalStep):
        arrive(case, town.doing(case, "handler", there + timedelta(hours=3)), part=town.part(case))


def test_a_case_that_is_not_urgent_is_not_called_about(town: Town) -> None:
    case = town.to_state("handling")
    with pytest.raises(IllegalStep):
        called(town, case)
    assert "telephone" not in open_actions(case, town.people["dispatcher"])


def test_a_call_without_the_name_of_who_answered_is_none(town: Town, case: Case) -> None:
    with pytest.raises(MissingEvidenceError):
        called(town, case, call=Phoned("李四", "1", "answered"))


def test_an_agency_that_is_not_there_in_time_is_supervised_once(town: Town, case: Case) -> None:
    called(town, case)
    late = case.state_since + timedelta(minutes=70)
    for _turn in range(2):
        look_after(late)
    assert Supervision.objects.filter(kind="arrival").count() == 1


def test_the_steps_are_offered_to_whom_they_concern(town: Town, case: Case) -> None:
    assert "telephone" in open_actions(case, town.people["operator"])
    assert "arrive" not in open_actions(case, town.people["handler"])
    called(town, case)
    assert "arrive" in open_actions(case, town.people["handler"])


def test_work_that_is_reported_done_ends_the_wait(town: Town, case: Case) -> None:
    called(town, case)
    town.to_state("reply_review", case, case.state_since + timedelta(minutes=10))
    assert Clock.objects.get(kind="arrive").stopped_at is not None


def test_lists_and_case_say_who_was_called(town: Town, login: Login) -> None:
    case = town.to_state("handling", when=timezone.now() - timedelta(hours=5))
    Case.objects.filter(pk=case.pk).update(urgent=True)
    case.urgent = True
    assert "还没有电话通知承办单位" in login("shift_lead").get("/lead/?tab=urgent").content.decode()
    called(town, case)
    page = login("shift_lead").get("/lead/?tab=urgent").content.decode()
    assert "致电自来水公司：已接听" in page
    page = login("handler").get("/agency/?tab=arriving").content.decode()
    assert case.number in page
    assert "chip red" in page
    page = login("operator").get(f"/cases/{case.number}/").content.decode()
    assert "呼叫李四" in page
    assert "到场" in page


def test_the_form_names_the_field_that_is_missing(town: Town, case: Case, login: Login) -> None:
    form = {"version": case.version, "operation": "6d1b0c2c-7d4e-4a66-8ea9-0f3b7c9d2a11", "part": town.part(case).pk}
    form |= {"whom": "李四", "number": "84600000", "outcome": "answered", "answered_by": ""}
    answer = login("dispatcher").post(f"/cases/{case.number}/telephone/", form)
    assert answer.status_code == 422
    assert "请填写接听人" in answer.content.decode()
    answer = login("dispatcher").post(f"/cases/{case.number}/telephone/", form | {"answered_by": "张三"})
    assert answer.status_code == 302
    assert notifying.awaited(town.part(case))


def test_a_place_may_leave_the_telephone_out(town: Town, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    from dispatch.profile import profile

    quiet = msgspec.structs.replace(profile(), off=("telephone",))
    for module in ("desks.desklists", "desks.steps", "dispatch.lifecycle"):
        monkeypatch.setattr(f"{module}.profile", lambda: quiet)
    assert "tab=urgent" not in login("shift_lead").get("/lead/").content.decode()
