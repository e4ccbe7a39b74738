"""首问负责: the unit that accepted a case answers for it until another unit has accepted it (P4.18)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from desks.desklists import agency_tabs
from desks.steps import open_actions
from dispatch import inforce
from dispatch.actions import filing, handling, petitions, statements
from dispatch.lifecycle import NotAllowedError
from dispatch.models import Case
from people.models import RoleGrant, User
from tests.town import NOW, Town


@pytest.fixture
def weihai(town: Town) -> Town:
    inforce.remember("weihai_yiyuan", seconds=3600)
    user = User.objects.create_user("office", full_name="街道经办人")
    RoleGrant.objects.create(user=user, role="handler", agency=town.office)
    town.people["office"] = user
    return town


def returned(town: Town) -> Case:
    """Accepted by the water company, and given back."""
    case = town.to_state("handling")
    handling.sign(case, town.doing(case, "handler", case.state_since), part=town.part(case))
    town.grant(case, "back", asker="handler", decider="dispatcher", when=NOW + timedelta(hours=2))
    case = Case.objects.get(pk=case.pk)
    assert case.state == "to_dispatch"
    return case


def send(town: Town, case: Case) -> None:
    when = NOW + timedelta(hours=3)
    handling.dispatch_case(case, town.doing(case, "dispatcher", when), to=[handling.Assignment(town.office)])


def first(town: Town, role: str) -> list[Case]:
    (tab,) = [tab for tab in agency_tabs(town.people[role]) if tab.key == "first"]
    return list(tab.cases)


def test_whoever_gave_it_back_answers_for_it_until_another_unit_accepts(weihai: Town) -> None:
    town, case = weihai, returned(weihai)
    water, office = town.people["handler"], town.people["office"]
    assert case in Case.objects.visible_to(water)
    assert first(town, "handler") == [case]
    send(town, case)
    assert case.owner == town.water
    assert first(town, "handler") == [case]
    assert first(town, "office") == []
    handling.sign(case, town.doing(case, "office", NOW + timedelta(hours=4)), part=town.part(case))
    case = Case.objects.get(pk=case.pk)
    assert case.owner == town.office
    assert case not in Case.objects.visible_to(water)
    assert case in Case.objects.visible_to(office)
    assert first(town, "handler") == []


def test_it_explains_to_the_caller_and_does_nothing_else(weihai: Town) -> None:
    town, case = weihai, returned(weihai)
    assert open_actions(case, town.people["handler"]) == ["explain"]
    doing = town.doing(case, "handler", NOW + timedelta(hours=3), "权属不清，已请街道协调")
    statements.explain(case, doing)
    with pytest.raises(NotAllowedError):
        town.petition(case, "suspension", "handler", NOW + timedelta(hours=3))


def test_the_case_page_names_the_first_receiver(weihai: Town, login: Callable[[str], Client]) -> None:
    case = returned(weihai)
    page = login("dispatcher").get(reverse("desks:case", args=[case.number])).content.decode()
    assert "首问责任单位：自来水公司" in page


def test_before_anybody_accepted_the_centre_has_it(weihai: Town) -> None:
    town = weihai
    case = town.to_state("handling")
    assert case.owner is None
    petitions.ask(
        case,
        town.doing(case, "dispatcher", case.state_since, "派错"),
        kind="back",
        wish=petitions.Wish(reason_code="wrong_agency"),
    )
    assert first(town, "handler") == []


def test_elsewhere_a_unit_that_gave_it_back_has_no_more_to_do_with_it(town: Town) -> None:
    case = returned(town)
    assert case.owner == town.water
    assert case not in Case.objects.visible_to(town.people["handler"])
    assert [tab.key for tab in agency_tabs(town.people["handler"]) if tab.key == "first"] == []


def test_a_partner_that_accepts_does_not_take_it_over(weihai: Town) -> None:
    town = weihai
    case = town.to_state("to_dispatch")
    to = [handling.Assignment(town.water), handling.Assignment(town.office)]
    handling.dispatch_case(case, town.doing(case, "dispatcher", case.state_since), to=to)
    for role, agency in (("handler", town.water), ("office", town.office)):
        part = case.parts.get(agency=agency)
        handling.sign(case, town.doing(case, role, case.state_since), part=part)
    assert Case.objects.get(pk=case.pk).owner == town.water


def test_a_conduct_complaint_stays_hidden_from_a_first_receiver(weihai: Town) -> None:
    case = returned(weihai)
    Case.objects.filter(pk=case.pk).update(accused_agency=weihai.water)
    assert not Case.objects.visible_to(weihai.people["handler"]).exists()


def test_the_trade_has_an_authority_beside_the_agency_that_handles(town: Town, login: Callable[[str], Client]) -> None:
    """P1.21: 区建设与住房保障局物业管理处 supervises, whoever handles."""
    town.fee.authority = town.office
    town.fee.save()
    case = town.matter()
    filing.submit_review(case, town.doing(case, "operator"))
    page = login("dispatcher").get(reverse("desks:case", args=[case.number])).content.decode()
    assert "行业主管部门" in page
    assert "测试街道办事处" in page
