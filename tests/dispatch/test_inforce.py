"""Profiles in force: chosen, taken up without a restart, and what changes with them."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch import inforce
from dispatch.models import ProfileChoice
from dispatch.profile import PROFILES, Profile, ProfileError, profile, read_profile
from dispatch.profilewords import LABELS, SECTIONS, differences, leaves, sections
from tests.town import NOW, Town

Login = Callable[[str], Client]
OLD = "default"


@pytest.fixture(autouse=True)
def _ask_again() -> Iterator[None]:
    inforce.forget()
    yield
    inforce.forget()


def choose(name: str, **more: Any) -> ProfileChoice:
    made = inforce.choose(name, **{"by": None, "at": NOW, "reason": "试行"} | more)
    inforce.forget()
    return made


def test_the_citys_profile_is_in_force_until_one_is_chosen(db: None) -> None:
    assert profile() == read_profile(OLD)
    made = choose("small_team")
    assert profile() == read_profile("small_team")
    assert made.digest == inforce.digest("small_team") != inforce.digest(OLD)
    choose(OLD)
    assert profile().duties.apart


def test_a_process_asks_the_database_only_now_and_then(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with CaptureQueriesContext(connection) as asked:
        for _ in range(50):
            profile()
    assert len(asked) == 1
    ProfileChoice.objects.create(name="small_team", chosen_at=NOW, reason="别处", digest="")
    assert profile().duties.apart
    later = time.monotonic() + inforce.SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not profile().duties.apart


@pytest.mark.django_db(transaction=True)
def test_a_choice_that_is_rolled_back_is_none() -> None:
    with transaction.atomic():
        inforce.choose("small_team", by=None, at=NOW, reason="试行")
        transaction.set_rollback(True)
    assert profile() == read_profile(OLD)
    inforce.choose("small_team", by=None, at=NOW, reason="试行")
    assert profile() == read_profile("small_team")


def test_what_is_not_there_and_what_has_no_reason_is_refused(db: None) -> None:
    with pytest.raises(ProfileError, match="no such profile"):
        choose("../secrets")
    with pytest.raises(ValueError, match="reason"):
        choose("small_team", reason="  ")
    assert not ProfileChoice.objects.exists()


def test_a_choice_is_never_changed(db: None) -> None:
    choose("small_team")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ProfileChoice.objects.update(name=OLD)


def test_the_command_chooses_with_a_reason(db: None) -> None:
    call_command("use_profile", "small_team", reason="小中心")
    assert ProfileChoice.objects.get().reason == "小中心"
    with pytest.raises(CommandError, match="no such profile"):
        call_command("use_profile", "nowhere", reason="小中心")


def test_every_setting_has_a_label_and_every_part_a_heading() -> None:
    addresses = [address for address, _value in leaves(Profile())]
    assert {address.rpartition(".")[2] for address in addresses} == set(LABELS)
    parts = {address.rpartition(".")[0] for address in addresses}
    assert {part for part in parts if not part.startswith("types.")} == set(SECTIONS)


def test_differences_are_told_beside_what_they_differ_from() -> None:
    default, small = read_profile(OLD), read_profile("small_team")
    assert differences(default, default) == 0
    assert differences(small, default) == 2
    duties = next(section for section in sections(small, default) if section.title == "职责分离")
    assert list(duties.lines) == duties.changed
    assert [(line.label, line.told) for line in duties.lines] == [("同一人不能兼做", "—"), ("申请和决定分开", "否")]
    assert "处置反馈、核查通过" in duties.lines[0].other
    assert [line.told for line in sections(default, small)[1].lines][2:4] == ["接着计", "重新计"]
    assert sum(len(section.changed) for section in sections(small, default)) == 2


def test_the_page_shows_a_profile_and_an_administrator_chooses_it(db: None, town: Town, login: Login) -> None:
    client = login("admin")
    listed = client.get("/profiles/").content.decode()
    assert "小团队" in listed
    assert "还没有换过方案" in listed
    page = client.get("/profiles/small_team/").content.decode()
    assert "2 处不同" in page
    assert "启用这个方案" in page
    refused = client.post("/profiles/small_team/", {"reason": "", "instead_of": OLD})
    assert refused.status_code == 422
    client.post("/profiles/small_team/", {"reason": "人手少", "instead_of": OLD})
    inforce.forget()
    listed = client.get("/profiles/").content.decode()
    assert "人手少" in listed
    choice = ProfileChoice.objects.get()
    assert (choice.name, choice.chosen_by) == ("small_team", town.people["admin"])


def test_a_stale_page_changes_nothing_and_says_so(town: Town, login: Login) -> None:
    choose("small_team")
    answer = login("admin").post("/profiles/default/", {"reason": "改回", "instead_of": OLD})
    assert answer.status_code == 422
    assert "方案刚刚被换过" in answer.content.decode()
    assert ProfileChoice.objects.count() == 1


def test_a_file_that_cannot_be_read_is_told_and_not_offered(
    town: Town, login: Login, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for file in PROFILES.glob("*.toml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "broken.toml").write_text("[callbacks]\nattempts = 'often'\n")
    for module in ("profile", "inforce"):
        monkeypatch.setattr(f"dispatch.{module}.PROFILES", tmp_path)
    client = login("admin")
    listed = client.get("/profiles/").content.decode()
    assert "无法读取" in listed
    assert "$.callbacks.attempts" in listed
    told = client.get("/profiles/broken/", follow=True).content.decode()
    assert "方案文件有误，不能启用" in told
    with pytest.raises(ProfileError):
        choose("broken")


def test_a_leader_reads_and_does_not_choose(town: Town, login: Login) -> None:
    client = login("leader")
    assert "启用这个方案" not in client.get("/profiles/small_team/").content.decode()
    assert client.post("/profiles/small_team/", {"reason": "试", "instead_of": OLD}).status_code == 403
    assert client.get("/profiles/nowhere/").status_code == 404


def test_switching_the_profile_of_a_loaded_city_changes_what_is_allowed(town: Town, login: Login) -> None:
    """Somebody who dispatched closes: not by the default, and by the small team's rules without a restart."""
    from dispatch.actions import closing
    from dispatch.lifecycle import DutiesError
    from people.models import RoleGrant

    RoleGrant.objects.create(user=town.people["dispatcher"], role="shift_lead")
    case = town.to_state("to_close")
    late = NOW + timedelta(days=1)
    with pytest.raises(DutiesError):
        closing.close(case, town.doing(case, "dispatcher", late))
    choose("small_team")
    closing.close(case, town.doing(case, "dispatcher", late))
    assert case.state == "closed"
