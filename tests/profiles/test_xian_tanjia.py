"""Xi'an, 谭家街道, 2018: the third level below city and district, with orders that have a number and a deadline above.

An order about property fees comes down; the section goes to see, writes down what it found, answers in writing, and
somebody else replies on the platform. A citizen who does not answer is called in three parts of one day.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from dispatch import inforce
from dispatch.actions import closing, filing, handling, petitions, statements
from dispatch.actions.signing import countersign
from dispatch.intake import Caller, Intake, register
from dispatch.lifecycle import MissingEvidenceError, NotSignedError
from dispatch.models import Callback, Case, Channel, Clock, Report, RoutingRule
from dispatch.petitions import PetitionRefused
from dispatch.placing import propose_agency
from dispatch.profile import Profile
from gridmap.models import Category
from people.models import Agency
from tests.town import NOW, Town

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def street(town: Town, live_by: Callable[[str], Profile]) -> Profile:
    return live_by("xian_tanjia")


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def order(town: Town, text: str = "小区物业乱收费", request_type: str = "complaint") -> Case:
    """An order of the district's 12345, with number, deadline and the elements that were taken above."""
    intake = Intake(
        text,
        Channel.objects.get(key="upper"),
        request_type=request_type,
        caller=Caller(name="李先生", phone="13900000002"),
        address="谭家街道幸福小区",
        category=town.fee,
        unit_involved="幸福物业公司",
        clues="收据 3 张",
        external_ref=f"区12345-{854 + Case.objects.count():04d}",
        upper_body="未央区12345",
        upper_due_at=NOW + 20 * DAY,
    )
    return register(intake, by=town.people["operator"], at=NOW, operation=uuid4())


def at_the_section(town: Town, request_type: str = "complaint", complexity: str = "") -> Case:
    case = order(town, request_type=request_type)
    filing.submit_review(case, town.doing(case, "operator", NOW))
    filing.review(case, town.doing(case, "shift_lead", NOW), complexity=complexity)
    for seat in ("leader", "manager"):  # 分管领导批示, 业务领导阅办
        countersign(case, town.doing(case, seat, NOW, "请认真办理"), chain="pishi", agrees=True)
    handling.dispatch_case(case, town.doing(case, "dispatcher", NOW), to=[handling.Assignment(town.water)])
    return now(case)


def due(case: Case) -> Clock:
    return Clock.objects.get(case=case, kind="handle")


def test_the_street_takes_orders_from_above_only(town: Town) -> None:
    assert list(Channel.objects.in_use(NOW.date()).values_list("key", flat=True)) == ["upper"]
    report = town.first_report(order(town))
    assert (report.external_ref, report.upper_due_at) == ("区12345-0854", NOW + 20 * DAY)
    assert (report.unit_involved, report.clues) == ("幸福物业公司", "收据 3 张")
    assert report.case is not None
    assert report.case.address == "谭家街道幸福小区"


def test_each_type_has_its_own_flow_and_limit(town: Town, street: Profile) -> None:
    limits = {kind: (rule.simple.amount, rule.simple.unit) for kind, rule in street.types.items()}
    assert {kind: limits[kind] for kind in ("consultation", "suggestion", "help")} == dict.fromkeys(
        ("consultation", "suggestion", "help"), (3, "work_day")
    )
    assert limits["complaint"] == limits["disclosure"] == (5, "work_day")
    assert limits["appeal"] == limits["other"] == (7, "work_day")  # the source names none
    assert at_the_section(town, "suggestion").flow == "matter"


def test_the_section_gets_an_order_after_two_leaders_have_signed(town: Town) -> None:
    """下载→分管领导批示→业务领导阅办→科室承办: each with person, time and opinion."""
    case = order(town)
    filing.submit_review(case, town.doing(case, "operator", NOW))
    filing.review(case, town.doing(case, "shift_lead", NOW))
    section = [handling.Assignment(town.water)]
    for seat, label in (("leader", "分管领导"), ("manager", "业务领导")):
        with pytest.raises(NotSignedError, match=f"等待 {label} 签批"):
            handling.dispatch_case(case, town.doing(case, "dispatcher", NOW), to=section)
        step = countersign(case, town.doing(case, seat, NOW + HOUR, f"{label}意见"), chain="pishi", agrees=True)
        assert (step.actor, step.recorded_at, step.remark.text) == (town.people[seat], NOW + HOUR, f"{label}意见")
    handling.dispatch_case(case, town.doing(case, "dispatcher", NOW + HOUR), to=section)
    assert now(case).state == "handling"


def test_a_question_is_answered_after_the_citizen_was_spoken_to(town: Town) -> None:
    case = at_the_section(town, "consultation")
    part = town.part(case)
    with pytest.raises(MissingEvidenceError, match="contact"):
        handling.handled(case, town.doing(case, "handler", NOW + HOUR, "已答复"), part=part, photos=[])
    spoken = town.doing(case, "handler", NOW + HOUR, "了解诉求和个人情况，当场答复")
    handling.contact(case, spoken, part=part, method="phone", reached=True)
    handling.handled(case, town.doing(case, "handler", NOW + 2 * HOUR, "已答复"), part=part, photos=[])
    assert now(case).state == "reply_review"


