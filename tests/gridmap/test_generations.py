"""A layout's life: draft → checked → active from a day → retired.

 y
100 ┌───────┬───────┐   two communities of 200 m × 100 m; the town's own layout, in force since 2020,
    │  11   │  11   │   has the cells 1 and 2 of each side by side,
 50 ├───────┼───────┤   new layouts have 11 and 12 one above the other
    │  12   │  12   │
  0 └───────┴───────┘
    0      200     400 x
"""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction

from gridmap.layouts.generations import RefusedError, activate, check_in, phase, recell, reopen, retire
from gridmap.models import Cell, Layout, LayoutStep
from people.models import User
from tests.town import NOW, ORIGIN, Town, at, square

TODAY = date(2026, 11, 18)  # the day of NOW in Shanghai
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def drawn(town: Town, name: str = "新版", first: int = 11) -> Layout:
    """A draft without a defect; numbers from `first`, which the town's layout never used."""
    layout = Layout.objects.create(name=name)
    for index, community in enumerate(town.communities):
        for place, y in enumerate((50, 0)):
            code, ground = f"{community.code}{first + place:03}", square(200 * index, y, 200, 50)
            Cell.objects.create(code=code, layout=layout, community=community, geom=ground, area_m2=10_000)
    return layout


@pytest.fixture
def manager(town: Town) -> User:
    return town.people["data_manager"]


@pytest.fixture
def old(town: Town) -> Layout:
    return Layout.objects.get(name="测试网格")


def checked(town: Town, name: str = "新版", first: int = 11) -> Layout:
    layout = drawn(town, name, first)
    check_in(layout, town.people["data_manager"], NOW)
    return layout


def test_a_good_draft_is_checked_in_with_who_when_and_what(town: Town, manager: User):
    layout = drawn(town)
    assert check_in(layout, manager, NOW) == []
    assert layout.state == "checked"
    step = LayoutStep.objects.get(layout=layout)
    assert (step.action, step.by, step.at) == ("check", manager, NOW)
    assert step.facts["failing"] == 0
    assert layout.report["check"]["hash"] == step.facts["hash"]


def test_a_draft_with_a_gap_stays_a_draft_and_the_check_is_kept(town: Town, manager: User):
    layout = drawn(town)
    layout.cells.first().delete()  # type: ignore[union-attr]
    with pytest.raises(RefusedError, match="1处缺陷") as refused:
        check_in(layout, manager, NOW)
    assert [defect.kind for defect in refused.value.found] == ["gap"]
    layout.refresh_from_db()
    assert (layout.state, layout.report["check"]["counts"]) == ("draft", {"gap": 1})


def test_warnings_do_not_keep_a_draft_back(town: Town, manager: User):
    layout = drawn(town)
    for community in town.communities:
        layout.cells.filter(community=community).exclude(code__endswith="11").delete()
        layout.cells.filter(community=community).update(geom=community.geom[0], area_m2=20_000)
    assert {defect.kind for defect in check_in(layout, manager, NOW)} == {"area"}
    assert layout.state == "checked"


def test_activation_ends_the_one_before_on_the_day_before(town: Town, manager: User, old: Layout):
    layout = checked(town)
    activate(layout, TOMORROW, manager, NOW)
    old.refresh_from_db()
    assert (layout.state, layout.active_from, layout.active_to) == ("active", TOMORROW, None)
    assert (old.state, old.active_to) == ("active", TODAY)
    assert [phase(old, day) for day in (TODAY, TOMORROW)] == ["active", "retired"]
    assert {cell.layout for cell in Cell.objects.on(TODAY)} == {old}
    assert {cell.layout for cell in Cell.objects.on(TOMORROW)} == {layout}


def test_both_ends_of_an_activation_are_logged(town: Town, manager: User, old: Layout):
    activate(checked(town), TOMORROW, manager, NOW)
    steps = LayoutStep.objects.exclude(action="check").values_list("layout__name", "action", "by__username")
    assert set(steps) == {("测试网格", "retire", "data_manager"), ("新版", "activate", "data_manager")}


def test_the_log_cannot_be_changed(town: Town):
    checked(town)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        LayoutStep.objects.update(by=None)


def test_a_layout_whose_time_is_over_is_retired_with_the_next_activation(town: Town, manager: User, old: Layout):
    activate(checked(town), TODAY, manager, NOW)
    old.refresh_from_db()
    assert (old.state, old.active_to) == ("retired", YESTERDAY)


