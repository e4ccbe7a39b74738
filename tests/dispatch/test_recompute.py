"""A changed calendar: open clocks move and are named, stopped ones never do."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from dispatch.calendarforms import YearForm, read_periods
from dispatch.calendars import seed
from dispatch.clocks import due_after
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


def as_usual(calendar: Calendar) -> None:
    calendar.days.all().delete()


def clock_of(case: Case) -> Clock:
    return Clock.objects.get(case=case, kind="handle")


def test_open_clocks_move_by_the_day_and_are_named(town: Town) -> None:
    case = slow(town)
    before = clock_of(case).due_at
    moved = edit(town.calendar, thursday_off, what="台风停工", why="通知", by=town.people["data_manager"], at=NOW)
    assert (case.number, "handle", before) in [(m.number, m.kind, m.before) for m in moved]
    # dispatched on Wednesday morning, due on Friday morning; without Thursday on Monday morning
    assert clock_of(case).due_at - before == timedelta(days=3)
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
    fields = {"do": "day", "version": 1, "day": "2026-11-19", "hours": "off", "name": "台风", "why": "市政府通知"}
    page = client.post(path, fields).content.decode()
    assert case.number in page
    assert not CalendarDay.objects.exists()
    assert client.post(path, fields | {"confirm": "1"}).status_code == 302
    assert CalendarDay.objects.get().name == "台风"
    assert "市政府通知" in client.get(path + "?year=2026").content.decode()
    assert client.post(path, fields | {"version": 2, "hours": "first", "confirm": "1"}).status_code == 302
    assert CalendarDay.objects.get().periods == [["08:00", "12:00"]]
    assert client.post(path, fields | {"version": 3, "hours": "usual", "confirm": "1"}).status_code == 302
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize("confirm", [{}, {"confirm": "1"}])
def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(
    town: Town, login: Login, confirm: dict[str, str]
) -> None:
    edit(town.calendar, thursday_off, what="台风", why="通知", by=None, at=NOW)
    fields = {"do": "day", "version": 1, "day": "2026-11-20", "hours": "off", "why": "通知"}
    client, path = login("data_manager"), f"/calendars/{town.calendar.pk}/"
    answer = client.post(path, fields | confirm)
    assert answer.status_code == 409
    assert "刚被别人修改" in answer.content.decode()
    assert CalendarDay.objects.count() == 1
    # what was typed stands upon the scheme of now, and can be sent again
    form = next(form for form in answer.context["forms"] if form.do == "day")
    again = {name: form[name].value() for name in ("version", "day", "hours", "why")}
    assert (again["day"], again["why"]) == ("2026-11-20", "通知")
    assert client.post(path, again | {"do": "day", "confirm": "1"}).status_code == 302


def test_a_change_needs_its_reason(town: Town, login: Login) -> None:
    fields = {"do": "day", "version": 1, "day": "2026-11-19", "hours": "off"}
    answer = login("admin").post(f"/calendars/{town.calendar.pk}/", fields)
    assert answer.status_code == 422
    assert not CalendarEdit.objects.exists()


def test_a_change_of_another_kind_is_no_change(town: Town, login: Login) -> None:
    assert login("admin").post(f"/calendars/{town.calendar.pk}/", {"do": "everything"}).status_code == 400


def test_hours_without_enough_working_time_are_refused_with_a_sentence(town: Town, login: Login) -> None:
    slow(town)
    fields = {"do": "hours", "version": 1, "name": "空", "workdays": [], "periods": "08:00-12:00", "why": "试"}
    assert login("admin").post(f"/calendars/{town.calendar.pk}/", fields).status_code == 422


def test_a_pasted_announcement_replaces_the_guess_in_every_scheme(town: Town, login: Login) -> None:
    seed(town.calendar, range(2027, 2028))
    assert CalendarDay.objects.filter(day__year=2027, provisional=True).exists()
    text = "2027-01-01 至 2027-01-03 休 元旦\n\n2027-02-20 班\n"
    fields = {"do": "year", "version": 1, "year": 2027, "text": text, "why": "通知", "confirm": "1"}
    answer = login("data_manager").post(f"/calendars/{town.calendar.pk}/", fields)
    assert answer.status_code == 302
    days = CalendarDay.objects.filter(day__year=2027, provisional=False).values_list("day", "works", "name")
    assert list(days) == [
        (date(2027, 1, 1), False, "元旦"),
        (date(2027, 1, 2), False, "元旦"),
        (date(2027, 1, 3), False, "元旦"),
        (date(2027, 2, 20), True, ""),
    ]
    assert not CalendarDay.objects.filter(day__year=2027, provisional=True).exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("明天 休", "第 1 行：要写成"),
        ("2027-01-01 休\n2027-13-01 休", "第 2 行：没有 2027-13-01 这一天"),
        ("2028-01-01 休", "第 1 行：日期不在 2027 年"),
        ("2027-01-03 至 2027-01-01 休", "后一个日期早于前一个"),
        ("2027-01-01 休\n2027-01-01 班", "第 2 行：2027-01-01 在前面另有说法"),
        ("", "请粘贴公布的日期"),
    ],
)
def test_an_announcement_that_cannot_be_read_names_its_line(town: Town, text: str, said: str) -> None:
    form = YearForm({"version": 1, "year": 2027, "text": text, "why": "通知"}, calendar=town.calendar)
    assert not form.is_valid()
    assert said in str(form.errors)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("8点到12点", "请写成"),
        ("08:00-12:00 11:00-18:00", "先后排列"),
        ("18:00-08:00", "夜班"),
        ("08:00-25:00", "00:00 到 23:59"),
    ],
)
def test_hours_that_cannot_be_read_say_why(text: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        read_periods(text)


def summer(town: Town, login: Login, **fields: str) -> Any:
    given = {"do": "scheme", "version": 1, "name": "夏季", "periods": "8:00-12:00，15:00-18:00", "why": "作息通知"}
    given |= {"workdays": ["0", "1", "2", "3", "4"], "valid_from": "2126-06-01", "valid_to": "2126-09-30"}
    return login("data_manager").post("/calendars/new/", given | {"confirm": "1"} | fields)


def test_hours_of_summer_stand_between_two_spans_of_the_usual_ones(town: Town, login: Login) -> None:
    thursday_off(town.calendar)
    assert summer(town, login).status_code == 302
    spans = Calendar.objects.order_by("valid_from").values_list("name", "valid_from", "valid_to")
    assert list(spans) == [
        ("测试计时方案", date(2000, 1, 1), date(2126, 5, 31)),
        ("夏季", date(2126, 6, 1), date(2126, 9, 30)),
        ("测试计时方案（2126-10-01 起）", date(2126, 10, 1), None),
    ]
    assert CalendarDay.objects.count() == 3  # the typhoon holds in each
    work = town.calendar.__class__.objects.get(pk=town.calendar.pk).as_work_calendar()
    start = datetime(2126, 5, 31, 17, tzinfo=work.zone)  # a Friday
    assert due_after(start, 6 * 3600, "work_hour", work) == datetime(2126, 6, 3, 16, tzinfo=work.zone)


def test_a_scheme_that_overlaps_another_or_begins_in_the_past_is_refused(town: Town, login: Login) -> None:
    assert summer(town, login).status_code == 302
    again = summer(town, login, name="夏季二", valid_from="2126-05-01")
    assert again.status_code == 422
    assert "重叠" in again.content.decode()
    past = summer(town, login, name="过去", valid_from="2020-05-01", valid_to="2020-06-01")
    assert "最早从明天起" in past.content.decode()
    assert Calendar.objects.count() == 3


def test_a_scheme_that_has_not_begun_can_be_taken_back(town: Town, login: Login) -> None:
    summer(town, login)
    scheme = Calendar.objects.get(name="夏季")
    fields = {"do": "withdraw", "version": scheme.version, "why": "不改了", "confirm": "1"}
    assert login("data_manager").post(f"/calendars/{scheme.pk}/", fields).status_code == 302
    assert Calendar.objects.get(pk=town.calendar.pk).valid_to == date(2126, 9, 30)
    now = {"do": "withdraw", "version": 3, "why": "不改了", "confirm": "1"}
    answer = login("data_manager").post(f"/calendars/{town.calendar.pk}/", now)
    assert (answer.status_code, "已经生效" in answer.content.decode()) == (422, True)


def test_a_half_day_shortens_the_whole_days_of_an_open_clock(town: Town) -> None:
    case = town.report()
    case.limit_amount, case.limit_unit = 1, "office_day"
    case.save()
    town.to_state("handling", case)
    half = clock_of(case)
    assert half.due_at == NOW + timedelta(hours=33)  # Thursday 18:00

    def thursday_morning(calendar: Calendar) -> None:
        CalendarDay.objects.create(calendar=calendar, day=date(2026, 11, 19), works=True, periods=[["08:00", "12:00"]])

    edit(town.calendar, thursday_morning, what="半天", why="通知", by=None, at=NOW)
    assert (clock_of(case).due_at, clock_of(case).limit_seconds) == (NOW + timedelta(hours=27), 4 * 3600)
    edit(town.calendar, as_usual, what="恢复", why="通知", by=None, at=NOW)
    assert (clock_of(case).due_at, clock_of(case).limit_seconds) == (half.due_at, 8 * 3600)


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


def test_a_preview_keeps_the_form_and_links_only_cases_that_its_author_may_open(town: Town, login: Login) -> None:
    case, path = slow(town), f"/calendars/{town.calendar.pk}/"
    fields = {"do": "day", "version": 1, "day": "2026-11-19", "hours": "off", "name": "台风", "why": "市政府通知"}
    page = login("data_manager").post(path, fields).content.decode()
    assert case.number in page
    assert f"/cases/{case.number}/" not in page
    assert f"/cases/{case.number}/" in login("admin").post(path, fields).content.decode()
    assert page.count('id="day_why"') == 1
    assert page.count('value="市政府通知"') == 2  # to confirm, and to change


def test_the_year_says_in_words_what_colour_says_and_dims_what_the_scheme_does_not_hold(
    town: Town, login: Login
) -> None:
    thursday_off(town.calendar)
    Calendar.objects.filter(pk=town.calendar.pk).update(valid_to=date(2026, 11, 20))
    page = login("admin").get(f"/calendars/{town.calendar.pk}/?year=2026").content.decode()
    assert '19<span class="visually-hidden"> 节假日 台风</span>' in page
    assert page.count(" outside") == 10 + 31


def test_the_list_of_schemes_says_which_one_is_still_to_come(town: Town, login: Login) -> None:
    Calendar.objects.filter(pk=town.calendar.pk).update(valid_to=date(2098, 12, 31))
    Calendar.objects.create(name="远期", valid_from=date(2099, 1, 1), periods=[["09:00", "12:00"]])
    page = login("admin").get("/calendars/").content.decode()
    assert "尚未生效" in page.split("远期")[1]
    assert "使用中" in page
