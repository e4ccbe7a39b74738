"""Wrong dispatches suggest rule changes: what counts, how often it must happen, and what one click opens."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client

from desks.stepforms import DispatchForm
from dispatch.actions import handling
from dispatch.misroutes import Wrong, dispatched_since, suggest, wrong_dispatches
from dispatch.models import Case
from tests.town import NOW, Town

Login = Callable[[str], Client]
LONG_AGO = NOW - timedelta(days=30)


def returned(town: Town, **wish: Any) -> Case:
    """A case that the water company sent back because it is not theirs."""
    case = town.to_state("handling", town.report(component=None))
    town.grant(case, "back", "handler", "dispatcher", **wish)
    return Case.objects.get(pk=case.pk)


def overruled(town: Town) -> Case:
    """A case that the dispatcher gave to the office, with a reason, against the rule."""
    case = town.to_state("to_dispatch", town.report(component=None))
    form = DispatchForm()
    form.case, form.user, form.at = case, town.people["dispatcher"], case.state_since
    form.prepare()
    form.cleaned_data = {"lead": town.office, "others": [], "note": "属地"}
    doing = town.doing(case, "dispatcher", case.state_since, "属地")
    handling.dispatch_case(case, doing, **form.arguments())
    return case


def test_a_return_counts_from_the_agency_that_sent_it_back_to_the_one_it_named(town: Town) -> None:
    case = returned(town, to_agency=town.office)
    (found,) = wrong_dispatches(LONG_AGO)
    area = town.communities[0].code[:9]
    assert found == Wrong(case.pk, town.cover.pk, area, town.water.pk, town.office.pk)


def test_a_return_that_names_nobody_counts_for_whoever_got_the_case_next(town: Town) -> None:
    case = returned(town)
    assert wrong_dispatches(LONG_AGO) == []
    doing = town.doing(case, "dispatcher", case.state_since + timedelta(minutes=5))
    handling.dispatch_case(case, doing, to=[handling.Assignment(town.office)])
    assert [each.to_id for each in wrong_dispatches(LONG_AGO)] == [town.office.pk]


def test_a_return_for_another_reason_says_nothing_about_the_rule(town: Town) -> None:
    returned(town, to_agency=town.office, reason_code="unclear_duty", form=[town.photo()])
    assert wrong_dispatches(LONG_AGO) == []


def test_an_overruled_rule_counts(town: Town) -> None:
    case = overruled(town)
    (found,) = wrong_dispatches(LONG_AGO)
    assert (found.case_id, found.from_id, found.to_id) == (case.pk, town.water.pk, town.office.pk)
    assert dispatched_since(LONG_AGO) == {(town.cover.pk, town.communities[0].code[:9]): 1}
    assert wrong_dispatches(NOW + timedelta(days=1)) == []


def test_few_cases_and_small_shares_are_chance() -> None:
    wrong = [Wrong(case, 11, "32", 1, 2) for case in (1, 2, 3, 3)]
    assert [each.count for each in suggest(wrong, Counter({(11, "32"): 10}))] == [3]
    assert not suggest(wrong, Counter({(11, "32"): 11}))
    assert not suggest(wrong[:2], Counter({(11, "32"): 2}))
    assert not suggest([Wrong(case, 11, "32", 1, 1) for case in range(9)], Counter())


def test_one_click_opens_a_rule_that_stands_before_the_wrong_one(login: Login, town: Town) -> None:
    cases = [returned(town, to_agency=town.office) for _ in range(3)]
    manager = login("data_manager").get("/rules/suggestions/")
    page = manager.content.decode()
    assert "在规则 R002 之前另立一条" in page
    assert cases[0].number not in page
    form = login("data_manager").get(f"/rules/new/?{manager.context['rows'][0]['query']}").context["form"]
    assert [form[name].value() for name in ("category", "area_code", "agency")] == [
        str(town.cover.pk),
        town.communities[0].code[:9],
        str(town.office.pk),
    ]
    assert cases[0].number in login("dispatcher").get("/rules/suggestions/").content.decode()


def test_without_wrong_dispatches_there_is_nothing_to_change(
    login: Login, town: Town, django_assert_num_queries: Any
) -> None:
    client = login("manager")
    with django_assert_num_queries(11):
        assert "没有要改的规则" in client.get("/rules/suggestions/").content.decode()
