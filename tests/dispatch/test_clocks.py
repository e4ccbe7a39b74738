"""Working time at every edge."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.clocks import (
    CalendarEmpty,
    Unit,
    WorkCalendar,
    before,
    begins,
    counted,
    due_after,
    light,
    limit_from,
    limit_seconds,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = WorkCalendar(SHANGHAI)


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-18 09:00", 2, "2026-11-18 11:00"),  # inside a period
        ("2026-11-18 11:00", 2, "2026-11-18 15:00"),  # over the noon break
        ("2026-11-18 11:00", 1, "2026-11-18 12:00"),  # ends exactly with the period
        ("2026-11-18 12:30", 1, "2026-11-18 15:00"),  # begins in the break
        ("2026-11-18 17:00", 2, "2026-11-19 09:00"),  # over night
        ("2026-11-20 17:30", 1, "2026-11-23 08:30"),  # over the weekend
        ("2026-11-21 10:00", 8, "2026-11-23 18:00"),  # begins on a Saturday
        ("2026-11-18 08:00", 16, "2026-11-19 18:00"),  # two whole days
    ],
)
def test_working_hours_skip_breaks_nights_and_weekends(start: str, hours: int, due: str) -> None:
    assert due_after(local(start), hours * 3600, Unit.WORK_HOUR, PLAIN) == local(due)


def test_urgent_units_run_round_the_clock() -> None:
    saturday_night = local("2026-11-21 23:00")
    assert due_after(saturday_night, 7200, Unit.URGENT_HOUR, PLAIN) == local("2026-11-22 01:00")


def test_holidays_are_skipped_and_make_up_days_worked() -> None:
    odd = WorkCalendar(SHANGHAI, overrides={date(2026, 11, 19): False, date(2026, 11, 21): True})
    assert due_after(local("2026-11-18 17:00"), 2 * 3600, Unit.WORK_HOUR, odd) == local("2026-11-20 09:00")
    assert due_after(local("2026-11-20 17:00"), 2 * 3600, Unit.WORK_HOUR, odd) == local("2026-11-21 09:00")


def test_a_working_day_is_as_long_as_its_periods() -> None:
    short = WorkCalendar(SHANGHAI, periods=((time(9), time(12)), (time(13), time(16))))
    assert limit_seconds(2, Unit.WORK_DAY, short) == 12 * 3600
    assert limit_seconds(1, Unit.URGENT_DAY, short) == 24 * 3600


def test_a_calendar_without_working_time_says_so() -> None:
    with pytest.raises(CalendarEmpty):
        due_after(local("2026-11-18 09:00"), 60, Unit.WORK_HOUR, WorkCalendar(SHANGHAI, workdays=frozenset()))


@pytest.mark.parametrize(
    ("used", "colour"), [(0, "green"), (80, "green"), (80.1, "yellow"), (100, "yellow"), (101, "red")]
)
def test_the_light_turns_at_80_and_100_percent(used: float, colour: str) -> None:
    assert light(used, 100, 0.8) == colour


def office_due(start: datetime, days: int, calendar: WorkCalendar) -> datetime:
    seconds = limit_from(start, days, Unit.OFFICE_DAY, calendar)
    return due_after(begins(start, Unit.OFFICE_DAY, calendar), seconds, Unit.OFFICE_DAY, calendar)


instants = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=UTC))  # noqa: DTZ001
zones = st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])
units = st.sampled_from(list(Unit))


@given(instants, st.integers(1, 30 * 8 * 3600), units, zones)
def test_measuring_to_the_due_time_gives_the_limit(start: datetime, seconds: int, unit: Unit, zone: ZoneInfo) -> None:
    calendar = WorkCalendar(zone, overrides={date(2026, 1, 1): False, date(2026, 2, 14): True})
    due = due_after(start, seconds, unit, calendar)
    assert counted(start, due, unit, calendar) == pytest.approx(seconds, abs=1e-3)
    # a microsecond earlier it had not ended: the due time is the first such instant
    assert counted(start, due - timedelta(seconds=1), unit, calendar) < seconds


@given(instants, st.integers(0, 10**6), st.integers(0, 10**6), units)
def test_a_longer_limit_never_ends_earlier(start: datetime, short: int, more: int, unit: Unit) -> None:
    assert due_after(start, short, unit, PLAIN) <= due_after(start, short + more, unit, PLAIN)


@given(instants, st.integers(0, 10**6), st.integers(0, 10**6), units)
def test_counted_time_adds_up(start: datetime, first: int, second: int, unit: Unit) -> None:
    middle = start + timedelta(seconds=first)
    end = middle + timedelta(seconds=second)
    whole = counted(start, end, unit, PLAIN)
    assert whole == pytest.approx(counted(start, middle, unit, PLAIN) + counted(middle, end, unit, PLAIN), abs=1e-3)


HALF = WorkCalendar(
    SHANGHAI,
    overrides={date(2026, 11, 19): True, date(2026, 10, 1): False},
    hours={date(2026, 11, 19): ((time(8), time(12)),)},
)


def test_a_half_day_has_its_own_hours() -> None:
    assert due_after(local("2026-11-19 10:00"), 3 * 3600, Unit.WORK_HOUR, HALF) == local("2026-11-20 09:00")


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-18 09:00", 1, "2026-11-19 18:00"),  # Wednesday: Thursday's close of business
        ("2026-11-18 23:59", 1, "2026-11-19 18:00"),
        ("2026-11-18 00:00", 1, "2026-11-19 18:00"),
        ("2026-11-20 10:00", 1, "2026-11-23 18:00"),  # Friday: Monday
        ("2026-11-21 10:00", 2, "2026-11-24 18:00"),  # Saturday: Monday and Tuesday
    ],
)
def test_the_other_reading_begins_the_next_working_day_and_ends_at_close_of_business(
    start: str, days: int, due: str
) -> None:
    since = begins(local(start), Unit.OFFICE_DAY, PLAIN)
    assert due_after(since, limit_from(local(start), days, Unit.OFFICE_DAY, PLAIN), Unit.OFFICE_DAY, PLAIN) == local(
        due
    )


@pytest.mark.parametrize(("days", "due"), [(1, "2026-11-19 12:00"), (2, "2026-11-20 18:00"), (3, "2026-11-23 18:00")])
def test_the_other_reading_ends_at_close_of_business_also_around_a_half_day(days: int, due: str) -> None:
    assert office_due(local("2026-11-18 09:00"), days, HALF) == local(due)


SUMMER = WorkCalendar(
    SHANGHAI, periods=((time(8), time(12)), (time(15), time(18))), since=date(2026, 6, 1), until=date(2026, 9, 30)
)
WINTER = WorkCalendar(SHANGHAI, until=date(2026, 5, 31), others=(SUMMER,))


def test_a_limit_that_runs_into_another_scheme_follows_its_hours() -> None:
    # Friday 29 May 17:00: one hour by the old hours, then Monday 1 June by those of summer
    assert due_after(local("2026-05-29 17:00"), 6 * 3600, Unit.WORK_HOUR, WINTER) == local("2026-06-01 16:00")
    assert counted(local("2026-06-01 12:00"), local("2026-06-01 16:00"), Unit.WORK_HOUR, WINTER) == 3600
    # where no scheme holds any more, the clock's own goes on
    assert counted(local("2026-10-12 08:00"), local("2026-10-12 18:00"), Unit.WORK_HOUR, WINTER) == 8 * 3600


def test_natural_hours_and_days_run_through_nights_and_feasts() -> None:
    assert limit_seconds(2, Unit.NATURAL_DAY, PLAIN) == 2 * 86400
    assert due_after(local("2026-11-20 10:00"), 3600, Unit.NATURAL_HOUR, PLAIN) == local("2026-11-20 11:00")


@given(instants, st.integers(1, 60 * 3600), units, zones)
def test_counting_back_from_a_deadline_leaves_just_so_much(
    end: datetime, seconds: int, unit: Unit, zone: ZoneInfo
) -> None:
    calendar = WorkCalendar(zone, hours={date(2026, 6, 3): ((time(9), time(10)),)})
    since = before(end, seconds, unit, calendar)
    assert counted(since, end, unit, calendar) == pytest.approx(seconds, abs=1e-3)
    assert counted(since + timedelta(seconds=1), end, unit, calendar) < seconds


MORNING, SPLIT, NIGHT = ((time(8), time(12)),), ((time(8), time(12)), (time(14), time(18))), ((time(1), time(5)),)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
odd_days = st.dictionaries(days, st.booleans(), max_size=20)
odd_hours = st.dictionaries(days, st.sampled_from([MORNING, SPLIT, NIGHT]), max_size=10)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """Any city: make-up days, holidays, half days, night hours in zones with and without summer time, two schemes."""
    zone, turn = draw(zones), draw(days)
    later = WorkCalendar(
        zone, periods=draw(st.sampled_from([MORNING, SPLIT, NIGHT])), since=turn, overrides=draw(odd_days)
    )
    return WorkCalendar(
        zone, overrides=draw(odd_days), hours=draw(odd_hours), until=turn - timedelta(days=1), others=(later,)
    )


def slowly(start: datetime, end: datetime, calendar: WorkCalendar) -> float:
    """Working seconds counted day by day, the plain way."""
    day, total = calendar.local(start), 0.0
    while day <= calendar.local(end):
        total += sum(max((min(c, end) - max(o, start)).total_seconds(), 0.0) for o, c in calendar.of_day(day))
        day += timedelta(days=1)
    return total


def check_any_calendar(start: datetime, seconds: int, unit: Unit, calendar: WorkCalendar) -> None:
    since = begins(start, unit, calendar)
    due = due_after(since, seconds, unit, calendar)
    assert counted(since, due, unit, calendar) == seconds
    assert counted(since, due - timedelta(microseconds=1), unit, calendar) < seconds
    assert due < due_after(since, seconds + 1, unit, calendar)
    assert before(due, seconds, unit, calendar) >= since
    if unit == Unit.WORK_HOUR:
        assert slowly(since, due, calendar) == pytest.approx(seconds, abs=1e-3)


def check_office_days(start: datetime, days: int, calendar: WorkCalendar) -> None:
    """Due at close of business of the n-th day that is worked after the day on which it starts."""
    due = office_due(start, days, calendar)
    tomorrow = calendar.local(start) + timedelta(days=1)
    worked = [calendar.of_day(tomorrow + timedelta(days=n)) for n in range(days * 3 + 60)]
    assert due == [periods for periods in worked if periods][days - 1][-1][1]


@given(instants, st.integers(1, 60 * 8 * 3600), units, calendars())
def test_measuring_gives_the_limit_in_any_calendar(
    start: datetime, seconds: int, unit: Unit, calendar: WorkCalendar
) -> None:
    check_any_calendar(start, seconds, unit, calendar)


@given(instants, st.integers(1, 40), calendars())
def test_office_days_end_at_close_of_business_in_any_calendar(
    start: datetime, days: int, calendar: WorkCalendar
) -> None:
    check_office_days(start, days, calendar)


@pytest.mark.long
@hypothesis.settings(max_examples=5000)
@given(instants, st.integers(1, 60 * 8 * 3600), units, calendars())
def test_measuring_gives_the_limit_thousands_of_times(
    start: datetime, seconds: int, unit: Unit, calendar: WorkCalendar
) -> None:
    check_any_calendar(start, seconds, unit, calendar)


@pytest.mark.long
@hypothesis.settings(max_examples=3000)
@given(instants, st.integers(1, 40), calendars())
def test_office_days_end_at_close_of_business_thousands_of_times(
    start: datetime, days: int, calendar: WorkCalendar
) -> None:
    check_office_days(start, days, calendar)