def test_a_layout_that_ended_unnoticed_is_retired_with_the_next_activation(town: Town, manager: User, old: Layout):
    Layout.objects.filter(pk=old.pk).update(active_to=YESTERDAY)
    activate(checked(town), TOMORROW, manager, NOW)
    old.refresh_from_db()
    assert (old.state, old.active_to) == ("retired", YESTERDAY)


def test_old_cases_keep_the_cell_of_their_day(town: Town, manager: User, old: Layout):
    case = town.report(point=at(50, 50))
    layout = checked(town)
    activate(layout, TOMORROW, manager, NOW)
    late = town.report(point=at(50, 50), when=NOW + timedelta(days=1))
    case.refresh_from_db()
    assert case.cell is not None
    assert late.cell is not None
    assert (case.cell.layout, late.cell.layout) == (old, layout)


def test_points_of_old_cases_can_be_asked_in_the_new_layout_and_back(town: Town, old: Layout):
    layout = drawn(town)
    # inside; on the edge of two new cells; on that of two old ones; outside everything
    points = np.array([(50, 20), (150, 50), (100, 20), (500, 50), (np.nan, 0)]) + np.array(ORIGIN)
    codes = {cell.pk: cell.code[-3:] for cell in Cell.objects.all()}

    def asked(of: Layout) -> list[str]:
        return [codes[key] if key is not None else "" for key in recell(points, of)]

    assert asked(old) == ["001", "002", "001", "", ""]
    assert asked(layout) == ["012", "011", "012", "", ""]


def test_a_draft_cannot_be_activated(town: Town, manager: User, old: Layout):
    with pytest.raises(RefusedError, match="草稿"):
        activate(drawn(town), TOMORROW, manager, NOW)
    old.refresh_from_db()
    assert old.active_to is None


def test_a_layout_is_not_activated_twice_by_a_stale_page(town: Town, manager: User):
    layout = checked(town)
    stale = Layout.objects.get(pk=layout.pk)
    activate(layout, TOMORROW, manager, NOW)
    with pytest.raises(RefusedError, match="启用"):
        activate(stale, TOMORROW + timedelta(days=3), manager, NOW)
    assert LayoutStep.objects.filter(action="activate").count() == 1


def test_an_edit_after_the_check_returns_it_to_draft(town: Town, manager: User):
    layout = checked(town)
    cell = layout.cells.order_by("code")[0]
    cell.geom = square(0, 50, 199, 50)
    cell.save()
    with pytest.raises(RefusedError, match="已退回草稿"):
        activate(layout, TOMORROW, manager, NOW)
    layout.refresh_from_db()
    assert layout.state == "draft"
    assert LayoutStep.objects.filter(layout=layout, action="reopen").exists()


def test_a_moved_border_of_a_community_after_the_check_returns_it_to_draft(town: Town, manager: User):
    layout = checked(town)
    town.communities[0].geom[0] = square(0, 0, 199, 100)
    town.communities[0].save()
    with pytest.raises(RefusedError, match="已退回草稿"):
        activate(layout, TOMORROW, manager, NOW)


def test_cells_that_change_during_the_check_are_not_accepted(town: Town, manager: User, monkeypatch: Any):
    layout = drawn(town)

    def slow(_: Layout) -> list[Any]:
        layout.cells.order_by("code")[0].delete()
        return []

    monkeypatch.setattr("gridmap.layouts.generations.check", slow)
    with pytest.raises(RefusedError, match="检查期间"):
        check_in(layout, manager, NOW)
    layout.refresh_from_db()
    assert layout.state == "draft"


def test_a_checked_layout_can_go_back_to_draft(town: Town, manager: User):
    layout = checked(town)
    reopen(layout, manager, NOW)
    assert layout.state == "draft"


def test_the_past_is_closed_where_another_layout_was_in_force(town: Town, manager: User):
    with pytest.raises(RefusedError, match="不能早于今天"):
        activate(checked(town), YESTERDAY, manager, NOW)


def test_the_first_layout_of_a_city_may_begin_in_the_past(town: Town, manager: User, old: Layout):
    old.cells.all().delete()
    old.delete()
    layout = checked(town)
    activate(layout, date(2015, 1, 1), manager, NOW)
    assert layout.active_from == date(2015, 1, 1)


def test_nothing_is_squeezed_in_before_a_layout_that_is_to_come(town: Town, manager: User):
    activate(checked(town), TOMORROW + timedelta(days=30), manager, NOW)
    with pytest.raises(RefusedError, match="已有另一网格版本"):
        activate(checked(town, "再版", 21), TOMORROW, manager, NOW)


