"""When looking at personal data is unusual: for this person, or for anybody."""

from datetime import date, timedelta

from people.looks import Day, unusual

FIRST = date(2026, 11, 2)


def days(user_id: int, *counts: int) -> list[Day]:
    return [Day(user_id, FIRST + timedelta(days=n), count) for n, count in enumerate(counts)]


def test_who_looks_often_every_day_is_not_unusual() -> None:
    assert unusual(days(1, 60, 55, 70, 62, 58, 66, 61)) == []


def test_a_day_far_beyond_the_persons_own_is() -> None:
    found = unusual(days(1, 4, 5, 3, 4, 5, 13) + days(2, 60, 60, 60, 60, 60, 60))
    assert [(much.day.looks, much.usual) for much in found] == [(13, 4.0)]


def test_somebody_new_is_compared_with_everybody() -> None:
    found = unusual(days(1, 2, 2, 2, 2, 2, 2) + days(2, 12))
    assert [much.day.user_id for much in found] == [2]


def test_few_looks_are_never_worth_a_question_and_three_times_is_not_more_than_three() -> None:
    assert unusual(days(1, 1, 1, 1, 1, 1, 9)) == []
    assert unusual(days(1, 4, 4, 4, 4, 4, 12)) == []
    assert unusual([]) == []
