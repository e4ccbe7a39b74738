"""What the call-taker and the reviewer set, and who may see a confidential case."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import taking
from dispatch.intake import Intake, register
from dispatch.lifecycle import MissingEvidenceError
from dispatch.limits import handling_limit
from dispatch.models import Call, Case, CaseLink, Channel, Diversion, Report
from dispatch.transitions import IllegalStep
from people.models import Agency, RoleGrant, User
from tests.town import NOW, Town


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_type_complexity_and_urgency_change_with_a_reason_only(town: Town) -> None:
    case = town.matter(category=None, flow="matter")
    for act, given in (
        (taking.retype, {"request_type": "consultation"}),
        (taking.set_complexity, {"complexity": "complex"}),
        (taking.set_urgent, {"urgent": True}),
    ):
        with pytest.raises(MissingEvidenceError):
            act(case, town.doing(case, "operator"), **given)
        act(case, town.doing(case, "operator", note="审核认定"), **given)
    case = fresh(case)
    assert (case.request_type, case.complexity, case.urgent) == ("consultation", "complex", True)
    assert handling_limit(case).why == {"code": "type_urgent", "type": "consultation"}
    assert case.steps.get(action="retype").facts == {"was": "complaint", "now": "consultation"}


def test_one_call_with_two_matters_is_split_and_both_are_answered(town: Town) -> None:
    case = town.report("井盖丢了，另外物业乱收费")
    doing = town.doing(case, "operator")
    step = taking.split(case, doing, text="物业乱收费")
    assert taking.split(fresh(case), doing, text="物业乱收费") == step
    first, second = Report.objects.order_by("pk")
    assert second.case is not None
    assert (second.call, second.person, second.text) == (first.call, first.person, "物业乱收费")
    assert second.case.steps.get().facts["split_from"] == case.number
    assert CaseLink.objects.get().kind == "linked"


def test_another_matter_of_the_same_call_has_the_same_call(town: Town) -> None:
    town.report()
    call = Call.objects.get()
    other = register(
        Intake("物业乱收费", channel=town.channel, call=call),
        by=town.people["operator"],
        at=NOW,
        operation=uuid.uuid4(),
    )
    assert other.reports.get().call == call
    assert Call.objects.count() == 1


def test_an_order_from_above_is_answered_once(town: Town) -> None:
    case = town.report(external_ref="SZ-1", upper_due_at=NOW + timedelta(days=3))
    with pytest.raises(IllegalStep):
        taking.answer_upper(case, town.doing(case, "operator", note="早了"), report=town.first_report(case))
    case = town.to_state("closed", case)
    report = town.first_report(case)
    with pytest.raises(MissingEvidenceError):
        taking.answer_upper(case, town.doing(case, "operator"), report=report)
    taking.answer_upper(case, town.doing(case, "operator", note="已更换井盖"), report=report)
    report.refresh_from_db()
    assert report.upper_answered_at == NOW
    with pytest.raises(IllegalStep):
        taking.answer_upper(fresh(case), town.doing(fresh(case), "operator", note="再答"), report=report)


def test_a_diversion_is_logged_once_and_makes_no_case(town: Town) -> None:
    given: dict[str, Any] = {
        "channel": town.channel,
        "service": "119",
        "words": "楼道起火",
        "by": town.people["operator"],
        "at": NOW,
        "operation": uuid.uuid4(),
    }
    assert taking.divert(**given) == taking.divert(**given)
    assert (Diversion.objects.count(), Call.objects.count(), Case.objects.count()) == (1, 1, 0)


def seen(user: User) -> set[str]:
    return set(Case.objects.visible_to(User.objects.get(pk=user.pk)).values_list("number", flat=True))


def handler_of(agency: Agency, name: str) -> User:
    user = User.objects.create_user(name, password="x")
    RoleGrant.objects.create(user=user, role="handler", agency=agency)
    return user


def test_a_complaint_about_a_unit_is_kept_from_its_whole_tree(town: Town) -> None:
    bureau = Agency.objects.create(code="bureau", name="水务局")
    branch = Agency.objects.create(code="branch", name="水务所", parent=bureau, path="bureau/")
    users = [handler_of(bureau, "above"), handler_of(branch, "same")]
    below = Agency.objects.create(code="team", name="班组", parent=branch, path="bureau/branch/")
    users.append(handler_of(below, "below"))
    case = town.report(accused_agency_id=branch.pk)
    case = town.to_state("to_dispatch", case)
    from dispatch.models import Part

    for agency in (bureau, branch, below):
        Part.objects.create(case=case, agency=agency, leads=False, dispatched_at=NOW)
    assert all(case.number not in seen(user) for user in users)
    assert case.number in seen(town.people["operator"])


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("operator", True),
        ("dispatcher", True),
        ("shift_lead", True),
        ("leader", True),
        ("manager", False),
        ("admin", False),
    ],
)
def test_a_disclosure_is_confided_to_few(town: Town, role: str, sees: bool) -> None:
    case = town.report(request_type="disclosure")
    assert case.confidential
    assert (case.number in seen(town.people[role])) is sees


def test_the_agency_that_handles_a_confidential_case_sees_it(town: Town) -> None:
    case = town.to_state("handling", town.report(request_type="disclosure"))
    assert case.number in seen(town.people["handler"])


def test_a_channel_is_offered_from_its_first_day_to_its_last(town: Town) -> None:
    day = NOW.date()
    Channel.objects.create(key="soon", name="县长信箱", starts_on=day + timedelta(days=1))
    Channel.objects.create(key="gone", name="旧信箱", ends_on=day - timedelta(days=1))
    Channel.objects.create(key="today", name="新信箱", starts_on=day, ends_on=day)
    assert set(Channel.objects.open_on(day).values_list("key", flat=True)) == {"hotline", "today"}
