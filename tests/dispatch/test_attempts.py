"""Unreachable: three attempts in three parts of one day, at every edge."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.attempts import Rule, judge, next_attempt, part_of_day

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULE = Rule(3, True, (time(8), time(12), time(18)), SHANGHAI)
ANY_DAY = Rule(3, False, RULE.starts, SHANGHAI)


def local(hour: int, minute: int = 0, day: int = 18) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("hour", "minute", "part"),
    [(7, 59, None), (8, 0, 0), (11, 59, 0), (12, 0, 1), (17, 59, 1), (18, 0, 2), (23, 59, 2), (0, 0, None)],
)
def test_a_start_belongs_to_its_part_and_before_the_first_nobody_calls(hour: int, minute: int, part: int) -> None:
    found = part_of_day(local(hour, minute), RULE)
    assert (found[1] if found else None) == part


def test_three_parts_of_one_day_conclude() -> None:
    first, second = local(9), local(14)
    assert judge([], first, RULE).concludes is False
    assert judge([first], second, RULE).number == 2
    assert judge([first, second], local(19), RULE).concludes is True


def test_the_same_part_again_is_logged_but_does_not_count() -> None:
    again = judge([local(9)], local(11), RULE)
    assert (again.counts, again.number, again.concludes) == (False, 1, False)


def test_days_do_not_add_up_unless_the_place_says_so() -> None:
    earlier = [local(9, day=17), local(14, day=17)]
    assert judge(earlier, local(19), RULE).concludes is False
    assert judge(earlier, local(19), ANY_DAY).concludes is True


def test_the_next_attempt_is_now_later_today_or_tomorrow() -> None:
    assert next_attempt([], local(9), RULE).from_at == local(9)
    assert next_attempt([local(9)], local(10), RULE).from_at == local(12)
    # morning missed: today can no longer conclude, but the afternoon still counts towards nothing less
    assert next_attempt([local(19)], local(20), RULE).from_at == local(8, day=19)
    assert next_attempt([], local(6), RULE).from_at == local(8)


def test_on_a_day_when_the_clock_changes_the_hands_decide() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    rule = Rule(2, True, (time(0), time(12)), berlin)
    noon = datetime(2026, 3, 29, 12, tzinfo=berlin)  # the day has 23 hours
    assert judge([datetime(2026, 3, 29, 1, tzinfo=berlin)], noon, rule).concludes
    assert part_of_day(noon - timedelta(seconds=1), rule) == (noon.date(), 0)


moments = st.integers(0, 365 * 24 * 60).map(lambda minutes: local(0) + timedelta(minutes=minutes))


@given(earlier=st.lists(moments, max_size=6), at=moments)
def test_the_next_attempt_always_counts_and_is_never_in_the_past(earlier: list[datetime], at: datetime) -> None:
    following = next_attempt(earlier, at, RULE)
    assert following.from_at >= at
    judged = judge(earlier, following.from_at, RULE)
    assert judged.counts
    assert judged.number == following.number


@given(earlier=st.lists(moments, max_size=6), at=moments)
def test_an_order_of_attempts_does_not_matter(earlier: list[datetime], at: datetime) -> None:
    assert judge(earlier, at, RULE) == judge(sorted(earlier), at, RULE)