def test_today_is_the_day_of_the_citys_calendar(town: Town, manager: User):
    # half past midnight of the 19th in Shanghai is still the 18th in UTC
    late = NOW.replace(hour=16, minute=30)
    with pytest.raises(RefusedError, match="不能早于今天"):
        activate(checked(town), TODAY, manager, late)


def test_a_code_of_the_old_layout_on_other_ground_is_refused(town: Town, manager: User):
    with pytest.raises(RefusedError) as refused:
        check_in(drawn(town, first=1), manager, NOW)
    assert [defect.kind for defect in refused.value.found] == ["code_reused"] * 4


def test_a_code_that_goes_on_with_its_ground_is_accepted(town: Town, manager: User, old: Layout):
    layout = Layout.objects.create(name="新版")
    for cell in town.cells:
        cell.pk, cell.layout = None, layout
        cell.save()
    assert check_in(layout, manager, NOW) == []


def test_retiring_without_a_next_one_leaves_points_outside_the_grid(town: Town, manager: User, old: Layout):
    retire(old, TODAY, manager, NOW)
    assert (old.state, old.active_to) == ("active", TODAY)
    assert town.report(point=at(50, 50), when=NOW + timedelta(days=1)).outside_grid


def test_a_layout_cannot_be_retired_in_the_past(town: Town, manager: User, old: Layout):
    with pytest.raises(RefusedError, match="不能早于今天"):
        retire(old, YESTERDAY, manager, NOW)


@pytest.mark.parametrize("role", ["operator", "leader", "inspector"])
def test_only_data_managers_may(town: Town, role: str, old: Layout):
    layout, by = drawn(town), town.people[role]
    for act in (
        lambda: check_in(layout, by, NOW),
        lambda: activate(layout, TOMORROW, by, NOW),
        lambda: retire(old, TOMORROW, by, NOW),
        lambda: reopen(layout, by, NOW),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not LayoutStep.objects.exists()


def test_adjacent_periods_are_allowed_and_overlapping_ones_refused(town: Town, old: Layout):
    Layout.objects.filter(pk=old.pk).update(active_to=TODAY)
    Layout.objects.create(name="次日", state="active", active_from=TOMORROW)
    with pytest.raises(IntegrityError, match="one_active_layout_a_day"), transaction.atomic():
        Layout.objects.create(name="同日", state="active", active_from=TODAY)
    with pytest.raises(IntegrityError, match="one_active_layout_a_day"), transaction.atomic():
        Layout.objects.create(name="旧日", state="retired", active_from=date(2021, 1, 1), active_to=date(2021, 1, 2))


def test_a_failed_activation_leaves_the_one_before_as_it_was(town: Town, manager: User, old: Layout, monkeypatch: Any):
    layout = checked(town)
    monkeypatch.setattr("gridmap.layouts.generations._tidy", lambda today: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        activate(layout, TOMORROW, manager, NOW)
    old.refresh_from_db()
    assert old.active_to is None


@pytest.mark.django_db(transaction=True)
def test_an_activation_waits_for_another_one(town: Town, manager: User):
    """The lock is of the transaction: another connection cannot take it while an activation runs."""
    from django.db import connections

    layout = checked(town)
    other = connections.create_connection("default")
    try:
        with transaction.atomic():
            activate(layout, TOMORROW, manager, NOW)
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('gridmap.generations'))")
                assert cursor.fetchone() == (False,)
    finally:
        other.close()
    assert connection.in_atomic_block is False


def test_the_commands_check_accept_and_activate(town: Town, old: Layout):
    layout, out = drawn(town), StringIO()
    call_command("check_layout", "新版", "--accept", stdout=out)
    call_command("activate_layout", "新版", "2999-01-01", stdout=out)
    layout.refresh_from_db()
    assert (layout.state, layout.active_from) == ("active", date(2999, 1, 1))
    assert "in force from 2999-01-01" in out.getvalue()


def test_the_commands_say_why_not(town: Town, old: Layout):
    layout = drawn(town)
    with pytest.raises(CommandError, match="草稿"):
        call_command("activate_layout", "新版", "2999-01-01")
    layout.cells.first().delete()  # type: ignore[union-attr]
    with pytest.raises(CommandError, match="1 gap"):
        call_command("check_layout", "新版", "--accept", stdout=StringIO())
    with pytest.raises(CommandError, match="no layout"):
        call_command("activate_layout", "无此版", "2999-01-01")
    with pytest.raises(CommandError, match="启用"):
        call_command("check_layout", "测试网格", "--accept", stdout=StringIO())
