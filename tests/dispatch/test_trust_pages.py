"""The pages of trust: what they say, and what a person who may not do a step is told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from desks.steps import held_back, open_actions
from dispatch import sealing, verifying
from dispatch.actions import closing, handling
from dispatch.lifecycle import DutiesError
from dispatch.models import Case
from dispatch.profile import Duties, profile, read_profile
from people.models import Look, RoleGrant
from tests.town import NOW, Town

Login = Callable[[str], Client]


def test_the_page_shows_seals_and_the_last_verification(town: Town, login: Login) -> None:
    town.to_state("closed")
    assert "还没有核验过" in login("leader").get("/trust/").content.decode()
    sealing.seal(NOW)
    verifying.run(verifying.begin(NOW))
    page = login("leader").get("/trust/").content.decode()
    assert "没有发现问题" in page
    assert "2026-11-18" in page


def test_looks_are_listed_with_their_case_in_few_queries(
    town: Town, login: Login, django_assert_max_num_queries: Any
) -> None:
    case = town.report()
    report = town.first_report(case)
    for number in range(20):
        Look.objects.create(
            user=town.people["operator"],
            subject=f"report:{report.pk}",
            reason=f"回访{number}",
            looked_at=timezone.now(),
        )
    client = login("admin")
    with django_assert_max_num_queries(8):
        page = client.get("/looks/").content.decode()
    assert page.count(case.number) == 40  # address and words of each link
    assert "没有查看记录" in client.get("/looks/?day=2000-01-01").content.decode()
    assert client.get("/looks/?day=never&person=x").status_code == 200


def both_seats(town: Town) -> Any:
    """The dispatcher is shift lead too."""
    user = town.people["dispatcher"]
    RoleGrant.objects.create(user=user, role="shift_lead")
    if hasattr(user, "_scope"):
        del user._scope
    return user


def test_who_dispatched_does_not_close_and_is_told_why(town: Town, login: Login) -> None:
    user = both_seats(town)
    case = town.to_state("to_close")
    with pytest.raises(DutiesError):
        closing.close(case, town.doing(case, "dispatcher"))
    assert Case.objects.get(pk=case.pk).state == "to_close"
    assert "派遣" in held_back(case, user, open_actions(case, user))["close"]
    page = login("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "须由另一人办理" in page


def test_a_small_team_may_relax_the_separation(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    both_seats(town)
    case = town.to_state("to_close")
    small = read_profile("small_team")
    monkeypatch.setattr("dispatch.lifecycle.profile", lambda: small)
    closing.close(case, town.doing(case, "dispatcher"))
    assert Case.objects.get(pk=case.pk).state == "closed"


def test_who_handled_does_not_check_in_either_order() -> None:
    from dispatch.duties import partners

    assert partners("check_pass", Duties()) == {"handled"}
    assert partners("handled", Duties()) == {"check_pass", "check_fail"}
    assert partners("sign", profile().duties) == frozenset()


def test_an_ordinary_step_asks_nothing_about_duties(town: Town, django_assert_num_queries: Any) -> None:
    case = town.to_state("handling")
    part = town.part(case)
    doing = town.doing(case, "handler")
    _ = town.people["handler"].grants.count()
    handling.own_part(case, town.people["handler"])
    with django_assert_num_queries(10):
        handling.sign(case, doing, part=part)