def test_a_complaint_about_fees_from_the_order_to_the_callback(town: Town) -> None:
    case = at_the_section(town)
    part, later = town.part(case), NOW + 2 * HOUR
    spoken = town.doing(case, "handler", later, "已联系诉求人")
    handling.contact(case, spoken, part=part, method="phone", reached=True)
    with pytest.raises(MissingEvidenceError, match="investigation"):
        handling.handled(case, town.doing(case, "handler", later, "已退费"), part=part, photos=[])
    site = statements.Site("物业办公室", "物业经理、诉求人", "收据 3 张")
    statements.investigate(case, town.doing(case, "handler", later, "多收 120 元"), part=part, site=site)
    handling.handled(case, town.doing(case, "handler", later, "已责令退费"), part=part, photos=[])
    handling.accept_reply(case, town.doing(case, "dispatcher", later))
    with pytest.raises(MissingEvidenceError, match="platform_reply"):
        closing.close(case, town.doing(case, "shift_lead", later))
    statements.platform_reply(case, town.doing(case, "operator", later, "您好，多收的费用已退还。"))
    closing.close(case, town.doing(case, "shift_lead", later))

    report, called = town.first_report(case), later + HOUR
    said: dict[str, Any] = {"reached": True, "satisfaction": "satisfied", "solved": True, "method": "phone"}
    closing.callback(now(case), town.doing(now(case), "operator", called), report=report, **said)
    row = Callback.objects.get()
    assert (row.method, row.called_at, row.step.actor, row.satisfaction) == (
        "phone", called, town.people["operator"], "satisfied",
    )  # fmt: skip


def test_only_complex_matters_are_extended_inside_the_limit_and_twice(town: Town) -> None:
    plain = at_the_section(town)
    wish: dict[str, Any] = {"reason_code": "complex", "amount": 5, "unit": "work_day"}
    with pytest.raises(PetitionRefused, match="simple"):
        town.petition(plain, "extension", "handler", NOW + HOUR, **wish)

    hard = at_the_section(town, complexity="complex")
    first_due = due(hard).due_at
    with pytest.raises(PetitionRefused, match="too_long"):
        town.petition(hard, "extension", "handler", NOW + HOUR, **wish | {"amount": 6})
    for hours in (1, 2):
        asked = town.petition(now(hard), "extension", "handler", NOW + hours * HOUR, **wish)
        agreed = town.doing(now(hard), "dispatcher", NOW + hours * HOUR, "同意")
        petitions.decide(now(hard), agreed, petition=asked, agrees=True)
    assert due(hard).due_at > first_due + 10 * DAY
    with pytest.raises(PetitionRefused, match="too_often"):
        town.petition(now(hard), "extension", "handler", NOW + 3 * HOUR, **wish)


def test_the_street_suggests_and_the_district_decides(town: Town) -> None:
    """物业收费 belongs to the price authority of the district: the street can only say so."""
    case = at_the_section(town)
    asked = town.petition(case, "transfer", "handler", NOW + HOUR, "建议移交物价部门", reason_code="outside_duty")
    assert due(case).paused_at is not None
    with pytest.raises(PetitionRefused, match="decider"):
        petitions.decide(case, town.doing(case, "shift_lead", NOW + HOUR, "同意"), petition=asked, agrees=True)
    petitions.decide(case, town.doing(case, "leader", NOW + 2 * HOUR, "由区平台改派"), petition=asked, agrees=True)
    assert now(case).state == "transferred"


def test_each_subject_has_its_own_way(town: Town) -> None:
    """广场舞噪音 goes to the street's own enforcement at once, 小区卫生 to the community; dogs are for the police."""
    major = town.fee.major
    assert major is not None
    squad, community, police = (
        Agency.objects.create(code=code, name=name)
        for code, name in (("zhifa", "街道执法队"), ("shequ", "甲社区"), ("gongan", "公安派出所"))
    )
    answers = {"广场舞噪音": squad, "小区卫生": community, "不文明养犬": squad}
    for number, (name, agency) in enumerate(answers.items(), 2):
        subject = Category.objects.create(
            dictionary=town.fee.dictionary, kind="matter", code=f"01-0{number}", name=name, major=major
        )
        RoutingRule.objects.create(number=f"R1{number}", category=subject, agency=agency)
        draft = Case(category=subject, request_type="complaint", channel=town.channel, flow="matter")
        assert propose_agency(draft, NOW).agency == agency
    # the street can only suggest that the police take it
    case = at_the_section(town)
    wish = {"reason_code": "outside_duty", "to_agency": police}
    asked = town.petition(case, "transfer", "handler", NOW + HOUR, "建议移交公安", **wish)
    assert (asked.to_agency, now(case).state) == (police, "handling")


def test_three_calls_in_three_parts_of_one_day_and_the_caller_counts_as_unreachable(town: Town) -> None:
    inforce.remember("default", seconds=3600)
    case = town.to_state("closed", when=NOW - DAY)
    inforce.remember("xian_tanjia", seconds=3600)
    report = town.first_report(case)
    for hours, concludes in ((1, False), (5, False), (10, True)):  # 10:00, 14:00, 19:00
        doing = town.doing(now(case), "operator", NOW + hours * HOUR)
        row = Callback.objects.get(step=closing.callback(now(case), doing, report=report, reached=False))
        assert (row.counts, row.concludes) == (True, concludes)
    assert not Report.objects.awaiting_callback().exists()
    assert Callback.objects.unreachable().count() == 1
