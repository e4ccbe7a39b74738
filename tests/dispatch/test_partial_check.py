"""A check of several agencies may fail single parts: only those go back, the reply of the others stands."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from dispatch.actions import closing, handling
from dispatch.models import Case, Clock, FieldTask, Part
from dispatch.transitions import IllegalStep
from people.models import Agency
from tests.town import NOW, Town, at

Login = Callable[[str], Client]
HOUR = timedelta(hours=1)


@pytest.fixture
def case(town: Town) -> Case:
    """Led by the street office, helped by the water company; both have answered and wait for the check."""
    found = town.to_state("to_dispatch")
    to = [handling.Assignment(town.office), handling.Assignment(town.water)]
    handling.dispatch_case(found, town.doing(found, "dispatcher", NOW + HOUR), to=to)
    for hours, part in enumerate(handling.live_parts(found), 2):
        reply(town, found, part, NOW + hours * HOUR)
    return checked(town, found, NOW + 4 * HOUR)


def reply(town: Town, case: Case, part: Part, when: datetime) -> None:
    doing = town.doing(case, None, when, "已处置")
    handling.handled(case, doing, part=Part.objects.get(pk=part.pk), photos=[town.photo("green", when)])


def checked(town: Town, case: Case, when: datetime) -> Case:
    handling.accept_reply(case, town.doing(case, "dispatcher", when), inspector=town.people["inspector"])
    return Case.objects.get(pk=case.pk)


def check(town: Town, case: Case, when: datetime, failed: list[Part] | None, passed: bool = False) -> None:
    closing.check_result(
        case,
        town.doing(case, "inspector", when, "井盖仍松动"),
        task=town.task(case, "check"),
        passed=passed,
        photos=[town.photo("blue", when)],
        point=at(50, 50),
        failed=failed,
    )


def part_of(case: Case, agency: Agency) -> Part:
    return case.parts.get(agency=agency, withdrawn_at=None)


def test_only_the_failed_part_goes_back(town: Town, case: Case) -> None:
    check(town, case, NOW + 5 * HOUR, [part_of(case, town.water)])
    office, water = part_of(case, town.office), part_of(case, town.water)
    assert (case.state, case.reworks) == ("handling", 1)
    assert (office.stage, office.reworks, office.reply) == ("accepted", 0, "已处置")
    assert (water.stage, water.reworks, water.handled_at) == ("handling", 1, None)
    clocks = {clock.part_id: clock for clock in Clock.objects.filter(case=case, kind="handle")}
    assert clocks[office.pk].stopped_at == office.handled_at
    assert (clocks[water.pk].stopped_at, clocks[water.pk].paused_at) == (None, None)
    assert case.steps.get(action="check_fail").facts == {"parts": [water.pk]}


def test_the_case_goes_on_when_every_part_is_checked(town: Town, case: Case) -> None:
    check(town, case, NOW + 5 * HOUR, [part_of(case, town.water)])
    verdict = Clock.objects.get(part=part_of(case, town.office), kind="handle").verdict
    reply(town, case, part_of(case, town.water), NOW + 6 * HOUR)
    assert case.state == "reply_review"
    case = checked(town, case, NOW + 7 * HOUR)
    assert [part.stage for part in case.parts.order_by("pk")] == ["accepted", "reviewed"]
    check(town, case, NOW + 8 * HOUR, None, passed=True)
    assert case.state == "to_close"
    assert [part.stage for part in case.parts.order_by("pk")] == ["accepted", "accepted"]
    assert Clock.objects.get(part=part_of(case, town.office), kind="handle").verdict == verdict


def test_a_second_failure_leaves_the_accepted_part_alone(town: Town, case: Case) -> None:
    check(town, case, NOW + 5 * HOUR, [part_of(case, town.water)])
    reply(town, case, part_of(case, town.water), NOW + 6 * HOUR)
    handling.reject_reply(case, town.doing(case, "dispatcher", NOW + 7 * HOUR, "照片看不清"))
    assert [part.stage for part in case.parts.order_by("pk")] == ["accepted", "handling"]
    reply(town, case, part_of(case, town.water), NOW + 8 * HOUR)
    case = checked(town, case, NOW + 9 * HOUR)
    with pytest.raises(IllegalStep):
        check(town, case, NOW + 10 * HOUR, [part_of(case, town.office)])
    case = Case.objects.get(pk=case.pk)
    check(town, case, NOW + 10 * HOUR, None)
    assert [part.reworks for part in case.parts.order_by("pk")] == [0, 2]


def test_without_names_all_parts_go_back(town: Town, case: Case) -> None:
    check(town, case, NOW + 5 * HOUR, None)
    assert {part.stage for part in case.parts.all()} == {"handling"}
    assert {part.reworks for part in case.parts.all()} == {1}


def test_a_failure_of_nobody_is_refused(town: Town, case: Case) -> None:
    with pytest.raises(IllegalStep):
        check(town, case, NOW + 5 * HOUR, [])
    assert Case.objects.get(pk=case.pk).state == "checking"


def test_the_inspector_chooses_among_the_agencies_that_wait_for_the_check(login: Login, town: Town, case: Case) -> None:
    task = FieldTask.objects.open().get(case=case)
    page = login("inspector").get(f"/field/tasks/{task.pk}/").content.decode()
    assert "哪些单位没有做好" in page
    assert f'name="failed" value="{part_of(case, town.water).pk}"' in page
