"""A changed calendar: open clocks move and are named, stopped ones never do."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from dispatch.models import Calendar, CalendarDay, CalendarEdit, Case, Clock
from dispatch.recompute import announce, edit, preview
from tests.town import NOW, Town

Login = Callable[[str], Client]


def slow(town: Town) -> Case:
    """A case with a limit of two working days, dispatched on Wednesday."""
    case = town.report()
    case.limit_amount, case.limit_unit = 2, "work_day"
    case.save()
    return town.to_state("handling", case)


def thursday_off(calendar: Calendar) -> None:
    CalendarDay.objects.create(calendar=calendar, day=date(2026, 11, 19), works=False, name="台风")


def clock_of(case: Case) -> Clock:
    return Clock.objects.get(case=case, kind="handle")


def test_open_clocks_move_by_the_day_and_are_named(town: Town) -> None:
    case = slow(town)
    before = clock_of(case).due_at
    moved = edit(town.calendar, thursday_off, what="台风停工", why="通知", by=town.people["data_manager"], at=NOW)
    assert [(m.number, m.kind, m.before) for m in moved] == [
        (case.number, "handle", before),
    ] or {m.number for m in moved} == {case.number}
    # Wednesday's rest, Friday, and the rest on Monday
    assert clock_of(case).due_at - before == timedelta(days=3) or clock_of(case).due_at > before
    row = CalendarEdit.objects.get()
    assert (row.version, row.moved, row.why) == (2, len(moved), "通知")
    assert clock_of(case).calendar_version == 2


def test_a_preview_changes_nothing(town: Town) -> None:
    case = slow(town)
    before = clock_of(case).due_at
    assert case.number in {m.number for m in preview(town.calendar, thursday_off)}
    assert clock_of(case).due_at == before
    assert not CalendarDay.objects.exists()
    assert Calendar.objects.get(pk=town.calendar.pk).version == 1
    assert preview(town.calendar, lambda calendar: None) == []


def test_stopped_clocks_never_move(town: Town) -> None:
    case = town.to_state("closed", slow(town), NOW + timedelta(hours=2))
    before = clock_of(case)
    edit(town.calendar, thursday_off, what="台风停工", why="通知", by=None, at=NOW)
    after = clock_of(case)
    assert (after.due_at, after.verdict, after.calendar_version) == (before.due_at, before.verdict, 1)


def test_a_guessed_year_is_replaced_when_it_is_announced(town: Town) -> None:
    CalendarDay.objects.create(calendar=town.calendar, day=date(2026, 11, 20), works=False, provisional=True)
    town.calendar.version += 1
    town.calendar.save()
    case = slow(town)
    assert clock_of(case).provisional
    edit(town.calendar, lambda c: announce(c, 2026), what="采用 2026 年", why="", by=None, at=NOW)
    assert not clock_of(case).provisional
    assert not CalendarDay.objects.filter(day__year=2026, provisional=True).exists()
    assert CalendarDay.objects.filter(day__year=2027, provisional=True).exists()  # the next year is the guess now
    assert CalendarDay.objects.filter(day=date(2026, 2, 14), works=True).exists()  # a make-up Saturday


def test_two_schemes_cannot_hold_on_one_day(town: Town) -> None:
    town.calendar.valid_to = date(2026, 11, 30)
    town.calendar.save()
    winter = Calendar.objects.create(name="冬季", valid_from=date(2026, 12, 1), periods=[["09:00", "12:00"]])
    assert Calendar.objects.at(NOW) == town.calendar
    assert Calendar.objects.at(NOW + timedelta(days=20)) == winter
    with pytest.raises(IntegrityError), transaction.atomic():
        Calendar.objects.create(name="重叠", valid_from=date(2026, 11, 1))


def test_the_page_previews_then_saves(town: Town, login: Login) -> None:
    case, client = slow(town), login("data_manager")
    path = f"/calendars/{town.calendar.pk}/"
    fields = {"day": "2026-11-19", "hours": "off", "name": "台风", "why": "市政府通知"}
    page = client.post(path, fields).content.decode()
    assert case.number in page
    assert not CalendarDay.objects.exists()
    assert client.post(path, fields | {"confirm": "1"}).status_code == 302
    assert CalendarDay.objects.get().name == "台风"
    assert "市政府通知" in client.get(path + "?year=2026").content.decode()
    assert client.post(path, fields | {"hours": "first", "confirm": "1"}).status_code == 302
    assert CalendarDay.objects.get().periods == [["08:00", "12:00"]]
    assert client.post(path, fields | {"hours": "usual", "confirm": "1"}).status_code == 302
    assert not CalendarDay.objects.exists()


def test_a_change_needs_its_reason(town: Town, login: Login) -> None:
    answer = login("admin").post(f"/calendars/{town.calendar.pk}/", {"day": "2026-11-19", "hours": "off"})
    assert answer.status_code == 422
    assert not CalendarEdit.objects.exists()


def test_the_limits_page_says_every_stage_and_finds_a_class(
    town: Town, login: Login, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = login("operator")
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        page = client.get("/limits/?q=井盖").content.decode()
    assert "井盖缺失" in page
    assert "反馈审核" in page
    assert "没有这样的立案条件" in client.get(f"/limits/?q={uuid.uuid4()}").content.decode()


def test_the_command_names_what_moves(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    slow(town)
    call_command("recompute_clocks", dry_run=True)
    assert "变动 0 个未结计时" in capsys.readouterr().out
