"""Chains of signatures before a step, as the profile of a place defines them (P1.11, P1.25, P3.10)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.test import Client

from desks.heldback import held_back
from desks.steps import open_actions
from dispatch.actions import handling
from dispatch.actions.handling import Assignment
from dispatch.actions.signing import countersign
from dispatch.lifecycle import MissingEvidenceError, NotAllowedError, NotSignedError
from dispatch.models import Case
from dispatch.profile import Chain, ProfileError, Signatory, Signing, profile, read_profile
from dispatch.signoff import lines_of
from dispatch.transitions import Action, IllegalStep
from people.permissions import Role
from tests.town import Town

Login = Callable[[str], Client]
# 三级把关
THREE = Chain(
    key="three",
    name="三级把关",
    before=Action.ACCEPT_REPLY,
    seats=(
        Signatory(role=Role.HANDLER, label="部门主要负责人"),
        Signatory(role=Role.MANAGER, label="市分管领导"),
        Signatory(role=Role.LEADER, label="市主要领导", people=("leader",)),
    ),
    urgent=False,
)


@pytest.fixture
def case(town: Town, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A reply that three seats have to sign before it goes out."""
    found = town.to_state("reply_review")
    use(monkeypatch, THREE)
    return found


def use(monkeypatch: pytest.MonkeyPatch, *chains: Chain) -> None:
    place = msgspec.structs.replace(profile(), signing=Signing(chains=chains))
    for module in ("dispatch.signoff", "desks.signlists"):
        monkeypatch.setattr(f"{module}.profile", lambda: place)


def sign(town: Town, case: Case, role: str, agrees: bool = True, note: str = "同意") -> None:
    countersign(case, town.doing(case, role, case.state_since, note), chain="three", agrees=agrees)


def test_the_reply_waits_for_each_seat_in_turn(town: Town, case: Case) -> None:
    for role, label in (("handler", "部门主要负责人"), ("manager", "市分管领导"), ("leader", "市主要领导")):
        with pytest.raises(NotSignedError, match=f"等待 {label} 签批"):
            handling.accept_reply(case, town.doing(case, "dispatcher", case.state_since))
        sign(town, case, role)
    handling.accept_reply(case, town.doing(case, "dispatcher", case.state_since))
    assert Case.objects.get(pk=case.pk).state == "checking"


def test_nobody_signs_before_their_turn_or_for_another_seat(town: Town, case: Case) -> None:
    with pytest.raises(NotAllowedError):
        sign(town, case, "leader")
    sign(town, case, "handler")
    with pytest.raises(NotAllowedError):
        sign(town, case, "handler")
    assert "countersign" in open_actions(case, town.people["manager"])
    assert "countersign" not in open_actions(case, town.people["leader"])


def test_a_return_has_an_opinion_and_begins_the_chain_anew(town: Town, case: Case) -> None:
    sign(town, case, "handler")
    with pytest.raises(MissingEvidenceError):
        sign(town, case, "manager", agrees=False, note="")
    sign(town, case, "manager", agrees=False, note="答复不完整")
    (line,) = lines_of(case)
    assert (line.signed, line.words) == ((), "等待 部门主要负责人 签批")


def test_a_chain_says_which_cases_it_is_about(town: Town, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(urgent=True)
    case.refresh_from_db()
    assert lines_of(case) == []
    handling.accept_reply(case, town.doing(case, "dispatcher", case.state_since))


def test_what_is_guarded_again_is_signed_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    case = town.to_state("to_dispatch")
    office = Signatory(role=Role.LEADER, label="分管领导")
    use(monkeypatch, msgspec.structs.replace(THREE, before=Action.DISPATCH, seats=(office,)))
    sign(town, case, "leader")
    handling.dispatch_case(case, town.doing(case, "dispatcher", case.state_since), to=[Assignment(town.water)])
    town.grant(case, "back")
    case = Case.objects.get(pk=case.pk)
    assert [line.words for line in lines_of(case)] == ["等待 分管领导 签批"]


def test_without_chains_nobody_signs_and_nothing_waits(town: Town) -> None:
    case = town.to_state("reply_review")
    assert lines_of(case) == []
    with pytest.raises(IllegalStep):
        sign(town, case, "leader")


def test_the_pages_say_who_is_waited_for(town: Town, case: Case, login: Login) -> None:
    dispatcher = town.people["dispatcher"]
    assert held_back(case, dispatcher, open_actions(case, dispatcher))["accept_reply"] == "等待 部门主要负责人 签批"
    sign(town, case, "handler", note="情况属实")
    page = login("dispatcher").get(f"/cases/{case.number}/").content.decode()
    assert "等待 市分管领导 签批" in page
    assert "情况属实" in page
    assert "部门主要负责人 · 同意" in page
    assert case.number in login("manager").get("/signing/").content.decode()
    assert case.number not in login("leader").get("/signing/?tab=sign").content.decode()
    assert case.number in login("leader").get("/petitions/?tab=signing").content.decode()
    form = {"version": case.version, "operation": "6d1b0c2c-7d4e-4a66-8ea9-0f3b7c9d2a12", "chain": "three"}
    answer = login("manager").post(f"/cases/{case.number}/countersign/", form | {"agrees": "no", "note": ""})
    assert "退回请写明意见" in answer.content.decode()
    answer = login("manager").post(f"/cases/{case.number}/countersign/", form | {"agrees": "yes", "note": "同意"})
    assert answer.status_code == 302


def test_the_list_takes_as_many_queries_for_many_cases(
    town: Town, case: Case, login: Login, django_assert_max_num_queries: Any
) -> None:
    for _number in range(4):
        town.to_state("reply_review")
    client = login("handler")
    with django_assert_max_num_queries(16):
        client.get("/signing/")


@pytest.mark.parametrize(
    "text", ['before = "dispach"\nseats = [{role = "leader", label = "x"}]', 'before = "dispatch"\nseats = []']
)
def test_a_chain_that_guards_nothing_stops_the_start(tmp_path: Path, text: str) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(f'[[signing.chains]]\nkey = "a"\nname = "a"\n{text}\n')
    with pytest.raises(ProfileError):
        read_profile(str(path))
