"""The pages of trust: what they say, and what a person who may not do a step is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from desks.heldback import held_back
from desks.steps import open_actions
from dispatch import sealing, verifying
from dispatch.actions import closing, filing, handling
from dispatch.duties import Done
from dispatch.intake import Caller
from dispatch.lifecycle import DutiesError
from dispatch.models import Case, Verification
from dispatch.profile import Duties, ProfileError, profile, read_profile
from inspectors.refusals import refusal
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


def test_a_finding_opens_only_a_case_that_the_reader_may_see(town: Town, login: Login) -> None:
    case = town.report(request_type="disclosure")
    finding = {"fault": "words_changed", "number": case.number, "version": 1}
    Verification.objects.create(started_at=NOW, done_at=NOW, findings=[finding], found=1)
    link = f'href="/cases/{case.number}/"'
    for role, opens in (("leader", True), ("admin", False)):
        page = login(role).get("/trust/").content.decode()
        assert f"案件 {case.number} 第 1 条记录的说明文字被改动" in page
        assert (link in page) is opens
        assert (login(role).get(f"/cases/{case.number}/").status_code == 200) is opens


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
    with django_assert_max_num_queries(9):
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


def test_words_in_the_log_and_in_replies_are_masked_until_somebody_says_why(town: Town, login: Login) -> None:
    case = town.report("王女士说有问题", when=timezone.now())
    filing.order_verify(case, town.doing(case, "operator", timezone.now(), "与王女士13900000001核实，重复"))
    client = login("operator")
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "王女士" not in page
    assert "13900000001" not in page
    asked = {"report": town.first_report(case).pk, "reason": "核对"}
    page = client.post(f"/cases/{case.number}/unmask/", asked).content.decode()
    assert "与王女士13900000001核实" in page
    assert Look.objects.get().reason == "核对"


def test_a_number_in_the_words_of_an_anonymous_caller_can_be_looked_at(town: Town, login: Login) -> None:
    case = town.report("请打13900000001", caller=Caller(anonymous=True), when=timezone.now())
    assert "查看完整信息" in login("operator").get(f"/cases/{case.number}/").content.decode()
    case = town.report("井盖丢失", caller=Caller(anonymous=True), when=timezone.now())
    assert "查看完整信息" not in login("operator").get(f"/cases/{case.number}/").content.decode()


def test_a_small_team_is_told_so_on_the_case(town: Town, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    case = town.report()
    words = "放宽了岗位分离"
    assert words not in login("operator").get(f"/cases/{case.number}/").content.decode()
    small = read_profile("small_team")
    monkeypatch.setattr("desks.casefile.profile", lambda: small)
    assert words in login("operator").get(f"/cases/{case.number}/").content.decode()


def test_unusual_looking_is_shown_on_both_pages(town: Town, login: Login) -> None:
    now = timezone.now()
    for role, count in (("operator", 2), ("shift_lead", 2), ("handler", 12)):
        for _number in range(count):
            Look.objects.create(user=town.people[role], subject="report:1", reason="核对", looked_at=now)
    for page in ("/trust/", "/looks/"):
        shown = login("leader").get(page).content.decode()
        assert "12 次" in shown
        assert "：2 次" not in shown


def test_the_app_role_cannot_rewrite_who_has_looked(town: Town) -> None:
    Look.objects.create(user=town.people["operator"], subject="report:1", reason="核对", looked_at=NOW)
    for change in ("UPDATE people_look SET reason = 'x'", "DELETE FROM people_look"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_a_pair_with_a_misspelt_action_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text('[duties]\napart = [["handled", "chek_pass"]]\n')
    with pytest.raises(ProfileError, match="no such action: chek_pass"):
        read_profile(str(path))


def test_the_phone_is_told_why_somebody_else_has_to_check(town: Town) -> None:
    error = DutiesError(Done("handled", 1, "张三", NOW), "check_pass")
    assert refusal(error) == (403, "duties", "张三已于 11-18 09:00 在本案办理“处置反馈”，“核查通过”须由另一人办理。")
