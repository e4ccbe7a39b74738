"""吹哨报到: units are called to the site, report there, and the matter is followed until it is solved (P4.7, P4.8)."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch import lifecycle
from dispatch.actions import pushes, statements, whistles
from dispatch.actions.whistles import Calling
from dispatch.lifecycle import MissingEvidenceError, NotAllowedError
from dispatch.models import Case, Whistle, WhistleCall
from dispatch.profile import Profile, WhistleLevel, Whistles
from dispatch.transitions import IllegalStep
from dispatch.whistles import Level, levels_for, next_level
from people.models import Agency, RoleGrant, User
from people.permissions import Role
from tests.town import NOW, Town

Login = Callable[[str], Client]


@pytest.fixture
def housing(town: Town) -> Agency:
    """A department of the district that has nothing else to do with the case."""
    return Agency.objects.create(code="housing", name="区建设局")


@pytest.fixture
def officer(town: Town, housing: Agency) -> User:
    user = User.objects.create_user("officer", password="town-password", full_name="赵工")
    RoleGrant.objects.create(user=user, role=Role.HANDLER, agency=housing)
    return user


def blow(town: Town, case: Case, units: list[Agency], *, role: str = "shift_lead", level: str = "street") -> Whistle:
    when = max(NOW, case.state_since)
    calling = Calling(level, units, "1号楼楼下", when + timedelta(days=1))
    step = whistles.call(case, town.doing(case, role, when, "墙体渗水，请联合查看"), calling=calling)
    return Whistle.objects.get(step=step)


def follow(town: Town, case: Case, outcome: str, day: date | None = None, role: str = "shift_lead") -> None:
    doing = town.doing(case, role, max(NOW, case.state_since), "看过现场")
    whistles.follow(case, doing, outcome=outcome, look_on=day, rating="satisfied")


def by(user: User, case: Case, note: str = "到场查看") -> Any:
    return lifecycle.Doing(user, max(NOW, case.state_since), case.version, uuid.uuid4(), note)


def test_who_may_call_on_which_level_stands_in_the_profile() -> None:
    assert levels_for({Role.INSPECTOR}, Whistles()) == [Level.GRID]
    assert levels_for({Role.HANDLER}, Whistles()) == [Level.GRID, Level.COMMUNITY]
    assert levels_for({Role.LEADER}, Whistles()) == [Level.STREET]
    assert levels_for({Role.LEADER}, Whistles(on=False)) == []
    assert levels_for({Role.LEADER}, Whistles(grid=WhistleLevel(call=(Role.LEADER,)))) == [Level.GRID, Level.STREET]


def test_above_the_street_there_is_no_level() -> None:
    assert [next_level(level) for level in Level] == [Level.COMMUNITY, Level.STREET, None]


def test_a_level_that_is_not_the_callers_is_refused(town: Town, housing: Agency) -> None:
    case = town.to_state("handling")
    with pytest.raises(NotAllowedError):
        blow(town, case, [housing], role="handler", level="street")
    assert not Whistle.objects.exists()


def test_a_place_without_whistles_has_none(town: Town, housing: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whistles, "profile", lambda: Profile(whistles=Whistles(on=False)))
    case = town.to_state("handling")
    with pytest.raises(NotAllowedError):
        blow(town, case, [housing])
    assert whistles.possible(case, town.people["shift_lead"]) == set()


def test_a_called_unit_reads_the_case_until_the_whistle_ends(town: Town, housing: Agency, officer: User) -> None:
    case = town.to_state("handling")
    assert case not in Case.objects.visible_to(officer)
    blow(town, case, [housing])
    assert case in Case.objects.visible_to(officer)
    follow(town, case, "solved")
    assert case not in Case.objects.visible_to(officer)


def test_a_called_unit_reports_there_and_does_nothing_else(town: Town, housing: Agency, officer: User) -> None:
    case = town.to_state("handling")
    whistle = blow(town, case, [housing])
    with pytest.raises(NotAllowedError):
        statements.explain(case, by(officer, case))
    push = pushes.supervise(case, town.doing(case, "leader", case.state_since, "快办"), kind="leader").supervision
    with pytest.raises(NotAllowedError):
        pushes.report_back(case, by(officer, case), push=push)
    whistles.answer(case, by(officer, case, "责令修复"), call=whistle.calls.get(), person="赵工")
    call = WhistleCall.objects.get()
    assert (call.person, call.step is not None) == ("赵工", True)
    assert call.step is not None
    assert call.step.remark.text == "责令修复"


def test_a_unit_answers_its_own_call_once(town: Town, housing: Agency, officer: User) -> None:
    case = town.to_state("handling")
    whistle = blow(town, case, [housing, town.office])
    theirs, ours = whistle.calls.get(agency=town.office), whistle.calls.get(agency=housing)
    with pytest.raises(NotAllowedError):
        whistles.answer(case, by(officer, case), call=theirs, person="赵工")
    whistles.answer(case, by(officer, case), call=ours, person="赵工")
    with pytest.raises(IllegalStep):
        whistles.answer(case, by(officer, case), call=WhistleCall.objects.get(pk=ours.pk), person="赵工")


def test_a_repair_is_followed_until_it_is_solved(town: Town, housing: Agency) -> None:
    case = town.to_state("handling")
    whistle = blow(town, case, [housing])
    with pytest.raises(MissingEvidenceError):
        follow(town, case, "repairing")
    follow(town, case, "repairing", date(2026, 11, 25))
    assert whistle in Whistle.objects.tracked()
    assert whistle in Whistle.objects.late(NOW, date(2026, 11, 26))
    follow(town, case, "repairing", date(2026, 12, 2))
    follow(town, case, "solved")
    whistle.refresh_from_db()
    assert (whistle.outcome, whistle.rating, whistle.look_on) == ("solved", "satisfied", None)
    assert [entry.outcome for entry in whistle.entries.all()] == ["repairing", "repairing", "solved"]


def test_the_rating_is_the_callers_alone(town: Town, housing: Agency) -> None:
    case = town.to_state("handling")
    whistle = blow(town, case, [housing])
    follow(town, case, "solved", role="leader")
    whistle.refresh_from_db()
    assert (whistle.outcome, whistle.rating) == ("solved", "")


def test_one_whistle_at_a_time_and_the_next_level_after_it_was_raised(town: Town, housing: Agency) -> None:
    case = town.to_state("handling")
    blow(town, case, [town.office], level="community")
    with pytest.raises(IllegalStep):
        blow(town, case, [housing])
    follow(town, case, "raised")
    assert blow(town, case, [housing]).level == "street"


def test_the_accused_unit_is_never_called(town: Town, housing: Agency) -> None:
    case = town.to_state("handling")
    Case.objects.filter(pk=case.pk).update(accused_agency=housing)
    case.refresh_from_db()
    with pytest.raises(IllegalStep):
        blow(town, case, [housing])


def test_a_unit_that_is_not_there_in_time_is_late(town: Town, housing: Agency) -> None:
    whistle = blow(town, town.to_state("handling"), [housing])
    assert not Whistle.objects.late(whistle.wanted_at, NOW.date()).exists()
    assert whistle in Whistle.objects.late(whistle.wanted_at + timedelta(minutes=1), NOW.date())


def test_the_page_calls_answers_and_ends(town: Town, login: Login, housing: Agency, officer: User) -> None:
    case, client = town.to_state("handling", when=timezone.now() - timedelta(days=1)), login("shift_lead")
    address = reverse("desks:act", args=[case.number, "whistle"])
    sent = {"version": case.version, "operation": uuid.uuid4(), "level": "street", "place": "楼下"}
    sent |= {"agencies": [housing.pk], "wanted_at": "2020-01-01T09:00", "note": "渗水"}
    assert "要求到场时间须在现在之后" in client.post(address, sent).content.decode()
    tomorrow = timezone.localtime() + timedelta(days=1)
    assert client.post(address, sent | {"wanted_at": f"{tomorrow:%Y-%m-%dT%H:%M}"}).status_code == 302
    other = Client()
    other.force_login(officer)
    page = other.get(reverse("desks:whistles")).content.decode()
    assert case.number in page
    assert "未到：区建设局" in page
    page = other.get(reverse("desks:case", args=[case.number])).content.decode()
    assert "到场报到" in page
    assert "13900000001" not in page
    report = town.first_report(case)
    look = other.post(reverse("desks:unmask", args=[case.number]), {"report": report.pk, "reason": "想看电话"})
    assert look.status_code == 403
    sent = {"version": case.version + 1, "operation": uuid.uuid4(), "note": "责令修复", "person": "赵工"}
    sent["unit"] = WhistleCall.objects.get().pk
    assert other.post(reverse("desks:act", args=[case.number, "whistle_answer"]), sent).status_code == 302
    sent = {"version": case.version + 2, "operation": uuid.uuid4(), "note": "修好了", "outcome": "solved"}
    address = reverse("desks:act", args=[case.number, "whistle_result"])
    assert "请评价到场单位的办理" in client.post(address, sent).content.decode()
    assert client.post(address, sent | {"rating": "satisfied"}).status_code == 302
    page = client.get(reverse("desks:whistles") + "?tab=ended").content.decode()
    assert "应到单位都已到场 · 已解决" in page


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    town: Town, login: Login, housing: Agency, django_assert_max_num_queries: Any
) -> None:
    client = login("shift_lead")
    for _number in range(6):
        blow(town, town.to_state("handling"), [housing, town.office])
    with django_assert_max_num_queries(20):
        client.get(reverse("desks:whistles") + "?tab=open")
