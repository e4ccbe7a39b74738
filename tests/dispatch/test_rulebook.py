"""Stored rules: what keeps one from being evaluated, and how many queries an answer costs."""

from datetime import date, timedelta
from typing import Any

import pytest

from desks.stepforms import DispatchForm
from dispatch.explain import agency_sentences
from dispatch.models import Case, Channel, RoutingRule, RulePartner
from dispatch.placing import propose_agency
from dispatch.rulebook import RuleBook
from people.models import Agency
from tests.town import NOW, Town

pytestmark = pytest.mark.django_db
DAY = NOW.date()
ENDED = DAY - timedelta(days=1)


def better(town: Town, **values: Any) -> RoutingRule:
    """A rule that would win for a cover in 甲社区 without a component."""
    here = {"category": town.cover, "area_code": town.communities[0].code, "agency": town.office}
    return RoutingRule.objects.create(number="R500", **(here | values))


def ask(town: Town, **values: Any) -> Any:
    here = {"category": town.cover, "community": town.communities[0], "channel": town.channel}
    return propose_agency(Case(**(here | {"request_type": "complaint"} | values)), NOW)


def fault(town: Town) -> str:
    """What the proposal says of R500."""
    return next((str(row["fault"]) for row in ask(town).why if row["code"] == "broken"), "")


def test_a_sound_rule_wins(town: Town) -> None:
    better(town)
    assert (ask(town).agency, fault(town)) == (town.office, "")


def test_a_rule_of_an_ended_agency_is_named_and_does_not_win(town: Town) -> None:
    old = Agency.objects.create(code="old", name="旧单位", valid_to=ENDED)
    better(town, agency=old)
    assert (ask(town).agency, fault(town)) == (town.water, "agency")
    Agency.objects.filter(pk=old.pk).update(valid_to=DAY)
    assert (ask(town).agency, fault(town)) == (old, "")


def test_a_rule_with_an_ended_partner_is_named(town: Town) -> None:
    old = Agency.objects.create(code="old", name="旧单位", valid_to=ENDED)
    RulePartner.objects.create(rule=better(town), agency=old)
    assert (ask(town).agency, fault(town)) == (town.water, "partner")


@pytest.mark.parametrize("values", [{"hours": "夜间"}, {"weekdays": [8]}, {"months": [0]}])
def test_times_that_cannot_be_read_are_named(town: Town, values: dict[str, Any]) -> None:
    better(town, **values)
    assert (ask(town).agency, fault(town)) == (town.water, "time")


def test_a_class_out_of_force_is_named(town: Town) -> None:
    better(town)
    type(town.cover.dictionary).objects.filter(pk=town.cover.dictionary_id).update(valid_to=ENDED)
    assert fault(town) == "class"


def test_a_channel_that_has_ended_is_named(town: Town) -> None:
    closed = Channel.objects.create(key="old", name="旧", ends_on=ENDED)
    better(town, channel=closed)
    assert [row["fault"] for row in ask(town, channel=closed).why if row["code"] == "broken"] == ["channel"]


def test_an_area_that_does_not_exist_is_a_fault(town: Town) -> None:
    better(town, area_code="999")
    assert {rule.number: rule.fault for rule in RuleBook().on(DAY)}["R500"] == "area"


def test_a_component_without_owner_is_a_fault_of_the_owner_rule(town: Town) -> None:
    component = town.component
    component.owning_agency = None
    found = ask(town, component=component)
    assert found.agency == town.water
    assert {"code": "broken", "rule": "R001", "fault": "owner_unknown"} in found.why
    component.owning_agency = Agency.objects.create(code="old", name="旧单位", valid_to=ENDED)
    assert {"code": "broken", "rule": "R001", "fault": "owner_ended"} in ask(town, component=component).why


def test_a_rule_is_in_force_on_its_first_and_last_day_and_not_when_withdrawn(town: Town) -> None:
    rule = better(town, valid_from=DAY, valid_to=DAY)
    assert ask(town).rule == rule
    for first, last in ((DAY + timedelta(days=1), None), (date(2000, 1, 1), ENDED)):
        RoutingRule.objects.filter(pk=rule.pk).update(valid_from=first, valid_to=last)
        assert ask(town).rule == town.rules["cover"]
    RoutingRule.objects.filter(pk=rule.pk).update(valid_from=DAY, valid_to=None, withdrawn=True)
    assert ask(town).rule == town.rules["cover"]


def test_all_rules_of_a_question_are_one_query(town: Town, django_assert_num_queries: Any) -> None:
    rule = better(town, level="community")
    with django_assert_num_queries(1):
        assert ask(town).level == "community"
    RulePartner.objects.create(rule=rule, agency=town.water)
    with django_assert_num_queries(2):
        assert ask(town).partners == [town.water]


def test_the_book_answers_as_the_single_path_does(town: Town, django_assert_num_queries: Any) -> None:
    better(town, hours="08:00-10:00", channel=town.channel)
    with django_assert_num_queries(1):
        book = RuleBook()
        facts = book.on(DAY)
    assert {rule.number for rule in facts} == {"R001", "R002", "R500", "R900"}


def test_the_reasons_are_sentences(town: Town) -> None:
    better(town, agency=Agency.objects.create(code="old", name="旧单位", valid_to=ENDED))
    found = ask(town)
    said = agency_sentences(found.why, agency=found.agency, category=town.cover, community=town.communities[0])
    assert said[0] == "规则 R002：类别“01-01 上水井盖”归自来水公司处置。"
    assert said[1] == "规则 R500 本应优先，但无法执行：主办单位已撤销或尚未成立。请数据管理员修正。"
    assert said[2] == "规则 R900 也适用，但规则 R002 优先（属地兜底规则排在最后）。"


def test_the_dispatch_form_ticks_the_cooperating_agencies_of_the_rule(town: Town) -> None:
    gas = Agency.objects.create(code="gas", name="燃气公司")
    rule = better(town)
    RulePartner.objects.create(rule=rule, agency=gas, position=1)
    case = town.to_state("to_dispatch")
    form = DispatchForm()
    form.case, form.user, form.at = case, town.people["dispatcher"], NOW
    form.prepare()
    assert form.initial["lead"] == town.office
    assert form.initial["others"] == [gas.pk]
    form.cleaned_data = {"lead": town.office, "others": [town.water, gas], "note": ""}
    lead, first, second = form.arguments()["to"]
    assert (lead.agency, first.agency, second.agency) == (town.office, gas, town.water)
    assert (first.rule, first.why[0]["code"], second.why[0]["code"]) == (rule, "partner", "joint")
